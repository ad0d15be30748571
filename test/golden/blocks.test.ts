// A capture that is read into packet memory fares as one whose packets are copied there, wherever
// blocks end: same report, same rewritten capture, same refusals; and in bounded memory.

import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { InputError } from '../../host/problem.ts';
import { maximumPacketBytes } from '../../host/pcap/packet.ts';
import { sourceOf, type ByteSource } from '../../host/pcap/block-reader.ts';
import { replayCaptures } from '../../host/replay/replay.ts';
import { encodeCapture, formats, readAll } from '../host/pcap-arbitrary.ts';
import { captureFiles, openNode, readCapture } from './captures.ts';

const mostPackets = 80;
const cutBytes = 60;
const longestBytes = 4096;
const headroomBytes = 64;
const { cluster } = await openNode();
/** Little to make anew for every run. */
const capacity = { connections4: 4096, connections6: 1024, maglevSlots: 64, affinities: 64 };

const captures = new Map(
  captureFiles
    .map((file) => [file, readCapture(file)] as const)
    .filter(([, bytes]) => readAll(bytes).every(({ frame }) => frame.length <= longestBytes)),
);

interface Result {
  readonly report: unknown;
  /** Hash of the rewritten capture. */
  readonly written: string;
  readonly error: string | null;
}

/** Replays bytes with blocks of this size; 0: every packet is copied. */
async function replayBytes(bytes: Uint8Array, blockBytes: number): Promise<Result> {
  const hash = createHash('sha256');
  const write = (part: Uint8Array): void => void hash.update(part);
  const options = { write, now: () => 0, blockBytes };
  const capture = { file: 'x.pcap', open: () => sourceOf(bytes) };
  try {
    const dataplane = await cluster.dataplane({ node: 'node-a', capacity });
    const report = replayCaptures(dataplane, [capture], options);
    return { report, written: hash.digest('hex'), error: null };
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return { report: null, written: hash.digest('hex'), error: String(error) };
  }
}

/** A captured run in another format, perhaps with packets cut off behind their headers. */
const rewrittenInputs = fc
  .record({
    file: fc.constantFrom(...captures.keys()),
    format: formats,
    isCut: fc.boolean(),
  })
  .map(({ file, format, isCut }) => {
    const all = readAll(captures.get(file)!).slice(0, mostPackets);
    const packets = all.map((packet) => ({
      ...packet,
      frame: isCut ? packet.frame.subarray(0, cutBytes) : packet.frame,
    }));
    return encodeCapture(format, packets[0]!.linkType, packets);
  });

property.prop([rewrittenInputs, fc.integer({ min: longestBytes + headroomBytes, max: 20_000 })], {
  numRuns: 6,
})('blocks may end anywhere', async (bytes, blockBytes) => {
  const expected = await replayBytes(bytes, 0);
  expect(expected.error).toBeNull();
  expect(await replayBytes(bytes, blockBytes)).toEqual(expected);
  expect(await replayBytes(bytes, maximumPacketBytes * 2)).toEqual(expected);
});

property.prop(
  [rewrittenInputs, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), fc.nat()],
  { numRuns: 6 },
)('what is damaged or cut is refused alike', async (bytes, changes, cut) => {
  const damaged = bytes.slice(0, bytes.length - (cut % 200));
  for (const [at, value] of changes) damaged[at % damaged.length] = value;
  const copied = await replayBytes(damaged, 0);
  const inPlace = await replayBytes(damaged, maximumPacketBytes * 2);
  expect({ ...inPlace, written: null }).toEqual({ ...copied, written: null });
  if (copied.error === null) expect(inPlace.written).toEqual(copied.written);
});

test('packet memory is whole again after a damaged capture', async () => {
  const { instance } = await cluster.dataplane({ node: 'node-a', capacity });
  const dataplane = await cluster.dataplane({ node: 'node-a' });
  const { blockBytes } = dataplane.instance.capacity;
  const bytes = readCapture('http-clusterip.before.pod9.pcap').subarray(0, 2000);
  const capture = { file: 'x.pcap', open: () => sourceOf(bytes) };
  expect(() => replayCaptures(dataplane, [capture])).toThrow('the file ends inside');
  expect(dataplane.instance.vector.hasRoom(blockBytes)).toBe(true);
  expect(instance.vector.lend(instance.capacity.blockBytes)).toBeNull();
});

test('a capture of any size takes the memory of one block', async () => {
  const one = readCapture('http-clusterip.before.pod9.pcap');
  const records = one.subarray(24);
  const copies = 2000;
  let given = -1;
  let left = one.subarray(0, 24);
  const source: ByteSource = {
    read(into) {
      if (left.length === 0 && ++given < copies) left = records;
      const part = left.subarray(0, into.length);
      into.set(part);
      left = left.subarray(part.length);
      return part.length;
    },
  };
  const dataplane = await openNode();
  const before = process.memoryUsage().arrayBuffers;
  const report = replayCaptures(dataplane, [{ file: 'x.pcap', open: () => source }]);
  expect(report.bytes).toBeGreaterThan(20_000_000);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4_000_000);
});
