// What a packet of a replay costs from file to file: with verdicts, with a rewritten capture, and
// what reading and copying the same bytes costs alone. A capture of usual sizes is written first,
// and reread for every row. Source: RFC 6985 for the sizes (IMIX).

import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataplane } from '../cluster/cluster.ts';
import { writePcap } from '../pcap/writer.ts';
import { replayCaptures } from '../replay/replay.ts';
import type { ReplaySubject } from '../replay/subject.ts';
import { imixPayloadBytes } from './bench-frames.ts';
import { TrafficSender } from './bench-connections.ts';
import { medianOf } from './bench-parts.ts';
import { compileTraffic, type Traffic } from './bench-traffic.ts';
import { createCapture } from './capture-files.ts';
import { openSource } from './capture-source.ts';
import type { Terminal } from './terminal.ts';

const services = 100;
const longestFrame = 1514;
const rounds = 5;
const flows = 1000;
const blockBytes = 512 * 1024;
const startMs = Date.UTC(2026, 0, 1);

const rowNames = ['read', 'verdicts', 'copied', 'rewritten'] as const;
type RowName = (typeof rowNames)[number];

/** One row. */
export interface ReplayMeasurement {
  readonly name: RowName;
  /** Medians of the rounds. */
  readonly nanosecondsPerPacket: number;
  /** Of these, in the dataplane. */
  readonly dataplaneNanoseconds: number;
  /** Over the time of the same reading, and writing, without a dataplane. */
  readonly ratio: number;
}

/** `bench --replay -o json`, without the machine. */
export interface ReplayBench {
  readonly packets: number;
  readonly bytes: number;
  readonly flows: number;
  readonly rows: readonly ReplayMeasurement[];
  /** Part of the time of `verdicts` that is neither reading nor the dataplane. */
  readonly outside: number;
}

/** Measures in a temporary folder. */
export async function measureReplay(packets: number, terminal: Terminal): Promise<ReplayBench> {
  const traffic = compileTraffic({ path: 'ClusterIP', family: 4, services, policies: 0 });
  const folder = mkdtempSync(join(tmpdir(), 'podplane-bench-'));
  try {
    const file = join(folder, 'in.pcap');
    const bytes = await writeTraffic(file, traffic, packets);
    const out = join(folder, 'out.pcap');
    const [bare, whole] = [
      { file, terminal },
      { file, terminal, traffic },
    ];
    const samples: Record<RowName, number[]> = {
      read: [],
      verdicts: [],
      copied: [],
      rewritten: [],
    };
    for (let round = 0; round < rounds; round++) {
      terminal.progress(`round ${round + 1} of ${rounds}`);
      samples.read.push(copyWhole(bare));
      samples.verdicts.push(await replayFile(whole, (dataplane) => dataplane));
      samples.copied.push(copyWhole({ ...bare, out }));
      samples.rewritten.push(await replayFile({ ...whole, out }, (dataplane) => dataplane));
    }
    const dataplaneMs: Record<RowName, number> = {
      ...{ read: 0, verdicts: await timeDataplane(whole) },
      ...{ copied: 0, rewritten: await timeDataplane({ ...whole, out }) },
    };
    const costOf = (name: RowName): number => (medianOf(samples[name]) * 1e6) / packets;
    const rows = rowNames.map((name) => ({
      name,
      nanosecondsPerPacket: costOf(name),
      dataplaneNanoseconds: (dataplaneMs[name] * 1e6) / packets,
      ratio: costOf(name) / costOf(name === 'read' || name === 'verdicts' ? 'read' : 'copied'),
    }));
    const [read, verdicts] = rows as [ReplayMeasurement, ReplayMeasurement];
    const inside = read.nanosecondsPerPacket + verdicts.dataplaneNanoseconds;
    return { packets, bytes, flows, rows, outside: 1 - inside / verdicts.nanosecondsPerPacket };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Replayed {
  readonly file: string;
  readonly traffic: Traffic;
  readonly terminal: Terminal;
  /** Where the rewritten capture goes, if there is to be one. */
  readonly out?: string;
}

/**
 * Milliseconds of a replay that are the dataplane's. To be measured last: code that has met the
 * clocks around vectors is slower from then on.
 */
async function timeDataplane(replayed: Replayed): Promise<number> {
  const spent: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let spentMs = 0;
    const spend = (ms: number): void => void (spentMs += ms);
    await replayFile(replayed, (dataplane) => watchRuns(dataplane, replayed.terminal, spend));
    spent.push(spentMs);
  }
  return medianOf(spent);
}

/** Writes connections as they are opened and answered, then their packets; returns the size. */
async function writeTraffic(file: string, traffic: Traffic, packets: number): Promise<number> {
  const capture = createCapture(file);
  let bytes = 0;
  const sink = (part: Uint8Array): void => {
    bytes += part.length;
    capture.sink(part);
  };
  const writer = writePcap(sink, { linkType: 1, hasNanoseconds: false, littleEndian: true });
  let written = 0;
  const write = (frame: Uint8Array): void => {
    const timeMs = startMs + Math.floor(written / 100);
    const nanoseconds = (written % 100) * 10_000;
    writer.write({ timeMs, nanoseconds, originalLengthBytes: frame.length, linkType: 1 }, frame);
    written += 1;
  };
  const opening = await startTraffic(traffic);
  new TrafficSender(opening.instance, traffic).open(0, flows, write);
  opening.close();
  const established = imixPayloadBytes(4).map((length) => traffic.establishedOf(length));
  const memory = new DataView(new ArrayBuffer(longestFrame));
  for (let left = packets - written; left > 0; left--) {
    const template = established[written % established.length]!;
    template.write(traffic.endsOf((written * 7919) % flows), memory, 0);
    write(new Uint8Array(memory.buffer, 0, template.lengthBytes));
  }
  writer.finish();
  capture.finish();
  return bytes;
}

function startTraffic(traffic: Traffic): Promise<Dataplane> {
  return traffic.cluster.dataplane({ capacity: traffic.capacityFor(2 * flows) });
}

/** Reads as a replay does, and writes that where there is to be a file; returns milliseconds. */
function copyWhole({ file, terminal, out }: Omit<Replayed, 'traffic'>): number {
  const block = new Uint8Array(blockBytes);
  const descriptor = openSync(file, 'r');
  const capture = out === undefined ? null : createCapture(out);
  const start = terminal.now();
  for (let count = readSync(descriptor, block); count > 0; count = readSync(descriptor, block)) {
    capture?.sink(block.subarray(0, count));
  }
  const ms = terminal.now() - start;
  capture?.finish();
  closeSync(descriptor);
  return ms;
}

/**
 * Replays in a fresh dataplane, as `subjectOf` shows it; returns milliseconds. Throws Error if a
 * packet belongs to no connection.
 */
async function replayFile(
  { file, traffic, terminal, out }: Replayed,
  subjectOf: (dataplane: Dataplane) => ReplaySubject,
): Promise<number> {
  const dataplane = await startTraffic(traffic);
  const source = await openSource(file, true);
  const capture = out === undefined ? null : createCapture(out);
  const subject = subjectOf(dataplane);
  const start = terminal.now();
  replayCaptures(subject, [{ file, open: source.open }], capture ? { write: capture.sink } : {});
  const ms = terminal.now() - start;
  capture?.finish();
  source.close();
  dataplane.close();
  const { invalid } = dataplane.counters().totals;
  if (invalid > 0) throw new Error(`${invalid} packets of the benchmark belong to no connection`);
  return ms;
}

/** The same dataplane, with a clock around each vector; `spend` is told its milliseconds. */
function watchRuns(
  dataplane: Dataplane,
  terminal: Terminal,
  spend: (ms: number) => void,
): ReplaySubject {
  const { vector } = dataplane.instance;
  const watched: ReplaySubject['instance']['vector'] = {
    clear: () => vector.clear(),
    lend: (bytes) => vector.lend(bytes),
    hasRoom: (bytes) => vector.hasRoom(bytes),
    add: (frame, entry) => vector.add(frame, entry),
    addInPlace: (address, bytes, entry) => vector.addInPlace(address, bytes, entry),
    run() {
      const start = terminal.now();
      vector.run();
      spend(terminal.now() - start);
    },
    digest: () => vector.digest(),
    peek: (index) => vector.peek(index),
    released: () => vector.released(),
  };
  return {
    port: (name) => dataplane.port(name),
    portName: (port) => dataplane.portName(port),
    portOf: (address) => dataplane.portOf(address),
    map: dataplane.map.bind(dataplane) as ReplaySubject['map'],
    instance: {
      vector: watched,
      capacity: dataplane.instance.capacity,
      sweep: (now, limit) => dataplane.instance.sweep(now, limit),
    },
  };
}
