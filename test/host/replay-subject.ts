// A dataplane of a few lines for tests of the replay itself: two pods, an uplink, one service, no
// state. It forwards with the time to live decremented and takes over whatever endpoint it is told.

import {
  Verdict,
  type Counters,
  type FrontendKey,
  type ReasonCount,
} from '../../host/abi/abi.gen.ts';
import { decode, sizeOf } from '../../host/abi/struct.ts';
import type { RawOutcome } from '../../host/dataplane/outcome.ts';
import type { ChoiceInput, VectorEntry } from '../../host/dataplane/vector.ts';
import { decodePacket, encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { spanOf } from '../../host/net/span.ts';
import { writePcap } from '../../host/pcap/writer.ts';
import { sourceOf } from '../../host/pcap/block-reader.ts';
import type { CaptureInput } from '../../host/replay/place.ts';
import type { ReplaySubject } from '../../host/replay/subject.ts';
import { concatenate } from './pcap-arbitrary.ts';

export const client = 'pod/default/client';
export const server = 'pod/default/server';
export const addresses = {
  client: '10.244.1.9',
  server: '10.244.1.5',
  service: '10.96.0.10',
  node: '192.168.50.11',
  outside: '203.0.113.7',
};

const ports = ['', 'host', 'uplink', client, server];
const portByAddress: Readonly<Record<string, string>> = {
  [addresses.client]: client,
  [addresses.server]: server,
  [addresses.node]: 'host',
};

export type Decision = Partial<RawOutcome> & { frame: Uint8Array };
export type Decide = (frame: Uint8Array, entry: VectorEntry) => Decision;

export interface StubSubject extends ReplaySubject {
  /** What was fed, in order. */
  readonly fed: { frame: Uint8Array; entry: VectorEntry }[];
}

/** A dataplane that decides by a function; its vector holds so many packets. */
export function stubSubject(decide: Decide = forward, vectorPackets = 4): StubSubject {
  const fed: { frame: Uint8Array; entry: VectorEntry }[] = [];
  let waiting: { frame: Uint8Array; entry: VectorEntry }[] = [];
  let outcomes: RawOutcome[] = [];
  const counts = new Counts();
  const frontend: FrontendKey = { address: addresses.service, port: 80, protocol: 6 };
  return {
    fed,
    port(name) {
      const number = ports.indexOf(name);
      if (number < 0) throw new RangeError(`no port ${name}`);
      return number;
    },
    portName: (port) => ports[port] ?? '',
    portOf: (address) => portByAddress[address] ?? 'uplink',
    map: (name: string) => ({
      entries: (): never[] => {
        if (name === 'reasons') return [...counts.reasons] as never[];
        return name === 'frontends' ? [[frontend, {}] as never] : [];
      },
      lookUp: () => ({ ...counts.counters }),
    }),
    instance: {
      sweep: () => 0,
      capacity: { connections4: 9, connections6: 9 },
      vector: {
        clear: () => void (waiting = []),
        lend() {
          waiting = [];
          return null;
        },
        addInPlace: () => {
          throw new Error('there is no packet memory');
        },
        hasRoom: () => waiting.length < vectorPackets,
        add(frame, entry) {
          const filling = new Uint8Array(entry.filledBytes ?? 0);
          const kept = { frame: concatenate([frame, filling]), entry: { ...entry } };
          fed.push(kept);
          return waiting.push(kept) - 1;
        },
        run() {
          outcomes = waiting.map(({ frame, entry }) => outcomeOf(decide(frame, entry)));
          outcomes.forEach((outcome) => counts.add(outcome));
        },
        digest: () => {},
        peek: (index) => outcomes[index]!,
        released: () => [],
      },
    },
  };
}

/** What is counted of packets, as the maps of that name hold it. */
class Counts {
  readonly reasons = new Map<number, ReasonCount>();
  readonly counters: Counters = {
    ...decode('Counters', new Uint8Array(sizeOf('Counters'))),
    connectionsCreated: 7,
    connectionsExpired: 3,
  };

  add({ verdict, reason }: RawOutcome): void {
    if (verdict === Verdict.Drop) this.counters.dropped += 1;
    else this.counters.forwarded += 1;
    this.reasons.set(reason, { packets: (this.reasons.get(reason)?.packets ?? 0) + 1 });
  }
}

function outcomeOf(decision: Decision): RawOutcome {
  const port = ports.indexOf(server);
  const verdict = Verdict.Forward;
  return {
    verdict,
    reason: 0,
    outPort: port,
    service: 0,
    effects: 0,
    state: 0,
    held: 0,
    ...decision,
    ...spanOf(decision.frame),
  };
}

/** Forwards to where the packet, or the choice, leads. */
export function forward(frame: Uint8Array, { link = 'ethernet', choice }: VectorEntry): Decision {
  const fields = decodePacket(frame, link);
  if (fields === null)
    return { verdict: Verdict.Drop, outPort: 0, reason: 1, frame: frame.subarray(0, 0) };
  const translated = translate(fields, choice);
  const port = portByAddress[translated.destination] ?? 'uplink';
  const made = encodePacket({ ...translated, ttl: (fields.ttl ?? 64) - 1 }, link);
  return { outPort: ports.indexOf(port), frame: made };
}

function translate(fields: PacketFields, choice: ChoiceInput | undefined): PacketFields {
  if (fields.destination === addresses.service) {
    const endpoint = choice?.endpoint ?? { address: addresses.server, port: 8080 };
    return { ...fields, destination: endpoint.address, destinationPort: endpoint.port };
  }
  if (fields.source !== addresses.server || fields.sourcePort === undefined) return fields;
  return { ...fields, source: addresses.service, sourcePort: 80 };
}

/** A capture in memory of Ethernet frames, a millisecond apart from `startMs` on. */
export function captureOf(
  frames: readonly Uint8Array[],
  place: string | undefined,
  options: { startMs?: number; file?: string } = {},
): CaptureInput {
  const chunks: Uint8Array[] = [];
  const format = { linkType: 1, hasNanoseconds: false, littleEndian: true };
  const writer = writePcap((bytes) => void chunks.push(bytes.slice()), format);
  for (const [index, frame] of frames.entries()) {
    const timeMs = (options.startMs ?? 0) + index;
    writer.write({ timeMs, nanoseconds: 0, originalLengthBytes: frame.length, linkType: 1 }, frame);
  }
  writer.finish();
  const bytes = concatenate(chunks);
  const file = options.file ?? `${place ?? 'any'}.pcap`;
  return { file, open: () => sourceOf(bytes), ...(place === undefined ? {} : { place }) };
}
