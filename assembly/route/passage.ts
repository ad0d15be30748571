// What a router leaves in the options of an IPv4 packet: its address where the route is recorded,
// the time of day where times are. The options must be sound. Sources: RFC 791, section 3.1; Linux
// __ip_options_compile, ip_forward_options, inet_current_timestamp.

import { LocalityFlag } from "../abi/route";
import {
  ADDRESS_BYTES,
  END,
  GIVEN_ADDRESSES,
  NO_OPERATION,
  RECORD_ROUTE,
  TIMESTAMP,
  TIMES_ONLY,
  WITH_ADDRESSES,
} from "../packet/ipv4-options";
import { Packet } from "../packet/packet";
import { config } from "../packet/settings";
import { addressLow } from "../packet/tuple";
import { swap32 } from "../wire/byte-order";
import { difference, sumBytes, update } from "../wire/checksum";
import { IPV4_BYTES, IPV4_CHECKSUM, Ipv4 } from "../wire/ipv4";
import { isForwardable, localityOf } from "./route";

const DAY_MS: u64 = 86_400_000;
/** Where an option's pointer is, which counts from 1, and the flags of a time stamp. */
const POINTER: usize = 2;
const FLAGS: usize = 3;

/** The address that is recorded. */
let own: u32 = 0;

/** Records that a packet is forwarded, by whatever port, and keeps its checksum in step. */
export function recordHop(packet: Packet): void {
  const network = packet.network;
  const bytes = changetype<Ipv4>(network).headerBytes;
  const before = sumBytes(network, bytes);
  own = wordOf(config.node4Low);
  fillOptions(packet);
  update(network + IPV4_CHECKSUM, difference(before, sumBytes(network, bytes)));
}

/** Records that a packet has arrived where it was sent to. Its checksum was looked at before. */
export function recordArrival(packet: Packet): void {
  own = wordOf(packet.destinationLow);
  fillOptions(packet);
}

function fillOptions(packet: Packet): void {
  const network = packet.network;
  const end = network + changetype<Ipv4>(network).headerBytes;
  for (let at = network + IPV4_BYTES; at < end;) {
    const type = load<u8>(at);
    if (type == END) break;
    if (type == RECORD_ROUTE) recordRoute(at);
    else if (type == TIMESTAMP) recordTime(at, packet.timeMs);
    at += type == NO_OPERATION ? 1 : load<u8>(at, 1);
  }
}

/** The IPv4 address in the low half of the 16-byte form. */
function wordOf(low: u64): u32 {
  return <u32>(low >> 32);
}

function recordRoute(option: usize): void {
  if (!isFull(option)) writeAddress(advance(option, ADDRESS_BYTES));
}

function recordTime(option: usize, timeMs: u64): void {
  const flags = load<u8>(option, FLAGS);
  const kind: u32 = flags & 15;
  if (isFull(option)) {
    // One more router found no room.
    if (kind != GIVEN_ADDRESSES) store<u8>(option, flags + 16, FLAGS);
  } else if (kind == TIMES_ONLY) {
    writeTime(advance(option, ADDRESS_BYTES), timeMs);
  } else if (kind == WITH_ADDRESSES) {
    const entry = advance(option, 2 * ADDRESS_BYTES);
    writeAddress(entry);
    writeTime(entry + ADDRESS_BYTES, timeMs);
  } else if (kind == GIVEN_ADDRESSES && isOwn(entryOf(option))) {
    writeTime(advance(option, 2 * ADDRESS_BYTES) + ADDRESS_BYTES, timeMs);
  }
}

function isFull(option: usize): bool {
  return load<u8>(option, POINTER) > load<u8>(option, 1);
}

function entryOf(option: usize): usize {
  return option + load<u8>(option, POINTER) - 1;
}

/** Moves the pointer behind the entry it is at, and gives that back. */
function advance(option: usize, bytes: u32): usize {
  const entry = entryOf(option);
  store<u8>(option, <u8>(load<u8>(option, POINTER) + bytes), POINTER);
  return entry;
}

function writeAddress(at: usize): void {
  store<u32>(at, own);
}

/** Milliseconds since midnight, UTC. */
function writeTime(at: usize, timeMs: u64): void {
  store<u32>(at, swap32(<u32>(timeMs % DAY_MS)));
}

/** Linux takes what is nobody's own, broadcast and multicast, for its own here. */
function isOwn(address: usize): bool {
  const low = addressLow(address, 4);
  return !isForwardable(0, low) || (localityOf(0, low) & LocalityFlag.Node) != 0;
}
