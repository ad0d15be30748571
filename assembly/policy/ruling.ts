// What all rules together say about one port and one peer: the first rule of each admin tier, and
// whether some NetworkPolicy allows it. Several port sets may speak of one peer (of every peer, of
// its identity, of its address); each is asked and the lowest rank counts.

import { PortProtocol, PortRuling, PortShape, TierAction } from "../abi/policy";
import { swap16 } from "../wire/byte-order";
import { hasPorts } from "../wire/transport";
import { clearWords } from "../table/words";
import { findPortName, findRuling } from "./tables";

/** Length of a PortKey that holds a name. */
const NAME: u32 = 17;
const PORT_BITS: u32 = 16;

/** The port that is asked about: that of the destination. */
@unmanaged
@final
class AskedPort {
  protocol: u32;
  /** In host order. */
  port: u32;
  /** In wire order. */
  wirePort: u16;
  hasPort: bool;
  zero0: u8;
  /** The destination's table of port names, or 0. */
  namedPorts: u32;
}

const asked = changetype<AskedPort>(memory.data(offsetof<AskedPort>(), 8));

/** What was found so far. */
export const ruling = changetype<PortRuling>(memory.data(offsetof<PortRuling>(), 8));

/** Chooses the port to ask about. `port` is in wire order, `namedPorts` the destination's. */
export function askFor(protocol: u8, port: u16, namedPorts: u32): void {
  asked.protocol = protocol;
  asked.port = swap16(port);
  asked.wirePort = port;
  asked.hasPort = hasPorts(protocol);
  asked.namedPorts = namedPorts;
}

/** Forgets what was found. */
export function openRuling(): void {
  clearWords(changetype<usize>(ruling), offsetof<PortRuling>());
}

/** Adds what a port set says about the port: at most one look-up for each bit of its shape. */
export function consult(portSet: u32, shape: u32): void {
  if (portSet == 0) return;
  const found = findByNumber(portSet, shape);
  if (found != null) adopt(found);
  if (shape & PortShape.Names && asked.namedPorts != 0 && asked.hasPort) consultNames(portSet);
}

/** The longest prefix of the port that the set knows; it carries what the shorter ones say. */
function findByNumber(portSet: u32, shape: u32): PortRuling | null {
  if (asked.hasPort) {
    let lengths = shape & PortShape.Prefixes;
    while (lengths != 0) {
      const length = 31 - clz(lengths);
      lengths ^= 1 << length;
      const shift = PORT_BITS - length;
      const prefix = (asked.port >> shift) << shift;
      const found = findRuling(portSet, asked.protocol, prefix, length);
      if (found != null) return found;
    }
  }
  return shape & PortShape.AnyProtocol ? findRuling(portSet, PortProtocol.Any, 0, 0) : null;
}

function consultNames(portSet: u32): void {
  const protocol = <u8>asked.protocol;
  for (let position: u8 = 0; position < 255; position++) {
    const name = findPortName(asked.namedPorts, protocol, asked.wirePort, position);
    if (name == 0) return;
    const found = findRuling(portSet, asked.protocol, name, NAME);
    if (found != null) adopt(found);
  }
}

function adopt(found: PortRuling): void {
  if (isFirst(found.adminAction, found.adminRank, ruling.adminAction, ruling.adminRank)) {
    ruling.adminAction = found.adminAction;
    ruling.adminRank = found.adminRank;
  }
  const action = ruling.baselineAction;
  if (isFirst(found.baselineAction, found.baselineRank, action, ruling.baselineRank)) {
    ruling.baselineAction = found.baselineAction;
    ruling.baselineRank = found.baselineRank;
  }
  ruling.isAllowed |= found.isAllowed;
}

function isFirst(action: u8, rank: u32, otherAction: u8, otherRank: u32): bool {
  if (action == TierAction.None) return false;
  return otherAction == TierAction.None || rank < otherRank;
}
