// The packets of a flow: the one that opens a connection, and the one that answers it. Sources:
// RFC 9293, section 3.5 (handshake); RFC 9260, section 3.3.2 (INIT); RFC 792 and 4443 (echo).

import { Ip } from '../net/packet-layout.ts';
import { TcpFlag } from '../net/packet.ts';
import type { PacketFields } from '../net/packet.ts';

/** Where a connection starts and what it dials. Ports are ignored by protocols without them. */
export interface Ends {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  /** ICMP: the echo identifier. */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

const echo = { request4: 8, reply4: 0, request6: 128, reply6: 129 } as const;
const initialSequence = 1000;
/** What every SCTP end wants to be called by (RFC 9260, section 8.5). */
const initiateTag = 1;

/** Whether packets of the protocol carry ports. */
export function hasPorts(protocol: number): boolean {
  return protocol === Ip.Tcp || protocol === Ip.Udp || protocol === Ip.Sctp;
}

/** The protocol as it is numbered in the family of an address: ICMP is 1 in IPv4 and 58 in IPv6. */
export function protocolIn(protocol: number, family: 4 | 6): number {
  if (protocol !== Ip.Icmp && protocol !== Ip.Icmpv6) return protocol;
  return family === 4 ? Ip.Icmp : Ip.Icmpv6;
}

/** First packet of a connection: SYN, INIT, echo request, or a datagram. */
export function openingPacket(ends: Ends): PacketFields {
  const { source, destination, protocol, sourcePort, destinationPort } = ends;
  const packet: PacketFields = { source, destination, protocol };
  if (protocol === Ip.Icmp || protocol === Ip.Icmpv6) {
    const icmpType = protocol === Ip.Icmp ? echo.request4 : echo.request6;
    return { ...packet, icmpType, icmpCode: 0, icmpIdentifier: sourcePort, sequence: 1 };
  }
  if (!hasPorts(protocol)) return packet;
  const withPorts = { ...packet, sourcePort, destinationPort };
  if (protocol === Ip.Tcp) {
    return { ...withPorts, tcpFlags: TcpFlag.Syn, sequence: initialSequence, acknowledgement: 0 };
  }
  return protocol === Ip.Sctp ? { ...withPorts, payload: sctpChunk(1) } : withPorts;
}

/**
 * What the receiver of a packet sends back: addresses and ports exchanged, flags and types as an
 * answer has them.
 */
export function answerTo(packet: PacketFields): PacketFields {
  const answer: PacketFields = {
    source: packet.destination,
    destination: packet.source,
    protocol: packet.protocol,
  };
  if (packet.icmpType !== undefined) {
    const icmpType = packet.protocol === Ip.Icmp ? echo.reply4 : echo.reply6;
    return { ...answer, icmpType, icmpCode: 0, ...echoNumbers(packet) };
  }
  if (packet.sourcePort === undefined || packet.destinationPort === undefined) return answer;
  answer.sourcePort = packet.destinationPort;
  answer.destinationPort = packet.sourcePort;
  if (packet.protocol === Ip.Sctp) {
    answer.verificationTag = initiateTag;
    answer.payload = sctpChunk(2);
  }
  if (packet.protocol !== Ip.Tcp) return answer;
  answer.tcpFlags = TcpFlag.Syn | TcpFlag.Ack;
  answer.sequence = initialSequence;
  answer.acknowledgement = (packet.sequence ?? 0) + 1;
  return answer;
}

function echoNumbers(packet: PacketFields): Partial<PacketFields> {
  return {
    icmpIdentifier: packet.icmpIdentifier ?? 0,
    sequence: packet.sequence ?? 0,
  };
}

/** INIT (1) or INIT ACK (2): type, length 20, tag, window, one stream each way, first TSN. */
function sctpChunk(type: 1 | 2): Uint8Array {
  const chunk = new DataView(new ArrayBuffer(20));
  chunk.setUint8(0, type);
  chunk.setUint16(2, chunk.byteLength);
  chunk.setUint32(4, initiateTag);
  chunk.setUint32(8, 0xffff);
  chunk.setUint16(12, 1);
  chunk.setUint16(14, 1);
  chunk.setUint32(16, 1);
  return new Uint8Array(chunk.buffer);
}
