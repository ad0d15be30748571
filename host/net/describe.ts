// One line about a frame, much as tcpdump would write it, for people who read a trace or a list of
// differences. Refuses nothing: of a frame that makes no sense it says so.

import { EtherType, readEtherType } from './ether-type.ts';
import { Ip, locatePacket, type LinkType } from './packet-layout.ts';
import { decodePacket, TcpFlag, type PacketFields } from './packet.ts';
import { protocolName } from './protocol.ts';

/** `IP 10.244.1.9.43556 > 10.96.0.10.80: TCP [S], seq 2793106175, length 0`. */
export function describeFrame(frame: Uint8Array, link: LinkType): string {
  const network = readEtherType(frame, link);
  if (network === null) return `frame of ${frame.length} bytes, cut off in its header`;
  if (network.etherType === EtherType.Arp) return describeArp(frame.subarray(network.at));
  if (network.etherType !== EtherType.Ipv4 && network.etherType !== EtherType.Ipv6) {
    return `ethertype 0x${network.etherType.toString(16).padStart(4, '0')}, ${frame.length} bytes`;
  }
  const fields = decodePacket(frame, link);
  const name = network.etherType === EtherType.Ipv6 ? 'IP6' : 'IP';
  if (fields === null) return `${name}, malformed or cut off, ${frame.length} bytes`;
  const isFragment = locatePacket(frame, link)?.isFragment ?? false;
  return `${name} ${describePacket(fields)}${isFragment ? ', fragment' : ''}`;
}

function describePacket(fields: PacketFields): string {
  const { sourcePort, destinationPort } = fields;
  const source = sourcePort === undefined ? fields.source : `${fields.source}.${sourcePort}`;
  const destination =
    destinationPort === undefined ? fields.destination : `${fields.destination}.${destinationPort}`;
  return `${source} > ${destination}: ${describeTransport(fields)}`;
}

function describeTransport(fields: PacketFields): string {
  const name = protocolName(fields.protocol);
  const length = `length ${fields.payload?.length ?? 0}`;
  if (fields.protocol === Ip.Tcp && fields.tcpFlags !== undefined) {
    const ack = fields.tcpFlags & TcpFlag.Ack ? `, ack ${fields.acknowledgement}` : '';
    return `${name} [${describeFlags(fields.tcpFlags)}], seq ${fields.sequence}${ack}, ${length}`;
  }
  if (fields.icmpType === undefined) return `${name}, ${length}`;
  const { icmpType, icmpCode = 0, icmpIdentifier, sequence, quoted } = fields;
  const type = `${name} ${icmpTypeName(fields.protocol, icmpType, icmpCode)}`;
  if (icmpIdentifier !== undefined) return `${type}, id ${icmpIdentifier}, seq ${sequence}`;
  return quoted === undefined ? `${type}, ${length}` : `${type}, about ${describePacket(quoted)}`;
}

const flagLetters: readonly (readonly [number, string])[] = [
  [TcpFlag.Syn, 'S'],
  [TcpFlag.Fin, 'F'],
  [TcpFlag.Rst, 'R'],
  [TcpFlag.Psh, 'P'],
  [TcpFlag.Ack, '.'],
];

function describeFlags(flags: number): string {
  const letters = flagLetters.filter(([flag]) => (flags & flag) !== 0).map(([, letter]) => letter);
  return letters.length === 0 ? 'none' : letters.join('');
}

/** Names by `type` or `type/code`. */
const icmpNames: Readonly<Record<string, string>> = {
  '0': 'echo reply',
  '3/0': 'net unreachable',
  '3/1': 'host unreachable',
  '3/3': 'port unreachable',
  '3/4': 'fragmentation needed',
  '3/13': 'admin prohibited',
  '5': 'redirect',
  '8': 'echo request',
  '11': 'time exceeded',
};
const icmpv6Names: Readonly<Record<string, string>> = {
  '1/0': 'no route',
  '1/1': 'admin prohibited',
  '1/3': 'address unreachable',
  '1/4': 'port unreachable',
  '2': 'packet too big',
  '3': 'time exceeded',
  '128': 'echo request',
  '129': 'echo reply',
  '133': 'router solicitation',
  '134': 'router advertisement',
  '135': 'neighbor solicitation',
  '136': 'neighbor advertisement',
  '137': 'redirect',
};

function icmpTypeName(protocol: number, type: number, code: number): string {
  const names = protocol === Ip.Icmp ? icmpNames : icmpv6Names;
  return names[`${type}/${code}`] ?? names[`${type}`] ?? `type ${type} code ${code}`;
}

/** RFC 826; only Ethernet and IPv4 addresses. */
function describeArp(arp: Uint8Array): string {
  if (arp.length < 28) return 'ARP, cut off';
  const sender = arp.subarray(14, 18).join('.');
  if (arp[7] === 1) return `ARP who-has ${arp.subarray(24, 28).join('.')} tell ${sender}`;
  const hardware = Array.from(arp.subarray(8, 14), (byte) => byte.toString(16).padStart(2, '0'));
  return `ARP ${sender} is-at ${hardware.join(':')}`;
}
