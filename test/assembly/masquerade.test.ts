// The source that masquerade gives: which ports, for how many connections, and what is said when
// they run out. Each test runs for both families.

import { beforeEach, describe, expect, test } from 'vitest';
import {
  ConfigFlag,
  ConnectionState,
  Effect,
  FrontendKind,
  ServiceFlag,
} from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import { listExhaustions } from '../../host/cluster/connections.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket } from '../../host/net/packet.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { isClear } from './bottom.ts';
import { addresses, answerTo, host, makeNode, send, server, uplink } from './node.ts';
import { nodePort, targetPort } from './node.ts';

const [tcp, udp] = [6, 17];
const syn = 2;
const ports = 64_512;

describe.each([4, 6] as const)('IPv%i', (family) => {
  const own = addresses[family];
  const icmp = family === 4 ? 1 : 58;
  const [echo, echoReply] = family === 4 ? [8, 0] : [128, 129];
  let instance: Instance;
  beforeEach(async () => {
    instance = await makeNode({ connections4: 1024, connections6: 1024 });
  });

  const toNodePort: PacketFields = {
    source: own.outside,
    destination: own.node,
    protocol: tcp,
    sourcePort: 40000,
    destinationPort: nodePort,
    tcpFlags: syn,
  };

  test('64,512 connections of one client to one destination, and then no more', async () => {
    instance = await makeNode({ connections4: 80_000, connections6: 80_000 });
    const wasClear = isClear(instance);
    const datagram = { ...toNodePort, protocol: udp };
    const dial = (sourcePort: number, changes: Partial<PacketFields> = {}) =>
      send(instance, { ...datagram, sourcePort, ...changes }, { port: uplink, timeMs: 7 });
    const seen = new Set<number>();
    for (let number = 1; number <= ports; number++) seen.add(dial(number).packet!.sourcePort!);
    expect(seen.size).toBe(ports);
    expect(Math.min(...seen)).toBe(1024);
    const exhausted = { verdict: 'drop', reason: 'masquerade-ports-exhausted' };
    expect(dial(ports + 1)).toMatchObject(exhausted);
    expect(dial(ports + 2)).toMatchObject(exhausted);
    const at = { destination: own.server, destinationPort: targetPort };
    expect(listExhaustions(instance)).toEqual([{ ...at, protocol: 'UDP', packets: 2, lastMs: 7 }]);
    // Every port is free towards another destination, and one is when a connection is gone.
    expect(dial(1, { protocol: tcp })).toMatchObject({ verdict: 'forward' });
    const [first] = [...instance.map('connections').entries()].map(([key]) => key);
    instance.map('connections').delete(first!);
    expect(dial(ports + 3)).toMatchObject({ verdict: 'forward' });
    expect(dial(ports + 4)).toMatchObject(exhausted);
    // Where so many destinations have counts, those of another one are in the total only.
    instance
      .map('exhaustions')
      .delete({ destination: own.server, port: targetPort, protocol: udp });
    for (let port = 1; port <= 1024; port++) {
      const key = encode('ExhaustionKey', { destination: own.outside, port, protocol: udp });
      instance.map('exhaustions').restoreBytes(key, encode('Exhaustion', { packets: 1 }));
    }
    expect(dial(ports + 5)).toMatchObject(exhausted);
    expect(listExhaustions(instance)).toHaveLength(1024);
    // What finds nothing reads zeros, since nobody writes to the bottom of memory.
    expect(isClear(instance)).toBe(wasClear);
  });

  test('one port serves many destinations', () => {
    const second = { address: own.node, port: nodePort + 1, protocol: tcp };
    const service = 9;
    instance.map('services').update(service, {
      flags: ServiceFlag.Present | ServiceFlag.HasAnyEndpoints,
      clusterCount: 1,
      localCount: 1,
    });
    instance.map('frontends').update(second, { service, kind: FrontendKind.NodePort });
    for (const set of [0, 1]) {
      const endpoint = { address: own.server, port: targetPort + 1, flags: 1 };
      instance.map('endpoints').update({ service, set, slot: 0 }, endpoint);
    }
    const choice = { sourcePort: 33333 };
    for (const destinationPort of [nodePort, nodePort + 1]) {
      const sent = send(instance, { ...toNodePort, destinationPort }, { port: uplink, choice });
      expect(sent.packet).toMatchObject({ sourcePort: 33333 });
    }
  });

  test('the port is drawn even where the address stays the same', () => {
    const fromNode = { ...toNodePort, source: own.node };
    const drawn = [40000, 40001, 500].map((sourcePort) => {
      const sent = send(instance, { ...fromNode, sourcePort }, { port: host });
      expect(sent.packet!.source).toBe(own.node);
      expect(sent.packet!.sourcePort).not.toBe(sourcePort);
      return sent.packet!.sourcePort!;
    });
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(1024);
  });

  test('a port is kept while it is free, where that is asked for', () => {
    const { flags } = instance.map('config').lookUp(0)!;
    const nodes = { node4: addresses[4].node, node6: addresses[6].node };
    instance.map('config').update(0, { ...nodes, flags: flags | ConfigFlag.KeepSourcePort });
    for (const sourcePort of [40000, 500]) {
      const sent = send(instance, { ...toNodePort, sourcePort }, { port: uplink });
      expect(sent.packet).toMatchObject({ source: own.node, sourcePort });
    }
    const neighbour = own.outside.replace(/7$/, '8');
    const other = send(instance, { ...toNodePort, source: neighbour }, { port: uplink });
    expect(other.packet!.sourcePort).not.toBe(40000);
    expect(other.packet!.sourcePort).toBeGreaterThanOrEqual(1024);
  });

  test('an echo is translated by its identifier: there, back, and in an error about it', () => {
    const ping: PacketFields = {
      source: own.outside,
      destination: own.node,
      protocol: icmp,
      icmpType: echo,
      icmpIdentifier: 77,
      sequence: 3,
      payload: Uint8Array.of(1, 2, 3),
    };
    restoreEcho(77, 99);
    const sent = send(instance, ping, { port: uplink });
    const arrived = { ...ping, source: own.node, destination: own.server, ttl: 63 };
    expect(sent.frame).toEqual(encodePacket({ ...arrived, icmpIdentifier: 99 }, 'ethernet'));
    const pong = { ...answerTo(sent.packet!), icmpType: echoReply };
    const back = send(instance, pong, { port: server });
    expect(back.frame).toEqual(
      encodePacket({ ...answerTo(ping), icmpType: echoReply, ttl: 63 }, 'ethernet'),
    );
    const error: PacketFields = {
      ...answerTo({ source: own.node, destination: own.server, protocol: icmp }),
      icmpType: family === 4 ? 3 : 1,
      icmpCode: family === 4 ? 1 : 3,
      quoted: sent.packet!,
    };
    const told = send(instance, error, { port: server });
    expect(told.effects & Effect.Related).toBe(Effect.Related);
    const ends = { source: own.node, destination: own.outside, ttl: 63 };
    const quoted = { ...ping, ttl: 63 };
    expect(told.frame).toEqual(encodePacket({ ...error, ...ends, quoted }, 'ethernet'));
  });

  test('an identifier that is taken towards a destination is replaced', () => {
    restoreEcho(77, 99);
    const ends = { source: own.node, destination: own.server, protocol: icmp };
    const ping = { ...ends, icmpType: echo, icmpIdentifier: 99 };
    const sent = send(instance, ping, { port: host });
    const drawn = sent.packet!.icmpIdentifier!;
    expect(drawn).not.toBe(99);
    expect(sent.frame).toEqual(encodePacket({ ...ping, icmpIdentifier: drawn }, 'ethernet'));
    const pong = { ...answerTo(sent.packet!), icmpType: echoReply };
    const back = send(instance, pong, { port: server });
    expect(back.packet).toMatchObject({ ...answerTo(ping), icmpType: echoReply });
  });

  /** An echo from outside to the node that goes on to the server, masqueraded. */
  function restoreEcho(identifier: number, drawn: number): void {
    const ports = { sourcePort: identifier, destinationPort: identifier };
    const ends = { source: own.outside, destination: own.node };
    instance.map('connections').restoreBytes(
      encode('FlowKey6', { ...ends, ...ports, protocol: icmp, icmpType: echo }),
      encode('Connection', {
        replySource: own.server,
        replyDestination: own.node,
        replySourcePort: drawn,
        replyDestinationPort: drawn,
        state: ConnectionState.Unreplied,
        expiresAtMs: 30_000,
        originalPort: server,
        replyPort: uplink,
      }),
    );
  }

  test('choices are taken over where a node may make them', () => {
    const endpoint = { address: own.server, port: targetPort };
    const dial = (sourcePort: number, choice: { endpoint: typeof endpoint; sourcePort: number }) =>
      send(instance, { ...toNodePort, sourcePort }, { port: uplink, choice }).packet!;
    expect(dial(40000, { endpoint, sourcePort: 33333 })).toMatchObject({
      sourcePort: 33333,
      destination: own.server,
    });
    expect(dial(40001, { endpoint, sourcePort: 33333 }).sourcePort).not.toBe(33333);
    const foreign = { endpoint: { address: own.client, port: 1 }, sourcePort: 80 };
    const third = dial(40002, foreign);
    expect(third).toMatchObject({ destination: own.server, destinationPort: targetPort });
    expect(third.sourcePort).toBeGreaterThanOrEqual(1024);
    // Linux replaces privileged ports by others of their kind.
    expect(dial(500, { endpoint, sourcePort: 80 }).sourcePort).toBe(80);
    expect(dial(700, { endpoint, sourcePort: 80 }).sourcePort).not.toBe(80);
    expect(dial(700 + 1, { endpoint, sourcePort: 600 }).sourcePort).toBe(600);
    expect(dial(40003, { endpoint, sourcePort: 700 }).sourcePort).not.toBe(700);
  });

  test.each([
    [40_001, 1024, true],
    [40_002, 1023, false],
    [511, 0, false],
    [511, 1, true],
    [511, 511, true],
    [510, 512, false],
    [512, 511, false],
    [512, 599, false],
    [512, 600, true],
    [1023, 1023, true],
    [1024, 1023, false],
    [1024, 65_535, true],
  ])('of port %i, port %i may stand in its place: %s', (sourcePort, wanted, isTaken) => {
    const choice = { endpoint: { address: own.server, port: targetPort }, sourcePort: wanted };
    const sent = send(instance, { ...toNodePort, sourcePort }, { port: uplink, choice });
    expect(sent.packet!.sourcePort === wanted).toBe(isTaken);
  });
});
