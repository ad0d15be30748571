// Fragmented datagrams: the first fragment leaves behind what the later ones lack, the ports and
// its fate. Sources: RFC 791, section 3.2; RFC 8200, section 4.5.

import { Fragment, FragmentKey } from "../abi/fragment";
import { Reason, Verdict } from "../abi/verdict";
import { Decision } from "../packet/decision";
import { Packet } from "../packet/packet";
import {
  ExpiringTable,
  enterLive,
  findLive,
  openExpiringTable,
  sweepTable,
} from "../table/expiring-table";

let fragments = changetype<ExpiringTable>(0);

const key = changetype<FragmentKey>(memory.data(offsetof<FragmentKey>(), 8));

/** Makes map `fragments`. */
export function openFragments(capacity: u32, seed: u64): ExpiringTable {
  fragments = openExpiringTable(offsetof<FragmentKey>(), offsetof<Fragment>(), capacity, seed);
  return fragments;
}

/** What the first fragment of a later fragment's datagram left behind, or null. */
export function findFirstFragment(packet: Packet): Fragment | null {
  writeKey(packet);
  return changetype<Fragment | null>(findLive(fragments, changetype<usize>(key), packet.timeMs));
}

/**
 * Opens the record of a datagram by its first fragment, as it arrived; null if there is no room.
 */
export function openDatagram(packet: Packet, lifetimeMs: u64): Fragment | null {
  writeKey(packet);
  const endMs = packet.timeMs + lifetimeMs;
  const at = enterLive(fragments, changetype<usize>(key), packet.timeMs, endMs);
  if (at == 0) return null;
  const record = changetype<Fragment>(at);
  record.sourcePort = packet.sourcePort;
  record.destinationPort = packet.destinationPort;
  record.icmpType = packet.icmpType;
  record.icmpCode = packet.icmpCode;
  return record;
}

/** Writes down the fate of the first fragment: the later ones share it. */
export function settleDatagram(record: Fragment, decision: Decision): void {
  record.verdict = decision.verdict;
  record.reason = decision.reason;
}

/** What becomes of a later fragment before it is looked up: dropped if its first one was. */
export function fateOf(first: Fragment): Reason {
  const isLost = first.verdict == Verdict.Drop || first.verdict == Verdict.Reply;
  return isLost ? <Reason>first.reason : Reason.None;
}

/** Looks at up to `limit` datagrams and forgets those whose time is over; returns how many. */
export function sweepFragments(nowMs: u64, limit: u32): u32 {
  return sweepTable(fragments, nowMs, limit);
}

function writeKey(packet: Packet): void {
  key.sourceHigh = packet.sourceHigh;
  key.sourceLow = packet.sourceLow;
  key.destinationHigh = packet.destinationHigh;
  key.destinationLow = packet.destinationLow;
  key.identification = packet.identification;
  key.protocol = packet.protocol;
  key.port = packet.port;
}
