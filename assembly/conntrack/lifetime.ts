// How long a connection lives after its last packet: map `timeouts`.

import { Timeout, TimeoutSeconds } from "../abi/connection";
import { ArrayTable, findElement, openArrayTable } from "../table/array-table";

const TIMEOUTS: u32 = Timeout.TcpUnacknowledged + 1;

let lives: usize = 0;

/** Makes map `timeouts`. */
export function openTimeouts(): ArrayTable {
  const timeouts = openArrayTable(offsetof<TimeoutSeconds>(), TIMEOUTS);
  lives = findElement(timeouts, 0);
  return timeouts;
}

/** A lifetime in milliseconds; `timeout` is a Timeout. */
export function lifetimeMs(timeout: u32): u64 {
  const life = changetype<TimeoutSeconds>(lives + <usize>timeout * offsetof<TimeoutSeconds>());
  return <u64>life.seconds * 1000;
}
