// What the comparison with a kernel does itself, without one: the same stories for a seed, packets
// as steps say, rules for both modes, and no difference overlooked.

import { describe, expect, test } from 'vitest';
import { hasValidChecksums, locatePacket } from '../../host/net/packet-layout.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { drawStories } from './arbitrary.ts';
import { openDataplane } from './cluster.ts';
import { compareStep } from './compare.ts';
import { putTogether } from './datagrams.ts';
import { explain } from './explained.ts';
import { beginFlow, send } from './flow.ts';
import { decide } from './ours.ts';
import { writeRules } from './rules.ts';
import { envelop, fragment } from './shape.ts';
import type { Cut, Envelope } from './step.ts';

const place = 'uplink';
const plain: Envelope = { ttl: 63, typeOfService: 0, hasOptions: false, isWhole: false };
const fields: PacketFields = {
  source: '203.0.113.1',
  destination: '10.244.1.6',
  protocol: 17,
  sourcePort: 1024,
  destinationPort: 5353,
  ttl: 63,
};

test('a seed draws the same stories again, another seed others', () => {
  expect(drawStories(1, 200, {})).toEqual(drawStories(1, 200, {}));
  expect(drawStories(1, 200, {})).not.toEqual(drawStories(2, 200, {}));
  const echoes = drawStories(1, 50, { topic: 'echo' });
  expect(new Set(echoes.map(({ topic }) => topic))).toEqual(new Set(['echo']));
});

test('steps that are neither damaged nor cut are whole packets with right checksums', () => {
  let packets = 0;
  for (const [number, story] of drawStories(1, 500, {}).entries()) {
    const flow = beginFlow(story, number);
    for (const step of story.steps) {
      const isOdd = step.content.kind === 'datagram' && step.content.checksum !== 'right';
      for (const { packet } of send(flow, step, 7)) {
        if (step.damage !== undefined || step.cut !== undefined || isOdd) continue;
        packets += 1;
        expect(locatePacket(packet, 'raw')?.endAt, JSON.stringify(step)).toBe(packet.length);
        expect(hasValidChecksums(packet, 'raw'), JSON.stringify(step)).toBe(true);
      }
    }
  }
  expect(packets).toBeGreaterThan(1000);
});

describe('two sides', () => {
  const packet = encodePacket(fields, 'raw');
  const ours = { place, packet, isAnswer: false };

  test('that sent the same do not differ', () => {
    expect(compareStep([{ place, packet }], [ours])).toBeNull();
  });

  test('that sent different bytes, elsewhere, or nothing differ', () => {
    for (let at = 0; at < packet.length; at++) {
      const changed = packet.map((byte, index) => (index === at ? byte ^ 1 : byte));
      const difference = compareStep([{ place, packet: changed }], [ours]);
      expect(difference, `byte ${at}`).not.toBeNull();
      const kernel = [{ place, packet: changed }];
      const verdicts = ['forward none'];
      const sides = { entered: [ours], kernel, podplane: [ours], verdicts };
      const seen = { ...sides, hadPieces: false, dropsInvalid: false };
      expect(explain({ ...seen, difference: difference! }), `byte ${at}`).toBeNull();
    }
    const elsewhere = compareStep([{ place: 'host', packet }], [ours]);
    expect(elsewhere).toMatchObject({ onlyKernel: [expect.any(String)], fields: [] });
    expect(compareStep([], [ours])?.onlyPodplane).toHaveLength(1);
    expect(compareStep([{ place, packet }], [])?.onlyKernel).toHaveLength(1);
  });
});

test('rules serve every front-end of the cluster, and refuse what the mode refuses', async () => {
  const { cluster } = await openDataplane('nftables');
  const nftables = writeRules(cluster.state, 'nftables');
  expect(nftables).toContain('ip daddr 10.96.0.10 tcp dport 80 goto web-tcp-inside');
  expect(nftables).toContain('ip6 daddr fd00:192:168::2 sctp dport 30182 goto local-sctp-outside');
  expect(nftables).toMatch(/ct state new ip daddr \{ 10.96.0.30, .* \} udp dport 53 reject/);
  expect(nftables).toContain('ip daddr { 10.96.0.0/16 } drop');
  expect(nftables).not.toContain('ct state invalid drop');
  const iptables = writeRules(cluster.state, 'iptables');
  expect(iptables).toContain('ct state invalid drop');
  expect(iptables).not.toContain('10.96.0.0/16');
});

test('the dataplane takes a choice over and names its verdict', async () => {
  const dataplane = await openDataplane('nftables');
  const packet = encodePacket(
    { ...fields, destination: '192.168.0.2', destinationPort: 30081 },
    'raw',
  );
  const choice = { endpoint: { address: '10.244.1.6', port: 5353 }, sourcePort: 33333 };
  const [decision] = decide(dataplane, [{ place, packet, choice }]);
  const left = { ...fields, source: '192.168.0.2', sourcePort: 33333, ttl: 62 };
  expect(decision).toEqual({
    verdicts: ['forward none'],
    left: [{ place: 'pod/default/web-2', packet: encodePacket(left, 'raw'), isAnswer: false }],
  });
});

describe.each([4, 6] as const)('datagrams in pieces, IPv%i', (family) => {
  const ends =
    family === 4 ? fields : { ...fields, source: '2001:db8:7::1', destination: 'fd00::1' };
  const payload = Uint8Array.from({ length: 100 }, (_, index) => index);
  const whole = envelop(encodePacket({ ...ends, payload }, 'raw'), plain, 0);
  const cutInto = (cut: Partial<Cut>) =>
    fragment(whole, { bytes: 24, order: 'forward', fault: 'none', ...cut }, 7).map((packet) => ({
      place,
      packet,
    }));

  test.each(['forward', 'backward', 'swapped'] as const)('come together, %s', (order) => {
    for (const fault of ['none', 'repeated'] as const) {
      const [together, ...others] = putTogether(cutInto({ order, fault }));
      expect(others).toEqual([]);
      expect(together!.packet).toEqual(whole);
    }
  });

  test.each(['missing', 'overlap'] as const)('stay pieces: %s', (fault) => {
    const pieces = cutInto({ fault });
    expect(putTogether(pieces)).toEqual(pieces);
  });

  test('differ as wholes do', () => {
    const kernel = putTogether(cutInto({}));
    const podplane = cutInto({}).map((piece) => ({ ...piece, isAnswer: false }));
    const sides = { entered: cutInto({}), kernel, verdicts: ['forward none'] };
    const seen = { ...sides, hadPieces: true, dropsInvalid: false };
    const tell = (sent: typeof podplane) => {
      const difference = compareStep(kernel, sent)!;
      return explain({ ...seen, podplane: sent, difference })?.reason ?? null;
    };
    expect(tell(podplane)).toBe('fragments leave cut as they came');
    podplane[3]!.packet[podplane[3]!.packet.length - 1]! ^= 1;
    expect(tell(podplane)).toBeNull();
  });
});
