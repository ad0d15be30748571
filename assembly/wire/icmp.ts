// ICMP (RFC 792) and ICMPv6 (RFC 4443): one header shape, two sets of numbers.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------+---------------+-------------------------------+
//   |     Type      |     Code      |           Checksum            |
//   +---------------+---------------+-------------------------------+
//   |    Identifier (echo only)     |  Sequence Number (echo only)  |
//   +-------------------------------+-------------------------------+
//   |           Data, or of an error the packet it quotes           |
//   +---------------------------------------------------------------+

import { Net16 } from "../abi/alias";
import { swap16, swap32 } from "./byte-order";
import { ICMP, ICMPV6 } from "./transport";

export const ICMP_BYTES: u32 = 8;
export const ICMP_CHECKSUM: usize = 2;

const DESTINATION_UNREACHABLE4: u8 = 3;
const SOURCE_QUENCH: u8 = 4;
/** IPv4 only: in IPv6 a redirect is neighbour discovery. */
export const REDIRECT: u8 = 5;
const ECHO4: u8 = 8;
const ECHO_REPLY4: u8 = 0;
const TIMESTAMP: u8 = 13;
const TIMESTAMP_REPLY: u8 = 14;
const INFORMATION: u8 = 15;
const INFORMATION_REPLY: u8 = 16;
const ADDRESS_MASK: u8 = 17;
const ADDRESS_MASK_REPLY: u8 = 18;
const TIME_EXCEEDED4: u8 = 11;
const PARAMETER_PROBLEM4: u8 = 12;
const DESTINATION_UNREACHABLE6: u8 = 1;
const PACKET_TOO_BIG6: u8 = 2;
const TIME_EXCEEDED6: u8 = 3;
const PARAMETER_PROBLEM6: u8 = 4;
const ECHO6: u8 = 128;
const ECHO_REPLY6: u8 = 129;
const NODE_INFORMATION: u8 = 139;
const NODE_INFORMATION_REPLY: u8 = 140;
const PORT_UNREACHABLE4: u8 = 3;
const FRAGMENTATION_NEEDED4: u8 = 4;
const PORT_UNREACHABLE6: u8 = 4;

/** Codes of ICMPv6 "parameter problem". */
export const ERRONEOUS_FIELD: u8 = 0;
export const UNKNOWN_NEXT_HEADER: u8 = 1;
export const UNKNOWN_OPTION: u8 = 2;

/** The header in place. */
@unmanaged
@final
export class Icmp {
  type: u8;
  code: u8;
  checksum: Net16;
  identifier: Net16;
  sequenceNumber: Net16;
}

/** What a message means to connection tracking. */
export enum IcmpKind {
  /** Neither asks, answers nor reports: not to be tracked. */
  Other,
  /** Asks: echo, timestamp, information, address mask (RFC 792, 950), node (RFC 4620). */
  Request,
  /** Answers one of these. */
  Answer,
  /** Quotes a packet that had a problem. */
  Error,
  /** Router or neighbour discovery, multicast listeners: between neighbours only, never tracked. */
  Neighbour,
}

/** Kind of an ICMP (protocol 1) or ICMPv6 (58) type. */
export function icmpKind(protocol: u8, type: u8): IcmpKind {
  return protocol == ICMP ? icmp4Kind(type) : icmp6Kind(type);
}

/** True for an IcmpKind that asks or answers. */
export function isQuery(kind: u32): bool {
  return kind == IcmpKind.Request || kind == IcmpKind.Answer;
}

/** True for ICMP and ICMPv6. */
export function isIcmp(protocol: u8): bool {
  return protocol == ICMP || protocol == ICMPV6;
}

/** The type that answers a request, or that an answer answers; means nothing for other types. */
export function counterpart(protocol: u8, type: u8): u8 {
  return protocol == ICMP ? counterpart4(type) : counterpart6(type);
}

function counterpart4(type: u8): u8 {
  switch (type) {
    case ECHO_REPLY4:
      return ECHO4;
    case TIMESTAMP:
      return TIMESTAMP_REPLY;
    case TIMESTAMP_REPLY:
      return TIMESTAMP;
    case INFORMATION:
      return INFORMATION_REPLY;
    case INFORMATION_REPLY:
      return INFORMATION;
    case ADDRESS_MASK:
      return ADDRESS_MASK_REPLY;
    case ADDRESS_MASK_REPLY:
      return ADDRESS_MASK;
    default:
      return ECHO_REPLY4;
  }
}

function counterpart6(type: u8): u8 {
  switch (type) {
    case ECHO_REPLY6:
      return ECHO6;
    case NODE_INFORMATION:
      return NODE_INFORMATION_REPLY;
    case NODE_INFORMATION_REPLY:
      return NODE_INFORMATION;
    default:
      return ECHO_REPLY6;
  }
}

function icmp4Kind(type: u8): IcmpKind {
  if (type == ECHO4) return IcmpKind.Request;
  if (type == ECHO_REPLY4) return IcmpKind.Answer;
  if (type >= TIMESTAMP && type <= ADDRESS_MASK_REPLY) {
    // Requests have the odd numbers, answers the even ones behind them.
    return type & 1 ? IcmpKind.Request : IcmpKind.Answer;
  }
  const isError =
    type == DESTINATION_UNREACHABLE4 ||
    type == SOURCE_QUENCH ||
    type == REDIRECT ||
    type == TIME_EXCEEDED4 ||
    type == PARAMETER_PROBLEM4;
  return isError ? IcmpKind.Error : IcmpKind.Other;
}

function icmp6Kind(type: u8): IcmpKind {
  if (type == ECHO6 || type == NODE_INFORMATION) return IcmpKind.Request;
  if (type == ECHO_REPLY6 || type == NODE_INFORMATION_REPLY) return IcmpKind.Answer;
  // RFC 4443, section 2.1: errors have the high bit clear.
  if (type < ECHO6) {
    return type >= DESTINATION_UNREACHABLE6 && type <= PARAMETER_PROBLEM6
      ? IcmpKind.Error
      : IcmpKind.Other;
  }
  // RFC 2710: 130 to 132. RFC 4861: 133 to 137. RFC 3810: 143.
  const isNeighbour = (type >= 130 && type <= 137) || type == 143;
  return isNeighbour ? IcmpKind.Neighbour : IcmpKind.Other;
}

/**
 * True for types that an error may be about: no errors, and none that might be one (RFC 1122,
 * section 3.2.2; RFC 4443, section 2.4 e). Of ICMP, Linux takes all others for errors that neither
 * ask nor answer (icmp_pointers).
 */
export function mayBeReportedOn(protocol: u8, type: u8): bool {
  if (protocol != ICMP) return type >= ECHO6;
  return isQuery(icmp4Kind(type));
}

/** Header of "port unreachable", checksum 0, as it reads from memory. */
export function portUnreachable(protocol: u8): u64 {
  return protocol == ICMP
    ? (<u64>DESTINATION_UNREACHABLE4) | ((<u64>PORT_UNREACHABLE4) << 8)
    : (<u64>DESTINATION_UNREACHABLE6) | ((<u64>PORT_UNREACHABLE6) << 8);
}

/** Header of "time to live (hop limit) exceeded in transit". */
export function timeExceeded(protocol: u8): u64 {
  return protocol == ICMP ? TIME_EXCEEDED4 : TIME_EXCEEDED6;
}

/**
 * Header of "parameter problem". The pointer, in bytes from the IP header, is the byte behind the
 * checksum (RFC 792) or all four of them (RFC 4443, section 3.4); `code` is of ICMPv6, ICMP has 0.
 */
export function parameterProblem(protocol: u8, code: u8, pointer: u32): u64 {
  return protocol == ICMP
    ? (<u64>PARAMETER_PROBLEM4) | ((<u64>(pointer & 0xff)) << 32)
    : (<u64>PARAMETER_PROBLEM6) | ((<u64>code) << 8) | ((<u64>swap32(pointer)) << 32);
}

/**
 * Header of "fragmentation needed" (RFC 1191: MTU in the last two bytes), or "packet too big" (RFC
 * 4443, section 3.2: in the last four).
 */
export function packetTooBig(protocol: u8, mtuBytes: u16): u64 {
  const mtu = (<u64>swap16(mtuBytes)) << 48;
  return protocol == ICMP
    ? (<u64>DESTINATION_UNREACHABLE4) | ((<u64>FRAGMENTATION_NEEDED4) << 8) | mtu
    : (<u64>PACKET_TOO_BIG6) | mtu;
}
