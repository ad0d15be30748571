// Where packets come in and go out: ports, routes, and what kind of source an address is.

import { ConfigFlag } from "../abi/config";
import { Locality, LocalityFlag, Port, PortKind, Route, RouteKind } from "../abi/route";
import { Trace } from "../abi/trace-step";
import { Reason } from "../abi/verdict";
import { Decision } from "../packet/decision";
import { Packet } from "../packet/packet";
import { isSet } from "../packet/settings";
import { isTracing, trace } from "../packet/trace";
import { ArrayTable, findElement, openArrayTable } from "../table/array-table";
import { PrefixTable, findLongest, isMapped, openPrefixTable } from "../table/prefix-table";

const noRoute: usize = memory.data(offsetof<Route>(), 8);
const noPort: usize = memory.data(offsetof<Port>(), 8);

let ports = changetype<ArrayTable>(0);
let routes = changetype<PrefixTable>(0);
let localities = changetype<PrefixTable>(0);

/** Makes map `ports`. */
export function openPorts(capacity: u32): ArrayTable {
  ports = openArrayTable(offsetof<Port>(), capacity);
  return ports;
}

/** Makes map `routes`. */
export function openRoutes(capacity: u32, seed: u64): PrefixTable {
  routes = openPrefixTable(offsetof<Route>(), capacity, seed);
  return routes;
}

/** Makes map `localities`. */
export function openLocalities(capacity: u32, seed: u64): PrefixTable {
  localities = openPrefixTable(offsetof<Locality>(), capacity, seed);
  return localities;
}

/** What a port is; None for a number that is no port. */
export function portKind(port: u16): u8 {
  return portOf(port).kind;
}

/** Longest packet that leaves by a port, in bytes; 0 = any. */
export function mtuBytesOf(port: u16): u16 {
  return portOf(port).mtuBytes;
}

function portOf(port: u16): Port {
  const value = findElement(ports, port);
  return changetype<Port>(value == 0 ? noPort : value);
}

/** LocalityFlag bits of an address. */
export function localityOf(high: u64, low: u64): u32 {
  const value = findLongest(localities, 0, high, low);
  return value == 0 ? 0 : changetype<Locality>(value).flags;
}

/** True for an address of this node. */
export function isNodeAddress(high: u64, low: u64): bool {
  return (localityOf(high, low) & LocalityFlag.Node) != 0;
}

/** The route to an address; its kind is None if there is none. */
export function lookUpRoute(high: u64, low: u64): Route {
  const value = findLongest(routes, 0, high, low);
  return changetype<Route>(value == 0 ? noRoute : value);
}

/** Chooses the port the packet leaves by. */
export function route(decision: Decision): Reason {
  const high = decision.destinationHigh;
  const low = decision.destinationLow;
  const found = lookUpRoute(high, low);
  if (isTracing) {
    const step = trace(Trace.Routed, found.kind, found.port);
    step.addressHigh = high;
    step.addressLow = low;
  }
  if (found.kind == RouteKind.None) return Reason.NoRoute;
  if (found.kind == RouteKind.Forward && !isForwardable(high, low)) return Reason.NotForwardable;
  decision.outPort = found.port;
  return Reason.None;
}

/** False for multicast, broadcast, loopback and IPv6 link-local destinations. */
export function isForwardable(high: u64, low: u64): bool {
  if (isLoopback(high, low)) return false;
  if (isMapped(high, low)) {
    const first = (<u32>(low >> 32)) & 0xff;
    return first < 224 && first != 0;
  }
  const isLinkLocal = (high & 0xc0ff) == 0x80fe;
  const isMulticast = (high & 0xff) == 0xff;
  return !isLinkLocal && !isMulticast && (high | low) != 0;
}

function isLoopback(high: u64, low: u64): bool {
  if (isMapped(high, low)) return ((<u32>(low >> 32)) & 0xff) == 127;
  return high == 0 && low == bswap<u64>(1);
}

/**
 * True for a loopback destination that is dialled from elsewhere: by another port, or, where
 * loopback is guarded, by the node from another address (kubernetes/kubernetes#92315).
 */
export function isMartianDestination(packet: Packet): bool {
  if (!isLoopback(packet.destinationHigh, packet.destinationLow)) return false;
  if (portKind(packet.port) != PortKind.Host) return true;
  if (packet.family != 4 || !isSet(ConfigFlag.GuardLoopback)) return false;
  return !isLoopback(packet.sourceHigh, packet.sourceLow);
}

/**
 * True for sources that only the node itself may have, or nobody. `locality`: of the source. That
 * its own address comes from elsewhere bothers Linux in IPv4 only (fib_validate_source).
 */
export function isMartianSource(packet: Packet, locality: u32): bool {
  if (portKind(packet.port) == PortKind.Host) return false;
  if (packet.family == 4 && locality & LocalityFlag.Node) return true;
  const high = packet.sourceHigh;
  const isLinkLocal = !isMapped(high, packet.sourceLow) && (high & 0xc0ff) == 0x80fe;
  return !isLinkLocal && !isForwardable(high, packet.sourceLow);
}
