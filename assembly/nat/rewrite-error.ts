// Translates an ICMP error on its way to the end that caused it: the packet it quotes becomes what
// that end had sent, and the outer addresses become those that end knows. Source: RFC 5508, section
// 4; Linux nf_nat_proto.c.

import { Effect } from "../abi/packet-descriptor";
import { Packet } from "../packet/packet";
import { addressBytes } from "../packet/tuple";
import { difference, sumBytes, update } from "../wire/checksum";
import { ICMP_CHECKSUM } from "../wire/icmp";
import { IPV4_CHECKSUM } from "../wire/ipv4";
import { addressesAt, rewriteTuple } from "./rewrite";

/**
 * The quoted packet takes the tuple at `key`; its checksums change by the differences of the
 * error's direction.
 */
export function rewriteQuote(packet: Packet, quote: Packet, key: usize, deltas: u32): void {
  const message = quote.network;
  const bytes = packet.networkBytes - <u32>(quote.network - packet.network);
  const before = sumBytes(message, bytes);
  rewriteTuple(quote, key, deltas & 0xffff, deltas >> 16);
  update(packet.transport + ICMP_CHECKSUM, difference(before, sumBytes(message, bytes)));
}

/** The outer addresses take those at `key` where the error's direction translates them. */
export function rewriteOuter(packet: Packet, key: usize, effects: u32): void {
  const at = addressesAt(packet);
  const bytes = addressBytes(packet.family);
  const half = bytes >> 1;
  const before = sumBytes(at, bytes);
  if (effects & Effect.SourceTranslated) memory.copy(at, key, half);
  if (effects & Effect.DestinationTranslated) memory.copy(at + half, key + half, half);
  const delta = difference(before, sumBytes(at, bytes));
  if (packet.family == 4) update(packet.network + IPV4_CHECKSUM, delta);
  else update(packet.transport + ICMP_CHECKSUM, delta);
}
