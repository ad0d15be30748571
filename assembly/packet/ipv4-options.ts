// The options of an IPv4 header, held to the rules of a router. They are read, not written.
// Sources: RFC 791, section 3.1; RFC 1812, section 5.2.4; Linux __ip_options_compile.
//
//   +--------+--------+---------+-- ... --+
//   |  Type  | Length | Pointer |  Value  |   types 0 (end) and 1 (no operation) have no length;
//   +--------+--------+---------+-- ... --+   the pointer counts from 1, and may be past the end

import { Reason } from "../abi/verdict";
import { IPV4_BYTES, Ipv4 } from "../wire/ipv4";
import { Packet } from "./packet";
import { noteProblem } from "./problem";

/** Types of options. */
export const END: u8 = 0;
export const NO_OPERATION: u8 = 1;
export const RECORD_ROUTE: u8 = 7;
export const TIMESTAMP: u8 = 68;
const LOOSE_ROUTE: u8 = 131;
const STRICT_ROUTE: u8 = 137;
const COMMERCIAL_SECURITY: u8 = 134;
const ROUTER_ALERT: u8 = 148;

const HEAD_BYTES: u32 = 2;
/** Of an address, and of a time. */
export const ADDRESS_BYTES: u32 = 4;

/** Flags of a time stamp option: times alone, addresses too, times of given addresses. */
export const TIMES_ONLY: u32 = 0;
export const WITH_ADDRESSES: u32 = 1;
export const GIVEN_ADDRESSES: u32 = 3;
/** The largest count of routers that found no room for their time stamp. */
const OVERFLOW_MAX: u32 = 15;

/** No byte of the option is wrong. */
const SOUND: i32 = -1;

/** Which options that may stand there only once were seen. */
let hasRecordRoute: bool = false;
let hasTimestamp: bool = false;
let hasSourceRoute: bool = false;

/** Checks the options of an IPv4 packet, whose header is all there. */
export function checkIpv4Options(packet: Packet): Reason {
  hasRecordRoute = false;
  hasTimestamp = false;
  hasSourceRoute = false;
  const network = packet.network;
  const end = changetype<Ipv4>(network).headerBytes;
  for (let at: u32 = IPV4_BYTES; at < end;) {
    const type = load<u8>(network + at);
    if (type == END) break;
    if (type == NO_OPERATION) {
      at++;
      continue;
    }
    const bytes: u32 = end - at < HEAD_BYTES ? 0 : load<u8>(network + at, 1);
    if (bytes < HEAD_BYTES || bytes > end - at) return noteProblem(Reason.BadIpOption, at);
    const wrong = wrongByte(network + at, bytes);
    if (wrong != SOUND) return noteProblem(Reason.BadIpOption, at + wrong);
    at += bytes;
  }
  return hasSourceRoute ? noteProblem(Reason.SourceRoute, 0) : Reason.None;
}

/** Which byte of the option is wrong: 0 its type, 1 its length, 2 its pointer, 3 its flags. */
function wrongByte(option: usize, bytes: u32): i32 {
  switch (load<u8>(option)) {
    case LOOSE_ROUTE:
    case STRICT_ROUTE:
      return wrongInSourceRoute(option, bytes);
    case RECORD_ROUTE:
      return wrongInRecordRoute(option, bytes);
    case TIMESTAMP:
      return wrongInTimestamp(option, bytes);
    case ROUTER_ALERT:
      return bytes < 4 ? 1 : SOUND;
    case COMMERCIAL_SECURITY:
      // The node belongs to no domain of labels, so the domain is unknown.
      return bytes < 8 ? 1 : 2;
    default:
      return SOUND;
  }
}

function wrongInSourceRoute(option: usize, bytes: u32): i32 {
  if (bytes < 3) return 1;
  if (load<u8>(option, 2) < 4) return 2;
  if (hasSourceRoute) return 0;
  hasSourceRoute = true;
  return SOUND;
}

function wrongInRecordRoute(option: usize, bytes: u32): i32 {
  if (hasRecordRoute) return 0;
  if (bytes < 3) return 1;
  const pointer = <u32>load<u8>(option, 2);
  if (pointer < 4 || !hasRoom(pointer, bytes, ADDRESS_BYTES)) return 2;
  hasRecordRoute = true;
  return SOUND;
}

function wrongInTimestamp(option: usize, bytes: u32): i32 {
  if (hasTimestamp) return 0;
  if (bytes < 4) return 1;
  const pointer = <u32>load<u8>(option, 2);
  const flags = <u32>load<u8>(option, 3);
  const flag = flags & 15;
  const isLong = flag == WITH_ADDRESSES || flag == GIVEN_ADDRESSES;
  const wanted = isLong ? 2 * ADDRESS_BYTES : ADDRESS_BYTES;
  if (pointer < 5 || !hasRoom(pointer, bytes, wanted)) return 2;
  const isFull = pointer > bytes;
  if (isFull && flag != GIVEN_ADDRESSES && flags >> 4 == OVERFLOW_MAX) return 3;
  hasTimestamp = true;
  return SOUND;
}

/** True when an entry fits in where the pointer is, or the option is full. */
function hasRoom(pointer: u32, bytes: u32, entryBytes: u32): bool {
  return pointer > bytes || pointer + entryBytes - 1 <= bytes;
}
