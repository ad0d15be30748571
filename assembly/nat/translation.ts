// What a translation adds to the checksums. A connection's translation is the difference between
// its two tuples, so both follow from the keys (order of words does not matter to the sum, so a key
// and its inverse sum to the same).

import { addressBytes } from "../packet/tuple";
import { addDifferences, difference, sumBytes } from "../wire/checksum";
import { ICMPV6, TCP, UDP } from "../wire/transport";

const PORT_PAIR_BYTES: usize = 4;

/** Difference to the IPv4 header checksum, for the addresses; 0 in IPv6, which has none. */
export function networkDelta(family: u32, original: usize, reply: usize): u32 {
  return family == 4 ? addressDelta(family, original, reply) : 0;
}

/**
 * Difference to the transport checksum: pseudo-header and ports. SCTP's CRC32c and ICMP's sum cover
 * neither.
 */
export function transportDelta(family: u32, protocol: u8, original: usize, reply: usize): u32 {
  const addresses = addressDelta(family, original, reply);
  if (protocol == ICMPV6) return addresses;
  if (protocol != TCP && protocol != UDP) return 0;
  const at = addressBytes(family);
  const from = sumBytes(original + at, PORT_PAIR_BYTES);
  return addDifferences(addresses, difference(from, sumBytes(reply + at, PORT_PAIR_BYTES)));
}

/** Difference that changed addresses make to any sum that covers them. */
export function addressDelta(family: u32, from: usize, to: usize): u32 {
  const bytes = addressBytes(family);
  return difference(sumBytes(from, bytes), sumBytes(to, bytes));
}
