// Golden, as tcpdump takes captures elsewhere: of all interfaces at once, where each packet shows
// at the bridge, too; cut short; and with checksums left to network cards. Made from the captures
// of single links.

import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../host/pcap/block-reader.ts';
import { LinkType } from '../../host/pcap/packet.ts';
import { formatAddress } from '../../host/net/address.ts';
import { checksumOffset, locatePacket, transportChecksum } from '../../host/net/packet-layout.ts';
import { replayCaptures } from '../../host/replay/replay.ts';
import { encodeCapture, readAll, type Written } from '../host/pcap-arbitrary.ts';
import { openNode, readCapture } from './captures.ts';
import type { CaptureInput } from '../../host/replay/place.ts';

const format = { name: 'pcap', littleEndian: true, hasNanoseconds: true } as const;
const pod1 = 'pod/default/pod1';
const pod9 = 'pod/default/pod9';
const bridge = 9;
const outgoing = 4;

/** A link and the addresses of what is at its far end. */
interface Side {
  readonly file: string;
  readonly interfaceIndex: number;
  readonly far: readonly string[];
}

const client: Side = {
  file: 'before.client',
  interfaceIndex: 2,
  far: ['203.0.113.7', '2001:db8:7::7'],
};
const first: Side = {
  file: 'after.pod1',
  interfaceIndex: 5,
  far: ['10.244.1.5', 'fd00:10:244:1::5'],
};
const ninth: Side = {
  file: 'before.pod9',
  interfaceIndex: 6,
  far: ['10.244.1.9', 'fd00:10:244:1::9'],
};

function sourceAddress(packet: Uint8Array): string {
  return packet[0]! >> 4 === 4 ? packet.subarray(12, 16).join('.') : formatAddress(packet, 8);
}

/** The frames of a link as the node sees them at all its interfaces; a pod's at the bridge, too. */
function cook(run: string, { file, interfaceIndex, far }: Side, version: 1 | 2): Written[] {
  return readAll(readCapture(`${run}.${file}.pcap`), new Uint8Array(1 << 17)).flatMap((packet) => {
    const body = packet.frame.slice(14);
    const isOutgoing = !far.includes(sourceAddress(body));
    const type = [packet.frame[12]!, packet.frame[13]!];
    const seenAt = (index: number, afterNs: number): Written => {
      const header = cookedHeader(version, { type, isOutgoing, index });
      const frame = Uint8Array.of(...header, ...body);
      const nanoseconds = Math.min(packet.nanoseconds + afterNs, 999_999);
      const linkType = version === 1 ? LinkType.LinuxCooked : LinkType.LinuxCooked2;
      return { ...packet, nanoseconds, frame, originalLengthBytes: frame.length, linkType };
    };
    const isPod = interfaceIndex !== client.interfaceIndex;
    return isPod ? [seenAt(interfaceIndex, 0), seenAt(bridge, 20)] : [seenAt(interfaceIndex, 0)];
  });
}

function cookedHeader(
  version: 1 | 2,
  { type, isOutgoing, index }: { type: number[]; isOutgoing: boolean; index: number },
): number[] {
  const packetType = isOutgoing ? outgoing : 0;
  const address = [0, 6, 2, 0, 0, 0, 0, index, 0, 0];
  return version === 1
    ? [0, packetType, 0, 1, ...address, ...type]
    : [...type, 0, 0, 0, 0, 0, index, 0, 1, packetType, ...address.slice(1, 10)];
}

function inputOf(packets: Written[], place: string): CaptureInput {
  const sorted = packets.toSorted((a, b) => a.timeMs - b.timeMs || a.nanoseconds - b.nanoseconds);
  const bytes = encodeCapture(format, sorted[0]!.linkType, sorted);
  return { file: `${place}.pcap`, place, open: () => sourceOf(bytes) };
}

const runs = [
  { run: 'http-nodeport', sides: [client, first], sent: 245 },
  { run: 'http-clusterip', sides: [ninth, first], sent: 251 },
  { run: 'http-ipv6', sides: [client, ninth, first], sent: 364 },
  { run: 'udp-refused', sides: [client, ninth, first], sent: 13 },
];

describe.each(runs)('$run, tcpdump -i any', ({ run, sides, sent }) => {
  const allOf = (version: 1 | 2) => sides.flatMap((side) => cook(run, side, version));
  const counts = { compared: sent, equal: sent, onlyReal: 0, onlyPodplane: 0 };

  test.each([1, 2] as const)('one capture of all interfaces, cooked v%i', async (version) => {
    const inputs = [inputOf(allOf(version), 'any')];
    const report = replayCaptures(await openNode(), inputs, { check: true });
    expect(report.check).toMatchObject({ ...counts, different: [], unmatched: [] });
    expect(report.elsewhere).toBeGreaterThan(0);
    expect(report.packets + report.left + report.elsewhere).toBe(allOf(version).length);
  });

  test('one for each place: each shows every interface', async () => {
    const names = { [client.file]: 'uplink', [first.file]: pod1, [ninth.file]: pod9 };
    const inputs = sides.map(({ file }) => inputOf(allOf(2), names[file]!));
    const { check } = replayCaptures(await openNode(), inputs, { check: true });
    expect(check).toMatchObject({ ...counts, different: [], unmatched: [] });
  });
});

test('cut short by a snap length: what is there is as Linux sent it', async () => {
  const cut = (side: Side, place: string): CaptureInput => {
    const packets = readAll(readCapture(`http-nodeport.${side.file}.pcap`));
    return inputOf(
      packets.map((packet) => ({ ...packet, frame: packet.frame.subarray(0, 80) })),
      place,
    );
  };
  const inputs = [cut(client, 'uplink'), cut(first, pod1)];
  const { check } = replayCaptures(await openNode(), inputs, { check: true });
  expect(check).toMatchObject({ compared: 245, equal: 245, different: [], unmatched: [] });
});

/** The checksum as a sender leaves it to its network card: the sum of the pseudo-header alone. */
function leaveChecksum(packet: Written): Written {
  const frame = packet.frame.slice();
  const layout = locatePacket(frame, 'ethernet')!;
  const at = layout.transportAt + checksumOffset(layout.protocol)!;
  const bare = frame.slice().fill(0, layout.transportAt, layout.endAt);
  new DataView(frame.buffer).setUint16(at, 0xffff ^ transportChecksum(bare, layout));
  return { ...packet, frame };
}

describe('checksums left to network cards', () => {
  const replay = async (change: Record<string, (packet: Written) => Written>) => {
    const inputs = Object.entries({ uplink: client, [pod1]: first }).map(([place, { file }]) => {
      const packets = readAll(readCapture(`http-nodeport.${file}.pcap`));
      return inputOf(packets.map(change[place] ?? ((packet) => packet)), place);
    });
    return replayCaptures(await openNode(), inputs, { check: true }).check;
  };

  test.each([
    ['on both sides', { uplink: leaveChecksum, [pod1]: leaveChecksum }],
    ['on the client’s side', { uplink: leaveChecksum }],
    ['on the server’s side', { [pod1]: leaveChecksum }],
  ])('%s: they are not there yet, and nothing else differs', async (_, change) => {
    expect(await replay(change)).toMatchObject({ compared: 245, equal: 245, different: [] });
  });

  test('one that is wrong in another way is found', async () => {
    const spoil = (packet: Written): Written => {
      const { frame, ...rest } = leaveChecksum(packet);
      frame[locatePacket(frame, 'ethernet')!.transportAt + 17]! ^= 1;
      return { ...rest, frame };
    };
    const check = await replay({ [pod1]: spoil });
    expect(check).toMatchObject({ compared: 245, equal: 0 });
    expect(new Set(check!.different.map(({ field }) => field))).toEqual(new Set(['tcp.checksum']));
  });
});
