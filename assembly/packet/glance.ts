// Frame -> what the express lane has to know of it, in one look: of the plainest and most frequent
// packets, TCP segments that open and end nothing, and UDP, each in a datagram of its own without
// options. All that is not plain, or not sound, is the parser's.

import { Link, PacketDescriptor } from "../abi/packet-descriptor";
import { copyWords } from "../table/words";
import { ETHERNET_BYTES, TYPE_IPV4, TYPE_IPV6, typeBefore } from "../wire/ethernet";
import { IPV4_BYTES, IPV4_SOURCE, Ipv4 } from "../wire/ipv4";
import { IPV6_BYTES, IPV6_SOURCE, Ipv6 } from "../wire/ipv6";
import { ACK, FIN, RST, SYN, TCP, TCP_BYTES, Transport, UDP, UDP_BYTES } from "../wire/transport";
import { Packet, tupleOf } from "./packet";

/** Both addresses of an IPv6 packet. */
const IPV6_PAIR_BYTES: usize = 32;

/**
 * Notes where the frame's headers are, and its tuple. False if it has to be parsed: what was noted
 * means nothing then.
 */
export function glance(descriptor: PacketDescriptor, packet: Packet): bool {
  packet.isGlanced = true;
  packet.timeMs = descriptor.timeMs;
  packet.port = descriptor.port;
  const frame: usize = descriptor.address;
  const length = descriptor.lengthBytes;
  if (descriptor.link == Link.Raw) {
    return glanceIpv4(packet, frame, length) || glanceIpv6(packet, frame, length);
  }
  if (length < ETHERNET_BYTES) return false;
  const type = typeBefore(frame, ETHERNET_BYTES);
  const available = length - ETHERNET_BYTES;
  if (type == TYPE_IPV4) return glanceIpv4(packet, frame + ETHERNET_BYTES, available);
  return type == TYPE_IPV6 && glanceIpv6(packet, frame + ETHERNET_BYTES, available);
}

function glanceIpv4(packet: Packet, network: usize, available: u32): bool {
  const header = changetype<Ipv4>(network);
  if (available < IPV4_BYTES || !header.isPlain) return false;
  const bytes = header.totalBytes;
  if (bytes > available || bytes < IPV4_BYTES) return false;
  packet.family = 4;
  packet.network = network;
  packet.networkBytes = bytes;
  store<u64>(tupleOf(packet), load<u64>(network, IPV4_SOURCE));
  const ports = tupleOf(packet) + sizeof<u64>();
  return glanceTransport(packet, ports, header.protocol, IPV4_BYTES);
}

function glanceIpv6(packet: Packet, network: usize, available: u32): bool {
  const header = changetype<Ipv6>(network);
  if (available < IPV6_BYTES || header.version != 6) return false;
  const bytes = header.payloadBytes;
  if (bytes > available - IPV6_BYTES) return false;
  // Among others: no IPv4-mapped address gets through here.
  if (header.sourceHigh == 0 || header.destinationHigh == 0) return false;
  packet.family = 6;
  packet.network = network;
  packet.networkBytes = IPV6_BYTES + bytes;
  const ports = tupleOf(packet) + IPV6_PAIR_BYTES;
  copyWords(tupleOf(packet), network + IPV6_SOURCE, IPV6_PAIR_BYTES);
  return glanceTransport(packet, ports, header.nextHeader, IPV6_BYTES);
}

/** Notes the transport header, and writes the ports and the protocol behind a key's addresses. */
function glanceTransport(packet: Packet, ports: usize, protocol: u8, networkBytes: u32): bool {
  const transport = packet.network + networkBytes;
  const bytes = packet.networkBytes - networkBytes;
  packet.protocol = protocol;
  packet.transport = transport;
  packet.transportBytes = bytes;
  if (bytes < UDP_BYTES) return false;
  const header = changetype<Transport>(transport);
  store<u64>(ports, load<u32>(transport) | ((<u64>protocol) << 32));
  if (protocol == UDP) return header.udpBytes >= UDP_BYTES && header.udpBytes <= bytes;
  if (protocol != TCP || bytes < TCP_BYTES) return false;
  const headerBytes = header.tcpHeaderBytes;
  if (headerBytes < TCP_BYTES || headerBytes > bytes) return false;
  return (header.tcpFlags & (FIN | SYN | RST | ACK)) == ACK;
}
