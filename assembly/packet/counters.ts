// Counting what became of packets and connections.

import { Counters, ReasonCount } from "../abi/counters";
import { Reason, Verdict } from "../abi/verdict";
import { ArrayTable, findElement, openArrayTable } from "../table/array-table";

/** More than there are reasons. */
const REASONS: u32 = 64;

export let counters = changetype<Counters>(0);

let reasons = changetype<ArrayTable>(0);

/** Makes the counters; returns the arrays of map `counters` and map `reasons`. */
export function openCounters(): ArrayTable {
  const totals = openArrayTable(offsetof<Counters>(), 1);
  counters = changetype<Counters>(findElement(totals, 0));
  return totals;
}

/** See `openCounters`. */
export function openReasons(): ArrayTable {
  reasons = openArrayTable(offsetof<ReasonCount>(), REASONS);
  return reasons;
}

/** Counts one packet that came in. */
export function countPacket(bytes: u32): void {
  counters.packets++;
  counters.bytes += bytes;
}

/** Counts packets that came in and were forwarded, and their bytes. */
export function countPassed(packets: u32, bytes: u64): void {
  counters.packets += packets;
  counters.bytes += bytes;
  counters.forwarded += packets;
  changetype<ReasonCount>(findElement(reasons, Reason.None)).packets += packets;
}

/** Counts what became of one. */
export function countFate(verdict: u32, reason: u32): void {
  if (verdict == Verdict.Drop) counters.dropped++;
  else if (verdict == Verdict.Forward) counters.forwarded++;
  else if (verdict == Verdict.Local) counters.delivered++;
  else if (verdict == Verdict.Reply) counters.answered++;
  else counters.held++;
  changetype<ReasonCount>(findElement(reasons, reason)).packets++;
}
