// A packet's tuple as a key, and a key turned round. One source for both widths: a key is source,
// destination, source port, destination port, protocol, whatever the addresses' size.

import { FlowKey4, FlowKey6 } from "../abi/flow-key";
import { copyWords } from "../table/words";
import { counterpart, isIcmp } from "../wire/icmp";
import { Packet } from "./packet";

/** Where the type of ICMP is, counted from the ports. */
const ICMP_TYPE: usize = offsetof<FlowKey6>("icmpType") - offsetof<FlowKey6>("sourcePort");

/** Bytes of the address pair at the front of a key, by family. */
export function addressBytes(family: u32): usize {
  return family == 4 ? offsetof<FlowKey4>("sourcePort") : offsetof<FlowKey6>("sourcePort");
}

/** Bytes of a key, by family. */
export function keyBytes(family: u32): u32 {
  return family == 4 ? offsetof<FlowKey4>() : offsetof<FlowKey6>();
}

/** IP protocol number of a key. */
export function protocolOf(key: usize, family: u32): u8 {
  return load<u8>(key + addressBytes(family), 4);
}

/** Writes the packet's tuple. */
export function writeTuple(key: usize, packet: Packet): void {
  const family = packet.family;
  const half = addressBytes(family) >> 1;
  if (family == 4) {
    // One word, as it will be read: a load behind two halves has to wait for both stores.
    store<u64>(key, (packet.sourceLow >> 32) | ((packet.destinationLow >> 32) << 32));
  } else {
    writeAddress(key, family, packet.sourceHigh, packet.sourceLow);
    writeAddress(key + half, family, packet.destinationHigh, packet.destinationLow);
  }
  const ports = (<u64>packet.sourcePort) | ((<u64>packet.destinationPort) << 16);
  const kind = (<u64>packet.icmpType) | ((<u64>packet.icmpCode) << 8);
  store<u64>(key + (half << 1), ports | ((<u64>packet.protocol) << 32) | (kind << 40));
}

/** Writes one address of a key in the family's width. */
export function writeAddress(at: usize, family: u32, high: u64, low: u64): void {
  if (family == 4) {
    store<u32>(at, <u32>(low >> 32));
  } else {
    store<u64>(at, high);
    store<u64>(at, low, 8);
  }
}

/** First 8 bytes of the 16-byte form of an address of a key. */
export function addressHigh(at: usize, family: u32): u64 {
  return family == 4 ? 0 : load<u64>(at);
}

/** Last 8 bytes of the 16-byte form of an address of a key. */
export function addressLow(at: usize, family: u32): u64 {
  return family == 4 ? 0xffff0000 | ((<u64>load<u32>(at)) << 32) : load<u64>(at, 8);
}

/** Writes the tuple of the opposite direction of `key`. */
export function writeInverse(inverse: usize, key: usize, family: u32): void {
  const bytes = addressBytes(family);
  if (family == 4) {
    store<u64>(inverse, rotl(load<u64>(key), 32));
  } else {
    const half = bytes >> 1;
    copyWords(inverse, key + half, half);
    copyWords(inverse + half, key, half);
  }
  const ports = load<u64>(key + bytes);
  const swapped = rotl(<u32>ports, 16);
  store<u64>(inverse + bytes, (ports & ~(<u64>0xffffffff)) | swapped);
  const type = <u8>(ports >> 40);
  const protocol = <u8>(ports >> 32);
  if (isIcmp(protocol)) store<u8>(inverse + bytes, counterpart(protocol, type), ICMP_TYPE);
}

/** Writes a key of the host's width, whatever the family. */
export function writeHostKey(host: FlowKey6, key: usize, family: u32): void {
  const half = addressBytes(family) >> 1;
  host.sourceHigh = addressHigh(key, family);
  host.sourceLow = addressLow(key, family);
  host.destinationHigh = addressHigh(key + half, family);
  host.destinationLow = addressLow(key + half, family);
  store<u64>(
    changetype<usize>(host),
    load<u64>(key + (half << 1)),
    offsetof<FlowKey6>("sourcePort"),
  );
}

/** Writes a key of the host's width in the width of a family. */
export function writeTableKey(key: usize, host: FlowKey6, family: u32): void {
  const bytes = addressBytes(family);
  writeAddress(key, family, host.sourceHigh, host.sourceLow);
  writeAddress(key + (bytes >> 1), family, host.destinationHigh, host.destinationLow);
  store<u64>(key + bytes, load<u64>(changetype<usize>(host), offsetof<FlowKey6>("sourcePort")));
}
