// Where a captured packet was on its way through the node: whether it came in or went out there,
// and by which port. A capture of all interfaces (`tcpdump -i any`) shows a packet once for each
// interface it passes, such as a pod's and the bridge behind it: the first one counts.

import { hashBytes, toKey } from './hash.ts';
import { mergeCaptures, type MergedPacket } from './merge.ts';
import { anyPlace, findIngress, type CaptureInput, type FindOrigin } from './place.ts';

/** `elsewhere`: it did not pass where the capture is said to be from, or is a copy. */
export type Passage =
  { readonly kind: 'entered' | 'left'; readonly port: string } | { readonly kind: 'elsewhere' };

export interface PassingPacket {
  readonly merged: MergedPacket;
  readonly passage: Passage;
}

/** Reads captures side by side, as `mergeCaptures`, and says where each packet was. */
export function* followPackets(
  captures: readonly CaptureInput[],
  findOrigin: FindOrigin,
): Generator<PassingPacket> {
  const copies = new Copies();
  for (const merged of mergeCaptures(captures)) {
    const { capture, header } = merged;
    const isTold = capture.place !== undefined && header.isOutgoing !== null;
    const isCopy = isTold && copies.isCopy(merged);
    yield { merged, passage: isCopy ? elsewhere : findPassage(merged, findOrigin) };
  }
}

const elsewhere: Passage = { kind: 'elsewhere' };

function findPassage({ capture, header, frame }: MergedPacket, findOrigin: FindOrigin): Passage {
  const { place } = capture;
  const { isOutgoing, link } = header;
  if (place === undefined || isOutgoing === null) {
    const source = findOrigin(frame, link, 'source');
    const port = findIngress(place === anyPlace ? undefined : place, source);
    return port === null ? { kind: 'left', port: place! } : { kind: 'entered', port };
  }
  const end = isOutgoing ? 'destination' : 'source';
  const port = findOrigin(frame, link, end)?.port ?? 'uplink';
  if (place !== anyPlace && place !== port) return elsewhere;
  return { kind: isOutgoing ? 'left' : 'entered', port };
}

/** Longer than a packet takes from one interface to the next, shorter than a sender repeats it. */
const copyNs = 1_000_000;
/** So many packets are remembered. */
const remembered = 4096;

interface Sighting {
  readonly timeMs: number;
  readonly nanoseconds: number;
  readonly interfaceIndex: number;
}

/** Packets seen a moment ago. */
class Copies {
  private readonly seen = new Map<number, Sighting>();

  /** Whether the same bytes went the same way a moment ago, at another interface if that shows. */
  isCopy({ packet, header, frame }: MergedPacket): boolean {
    const { timeMs, nanoseconds } = packet;
    const { interfaceIndex } = header;
    const key = toKey(hashBytes(frame, frame.length, header.isOutgoing === true ? 1 : 0));
    const before = this.seen.get(key);
    if (before !== undefined && isMomentAgo(before, packet)) {
      if (interfaceIndex === 0 || interfaceIndex !== before.interfaceIndex) return true;
    }
    if (this.seen.size >= remembered) this.seen.clear();
    this.seen.set(key, { timeMs, nanoseconds, interfaceIndex });
    return false;
  }
}

function isMomentAgo(
  before: Sighting,
  now: { readonly timeMs: number; readonly nanoseconds: number },
): boolean {
  const elapsedNs = (now.timeMs - before.timeMs) * 1_000_000 + now.nanoseconds - before.nanoseconds;
  return elapsedNs >= 0 && elapsedNs <= copyNs;
}
