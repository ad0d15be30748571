// What leaves the node: translation both ways, hops, errors with what they quote, answers of the
// dataplane's own. Each test runs for both families.

import { beforeEach, describe, expect, test } from 'vitest';
import { Effect } from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket } from '../../host/net/packet.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { openingPacket } from '../../host/scenario/probe.ts';
import { addresses, answerTo, client, host, makeNode, send, server, uplink } from './node.ts';
import { nodePort, servicePort, targetPort } from './node.ts';

const syn = 2;
const [tcp, udp, sctp] = [6, 17, 132];

describe.each([4, 6] as const)('IPv%i', (family) => {
  const own = addresses[family];
  const icmp = family === 4 ? 1 : 58;
  let instance: Instance;
  beforeEach(async () => {
    instance = await makeNode({ connections4: 1024, connections6: 1024 });
  });

  const toService: PacketFields = {
    source: own.client,
    destination: own.service,
    protocol: tcp,
    sourcePort: 40000,
    destinationPort: servicePort,
    tcpFlags: syn,
    sequence: 7,
    identification: 77,
    payload: Uint8Array.of(1, 2, 3),
  };
  const toNodePort: PacketFields = {
    ...toService,
    source: own.outside,
    destination: own.node,
    destinationPort: nodePort,
  };

  /** The packet is, to the byte, what encoding these fields gives. */
  const expectBytes = (frame: Uint8Array, fields: PacketFields): void => {
    expect(frame).toEqual(encodePacket(fields, 'ethernet'));
  };

  test.each([tcp, udp])('protocol %i: there and back through a ClusterIP', (protocol) => {
    const request = { ...toService, protocol };
    const sent = send(instance, request, { port: client });
    expect(sent).toMatchObject({ verdict: 'forward', outPort: server });
    const arrived = { ...request, destination: own.server, destinationPort: targetPort, ttl: 63 };
    expectBytes(sent.frame, arrived);
    const answer = answerTo(arrived, { tcpFlags: 18 });
    const back = send(instance, answer, { port: server });
    expect(back).toMatchObject({ verdict: 'forward', outPort: client });
    expectBytes(back.frame, answerTo(request, { tcpFlags: 18, ttl: 63 }));
    expect(back.effects).toBe(Effect.ReplyDirection | Effect.SourceTranslated);
  });

  // RFC 1624: what goes up by as much as another goes down, and one that goes down by one alone.
  const changes = [
    { address: own.service.replace(/10$/, '11'), port: servicePort - 1 },
    { address: own.service.replace(/^10|^fd/, family === 4 ? '9' : 'fc'), port: servicePort },
  ].flatMap((endpoint) => [tcp, udp].map((protocol) => ({ ...endpoint, protocol })));

  test.each(changes)('protocol $protocol, to $address and $port', ({ protocol, ...endpoint }) => {
    const service = family === 4 ? 1 : 2;
    instance.map('endpoints').update({ service, set: 0, slot: 0 }, { ...endpoint, flags: 0 });
    const request = { ...toService, protocol };
    const { address: destination, port: destinationPort } = endpoint;
    const arrived = { ...request, destination, destinationPort, ttl: 63 };
    expectBytes(send(instance, request, { port: client }).frame, arrived);
    const back = send(instance, answerTo(arrived, { tcpFlags: 18 }), { port: uplink });
    expectBytes(back.frame, answerTo(request, { tcpFlags: 18, ttl: 63 }));
  });

  test('there and back through a node port, masqueraded', () => {
    const sent = send(instance, toNodePort, { port: uplink });
    const sourcePort = sent.packet!.sourcePort!;
    expect(sourcePort).toBeGreaterThanOrEqual(1024);
    const arrived = {
      ...toNodePort,
      source: own.node,
      sourcePort,
      destination: own.server,
      destinationPort: targetPort,
      ttl: 63,
    };
    expectBytes(sent.frame, arrived);
    const back = send(instance, answerTo(arrived, { tcpFlags: 18 }), { port: server });
    expect(back.outPort).toBe(uplink);
    expectBytes(back.frame, answerTo(toNodePort, { tcpFlags: 18, ttl: 63 }));
  });

  test('SCTP ports are translated, its CRC32c is not touched', () => {
    const frontend = { address: own.service, port: 9, protocol: sctp };
    instance.map('frontends').update(frontend, { service: family === 4 ? 1 : 2, kind: 1 });
    const ends = { ...toService, protocol: sctp, sourcePort: 40_000, destinationPort: 9 };
    const request = openingPacket(ends);
    const sent = send(instance, request, { port: client });
    expect(sent.packet).toMatchObject({ destination: own.server, destinationPort: targetPort });
    const at = sent.frame.length - 20 - 4;
    const before = encodePacket(request, 'ethernet');
    expect(sent.frame.slice(at, at + 4)).toEqual(before.slice(at, at + 4));
  });

  test('a UDP checksum of zero stays zero', () => {
    const frame = encodePacket({ ...toService, protocol: udp }, 'ethernet');
    const checksum = 14 + (family === 4 ? 20 : 40) + 6;
    frame.fill(0, checksum, checksum + 2);
    const sent = send(instance, frame, { port: client });
    expect(sent.frame.slice(checksum, checksum + 2)).toEqual(new Uint8Array(2));
  });

  test('an endpoint that calls itself sees the node', () => {
    const sent = send(instance, { ...toService, source: own.server }, { port: server });
    expect(sent.packet).toMatchObject({ source: own.node, destination: own.server });
    const back = send(instance, answerTo(sent.packet!, { tcpFlags: 18 }), { port: server });
    expect(back.packet).toMatchObject({ source: own.service, destination: own.server });
    expect(back.outPort).toBe(server);
  });

  test.each([
    ['without endpoints', 81, 'reject-no-endpoints'],
    ['that is not served', 82, 'reject-unknown-service-port'],
  ])('a port %s is rejected by the node', (_, destinationPort, reason) => {
    const request = { ...toService, destinationPort, ttl: 9 };
    const sent = send(instance, request, { port: client });
    expect(sent).toMatchObject({ verdict: 'reply', reason, outPort: client });
    const [icmpType, icmpCode] = family === 4 ? [3, 3] : [1, 4];
    const told = { source: own.node, destination: own.client, icmpType, icmpCode, ttl: 64 };
    expect(sent.packet).toMatchObject(told);
    expect(sent.packet!.quoted).toMatchObject({ destinationPort, ttl: 8, sourcePort: 40000 });
  });

  test.each([
    ['a port without endpoints', { destinationPort: 81 }],
    ['a port that is not served', { destinationPort: 82 }],
    ['an address that is nobody’s', { destination: own.unallocated }],
  ])('%s is refused behind routing, which wants a hop', (_, change) => {
    const sent = send(instance, { ...toService, ...change, ttl: 1 }, { port: client });
    expect(sent).toMatchObject({ verdict: 'reply', reason: 'time-exceeded', outPort: client });
    expect(sent.packet).toMatchObject({ source: own.node, quoted: { ...change, ttl: 1 } });
  });

  test('an address of the Service range that is nobody’s is dropped', () => {
    const request = { ...toService, destination: own.unallocated };
    const sent = send(instance, request, { port: client });
    expect(sent).toMatchObject({ verdict: 'drop', reason: 'unallocated-service-address' });
  });

  test('the last hop is answered from the address that was dialled, and opens nothing', () => {
    const sent = send(instance, { ...toService, ttl: 1 }, { port: client });
    expect(sent).toMatchObject({ verdict: 'reply', reason: 'time-exceeded', outPort: client });
    expect(sent.packet).toMatchObject({ source: own.service, icmpType: family === 4 ? 11 : 3 });
    expect(sent.packet!.quoted).toMatchObject({ destination: own.service, ttl: 1 });
    expect([...instance.map('connections').entries()]).toEqual([]);
  });

  test('the node’s own packets and those delivered to it make no hop', () => {
    const own1 = { ...toService, source: own.node, destination: own.server, ttl: 1 };
    expect(send(instance, own1, { port: host }).packet).toMatchObject({ ttl: 1 });
    const probe = { ...toService, destination: own.node, ttl: 1 };
    const delivered = send(instance, probe, { port: client });
    expect(delivered).toMatchObject({ verdict: 'local', outPort: host, packet: { ttl: 1 } });
  });

  test.each([
    ['a ClusterIP', toService, client],
    ['a masqueraded node port', toNodePort, uplink],
  ])('an ICMP error about %s reaches the client in its own words', (_, request, port) => {
    const sent = send(instance, request, { port });
    const [icmpType, icmpCode] = family === 4 ? [3, 3] : [1, 4];
    const quoted = sent.packet!;
    const error = (source: string): PacketFields => {
      const { destination } = answerTo(quoted);
      return { source, destination, protocol: icmp, icmpType, icmpCode, quoted };
    };
    for (const router of [own.server, family === 4 ? '10.244.1.77' : 'fd00:10:244:1::77']) {
      const told = send(instance, error(router), { port: server });
      expect(told).toMatchObject({ verdict: 'forward', outPort: port });
      expectBytes(told.frame, {
        ...error(request.destination),
        destination: request.source,
        quoted: { ...request, ttl: 63 },
        ttl: 63,
      });
    }
  });

  test('an ICMP error about nothing known is invalid', () => {
    const quoted = { ...toService, source: own.server, destination: own.client };
    const [icmpType, icmpCode] = family === 4 ? [3, 3] : [1, 4];
    const ends = { source: own.client, destination: own.server };
    const error = { ...ends, protocol: icmp, icmpType, icmpCode, quoted };
    expect(send(instance, error, { port: client }).effects).toBe(Effect.Invalid);
    instance.map('config').update(0, { flags: 8 });
    const sent = send(instance, error, { port: client });
    expect(sent).toMatchObject({ verdict: 'drop', reason: 'icmp-unrelated' });
  });

  test('an ICMP error about a connection goes to who sent the quoted packet, or is invalid', () => {
    const quoted = send(instance, toService, { port: client }).packet!;
    const [icmpType, icmpCode] = family === 4 ? [3, 3] : [1, 4];
    const error = { source: own.server, protocol: icmp, icmpType, icmpCode, quoted };
    const back = send(instance, { ...error, destination: own.client }, { port: server });
    expect(back.effects & Effect.Related).toBe(Effect.Related);
    const astray = { ...error, destination: own.outside };
    const sent = send(instance, astray, { port: server });
    expect(sent).toMatchObject({ verdict: 'forward', outPort: uplink, effects: Effect.Invalid });
    expectBytes(sent.frame, { ...astray, ttl: 63 });
  });
});

test('a redirect about a translated connection is dropped, about another it goes on', async () => {
  const instance = await makeNode();
  const own = addresses[4];
  const ends = { source: own.client, sourcePort: 40000, destinationPort: servicePort };
  for (const destination of [own.service, own.server]) {
    const request = { ...ends, destination, protocol: udp };
    const quoted = send(instance, request, { port: client }).packet!;
    const redirect = { source: own.server, destination: own.client, protocol: 1, icmpType: 5 };
    const sent = send(instance, { ...redirect, icmpCode: 1, quoted }, { port: server });
    expect(sent).toMatchObject(
      destination === own.service
        ? { verdict: 'drop', reason: 'redirect-translated' }
        : { verdict: 'forward', reason: 'none', outPort: client },
    );
  }
});
