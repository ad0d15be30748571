// Transport header -> packet, or the reason that refuses it. Knows no IP header.

import { Reason } from "../abi/verdict";
import { ICMP_BYTES, Icmp, icmpKind, isQuery } from "../wire/icmp";
import {
  ICMP,
  ICMPV6,
  QUOTED_BYTES,
  SCTP,
  SCTP_BYTES,
  TCP,
  TCP_BYTES,
  Transport,
  UDP,
  UDP_BYTES,
  hasPorts,
} from "../wire/transport";
import { Packet } from "./packet";

/** Parses what `packet.transport` points to. A protocol without ports needs no header at all. */
export function parseTransport(packet: Packet): Reason {
  const protocol = packet.protocol;
  let reason = Reason.None;
  if (protocol == TCP) reason = checkTcp(packet);
  else if (protocol == UDP) reason = checkUdp(packet);
  else if (protocol == SCTP && packet.transportBytes < SCTP_BYTES) reason = Reason.TruncatedSctp;
  else if (isIcmp(packet)) return parseIcmp(packet);
  if (reason == Reason.None && hasPorts(protocol)) readPorts(packet);
  return reason;
}

/** Parses the transport header of a quoted packet, of which 8 bytes suffice. */
export function parseQuotedTransport(packet: Packet): Reason {
  if (isIcmp(packet)) return parseIcmp(packet);
  if (!hasPorts(packet.protocol)) return Reason.None;
  if (packet.transportBytes < QUOTED_BYTES) return Reason.BadQuotedPacket;
  readPorts(packet);
  return Reason.None;
}

/** ICMP belongs to IPv4 and ICMPv6 to IPv6; on the other family they are just protocol numbers. */
function isIcmp(packet: Packet): bool {
  return packet.protocol == (packet.family == 4 ? ICMP : ICMPV6);
}

function readPorts(packet: Packet): void {
  const header = changetype<Transport>(packet.transport);
  packet.sourcePort = header.sourcePort;
  packet.destinationPort = header.destinationPort;
}

function checkTcp(packet: Packet): Reason {
  if (packet.transportBytes < TCP_BYTES) return Reason.TruncatedTcp;
  const header = changetype<Transport>(packet.transport);
  const bytes = header.tcpHeaderBytes;
  if (bytes < TCP_BYTES || bytes > packet.transportBytes) return Reason.BadTcpDataOffset;
  packet.tcpFlags = header.tcpFlags;
  return Reason.None;
}

function checkUdp(packet: Packet): Reason {
  if (packet.transportBytes < UDP_BYTES) return Reason.TruncatedUdp;
  const bytes = changetype<Transport>(packet.transport).udpBytes;
  const isTooLong = !packet.isFragment && bytes > packet.transportBytes;
  return bytes < UDP_BYTES || isTooLong ? Reason.BadUdpLength : Reason.None;
}

function parseIcmp(packet: Packet): Reason {
  if (packet.transportBytes < ICMP_BYTES) return Reason.TruncatedIcmp;
  const header = changetype<Icmp>(packet.transport);
  packet.icmpType = header.type;
  packet.icmpCode = header.code;
  const kind = icmpKind(packet.protocol, header.type);
  packet.icmpKind = <u8>kind;
  if (isQuery(kind)) {
    packet.sourcePort = header.identifier;
    packet.destinationPort = header.identifier;
  }
  return Reason.None;
}
