// One hop: the time to live (RFC 791) or hop limit (RFC 8200) of a packet that is forwarded goes
// down by one.

import { Packet } from "../packet/packet";
import { update } from "../wire/checksum";
import { IPV4_CHECKSUM, Ipv4 } from "../wire/ipv4";
import { Ipv6 } from "../wire/ipv6";

/**
 * What a hop adds to the header checksum: the word of time to live and protocol goes down by one,
 * and (w - 1) + ~w is the same for every w.
 */
const HOP_DELTA: u32 = 0xfffe;

/** Hops the packet may still make. */
export function hopsLeft(packet: Packet): u8 {
  return packet.family == 4
    ? changetype<Ipv4>(packet.network).timeToLive
    : changetype<Ipv6>(packet.network).hopLimit;
}

/** Takes one hop off the IP header at `network`, and keeps an IPv4 header's checksum in step. */
export function countHop(family: u32, network: usize): void {
  if (family == 6) {
    changetype<Ipv6>(network).hopLimit--;
    return;
  }
  changetype<Ipv4>(network).timeToLive--;
  update(network + IPV4_CHECKSUM, HOP_DELTA);
}
