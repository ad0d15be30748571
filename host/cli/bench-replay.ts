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

/** One row. */
export interface ReplayMeasurement {
  readonly name: 'read' | 'verdicts' | 'copied' | 'rewritten';
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
    const samples: Record<ReplayMeasurement['name'], Sample[]> = {
      read: [],
      verdicts: [],
      copied: [],
      rewritten: [],
    };
    for (let round = 0; round < rounds; round++) {
      terminal.progress(`round ${round + 1} of ${rounds}`);
      samples.read.push(copyWhole({ file, terminal }));
      samples.verdicts.push(await sample({ file, traffic, terminal }));
      samples.copied.push(copyWhole({ file, terminal, out }));
      samples.rewritten.push(await sample({ file, traffic, terminal, out }));
    }
    const costOf = (name: ReplayMeasurement['name'], part: keyof Sample): number =>
      (medianOf(samples[name].map((one) => one[part])) * 1e6) / packets;
    const rows = (['read', 'verdicts', 'copied', 'rewritten'] as const).map((name) => {
      const nanosecondsPerPacket = costOf(name, 'ms');
      const bare = costOf(name === 'read' || name === 'verdicts' ? 'read' : 'copied', 'ms');
      const dataplaneNanoseconds = costOf(name, 'dataplaneMs');
      return {
        name,
        nanosecondsPerPacket,
        dataplaneNanoseconds,
        ratio: nanosecondsPerPacket / bare,
      };
    });
    const [read, verdicts] = rows as [ReplayMeasurement, ReplayMeasurement];
    const inside = read.nanosecondsPerPacket + verdicts.dataplaneNanoseconds;
    return { packets, bytes, flows, rows, outside: 1 - inside / verdicts.nanosecondsPerPacket };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Sample {
  readonly ms: number;
  readonly dataplaneMs: number;
}

interface Replayed {
  readonly file: string;
  readonly traffic: Traffic;
  readonly terminal: Terminal;
  /** Where the rewritten capture goes, if there is to be one. */
  readonly out?: string;
}

/** Replays twice, since the clocks around the vectors of the second time take time themselves. */
async function sample(replayed: Replayed): Promise<Sample> {
  const { ms } = await replayFile(replayed, (dataplane) => ({
    subject: dataplane,
    spentMs: () => 0,
  }));
  const { dataplaneMs } = await replayFile(replayed, (dataplane) =>
    watchRuns(dataplane, replayed.terminal),
  );
  return { ms, dataplaneMs };
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

/** Reads as a replay does, and writes what was read if there is to be a file. */
function copyWhole({ file, terminal, out }: Omit<Replayed, 'traffic'>): Sample {
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
  return { ms, dataplaneMs: 0 };
}

/** Replays in a fresh dataplane; throws Error if a packet belongs to no connection. */
async function replayFile(
  { file, traffic, terminal, out }: Replayed,
  watch: (dataplane: Dataplane) => Watched,
): Promise<Sample> {
  const dataplane = await startTraffic(traffic);
  const source = await openSource(file, true);
  const capture = out === undefined ? null : createCapture(out);
  const { subject, spentMs } = watch(dataplane);
  const start = terminal.now();
  replayCaptures(subject, [{ file, open: source.open }], capture ? { write: capture.sink } : {});
  const ms = terminal.now() - start;
  capture?.finish();
  source.close();
  dataplane.close();
  const { invalid } = dataplane.counters().totals;
  if (invalid > 0) throw new Error(`${invalid} packets of the benchmark belong to no connection`);
  return { ms, dataplaneMs: spentMs() };
}

interface Watched {
  readonly subject: ReplaySubject;
  spentMs(): number;
}

/** The same dataplane, with a clock around each vector. */
function watchRuns(dataplane: Dataplane, terminal: Terminal): Watched {
  const { vector } = dataplane.instance;
  let spent = 0;
  const watched: ReplaySubject['instance']['vector'] = {
    clear: () => vector.clear(),
    lend: (bytes) => vector.lend(bytes),
    hasRoom: (bytes) => vector.hasRoom(bytes),
    add: (frame, entry) => vector.add(frame, entry),
    addInPlace: (address, bytes, entry) => vector.addInPlace(address, bytes, entry),
    run() {
      const start = terminal.now();
      vector.run();
      spent += terminal.now() - start;
    },
    digest: () => vector.digest(),
    peek: (index) => vector.peek(index),
    released: () => vector.released(),
  };
  const subject: ReplaySubject = {
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
  return { subject, spentMs: () => spent };
}
