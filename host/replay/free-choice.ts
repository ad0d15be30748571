// What a node is free to choose where the dataplane had to choose something too, and checksums that
// nobody has computed yet: taken over from the real node before two packets are compared. Sources:
// RFC 6864 (IPv4 identification), RFC 6437 (flow label), RFC 8200 section 4.5.

import { foldToChecksum, sumWords } from '../net/checksum.ts';
import {
  checksumOffset,
  hasPartialChecksum,
  locatePacket,
  type PacketLayout,
} from '../net/packet-layout.ts';
import { findFragmentHeader } from './network-packet.ts';

/** A packet that the dataplane sent, without link header. */
export interface SentPacket {
  readonly bytes: Uint8Array;
  /** The dataplane made it. */
  readonly isAnswer: boolean;
  /** It came with a checksum that was left to the network card. */
  readonly hadPartialChecksum: boolean;
}

/**
 * A copy of our packet with the real one's free choices: the identification of IPv6 fragments and,
 * in answers that the node itself made, the IPv4 identification (and the header checksum that
 * follows from it) or the IPv6 flow label. A checksum that is left to the network card before or
 * behind the node is taken over, too.
 */
export function takeOverFreeChoices(sent: SentPacket, real: Uint8Array): Uint8Array {
  const packet = sent.bytes.slice();
  const ours = locatePacket(packet, 'raw', false);
  const theirs = locatePacket(real, 'raw', false);
  if (ours === null || theirs === null || ours.family !== theirs.family) return packet;
  const ourFragment = findFragmentHeader(packet, ours);
  const theirFragment = findFragmentHeader(real, theirs);
  if (ourFragment !== null && theirFragment !== null) {
    packet.set(real.subarray(theirFragment + 4, theirFragment + 8), ourFragment + 4);
  }
  if (!sent.isAnswer) {
    const isPartial = sent.hadPartialChecksum || hasPartialChecksum(real, theirs);
    if (isPartial) takeOverChecksum(packet, real, ours);
  } else if (ours.family === 6) {
    takeOverFlowLabel(packet, real);
  } else {
    takeOverIdentification(packet, real, ours.transportAt);
  }
  return packet;
}

function takeOverChecksum(packet: Uint8Array, real: Uint8Array, layout: PacketLayout): void {
  const offset = checksumOffset(layout.protocol);
  if (offset === null) return;
  const at = layout.transportAt + offset;
  packet.set(real.subarray(at, Math.min(at + 2, packet.length)), at);
}

function takeOverFlowLabel(packet: Uint8Array, real: Uint8Array): void {
  packet[1] = (packet[1]! & 0xf0) | (real[1]! & 0x0f);
  packet.set(real.subarray(2, 4), 2);
}

/** The header checksum follows, unless it was wrong before: then it stays as it is, and shows. */
function takeOverIdentification(packet: Uint8Array, real: Uint8Array, headerBytes: number): void {
  const error = foldToChecksum(sumWords(packet, 0, headerBytes));
  packet.set(real.subarray(4, 6), 4);
  if (error !== 0) return;
  packet.fill(0, 10, 12);
  const checksum = foldToChecksum(sumWords(packet, 0, headerBytes));
  packet[10] = checksum >>> 8;
  packet[11] = checksum & 0xff;
}
