// How long a connection lives after its last packet: map `timeouts`.

import { ConnectionState, Timeout, TimeoutSeconds } from "../abi/connection";
import { ArrayTable, findElement, openArrayTable } from "../table/array-table";
import { ICMP, ICMPV6, SCTP, TCP, UDP } from "../wire/transport";

const TIMEOUTS: u32 = Timeout.Fragment + 1;

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

/**
 * Which lifetime a connection of this protocol has in this state. TCP's timeouts are in the order
 * of its states.
 */
export function timeoutOf(protocol: u8, state: u8): u32 {
  if (protocol == TCP) return Timeout.TcpNone + state;
  const isReplied = state == ConnectionState.Replied;
  if (protocol == UDP) return isReplied ? Timeout.UdpStream : Timeout.Udp;
  if (protocol == SCTP) return isReplied ? Timeout.SctpEstablished : Timeout.SctpOpening;
  return protocol == ICMP || protocol == ICMPV6 ? Timeout.Icmp : Timeout.Other;
}
