// Words that packets to a node may well have in them, in network order: its addresses, served ports
// and protocols, and what headers are told apart by.

import { familyOf, parseAddress } from '../../host/net/address.ts';
import type { CountedNode } from './counted-node.ts';

/** Protocols and extension headers, ICMP types, lengths of headers, TCP flags. */
const numbers = [0, 1, 2, 4, 6, 16, 17, 18, 20, 41, 43, 44, 47, 50, 51, 58, 59, 60, 128, 132, 135];
/** No checksum; EtherTypes; fragment bits; first bytes of IPv4 and IPv6. */
const words = [0, 0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8, 0x2000, 0x4000, 0x4500, 0x4600, 0x6000];

/** No word twice. */
export function dictionaryOf(node: CountedNode): Uint8Array[] {
  const frontends = [...node.instance.map('frontends').entries()].map(([key]) => key);
  const endpoints = [...node.instance.map('endpoints').entries()].map(([, endpoint]) => endpoint);
  const addresses = [
    ...node.names.addresses.keys(),
    ...[...frontends, ...endpoints].map(({ address }) => address),
  ];
  const ports = [...frontends, ...endpoints].map(({ port }) => port);
  const all = [
    ...addresses.map((address) => bytesOfAddress(address)),
    ...[...ports, ...words].map((word) => Uint8Array.of(word >> 8, word & 0xff)),
    ...numbers.map((number) => Uint8Array.of(number)),
  ];
  return [...new Map(all.map((word) => [word.join(), word])).values()];
}

function bytesOfAddress(canonical: string): Uint8Array {
  const bytes = parseAddress(canonical)!;
  return familyOf(canonical) === 4 ? bytes.subarray(12) : bytes;
}
