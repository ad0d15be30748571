// The packet turned round: what its receiver would answer.

import { Ip } from '../../host/net/packet-layout.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { association, reaction } from '../arbitrary/sctp.ts';
import { isError } from '../model/translation.ts';

const turnedTypes: Readonly<Record<number, number>> = { 0: 8, 8: 0, 128: 129, 129: 128 };

/**
 * The answer to a packet; null for what is not answered. `tcpFlags` are those of the answer, and
 * `chunk` is the type of its SCTP chunk, by the book unless given.
 */
export function turnRound(
  packet: PacketFields,
  tcpFlags: number,
  chunk = reaction(packet),
): PacketFields | null {
  const { source, destination, protocol, sourcePort, destinationPort, icmpType } = packet;
  if (isError(packet)) return null;
  const addresses = { source: destination, destination: source, protocol };
  if (icmpType !== undefined) {
    const turned = turnedTypes[icmpType];
    const { icmpIdentifier = 0 } = packet;
    return turned === undefined ? null : { ...addresses, icmpType: turned, icmpIdentifier };
  }
  const ports = { sourcePort: destinationPort ?? 0, destinationPort: sourcePort ?? 0 };
  if (protocol === Ip.Sctp) return { ...addresses, ...ports, ...association(chunk) };
  return { ...addresses, ...ports, ...(protocol === Ip.Tcp ? { tcpFlags } : {}) };
}
