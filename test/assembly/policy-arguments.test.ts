// What the steps of a trace say about policy, to the last argument, in both families: which end was
// judged, by whom, about which peer, and which rule decided.

import { beforeEach, describe, expect, test } from 'vitest';
import {
  ConfigFlag,
  Direction,
  PolicyExemption,
  PolicyTier,
  PortShape,
  RulesetFlag,
  TierAction,
} from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { addresses, answerTo, client, host, makeNode, nodePort, send } from './node.ts';
import { server, servicePort, targetPort, uplink } from './node.ts';

const udp = 17;
const { Ingress, Egress } = Direction;
const { NetworkPolicy, Admin, Baseline, Default } = PolicyTier;
const { Accept, Deny, Pass } = TierAction;
const [clientRules, serverRules] = [5, 6];
const [clientIdentity, serverIdentity] = [11, 12];

/** What a port set says of every protocol. */
interface Said {
  readonly adminAction?: TierAction;
  readonly adminRank?: number;
  readonly baselineAction?: TierAction;
  readonly baselineRank?: number;
  readonly isAllowed?: number;
}

describe.each([4, 6] as const)('IPv%i', (family) => {
  const own = addresses[family];
  const icmp = family === 4 ? 1 : 58;
  let instance: Instance;
  beforeEach(async () => {
    instance = await makeNode();
    identify(own.client, { identity: clientIdentity, egress: clientRules });
    identify(own.server, { identity: serverIdentity, ingress: serverRules });
  });

  function identify(address: string, more: object): void {
    const whole = { neighbour: 0, local: 1, ingress: 0, egress: 0, namedPorts: 0, identity: 0 };
    instance.map('identities').update({ address }, { ...whole, ...more });
  }

  /** A ruleset that says one thing to everybody. */
  function rule(ruleset: number, said: Said, flags = 0): void {
    const portSet = ruleset + 100;
    const anyShape = PortShape.AnyProtocol;
    const present = RulesetFlag.Present | flags;
    instance.map('rulesets').update(ruleset, { flags: present, anySet: portSet, anyShape });
    const key = { portSet, number: 0, protocol: 0, length: 0 };
    instance.map('port-rulings').update(key, { adminRank: 0, baselineRank: 0, ...said });
  }

  function configure(flags: number): void {
    const config = instance.map('config').lookUp(0)!;
    instance.map('config').update(0, { ...config, flags: config.flags | flags });
  }

  const direct: PacketFields = {
    source: own.client,
    destination: own.server,
    protocol: udp,
    sourcePort: 40000,
    destinationPort: targetPort,
  };
  const byNodePort = {
    ...direct,
    source: own.outside,
    destination: own.node,
    destinationPort: nodePort,
  };

  /** The steps about policy: `code first second third fourth fifth address:port`. */
  function follow(packet: PacketFields, port = client): string[] {
    send(instance, packet, { port, trace: true });
    return instance.traceSteps().flatMap((step) => {
      const name = codeOf('Trace', step.code);
      if (!name.startsWith('policy')) return [];
      const { first, second, third, fourth, fifth, address, port: at } = step;
      const isWhole = ['policy-allowed', 'policy-denied', 'policy-outdated'].includes(name);
      const rest = isWhole ? ` ${third} ${fourth} ${fifth} ${address} ${at}` : '';
      return [`${name} ${first} ${second}${rest}`];
    });
  }

  const decided = (name: string, direction: Direction, tier: PolicyTier, rank: number): string => {
    const isEgress = direction === Egress;
    const peer = isEgress ? own.server : own.client;
    const ruleset = isEgress ? clientRules : serverRules;
    const about = `${rank} ${udp} ${peer} ${targetPort}`;
    return `${name} ${ruleset} ${direction} ${tier} ${about}`;
  };
  const allowed = decided.bind(null, 'policy-allowed');
  const denied = decided.bind(null, 'policy-denied');

  test('nothing selects either pod', () => {
    expect(follow(direct)).toEqual([
      `policy-not-isolated ${clientIdentity} ${Egress}`,
      `policy-not-isolated ${serverIdentity} ${Ingress}`,
    ]);
  });

  interface Ruled {
    readonly said: Said;
    readonly flags?: number;
    readonly told: typeof allowed;
    readonly by: readonly [PolicyTier, rank: number];
  }
  const ruled: readonly (readonly [what: string, ruled: Ruled])[] = [
    [
      'a rule of the Admin tier lets it',
      { said: { adminAction: Accept, adminRank: 7 }, told: allowed, by: [Admin, 7] },
    ],
    [
      'a rule of the Admin tier stops it',
      { said: { adminAction: Deny, adminRank: 8 }, told: denied, by: [Admin, 8] },
    ],
    [
      'a rule that passes leaves it to NetworkPolicy, which has no ranks',
      {
        said: { adminAction: Pass, adminRank: 3, isAllowed: 1, baselineAction: Deny },
        flags: RulesetFlag.Isolated,
        told: allowed,
        by: [NetworkPolicy, 0],
      },
    ],
    [
      'no rule of a NetworkPolicy lets it',
      { said: {}, flags: RulesetFlag.Isolated, told: denied, by: [NetworkPolicy, 0] },
    ],
    [
      'the Baseline tier stops it',
      { said: { baselineAction: Deny, baselineRank: 9 }, told: denied, by: [Baseline, 9] },
    ],
    [
      'the Baseline tier lets it',
      {
        said: { adminAction: Pass, adminRank: 2, baselineAction: Accept, baselineRank: 5 },
        told: allowed,
        by: [Baseline, 5],
      },
    ],
    ['nothing speaks of it', { said: {}, told: allowed, by: [Default, 0] }],
  ];

  test.each(ruled)('%s, at either end', (_, { said, flags, told, by }) => {
    rule(clientRules, said, flags);
    const first = told(Egress, ...by);
    const second = `policy-not-isolated ${serverIdentity} ${Ingress}`;
    expect(follow(direct)).toEqual(told === denied ? [first] : [first, second]);
    rule(serverRules, said, flags);
    instance.map('rulesets').delete(clientRules);
    const before = `policy-not-isolated ${clientIdentity} ${Egress}`;
    const other = { ...direct, sourcePort: 40001 };
    expect(follow(other)).toEqual([before, told(Ingress, ...by)]);
  });

  test.each([1, 2, 77])('a rule for neighbours, of number %i, is one for them', (neighbour) => {
    rule(serverRules, {}, RulesetFlag.Isolated);
    const shape = PortShape.AnyProtocol;
    const portSet = 300;
    instance
      .map('policies')
      .update({ ruleset: serverRules, identity: neighbour }, { portSet, shape });
    const key = { portSet, number: 0, protocol: 0, length: 0 };
    instance.map('port-rulings').update(key, { isAllowed: 1 });
    expect(follow(direct).at(-1)).toBe(denied(Ingress, NetworkPolicy, 0));
    identify(own.client, { identity: clientIdentity, neighbour });
    const other = { ...direct, sourcePort: 40001 };
    expect(follow(other).at(-1)).toBe(allowed(Ingress, NetworkPolicy, 0));
    identify(own.client, { identity: neighbour });
    const third = { ...direct, sourcePort: 40002 };
    expect(follow(third).at(-1)).toBe(allowed(Ingress, NetworkPolicy, 0));
  });

  test.skipIf(family === 4)('without an address of the node a masqueraded pod stays a pod', () => {
    configure(ConfigFlag.JudgeMasqueraded);
    const config = instance.map('config').lookUp(0)!;
    instance.map('config').update(0, { ...config, node6: '::' });
    rule(serverRules, {}, RulesetFlag.Isolated);
    const portSet = { portSet: 300, shape: PortShape.AnyProtocol };
    const policy = { ruleset: serverRules, identity: clientIdentity };
    instance.map('policies').update(policy, portSet);
    const key = { portSet: 300, number: 0, protocol: 0, length: 0 };
    instance.map('port-rulings').update(key, { isAllowed: 1 });
    const steps = follow({ ...byNodePort, source: own.client });
    expect(steps.at(-1)).toBe(allowed(Ingress, NetworkPolicy, 0));
  });

  test('a connection of an older policy, by where it goes', () => {
    const config = { ...instance.map('config').lookUp(0)!, policyRevision: 3 };
    instance.map('config').update(0, config);
    const dialled = { ...direct, destination: own.service, destinationPort: servicePort };
    expect(follow(dialled)).toHaveLength(2);
    const flags = config.flags | ConfigFlag.RevalidatePolicy;
    instance.map('config').update(0, { ...config, flags, policyRevision: 4 });
    const about = `3 0 0 0 0 ${own.server} ${targetPort}`;
    expect(follow(dialled)[0]).toBe(`policy-outdated ${about}`);
  });

  const dialled = { ...direct, destination: own.service, destinationPort: servicePort };
  const reopened: readonly (readonly [string, PacketFields, number])[] = [
    ['from pod to pod', direct, client],
    ['through a Service', dialled, client],
    ['of a pod to itself', { ...direct, destination: own.client }, client],
    ['of a pod to itself through a Service', { ...dialled, source: own.server }, server],
    ['that is masqueraded', byNodePort, uplink],
  ];

  test.each(reopened)(
    'one %s is judged again as if it opened; not its answers',
    (_, packet, port) => {
      configure(ConfigFlag.JudgeMasqueraded | ConfigFlag.RevalidatePolicy);
      rule(serverRules, { isAllowed: 1 }, RulesetFlag.Isolated);
      const first = follow(packet, port);
      const { packet: left } = send(instance, packet, { port });
      const config = instance.map('config').lookUp(0)!;
      instance.map('config').update(0, { ...config, policyRevision: config.policyRevision + 1 });
      const endpoint = left!.destination === own.client ? client : server;
      expect(follow(answerTo(left!), endpoint)).toEqual([]);
      const [outdated, ...again] = follow(packet, port);
      expect(outdated).toMatch(/^policy-outdated/);
      expect(again).toEqual(first);
    },
  );

  test('names of ports are those of the pod that is dialled, and of nobody else', () => {
    const [portSet, name, nameLength, namedPorts] = [300, 1, 17, 1];
    const flags = RulesetFlag.Present | RulesetFlag.Isolated;
    const anyShape = PortShape.Names;
    instance.map('rulesets').update(clientRules, { flags, anySet: portSet, anyShape });
    const key = { portSet, number: name, protocol: udp, length: nameLength };
    instance.map('port-rulings').update(key, { isAllowed: 1 });
    const port = { namedPorts, port: targetPort, protocol: udp, position: 0 };
    instance.map('port-names').update(port, { name });
    const verdictTo = (destination: string): string =>
      send(instance, { ...direct, destination }, { port: client }).verdict;
    expect([verdictTo(own.server), verdictTo(own.outside)]).toEqual(['drop', 'drop']);
    identify(own.server, { identity: serverIdentity, namedPorts });
    expect([verdictTo(own.server), verdictTo(own.outside)]).toEqual(['forward', 'drop']);
  });

  test('ruleset 0 is none, whatever stands there', () => {
    identify(own.client, { identity: clientIdentity });
    identify(own.server, { identity: serverIdentity });
    rule(0, {}, RulesetFlag.Isolated);
    expect(send(instance, direct, { port: client }).verdict).toBe('forward');
  });

  test('a peer is known by its whole address', () => {
    const flags = RulesetFlag.Present | RulesetFlag.Isolated | RulesetFlag.HasBlocks;
    instance.map('rulesets').update(serverRules, { flags });
    const block = { address: own.outside, lengthBits: 128, scope: serverRules };
    instance.map('policy-blocks').update(block, { portSet: 9, shape: PortShape.AnyProtocol });
    const key = { portSet: 9, number: 0, protocol: 0, length: 0 };
    instance.map('port-rulings').update(key, { isAllowed: 1 });
    const verdict = (packet: PacketFields, port: number) =>
      send(instance, packet, { port }).verdict;
    expect(verdict({ ...direct, source: own.outside }, uplink)).toBe('forward');
    expect(verdict(direct, client)).toBe('drop');
  });

  const exempt = (exemption: PolicyExemption, direction: Direction): string =>
    `policy-exempt ${exemption} ${direction}`;

  test('what policy does not apply to', () => {
    rule(clientRules, {}, RulesetFlag.Isolated);
    rule(serverRules, {}, RulesetFlag.Isolated);
    const self = { ...direct, destination: own.client };
    expect(follow(self)).toEqual([exempt(PolicyExemption.Self, Egress)]);
    const probe = { ...direct, source: own.node };
    expect(follow(probe, host)).toEqual([exempt(PolicyExemption.OwnNode, Ingress)]);
    const { icmpType, ...echo } = {
      ...{ source: own.client, destination: own.server, protocol: icmp },
      ...{ icmpType: family === 4 ? 8 : 128, icmpIdentifier: 1 },
    };
    configure(ConfigFlag.EssentialIcmp);
    expect(follow({ ...echo, icmpType })).toEqual([exempt(PolicyExemption.EssentialIcmp, Egress)]);
    configure(ConfigFlag.AllowToOwnNode);
    const toNode = { ...direct, destination: own.node };
    expect(follow(toNode)).toEqual([exempt(PolicyExemption.ToOwnNode, Egress)]);
    identify(own.client, { identity: clientIdentity, egress: clientRules, local: 0 });
    identify(own.server, { identity: serverIdentity, ingress: 0 });
    expect(follow({ ...direct, sourcePort: 40002 })).toEqual([
      exempt(PolicyExemption.OtherNode, Egress),
      `policy-not-isolated ${serverIdentity} ${Ingress}`,
    ]);
  });

  test('who is masqueraded is judged as the node: by its address, in the Admin tier', () => {
    configure(ConfigFlag.JudgeMasqueraded | ConfigFlag.OwnNodeAfterAdmin);
    const flags = RulesetFlag.Present | RulesetFlag.HasBlocks;
    instance.map('rulesets').update(serverRules, { flags });
    const block = { address: own.node, lengthBits: 128, scope: serverRules };
    instance.map('policy-blocks').update(block, { portSet: 9, shape: PortShape.AnyProtocol });
    const key = { portSet: 9, number: 0, protocol: 0, length: 0 };
    instance.map('port-rulings').update(key, { adminAction: Deny, adminRank: 6 });
    const about = `${Admin} 6 ${udp} ${own.node} ${targetPort}`;
    const refused = [`policy-denied ${serverRules} ${Ingress} ${about}`];
    expect(follow(byNodePort, uplink)).toEqual(refused);
    instance.map('port-rulings').update(key, { adminAction: Pass });
    expect(follow(byNodePort, uplink)).toEqual([exempt(PolicyExemption.OwnNode, Ingress)]);
  });
});
