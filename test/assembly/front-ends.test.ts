// Which front-end a packet dials, and when its source is masqueraded for that: the settings that
// only some nodes have.

import { beforeEach, describe, expect, test } from 'vitest';
import {
  ConfigFlag,
  Effect,
  FrontendFlag,
  FrontendKind,
  LocalityFlag,
  MasqueradeCause,
} from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { addresses, client, host, makeNode, nodePort, send, servicePort, uplink } from './node.ts';
import { server, targetPort } from './node.ts';

const [tcp, udp] = [6, 17];
const [detect4, detect6] = [ConfigFlag.DetectLocal4, ConfigFlag.DetectLocal6];

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode();
});

function configure(flags: number): void {
  const config = instance.map('config').lookUp(0)!;
  instance.map('config').update(0, { ...config, flags });
}

/** The steps of a packet, each with its first two arguments. */
function follow(packet: PacketFields, port: number): string[] {
  send(instance, packet, { port, trace: true });
  return instance
    .traceSteps()
    .map(({ code, first, second }) => `${codeOf('Trace', code)} ${first} ${second}`);
}

describe.each([4, 6] as const)('IPv%i', (family) => {
  const own = addresses[family];
  const dialled: PacketFields = {
    source: own.outside,
    destination: own.service,
    protocol: udp,
    sourcePort: 40000,
    destinationPort: servicePort,
  };
  const notLocal = `masquerade-due ${MasqueradeCause.NotLocal} 0`;

  test.each([
    [0, false],
    [detect4, family === 4],
    [detect6, family === 6],
    [detect4 | detect6, true],
  ])('who is local is known where a detector of the family is: %i', (flags, isKnown) => {
    configure(flags);
    expect(follow(dialled, uplink).includes(notLocal)).toBe(isKnown);
    const pod = { ...dialled, source: own.client };
    expect(follow(pod, client)).not.toContain(notLocal);
  });

  test('what has no ports dials nobody', () => {
    const icmpType = family === 4 ? 8 : 128;
    const echo = { source: own.client, destination: own.server, icmpType, icmpIdentifier: 7 };
    const steps = follow({ ...echo, protocol: family === 4 ? 1 : 58 }, client);
    expect(steps.filter((step) => step.startsWith('frontend'))).toEqual([]);
    expect(follow({ ...dialled, destination: own.server }, client)).toContain('frontend-none 0 0');
  });

  describe('without a detector, a source that is the ClusterIP of a Service', () => {
    const clusterIp = family === 4 ? '10.96.0.44' : 'fd00:10:96::44';
    const first = { address: clusterIp, port: servicePort, protocol: udp };
    const kind = FrontendKind.ClusterIp;
    // Of a range of its own, with the same end.
    const elsewhere = family === 4 ? '10.97.0.44' : 'fd00:10:97::44';
    beforeEach(() => {
      configure(ConfigFlag.MasqueradeClusterIpSource);
    });

    test.each([
      ['that serves the port dialled', first, kind, true],
      ['that serves another port', { ...first, port: servicePort + 1 }, kind, false],
      ['that serves it in another protocol', { ...first, protocol: tcp }, kind, false],
      ['no more than a load balancer’s', first, FrontendKind.LoadBalancer, false],
      ['no more than a node’s', first, FrontendKind.NodePort, false],
      ['but nearly', { ...first, address: own.unallocated }, kind, false],
    ])('%s', (_, key, served, isMasqueraded) => {
      instance.map('frontends').update(key, { service: family === 4 ? 1 : 2, kind: served });
      const steps = follow({ ...dialled, source: clusterIp }, uplink);
      expect(steps.includes(notLocal)).toBe(isMasqueraded);
    });

    test.each([clusterIp, elsewhere])('is that address alone: %s', (address) => {
      const service = family === 4 ? 1 : 2;
      instance.map('frontends').update({ ...first, address }, { service, kind });
      for (const source of [clusterIp, elsewhere]) {
        const steps = follow({ ...dialled, source }, uplink);
        expect(steps.includes(notLocal), source).toBe(source === address);
      }
    });
  });

  test('a source outside of the ranges is told by its address', () => {
    const key = { address: own.service, port: servicePort, protocol: udp };
    const service = family === 4 ? 1 : 2;
    const flags = FrontendFlag.SourceRanges;
    instance.map('frontends').update(key, { service, kind: FrontendKind.ClusterIp, flags });
    const whole = family === 4 ? { address: '0.0.0.0', lengthBits: 96 } : { address: '::' };
    // Another Service's ranges hold everybody.
    instance.map('source-ranges').update({ lengthBits: 0, ...whole, scope: service + 7 }, {});
    expect(send(instance, dialled, { port: uplink, trace: true }).reason).toBe('source-range');
    const refused = instance
      .traceSteps()
      .find(({ code }) => codeOf('Trace', code) === 'source-range-refused');
    expect(refused).toMatchObject({ first: service, address: own.outside });
    const mine = { address: own.outside, lengthBits: 128, scope: service };
    instance.map('source-ranges').update(mine, {});
    expect(send(instance, dialled, { port: uplink }).verdict).toBe('forward');
  });

  test('a caller may choose an endpoint that is offered, and no other', () => {
    const service = family === 4 ? 1 : 2;
    const beyond = { address: own.client, port: targetPort };
    instance.map('endpoints').update({ service, set: 0, slot: 1 }, { ...beyond, flags: 1 });
    for (const [sourcePort, endpoint] of [beyond, { address: own.server, port: 1 }].entries()) {
      const packet = { ...dialled, source: own.client, sourcePort };
      const sent = send(instance, packet, { port: client, choice: { endpoint } });
      const served = { destination: own.server, destinationPort: targetPort };
      expect(sent).toMatchObject({ outPort: server, packet: served });
    }
  });
});

describe('node ports of loopback', () => {
  const own = addresses[4];
  const key = { address: '127.0.0.1', port: nodePort, protocol: tcp };
  const dial = (destination: string): string => {
    const packet = { source: '127.0.0.1', destination, protocol: tcp, tcpFlags: 2 };
    const ports = { sourcePort: 40000, destinationPort: nodePort };
    return send(instance, { ...packet, ...ports }, { port: host }).packet?.destination ?? '';
  };
  const offer = (flags: number): void => {
    const kind = FrontendKind.NodePort;
    instance.map('frontends').update(key, { service: 1, kind, flags });
    const loopback = { address: '127.0.0.0', lengthBits: 104, scope: 0 };
    instance.map('localities').update(loopback, { flags: LocalityFlag.Node });
  };

  test.each(['127.0.0.1', '127.0.0.2', '127.255.1.0'])('%s is one of them', (address) => {
    offer(FrontendFlag.WholeLoopback);
    expect(dial(address)).toBe(own.server);
  });

  test.each(['63.0.0.1', '126.255.255.255', '191.0.0.1', '128.0.0.1', '255.0.0.1'])(
    '%s is none',
    (address) => {
      offer(FrontendFlag.WholeLoopback);
      expect(dial(address)).not.toBe(own.server);
    },
  );

  test('from elsewhere they are nobody’s, and no Service is named', () => {
    const withoutEndpoints = 3;
    const kind = FrontendKind.NodePort;
    instance.map('frontends').update(key, { service: withoutEndpoints, kind });
    const packet = { protocol: tcp, tcpFlags: 2, sourcePort: 9, destinationPort: nodePort };
    const ends = { source: own.client, destination: '127.0.0.1' };
    const sent = send(instance, { ...ends, ...packet }, { port: client });
    expect(sent.reason).toBe('martian-destination');
    expect(instance.vector.outcome(0).service).toBe(0);
  });

  test.each(['::7f00:1', '::7f00:2', '2001:db8::7f00:1'])('%s is none', (destination) => {
    offer(FrontendFlag.WholeLoopback);
    const packet = { source: addresses[6].node, destination, protocol: tcp, tcpFlags: 2 };
    const ports = { sourcePort: 40000, destinationPort: nodePort };
    const sent = send(instance, { ...packet, ...ports }, { port: host });
    expect(sent.packet).toMatchObject({ destination, destinationPort: nodePort });
  });

  test('only 127.0.0.1 is, where the settings say so', () => {
    offer(0);
    expect(dial('127.0.0.1')).toBe(own.server);
    expect(dial('127.0.0.2')).not.toBe(own.server);
  });
});
