// Gives a packet the tuple it leaves with. Nothing but addresses, ports and checksums changes.

import { HalfState } from "../packet/half-state";
import { Packet } from "../packet/packet";
import { addressBytes, addressHigh, addressLow } from "../packet/tuple";
import { copyWords } from "../table/words";
import { update } from "../wire/checksum";
import { ICMP_CHECKSUM, Icmp, isQuery } from "../wire/icmp";
import { IPV4_CHECKSUM, IPV4_SOURCE } from "../wire/ipv4";
import { IPV6_SOURCE } from "../wire/ipv6";
import {
  ICMP,
  ICMPV6,
  QUOTED_BYTES,
  TCP,
  TCP_BYTES,
  TCP_CHECKSUM,
  UDP,
  UDP_CHECKSUM,
  hasPorts,
} from "../wire/transport";

/** Where the address pair is in the IP header of a family. */
export function addressesAt(packet: Packet): usize {
  return packet.network + (packet.family == 4 ? IPV4_SOURCE : IPV6_SOURCE);
}

/**
 * Writes the tuple at `key` over the packet's own, and brings its checksums in step by the given
 * differences. The packet may be a later fragment (only the header changes) or quoted and cut off
 * (what is there changes).
 */
export function rewriteTuple(packet: Packet, key: usize, network: u32, transport: u32): void {
  const bytes = addressBytes(packet.family);
  copyWords(addressesAt(packet), key, bytes);
  if (packet.family == 4) update(packet.network + IPV4_CHECKSUM, network);
  readTuple(packet, key);
  if (packet.transport == 0) return;
  if (hasPorts(packet.protocol) && packet.transportBytes >= QUOTED_BYTES) {
    store<u32>(packet.transport, load<u32>(key + bytes));
  } else if (isQuery(packet.icmpKind)) {
    changetype<Icmp>(packet.transport).identifier = load<u16>(key + bytes);
  }
  updateTransport(packet, transport);
}

/**
 * The same for a packet whose tuple nobody looks at any more, by the other direction's key: a
 * packet leaves with that one, turned round.
 */
export function rewriteAlong(packet: Packet, other: usize, state: HalfState): void {
  const at = addressesAt(packet);
  const bytes = addressBytes(packet.family);
  if (packet.family == 4) {
    store<u64>(at, rotl(load<u64>(other), 32));
    update(packet.network + IPV4_CHECKSUM, state.networkDelta);
  } else {
    copyWords(at, other + (bytes >> 1), bytes >> 1);
    copyWords(at + (bytes >> 1), other, bytes >> 1);
  }
  store<u32>(packet.transport, rotl(load<u32>(other + bytes), 16));
  updateTransport(packet, state.transportDelta);
}

function readTuple(packet: Packet, key: usize): void {
  const family = packet.family;
  const bytes = addressBytes(family);
  packet.sourceHigh = addressHigh(key, family);
  packet.sourceLow = addressLow(key, family);
  packet.destinationHigh = addressHigh(key + (bytes >> 1), family);
  packet.destinationLow = addressLow(key + (bytes >> 1), family);
  packet.sourcePort = load<u16>(key + bytes);
  packet.destinationPort = load<u16>(key + bytes, 2);
}

/**
 * RFC 768: a UDP checksum of 0 means none, and stays 0; one that comes out as 0 is sent as 0xffff.
 */
function updateTransport(packet: Packet, delta: u32): void {
  const transport = packet.transport;
  if (packet.protocol == TCP) {
    if (packet.transportBytes >= TCP_BYTES) update(transport + TCP_CHECKSUM, delta);
  } else if (packet.protocol == UDP) {
    const at = transport + UDP_CHECKSUM;
    if (packet.transportBytes < QUOTED_BYTES || load<u16>(at) == 0) return;
    update(at, delta);
    if (load<u16>(at) == 0) store<u16>(at, 0xffff);
  } else if (packet.protocol == (packet.family == 4 ? ICMP : ICMPV6)) {
    update(transport + ICMP_CHECKSUM, delta);
  }
}
