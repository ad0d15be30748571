// A packet as fields instead of bytes: what scenarios, traces and the model speak. The dataplane never sees these.

/** One packet, from the IP header up. Ports and identifiers are in host order. */
export interface PacketFields {
  /** Canonical spelling; both addresses are of one family. */
  source: string;
  destination: string;
  /** IP protocol number: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6, 132 SCTP. */
  protocol: number;
  /** TCP, UDP, SCTP. */
  sourcePort?: number;
  destinationPort?: number;
  /** TCP flag bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16. */
  tcpFlags?: number;
  sequence?: number;
  acknowledgement?: number;
  /** ICMP and ICMPv6. */
  icmpType?: number;
  icmpCode?: number;
  /** Echo. */
  icmpIdentifier?: number;
  /** The packet that an ICMP error quotes. */
  quoted?: PacketFields;
  /** Time to live or hop limit; 64 unless given. */
  ttl?: number;
  /** IPv4 identification. */
  identification?: number;
  /** Bytes after the L4 header. */
  payload?: Uint8Array;
}
