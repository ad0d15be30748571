// Fragmented datagrams: what is there of each, and what became of its first fragment, which the
// later ones follow. Sources: RFC 791, section 3.2; RFC 8200, section 4.5; RFC 5722; Linux
// inet_fragment.c, inet_frag_queue_insert.

import { Fragment, FragmentFlag, FragmentKey } from "../abi/fragment";
import { Reason } from "../abi/verdict";
import { Decision } from "../packet/decision";
import { Packet } from "../packet/packet";
import { addressBytes, addressHigh, addressLow } from "../packet/tuple";
import {
  ExpiringTable,
  enterLive,
  findLive,
  openExpiringTable,
  sweepTable,
} from "../table/expiring-table";
import { removeKey } from "../table/hash-table";
import { clearWords } from "../table/words";
import { UNITS_MAX, clearCoverage, cover, openCoverage } from "./coverage";

let fragments = changetype<ExpiringTable>(0);
let serials: u32 = 0;

const key = changetype<FragmentKey>(memory.data(offsetof<FragmentKey>(), 8));

/** Makes map `fragments`. */
export function openFragments(capacity: u32, seed: u64): ExpiringTable {
  fragments = openExpiringTable(offsetof<FragmentKey>(), offsetof<Fragment>(), capacity, seed);
  openCoverage(capacity);
  return fragments;
}

/** The record of the fragment's datagram, new if this is its first to arrive; null = no room. */
export function openDatagram(packet: Packet, lifetimeMs: u64): Fragment | null {
  writeKey(packet);
  const at = changetype<usize>(key);
  const known = findLive(fragments, at, packet.timeMs);
  if (known != 0) return changetype<Fragment>(known);
  const entered = enterLive(fragments, at, packet.timeMs, packet.timeMs + lifetimeMs);
  if (entered == 0) return null;
  const behindExpiry = offsetof<Fragment>("sourceHigh");
  clearWords(entered + behindExpiry, offsetof<Fragment>() - behindExpiry);
  const record = changetype<Fragment>(entered);
  record.serial = ++serials;
  clearCoverage(numberOf(record));
  return record;
}

/**
 * Enters a datagram as another instance knew it, whose first fragment is there; false = no room.
 * What is there of it is known if nothing is missing before its end; otherwise repetitions of its
 * fragments are no longer told.
 */
export function restoreDatagram(keyAt: usize, known: Fragment): bool {
  const entered = enterLive(fragments, keyAt, 0, known.expiresAtMs);
  if (entered == 0) return false;
  memory.copy(entered, changetype<usize>(known), offsetof<Fragment>());
  const record = changetype<Fragment>(entered);
  record.serial = ++serials;
  record.flags = <u8>FragmentFlag.Settled;
  clearCoverage(numberOf(record));
  const units = <u32>record.endUnits;
  // Of a datagram that the parser refused nothing was counted.
  const isKnown = units > 0 && units <= UNITS_MAX && <u32>record.seenUnits == units;
  if (isKnown) cover(numberOf(record), 0, units);
  return true;
}

/**
 * Adds a sound fragment to its datagram; says why it must not go on. Overlaps end the datagram (RFC
 * 5722; Linux does the same to IPv4), but what only repeats is passed over.
 */
export function addFragment(record: Fragment, packet: Packet): Reason {
  if (record.reason == Reason.FragmentOverlap) return Reason.FragmentOverlap;
  const end = packet.fragmentOffset + packet.fragmentBytes;
  const firstUnit = packet.fragmentOffset >> 3;
  const endUnit = (end + 7) >> 3;
  if (contradictsLength(record, packet, end)) return Reason.FragmentOverlap;
  const units = endUnit - firstUnit;
  const before = cover(numberOf(record), firstUnit, endUnit);
  if (before == units) return Reason.FragmentDuplicate;
  if (before != 0) return Reason.FragmentOverlap;
  record.seenUnits += <u16>units;
  record.endUnits = max(record.endUnits, <u16>endUnit);
  if (!packet.hasMoreFragments) record.lengthBytes = <u16>end;
  return Reason.None;
}

function contradictsLength(record: Fragment, packet: Packet, end: u32): bool {
  const length = <u32>record.lengthBytes;
  if (length != 0) return packet.hasMoreFragments ? end > length : end != length;
  return !packet.hasMoreFragments && (end + 7) >> 3 < <u32>record.endUnits;
}

/**
 * Writes down what became of the datagram: its later fragments follow. `addresses` is the address
 * pair of the header that leaves.
 */
export function settleDatagram(
  record: Fragment,
  packet: Packet,
  decision: Decision,
  addresses: usize,
): void {
  const half = addressBytes(packet.family) >> 1;
  record.sourceHigh = addressHigh(addresses, packet.family);
  record.sourceLow = addressLow(addresses, packet.family);
  record.destinationHigh = addressHigh(addresses + half, packet.family);
  record.destinationLow = addressLow(addresses + half, packet.family);
  record.service = decision.service;
  record.outPort = decision.outPort;
  record.protocol = packet.protocol;
  record.verdict = decision.verdict;
  record.reason = decision.reason;
  record.effects = decision.effects;
  record.state = decision.state;
  record.flags |= <u8>FragmentFlag.Settled;
}

/** True when every byte of the datagram was there. */
export function isWhole(record: Fragment): bool {
  return record.lengthBytes != 0 && record.seenUnits == <u16>((<u32>record.lengthBytes + 7) >> 3);
}

/** Forgets a datagram: the next fragment like it begins another one. */
export function closeDatagram(record: Fragment): void {
  removeKey(fragments.hash, changetype<usize>(record) - fragments.hash.keyBytes);
}

/** Looks at up to `limit` datagrams and forgets those whose time is over; returns how many. */
export function sweepFragments(nowMs: u64, limit: u32): u32 {
  return sweepTable(fragments, nowMs, limit);
}

function numberOf(record: Fragment): u32 {
  const table = fragments.hash;
  const stride = table.keyBytes + table.valueBytes;
  return <u32>((changetype<usize>(record) - table.entries) / stride);
}

function writeKey(packet: Packet): void {
  key.sourceHigh = packet.sourceHigh;
  key.sourceLow = packet.sourceLow;
  key.destinationHigh = packet.destinationHigh;
  key.destinationLow = packet.destinationLow;
  key.identification = packet.identification;
  key.protocol = packet.family == 4 ? packet.protocol : 0;
  key.port = packet.port;
}
