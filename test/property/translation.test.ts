// The laws of translation: a correct checksum stays correct and equals one computed from scratch,
// nothing but the rewritten fields changes, a wrong checksum stays wrong by as much, and a packet's
// mirror image comes out as its mirror.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pool, servicePorts, subjectNode } from '../../fuzz/arbitrary/cluster.ts';
import { NodeUnderTest } from '../../fuzz/subject/node-under-test.ts';
import { sampleObjects } from '../../fuzz/targets/sample-cluster.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import { foldToChecksum } from '../../host/net/checksum.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { TcpFlag, decodePacket, encodePacket } from '../../host/net/packet.ts';
import './setup.ts';

const clients = {
  4: ['203.0.113.7', '10.244.1.2', '10.244.2.2'],
  6: ['2001:db8::7', 'fd00:10:244:1::2'],
};
const served = { 4: ['10.96.0.10', '192.168.0.2', ...pool[4]], 6: ['fd00:10:96::10', ...pool[6]] };

/** First packets of connections, most of them to a Service. */
function opening(): fc.Arbitrary<PacketFields> {
  const ends = (family: 4 | 6) =>
    fc.record({
      source: fc.constantFrom(...clients[family]),
      destination: fc.constantFrom(...served[family]),
    });
  const rest = fc.record({
    protocol: fc.constantFrom<number>(Ip.Tcp, Ip.Udp),
    sourcePort: fc.integer({ min: 1024, max: 65535 }),
    destinationPort: fc.constantFrom(...servicePorts, 8080),
    tcpFlags: fc.constant<number>(TcpFlag.Syn),
    sequence: fc.nat({ max: 0xffffffff }),
    payload: fc.uint8Array({ maxLength: 64 }),
  });
  return fc
    .tuple(fc.oneof(ends(4), ends(6)), rest)
    .map(([addresses, others]) => ({ ...addresses, ...others }));
}

function freshNode(): Promise<NodeUnderTest> {
  return NodeUnderTest.create(sampleObjects, { node: subjectNode, config: defaultNodeConfig });
}

function portOf(source: string): string {
  return source === '10.244.1.2' || source === 'fd00:10:244:1::2' ? 'pod/default/p0' : 'uplink';
}

test('what leaves is, byte for byte, what encoding the rewritten fields would give', async () => {
  await fc.assert(
    fc.asyncProperty(opening(), async (packet) => {
      const node = await freshNode();
      const where = { port: portOf(packet.source), timeMs: 1000 };
      const { outcome, frame } = node.send(packet, where);
      if (outcome.packet === null || outcome.verdict === 'reply') return;
      const { source, destination, sourcePort, destinationPort, ttl } = outcome.packet;
      const rewritten = { source, destination, sourcePort, destinationPort, ttl } as PacketFields;
      expect(frame).toEqual(encodePacket({ ...packet, ...rewritten }, 'raw'));
    }),
  );
});

test('the mirror image of what left comes out as the mirror image of what came in', async () => {
  await fc.assert(
    fc.asyncProperty(opening(), async (packet) => {
      const node = await freshNode();
      const port = portOf(packet.source);
      const { outcome } = node.send(packet, { port, timeMs: 1000 });
      if (outcome.packet === null || outcome.verdict === 'reply') return;
      const back = node.send(mirror(outcome.packet), { port: outcome.port!, timeMs: 1001 });
      expect(back.outcome).toMatchObject({ verdict: 'forward', port });
      const { source, destination, sourcePort, destinationPort } = mirror(packet);
      expect(back.outcome.packet).toMatchObject({
        source,
        destination,
        sourcePort,
        destinationPort,
      });
    }),
  );
});

function mirror(packet: PacketFields): PacketFields {
  const { source, destination, sourcePort, destinationPort, sequence = 0, payload } = packet;
  return {
    source: destination,
    destination: source,
    protocol: packet.protocol,
    sourcePort: destinationPort!,
    destinationPort: sourcePort!,
    tcpFlags: TcpFlag.Syn | TcpFlag.Ack,
    acknowledgement: (sequence + 1 + (payload?.length ?? 0)) >>> 0,
  };
}

test('a wrong checksum stays wrong by the same difference', async () => {
  await fc.assert(
    fc.asyncProperty(opening(), fc.integer({ min: 1, max: 0xfffe }), async (packet, error) => {
      const node = await freshNode();
      const frame = encodePacket(packet, 'raw');
      const at = (packet.source.includes(':') ? 40 : 20) + (packet.protocol === Ip.Tcp ? 16 : 6);
      addTo(frame, at, error);
      // Zero says that there is no checksum.
      fc.pre(wordAt(frame, at) !== 0);
      const where = { port: portOf(packet.source), timeMs: 1000 };
      const [sent] = node.sendAll([{ frame, link: 'raw', ...where }]);
      const fields = sent!.outcome.packet;
      if (fields === null || sent!.outcome.verdict === 'reply') return;
      const right = encodePacket({ ...decodePacket(sent!.frame, 'raw')!, ttl: fields.ttl! }, 'raw');
      addTo(right, at, error);
      expect(wordAt(sent!.frame, at) % 0xffff).toBe(wordAt(right, at) % 0xffff);
    }),
  );
});

/** Ones' complement addition to the word at a place. */
function addTo(frame: Uint8Array, at: number, amount: number): void {
  const sum = 0xffff ^ foldToChecksum(wordAt(frame, at) + amount);
  frame[at] = sum >> 8;
  frame[at + 1] = sum & 0xff;
}

function wordAt(frame: Uint8Array, at: number): number {
  return (frame[at]! << 8) | frame[at + 1]!;
}
