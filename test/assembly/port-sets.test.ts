// Port sets, entry by entry: which entries of a set are about a packet, and whose word counts where
// several sets speak of it. Maps are written by hand.

import { beforeEach, describe, expect, test } from 'vitest';
import { PortShape, RulesetFlag, TierAction } from '../../host/abi/abi.gen.ts';
import type { PortKey, PortRuling } from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { addresses, client, makeNode, send, targetPort } from './node.ts';

const [tcp, udp, gre] = [6, 17, 47];
const own = addresses[4];
const [clientRules, clientIdentity, serverIdentity] = [5, 11, 12];
const portNames = 7;
/** Length of a key that holds a name. */
const named = 17;
const { None, Accept, Deny } = TierAction;

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode();
  identify(own.client, { identity: clientIdentity, egress: clientRules });
  identify(own.server, { identity: serverIdentity, namedPorts: portNames });
});

function identify(address: string, more: object): void {
  const whole = { neighbour: 0, local: 1, ingress: 0, egress: 0, namedPorts: 0, identity: 0 };
  instance.map('identities').update({ address }, { ...whole, ...more });
}

/** What the client's rules say of everybody, and of pods; sets are numbered from 1. */
interface Rules {
  readonly anySet?: number;
  readonly anyShape?: number;
  readonly podsSet?: number;
  readonly podsShape?: number;
}

function isolate(rules: Rules): void {
  const flags = RulesetFlag.Present | RulesetFlag.Isolated;
  instance.map('rulesets').update(clientRules, { flags, ...rules });
}

function rule(key: Partial<PortKey>, said: Partial<PortRuling>): void {
  const whole = { portSet: 1, number: 0, protocol: tcp, length: 0, ...key };
  instance.map('port-rulings').update(whole, said);
}

/** Gives a port of the server a name. */
function name(position: number, number: number, port = targetPort): void {
  const key = { namedPorts: portNames, port, protocol: tcp, position };
  instance.map('port-names').update(key, { name: number });
}

let sourcePort = 1024;
/** Whether the client may open a connection. */
function mayDial(protocol = tcp, destination: string = own.server): boolean {
  const ports = { sourcePort: (sourcePort += 1), destinationPort: targetPort };
  const packet = { source: own.client, destination, protocol, tcpFlags: 2, ...ports };
  const { verdict, reason } = send(instance, packet, { port: client });
  if (verdict === 'drop') expect(reason).toBe('policy-denied-egress');
  return verdict === 'forward';
}

describe('an entry is looked for where the shape says that there is one:', () => {
  const bits = (length: number): number => (targetPort >> (16 - length)) << (16 - length);
  const entries: readonly (readonly [what: string, shape: number, key: Partial<PortKey>])[] = [
    ...[0, 1, 7, 15, 16].map(
      (length) =>
        [`first ${length} bits of a port`, 1 << length, { length, number: bits(length) }] as const,
    ),
    ['every protocol', PortShape.AnyProtocol, { protocol: 0 }],
    ['a name', PortShape.Names, { length: named, number: 3 }],
  ];

  test.each(entries)('%s', (_, shape, key) => {
    name(0, 3);
    rule(key, { isAllowed: 1 });
    isolate({ anySet: 1, anyShape: shape });
    expect(mayDial()).toBe(true);
    const others = PortShape.Prefixes | PortShape.AnyProtocol | PortShape.Names;
    isolate({ anySet: 1, anyShape: others & ~shape });
    expect(mayDial()).toBe(false);
    isolate({ anySet: 1, anyShape: 0 });
    expect(mayDial()).toBe(false);
  });

  test('in no set, whatever the shape', () => {
    rule({ portSet: 0, protocol: 0 }, { isAllowed: 1 });
    isolate({ anySet: 0, anyShape: PortShape.AnyProtocol });
    expect(mayDial()).toBe(false);
  });
});

describe('a rule about a name', () => {
  beforeEach(() => {
    isolate({ anySet: 1, anyShape: PortShape.Names });
    for (const protocol of [tcp, udp, gre]) {
      rule({ length: named, number: 3, protocol }, { isAllowed: 1 });
    }
  });

  test('is about the ports of pods that have it, in one protocol', () => {
    name(0, 3);
    expect(mayDial()).toBe(true);
    expect([udp, gre].map((protocol) => mayDial(protocol))).toEqual([false, false]);
    // The table of names is the server's, and nobody else has any.
    identify(own.server, { identity: serverIdentity });
    expect(mayDial()).toBe(false);
  });

  test.each([0, 1, portNames])('is about no address outside, be the table number %i', (table) => {
    const key = { namedPorts: table, port: targetPort, protocol: tcp, position: 0 };
    instance.map('port-names').update(key, { name: 3 });
    expect(mayDial(tcp, own.outside)).toBe(false);
  });

  test.each([1, 2, 254])('finds it behind %i others', (position) => {
    for (let other = 0; other < position; other++) name(other, 1000 + other);
    expect(mayDial()).toBe(false);
    name(position, 3);
    expect(mayDial()).toBe(true);
  });

  test('finds the names up to the first place that has none', () => {
    name(0, 2);
    name(2, 3);
    expect(mayDial()).toBe(false);
    name(1, 4);
    expect(mayDial()).toBe(true);
  });
});

describe('of several sets', () => {
  const rank = (said: Partial<PortRuling>, portSet: number): void =>
    rule({ portSet, protocol: 0 }, { adminRank: 0, baselineRank: 0, ...said });

  test.each([
    ['the lower rank counts, of everybody', [Deny, 1], [Accept, 2], false],
    ['the lower rank counts, of pods', [Deny, 2], [Accept, 1], true],
    ['what says nothing takes nothing back', [Deny, 1], [None, 0], false],
    ['what says nothing is no reason against the other', [None, 0], [Deny, 1], false],
    ['nobody says anything', [None, 0], [None, 0], true],
  ] as const)('%s', (_, [anyAction, anyRank], [podsAction, podsRank], isAllowed) => {
    const anyShape = PortShape.AnyProtocol;
    const rules = { anySet: 1, anyShape, podsSet: 2, podsShape: anyShape };
    isolate(rules);
    // NetworkPolicy lets it pass, where the tier before it has no say.
    rank({ adminAction: anyAction, adminRank: anyRank, isAllowed: 1 }, 1);
    rank({ adminAction: podsAction, adminRank: podsRank }, 2);
    expect(mayDial()).toBe(isAllowed);
    // The same in the tier behind it, where no NetworkPolicy selects the pod.
    instance.map('rulesets').update(clientRules, { flags: RulesetFlag.Present, ...rules });
    rank({ baselineAction: anyAction, baselineRank: anyRank }, 1);
    rank({ baselineAction: podsAction, baselineRank: podsRank }, 2);
    expect(mayDial()).toBe(isAllowed);
  });
});
