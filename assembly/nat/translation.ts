// What a direction of a connection translates, and what that adds to checksums. A connection's
// translation is the difference between its two tuples, so all follows from the keys (order of
// words does not matter to a sum, so a key and its inverse sum to the same).

import { FlowKey6 } from "../abi/flow-key";
import { Effect } from "../abi/packet-descriptor";
import { HalfState } from "../packet/half-state";
import { addressBytes, protocolOf, writeInverse } from "../packet/tuple";
import { addDifferences, difference, sumBytes } from "../wire/checksum";
import { ICMP, ICMPV6, hasPorts } from "../wire/transport";

const PORT_PAIR_BYTES: usize = 4;
const IDENTIFIER_BYTES: usize = 2;

/** The tuple that the packets of a direction leave with. */
const leaving: usize = memory.data(offsetof<FlowKey6>(), 8);

/** Adds what a direction does to its packets, from its own key and that of the other direction. */
export function fillTranslation(state: HalfState, family: u32, own: usize, other: usize): void {
  const addresses = addressDelta(family, own, other);
  // IPv6 has no header checksum: nobody asks there.
  state.networkDelta = <u16>addresses;
  state.transportDelta = <u16>transportDelta(family, addresses, own, other);
  writeInverse(leaving, other, family);
  state.effects |= changesBetween(own, leaving, family);
}

/**
 * Difference to the transport checksum: pseudo-header and ports; ICMP: the identifier, which a key
 * holds twice, and in IPv6 a pseudo-header as well. Other protocols have no use for it: SCTP's
 * CRC32c covers neither.
 */
function transportDelta(family: u32, addresses: u32, original: usize, reply: usize): u32 {
  const protocol = protocolOf(original, family);
  const isIcmp = protocol == (family == 4 ? ICMP : ICMPV6);
  const at = addressBytes(family);
  const bytes = isIcmp ? IDENTIFIER_BYTES : PORT_PAIR_BYTES;
  const from = sumBytes(original + at, bytes);
  const ports = difference(from, sumBytes(reply + at, bytes));
  return protocol == ICMP ? ports : addDifferences(addresses, ports);
}

/** Difference that changed addresses make to any sum that covers them. */
export function addressDelta(family: u32, from: usize, to: usize): u32 {
  const bytes = addressBytes(family);
  return difference(sumBytes(from, bytes), sumBytes(to, bytes));
}

/** Effect bits: which end differs between two tuples. */
function changesBetween(from: usize, to: usize, family: u32): u8 {
  const bytes = addressBytes(family);
  const half = bytes >> 1;
  // The other port of an ICMP tuple is its identifier again: the source's.
  const hasPort = hasPorts(protocolOf(from, family));
  let effects: u8 = 0;
  if (memory.compare(from, to, half) != 0 || load<u16>(from + bytes) != load<u16>(to + bytes)) {
    effects |= <u8>Effect.SourceTranslated;
  }
  const isSameAddress = memory.compare(from + half, to + half, half) == 0;
  const isSamePort = !hasPort || load<u16>(from + bytes, 2) == load<u16>(to + bytes, 2);
  if (!isSameAddress || !isSamePort) effects |= <u8>Effect.DestinationTranslated;
  return effects;
}
