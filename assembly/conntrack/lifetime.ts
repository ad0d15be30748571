// How long a connection lives after its last packet: map `timeouts`.

import { Timeout, TimeoutSeconds } from "../abi/connection";
import { ArrayTable, findElement, openArrayTable } from "../table/array-table";

const TIMEOUTS: u32 = Timeout.TcpUnacknowledged + 1;

let timeouts = changetype<ArrayTable>(0);

/** Makes map `timeouts`. */
export function openTimeouts(): ArrayTable {
  timeouts = openArrayTable(offsetof<TimeoutSeconds>(), TIMEOUTS);
  return timeouts;
}

/** A lifetime in milliseconds. */
export function lifetimeMs(timeout: u32): u64 {
  return <u64>changetype<TimeoutSeconds>(findElement(timeouts, timeout)).seconds * 1000;
}
