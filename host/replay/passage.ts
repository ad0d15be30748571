// Where a captured packet was on its way through the node: whether it came in or went out there,
// and by which port. A capture of all interfaces (`tcpdump -i any`) shows a packet once for each
// interface it passes, such as a pod's and the bridge behind it: the first one counts.

import type { ReadBlock } from '../pcap/block-reader.ts';
import { hashSpan, toKey } from './hash.ts';
import { openMerge, type MergedPacket, type PacketStream } from './merge.ts';
import { anyPlace, findIngress } from './place.ts';
import type { CaptureInput, End, FindOrigin, Origin } from './place.ts';

/** `elsewhere`: it did not pass where the capture is said to be from, or is a copy. */
export type PassageKind = 'entered' | 'left' | 'elsewhere';

/** A packet and where it was. One object is used again and again: valid until the next packet. */
export interface PassingPacket {
  readonly merged: MergedPacket;
  readonly kind: PassageKind;
  /** Name of the port by which it entered or left. */
  readonly port: string;
  /** The same, or null where only its source tells it. */
  readonly knownPort: string | null;
}

/** Opens captures side by side, as `openMerge`, to be told where each packet was. */
export function openPassages(
  captures: readonly CaptureInput[],
  findOrigin: FindOrigin,
  block?: ReadBlock,
): PacketStream<PassingPacket> {
  const copies = new Copies();
  const { next, bytesRead } = openMerge(captures, block);
  let passing: Passing | null = null;
  return {
    next() {
      const merged = next();
      if (merged === null) return null;
      passing ??= new Passing(merged, findOrigin);
      passing.merged = merged;
      if (tellsDirection(merged) && copies.isCopy(merged)) passing.kind = 'elsewhere';
      else passing.find();
      return passing;
    },
    bytesRead,
  };
}

/** Reads captures side by side and says where each packet was. */
export function* followPackets(
  captures: readonly CaptureInput[],
  findOrigin: FindOrigin,
): Generator<PassingPacket> {
  const { next } = openPassages(captures, findOrigin);
  for (let passing = next(); passing !== null; passing = next()) yield passing;
}

class Passing implements PassingPacket {
  merged: MergedPacket;
  kind: PassageKind = 'elsewhere';
  knownPort: string | null = null;
  private readonly findOrigin: FindOrigin;

  constructor(merged: MergedPacket, findOrigin: FindOrigin) {
    this.merged = merged;
    this.findOrigin = findOrigin;
  }

  get port(): string {
    return this.knownPort ?? findIngress(undefined, this.originOf('source'))!;
  }

  /** Finds out where the packet was. */
  find(): void {
    const { place } = this.merged.capture;
    const { isOutgoing } = this.merged.header;
    if (place === undefined || (place === anyPlace && isOutgoing === null)) {
      this.knownPort = null;
      this.kind = 'entered';
      return;
    }
    if (isOutgoing === null) {
      const hasEntered = findIngress(place, this.originOf('source')) !== null;
      this.knownPort = place;
      this.kind = hasEntered ? 'entered' : 'left';
      return;
    }
    const port = this.originOf(isOutgoing ? 'destination' : 'source')?.port ?? 'uplink';
    this.knownPort = port;
    if (place !== anyPlace && place !== port) this.kind = 'elsewhere';
    else this.kind = isOutgoing ? 'left' : 'entered';
  }

  private originOf(end: End): Origin | null {
    return this.findOrigin(this.merged, this.merged.header.link, end);
  }
}

function tellsDirection({ capture, header }: MergedPacket): boolean {
  return capture.place !== undefined && header.isOutgoing !== null;
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
  isCopy(merged: MergedPacket): boolean {
    const { packet, header } = merged;
    const { timeMs, nanoseconds } = packet;
    const { interfaceIndex } = header;
    const key = toKey(hashSpan(merged, merged.lengthBytes, header.isOutgoing === true ? 1 : 0));
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
