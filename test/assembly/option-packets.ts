// Packets with IP options, as tests of options send them.

import { withIpOptions } from '../../fuzz/arbitrary/ip-options.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { addresses, client } from './node.ts';

/** Bytes from hexadecimal text. */
export const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/[^ ]{2}/g) ?? [], (byte) => parseInt(byte, 16));

/** A datagram between the pods of the node. */
export function datagram(family: 4 | 6, changes: Partial<PacketFields> = {}): PacketFields {
  const { client: source, server: destination } = addresses[family];
  const ports = { sourcePort: 40000, destinationPort: 8080 };
  return { source, destination, protocol: 17, ...ports, payload: bytesOf('01 02 03'), ...changes };
}

/** A raw packet with these IP options, in hexadecimal text. */
export function withOptions(fields: PacketFields, options: string): Uint8Array {
  return withIpOptions(encodePacket(fields, 'raw'), bytesOf(options));
}

/** Where they come in. */
export const place = { port: client, link: 'raw' as const };
