// ICMP and ICMPv6 errors that the dataplane sends itself. They quote the packet as it arrived (or
// with its hop counted) and go back where it came from. Sources: RFC 1812, section 4.3.2; RFC 4443,
// section 2.4; Linux icmp_send, icmp6_send.

import { Packet } from "../packet/packet";
import { mix } from "../table/hash";
import { seed } from "../packet/settings";
import { swap16 } from "../wire/byte-order";
import { sumBytes, fold } from "../wire/checksum";
import { ETHERNET_BYTES, swapEthernetAddresses } from "../wire/ethernet";
import { ICMP_BYTES, Icmp, mayBeReportedOn } from "../wire/icmp";
import { IPV4_BYTES, Ipv4 } from "../wire/ipv4";
import { IPV6_BYTES, Ipv6 } from "../wire/ipv6";
import { ICMP, ICMPV6 } from "../wire/transport";

/** Largest answer, IP header included. */
const ANSWER_MAX4: u32 = 576;
const ANSWER_MAX6: u32 = 1280;
/** RFC 1812, section 4.3.2.5: internetwork control, and the type of service of the packet. */
const PRECEDENCE: u8 = 0xc0;
const SERVICE_BITS: u8 = 0x1e;
const HOPS: u8 = 64;

/**
 * True when the packet may be answered by an error at all (RFC 1122, section 3.2.2; RFC 4443,
 * section 2.4 e). `isOfGroups`: the error is one that frames to a group of stations get as well.
 */
export function mayAnswer(packet: Packet, isOfGroups: bool): bool {
  if (packet.isLaterFragment) return false;
  const isIcmp = packet.protocol == (packet.family == 4 ? ICMP : ICMPV6);
  if (isIcmp && !mayBeReportedOn(packet.protocol, packet.icmpType)) return false;
  if (isOfGroups) return true;
  const hasLink = packet.network - packet.frame >= ETHERNET_BYTES;
  const isGroup = hasLink && (load<u8>(packet.frame) & 1) != 0;
  return !isGroup;
}

/**
 * Writes the frame of an error about the packet to `at`, and returns its length. `icmp` is the ICMP
 * header as it reads from memory, checksum 0; source address of the packet's family.
 */
export function writeError(at: usize, packet: Packet, icmp: u64, source: usize): u32 {
  const linkBytes = <u32>(packet.network - packet.frame);
  memory.copy(at, packet.frame, linkBytes);
  if (linkBytes >= ETHERNET_BYTES) swapEthernetAddresses(at);
  const network = at + linkBytes;
  const quoteBytes = quotedBytes(packet);
  const message = network + (packet.family == 4 ? IPV4_BYTES : IPV6_BYTES);
  memory.copy(message + ICMP_BYTES, packet.network, quoteBytes);
  const header = changetype<Icmp>(message);
  store<u64>(message, icmp);
  const messageBytes = ICMP_BYTES + quoteBytes;
  if (packet.family == 4) {
    writeIpv4(network, packet, messageBytes, source);
    header.checksum = <u16>(sumBytes(message, messageBytes) ^ 0xffff);
  } else {
    writeIpv6(network, packet, messageBytes, source);
    header.checksum = checksum6(network, messageBytes);
  }
  return linkBytes + <u32>(message - network) + messageBytes;
}

function quotedBytes(packet: Packet): u32 {
  const room =
    packet.family == 4
      ? ANSWER_MAX4 - IPV4_BYTES - ICMP_BYTES
      : ANSWER_MAX6 - IPV6_BYTES - ICMP_BYTES;
  return min(packet.networkBytes, room);
}

function writeIpv4(network: usize, packet: Packet, messageBytes: u32, source: usize): void {
  const header = changetype<Ipv4>(network);
  memory.fill(network, 0, IPV4_BYTES);
  header.versionAndLength = 0x45;
  header.typeOfService =
    PRECEDENCE | (changetype<Ipv4>(packet.network).typeOfService & SERVICE_BITS);
  header.totalLengthBytes = swap16(<u16>(IPV4_BYTES + messageBytes));
  header.identification = <u16>mix(seed ^ packet.timeMs ^ packet.sourceLow);
  header.timeToLive = HOPS;
  header.protocol = ICMP;
  header.source = load<u32>(source, 12);
  header.destination = <u32>(packet.sourceLow >> 32);
  header.checksum = <u16>(sumBytes(network, IPV4_BYTES) ^ 0xffff);
}

function writeIpv6(network: usize, packet: Packet, messageBytes: u32, source: usize): void {
  const header = changetype<Ipv6>(network);
  header.versionClassLabel = 0x60;
  header.payloadLengthBytes = swap16(<u16>messageBytes);
  header.nextHeader = ICMPV6;
  header.hopLimit = HOPS;
  header.sourceHigh = load<u64>(source);
  header.sourceLow = load<u64>(source, 8);
  header.destinationHigh = packet.sourceHigh;
  header.destinationLow = packet.sourceLow;
}

/** RFC 8200, section 8.1: the sum covers addresses, length and protocol too. */
function checksum6(network: usize, messageBytes: u32): u16 {
  const addresses = sumBytes(network + 8, 32);
  const message = sumBytes(network + IPV6_BYTES, messageBytes);
  const rest = <u32>swap16(<u16>messageBytes) + <u32>swap16(ICMPV6);
  return <u16>(fold(<u64>addresses + message + rest) ^ 0xffff);
}
