// What a connection's protocol remembers of both its ends: what an entry of map `connections` says,
// and what the model says, in the same words. The layout of an entry is that of
// assembly/conntrack/tcp-record.ts and sctp.ts.

import type { Connection } from '../../host/abi/abi.gen.ts';
import type { SctpMemory } from '../model/sctp.ts';
import type { Direction, Segment } from '../model/tcp-states.ts';
import type { End, TcpMemory } from '../model/tcp-window.ts';
import { Ip } from '../../host/net/packet-layout.ts';

/** All that can make a difference later. */
export type ProtocolMemory = Readonly<Record<string, unknown>> | null;

const wordNames = Array.from({ length: 12 }, (_, number) => `protocol${number}` as const);
const segments: readonly Segment[] = ['syn', 'syn-ack', 'fin', 'ack', 'rst', 'insane'];
const directions: readonly Direction[] = ['original', 'reply'];
/** So many repetitions are told apart. */
const repeatsMax = 3;
const replySide = 20;

/** Of an entry of the map; null for protocols that remember nothing. */
export function memoryOfEntry(protocol: number, entry: Connection): ProtocolMemory {
  const bytes = new DataView(new ArrayBuffer(4 * wordNames.length));
  for (const [number, name] of wordNames.entries()) {
    bytes.setUint32(4 * number, (entry as unknown as Record<string, number>)[name]!, true);
  }
  if (protocol === Ip.Sctp) return sctpOfEntry(bytes);
  return protocol === Ip.Tcp ? tcpOfEntry(bytes, entry.last) : null;
}

function tcpOfEntry(bytes: DataView, last: number): ProtocolMemory {
  const bits = (from: number, count: number) => (last >> from) & ((1 << count) - 1);
  return {
    original: endOfEntry(bytes, 0),
    reply: endOfEntry(bytes, replySide),
    note: {
      kind: segments[bits(0, 3)],
      direction: directions[bits(3, 1)],
      end: bytes.getUint32(40, true),
      length: bytes.getUint16(18, true),
      acknowledgement: bytes.getUint32(44, true),
      window: bytes.getUint16(38, true),
    },
    repeats: bits(12, 2),
    ignoredOffer: {
      shift: bits(4, 4),
      offersShift: bits(8, 1) === 1,
      offersSack: bits(9, 1) === 1,
    },
    mayBeChallenged: bits(10, 1) === 1,
    isSimultaneous: bits(11, 1) === 1,
  };
}

function endOfEntry(bytes: DataView, at: number): End {
  const has = (bit: number) => (bytes.getUint8(at + 17) & (1 << bit)) !== 0;
  const window = bytes.getUint32(at + 8, true);
  return {
    isHeard: window !== 0,
    sent: bytes.getUint32(at, true),
    limit: bytes.getUint32(at + 4, true),
    window,
    acknowledged: has(5) ? bytes.getUint32(at + 12, true) : null,
    shift: bytes.getUint8(at + 16),
    offersShift: has(0),
    offersSack: has(1),
    isTrusted: has(3),
    closedFirst: has(2),
    hasUnacknowledged: has(4),
  };
}

function sctpOfEntry(bytes: DataView): ProtocolMemory {
  const isOdd = bytes.getUint8(10) !== 0;
  return {
    tags: { original: bytes.getUint32(0), reply: bytes.getUint32(4) },
    sentInit: { original: bytes.getUint8(8) !== 0, reply: bytes.getUint8(9) !== 0 },
    oddHeartbeat: isOdd ? directions[bytes.getUint8(11)] : null,
  };
}

/** Of the model. */
export function memoryOfModel(known: { tcp?: TcpMemory; sctp?: SctpMemory }): ProtocolMemory {
  if (known.sctp !== undefined) return { ...known.sctp };
  return known.tcp === undefined ? null : tcpOfModel(known.tcp);
}

function tcpOfModel({ ends, note, repeats, ignoredOffer, ...rest }: TcpMemory): ProtocolMemory {
  const { kind, direction, sequence, end, acknowledgement, window } = note;
  const length = (end - sequence) & 0xffff;
  return {
    ...ends,
    note: { kind, direction, end, length, acknowledgement, window },
    repeats: Math.min(repeats, repeatsMax),
    ignoredOffer,
    mayBeChallenged: rest.mayBeChallenged,
    isSimultaneous: rest.isSimultaneous,
  };
}
