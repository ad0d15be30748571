// The same captures through two dataplanes, and the recorded connections that fare differently.
// Runs in browsers; files are the caller's affair.

import { codeOf } from '../abi/enum.ts';
import { protocolName } from '../net/protocol.ts';
import { mergeCaptures } from './merge.ts';
import {
  findNetworkPacket,
  formatTuple,
  hasTransportPorts,
  readTuple,
  reverseTuple,
  type Tuple,
} from './network-packet.ts';
import type { CaptureInput } from './place.ts';
import { feedCaptures } from './replay.ts';
import type { ReplaySubject } from './subject.ts';

/** What became of a packet. */
export interface Fate {
  readonly verdict: string;
  readonly reason: string | null;
}

/** Connections from one address to one port that fare differently. */
export interface ChangedFlow {
  readonly from: string;
  readonly to: string;
  /** Absent where the protocol has none. */
  readonly port?: number;
  /** `TCP`. */
  readonly protocol: string;
  readonly connections: number;
  /** Packets of them that fare differently. */
  readonly packets: number;
  /** The first of these. */
  readonly first: { readonly file: string; readonly packet: number };
  readonly before: Fate;
  readonly after: Fate;
}

/** `replay --diff -o json`; version 1. */
export interface VerdictDifference {
  readonly version: 1;
  /** Packets that entered the node. */
  readonly packets: number;
  /** Packets that fare differently. */
  readonly changed: number;
  readonly flows: readonly ChangedFlow[];
}

/** A packet that fares differently. */
interface Change {
  readonly before: Fate;
  readonly after: Fate;
}

/** Of each capture, by packet number. */
type Changes = ReadonlyMap<CaptureInput, ReadonlyMap<number, Change>>;

/** Replays captures in both; throws InputError as `replayCaptures`. */
export function compareVerdicts(
  before: ReplaySubject,
  after: ReplaySubject,
  captures: readonly CaptureInput[],
): VerdictDifference {
  const old = new Map(captures.map((capture) => [capture, [] as number[]]));
  let packets = 0;
  feedCaptures(before, captures, {
    decided: ({ capture, number }, { verdict, reason }) => {
      const fates = old.get(capture)!;
      if (fates[number] === undefined) packets += 1;
      // A held fragment is told of again when it leaves.
      fates[number] = packFate(verdict, reason);
    },
  });
  const changes = new Map(captures.map((capture) => [capture, new Map<number, Change>()]));
  feedCaptures(after, captures, {
    decided: ({ capture, number }, { verdict, reason }) => {
      const was = old.get(capture)![number];
      const is = packFate(verdict, reason);
      const changed = changes.get(capture)!;
      if (was === undefined || was === is) changed.delete(number);
      else changed.set(number, { before: nameFate(was), after: nameFate(is) });
    },
  });
  const changed = [...changes.values()].reduce((sum, { size }) => sum + size, 0);
  return { version: 1, packets, changed, flows: listFlows(captures, changes) };
}

function packFate(verdict: number, reason: number): number {
  return (verdict << 8) | reason;
}

function nameFate(packed: number): Fate {
  const reason = packed & 0xff;
  return {
    verdict: codeOf('Verdict', packed >> 8),
    reason: reason === 0 ? null : codeOf('Reason', reason),
  };
}

/** Reads the captures once more, for the addresses of what has changed. */
function listFlows(captures: readonly CaptureInput[], changes: Changes): ChangedFlow[] {
  const flows = new Map<string, ChangedFlow>();
  /** Key of its flow by the tuple of a connection, in the direction of its first change. */
  const connections = new Map<string, string>();
  for (const { capture, packet, header, frame } of mergeCaptures(captures)) {
    const change = changes.get(capture)?.get(packet.number);
    const bytes = change && findNetworkPacket(frame, header.link);
    const tuple = bytes ? readTuple(bytes) : null;
    if (change === undefined || tuple === null) continue;
    const known =
      connections.get(formatTuple(tuple)) ?? connections.get(formatTuple(reverseTuple(tuple)));
    const key = known ?? keyOf(tuple, change);
    if (known === undefined) connections.set(formatTuple(tuple), key);
    const first = { file: capture.file, packet: packet.number };
    const flow = flows.get(key) ?? { ...openFlow(tuple), first, ...change };
    const { connections: count } = flow;
    const isNew = known === undefined;
    flows.set(key, { ...flow, connections: count + Number(isNew), packets: flow.packets + 1 });
  }
  return [...flows.values()];
}

function openFlow(
  tuple: Tuple,
): Pick<ChangedFlow, 'from' | 'to' | 'port' | 'protocol' | 'connections' | 'packets'> {
  const { source, destination, destinationPort, protocol } = tuple;
  return {
    from: source,
    to: destination,
    ...(hasTransportPorts(protocol) && { port: destinationPort }),
    protocol: protocolName(protocol),
    connections: 0,
    packets: 0,
  };
}

/** Connections of one client to one port that fare alike are one flow. */
function keyOf(tuple: Tuple, { before, after }: Change): string {
  return JSON.stringify([openFlow(tuple), before, after]);
}
