// Names of IP protocols, as people write them in scenarios and read them in reports. Source: IANA,
// Assigned Internet Protocol Numbers; where IANA's keyword is not what people write (IPv6-ICMP),
// the common one.

const numbers: Readonly<Record<string, number>> = {
  ICMP: 1,
  IGMP: 2,
  IPIP: 4,
  TCP: 6,
  UDP: 17,
  DCCP: 33,
  IPv6: 41,
  GRE: 47,
  ESP: 50,
  AH: 51,
  ICMPv6: 58,
  OSPF: 89,
  PIM: 103,
  VRRP: 112,
  L2TP: 115,
  SCTP: 132,
  UDPLite: 136,
};

const numberByLowerCaseName = new Map(
  Object.entries(numbers).map(([name, number]) => [name.toLowerCase(), number]),
);
const nameByNumber = new Map(Object.entries(numbers).map(([name, number]) => [number, name]));

/**
 * Number of a protocol given by name, in any case, or by its decimal number 0 to 255; null for
 * anything else.
 */
export function protocolNumber(name: string): number | null {
  if (/^(0|[1-9][0-9]{0,2})$/.test(name)) return Number(name) <= 255 ? Number(name) : null;
  return numberByLowerCaseName.get(name.toLowerCase()) ?? null;
}

/**
 * Name of a protocol, or its decimal number where it has no name here. Inverse of `protocolNumber`.
 */
export function protocolName(number: number): string {
  return nameByNumber.get(number) ?? String(number);
}
