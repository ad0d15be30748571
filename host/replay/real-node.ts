// What the real node sent at each captured place, found again by what translation leaves alone.
// Kept in memory for the length of a check.

import { describeFrame } from '../net/describe.ts';
import { findNetworkPacket, isLinkAffair, readTuple, translationKey } from './network-packet.ts';
import type { Tuple } from './network-packet.ts';
import { followPackets } from './passage.ts';
import type { CaptureInput, FindOrigin } from './place.ts';

/** A packet that left the real node. */
export interface RealPacket {
  readonly file: string;
  readonly place: string;
  /** Its number in its capture. */
  readonly number: number;
  /** From the IP header up. */
  readonly bytes: Uint8Array;
  readonly key: number;
  readonly tuple: Tuple;
  /** Port by which packets with its source address enter. */
  readonly originPort: string;
  readonly text: string;
  /** It was found equal or different to one of ours. */
  isMatched: boolean;
}

/** What was read of the captures. */
export interface RealNode {
  readonly packets: readonly RealPacket[];
  /** Address resolution and other things that are the link's own affair: not kept. */
  readonly linkAffairs: number;
}

/** Reads all packets that left the node at a captured place. */
export function readRealNode(captures: readonly CaptureInput[], findOrigin: FindOrigin): RealNode {
  const packets: RealPacket[] = [];
  let linkAffairs = 0;
  for (const { merged, kind, port } of followPackets(captures, findOrigin)) {
    if (kind !== 'left') continue;
    const { capture, packet, header, frame } = merged;
    const origin = findOrigin(merged, header.link, 'source');
    const bytes = findNetworkPacket(frame, header.link)?.slice();
    const tuple = bytes === undefined ? null : readTuple(bytes);
    if (bytes === undefined || tuple === null || isLinkAffair(bytes)) {
      linkAffairs += 1;
      continue;
    }
    packets.push({
      file: capture.file,
      place: port,
      number: packet.number,
      bytes,
      key: translationKey(bytes),
      tuple,
      originPort: origin?.port ?? 'uplink',
      text: describeFrame(frame, header.link),
      isMatched: false,
    });
  }
  return { packets, linkAffairs };
}

/** Things by key, taken out in the order they were put in. */
export class Queues<K, V> {
  private readonly queues = new Map<K, { items: V[]; taken: number }>();

  put(key: K, item: V): void {
    const queue = this.queues.get(key);
    if (queue === undefined) this.queues.set(key, { items: [item], taken: 0 });
    else queue.items.push(item);
  }

  take(key: K): V | undefined {
    const queue = this.queues.get(key);
    if (queue === undefined) return undefined;
    const item = queue.items[queue.taken];
    if (item !== undefined) queue.taken += 1;
    return item;
  }

  has(key: K): boolean {
    return this.queues.has(key);
  }
}
