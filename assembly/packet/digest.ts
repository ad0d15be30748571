// Sums of hashes of what became of packets: equal for equal outcomes, whatever the vectors were.
// Sums by port, since a port's number means nothing elsewhere; they do not depend on the order, so
// those of parts add up to the whole's.

import { Digest } from "../abi/counters";
import { PacketDescriptor } from "../abi/packet-descriptor";
import { ArrayTable, findElement, openArrayTable } from "../table/array-table";
import { hashWords, mix } from "../table/hash";

/** Of what leaves, so many bytes count: every header is in there. */
const DIGESTED: u32 = 160;

let sums = changetype<ArrayTable>(0);

/** Makes room for so many ports; returns the array of map `digests`. */
export function openDigests(ports: u32): ArrayTable {
  sums = openArrayTable(offsetof<Digest>(), ports);
  return sums;
}

/** Adds the outcomes of `count` descriptors. */
export function addDigests(descriptors: usize, count: u32): void {
  const end = descriptors + <usize>count * offsetof<PacketDescriptor>();
  for (let at = descriptors; at < end; at += offsetof<PacketDescriptor>()) {
    const descriptor = changetype<PacketDescriptor>(at);
    const sum = findElement(sums, descriptor.outPort);
    store<u64>(sum, load<u64>(sum) + digestOf(descriptor));
  }
}

/** Its number, verdict and reason, and the length and first bytes of what leaves. */
function digestOf(descriptor: PacketDescriptor): u64 {
  const outcome = ((<u32>descriptor.verdict) << 8) | descriptor.reason;
  const length = descriptor.outLengthBytes;
  const seed = ((<u64>descriptor.number) << 32) | ((<u64>outcome) << 20) | length;
  const bytes = min(length, DIGESTED);
  const words = bytes & ~7;
  const first = descriptor.outAddress;
  const hash = hashWords(first, words, seed);
  // No frame that leaves is shorter than a word.
  const last = bytes == words ? 0 : load<u64>(first + bytes - 8);
  return mix(hash ^ last);
}
