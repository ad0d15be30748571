// The options of an IPv6 hop-by-hop header, which every node on the way looks at. Sources: RFC
// 8200, sections 4.2 and 4.3; Linux ip6_parse_tlv, ip6_tlvopt_unknown, ipv6_hop_jumbo.
//
//   +--------+--------+-- ... --+
//   |  Type  | Length |  Value  |   type 0 (one byte of padding) has no length;
//   +--------+--------+-- ... --+   the length is that of the value

import { Reason } from "../abi/verdict";
import { swap32 } from "../wire/byte-order";
import { HOP_BY_HOP, IPV6_BYTES, Ipv6, extensionBytes, isExtension } from "../wire/ipv6";
import { Packet } from "./packet";
import { noteProblem, problemAt } from "./problem";

const PADDING_BYTE: u8 = 0;
const PADDING: u8 = 1;
const ROUTER_ALERT: u8 = 5;
const LABEL: u8 = 7;
const TELEMETRY: u8 = 49;
const JUMBO: u8 = 194;

const HEAD_BYTES: u32 = 2;
/** Padding aligns to 8 bytes, so more of it in a row has no purpose. */
const PADDING_MAX: u32 = 7;
/** Linux net.ipv6.max_hbh_opts_number. */
const OPTIONS_MAX: u32 = 8;
const PAYLOAD_MAX: u32 = 65535;

/** What to do about an option that is not known: the two high bits of its type. */
const SKIP: u8 = 0;
const DROP: u8 = 1;
const REPORT: u8 = 2;

/** Checks the options of an IPv6 packet, if its first header is a hop-by-hop header. */
export function checkHopByHop(packet: Packet): Reason {
  const network = packet.network;
  if (changetype<Ipv6>(network).nextHeader != HOP_BY_HOP) return Reason.None;
  const end = IPV6_BYTES + extensionBytes(HOP_BY_HOP, network + IPV6_BYTES);
  let padding: u32 = 0;
  let options: u32 = 0;
  for (let at = IPV6_BYTES + HEAD_BYTES; at < end;) {
    const type = load<u8>(network + at);
    const bytes = optionBytes(network + at, end - at);
    if (bytes == 0 || bytes > end - at) return silently(Reason.BadIpOption);
    if (type == PADDING_BYTE || type == PADDING) {
      padding += bytes;
      const isEmpty = type == PADDING_BYTE || isZero(network + at + HEAD_BYTES, bytes - HEAD_BYTES);
      if (padding > PADDING_MAX || !isEmpty) return silently(Reason.BadIpOption);
    } else {
      padding = 0;
      options++;
      if (options > OPTIONS_MAX) return silently(Reason.BadIpOption);
      const reason = checkOption(packet, at);
      if (reason != Reason.None) return reason;
    }
    at += bytes;
  }
  return Reason.None;
}

/** True when the problem is an option whose sender is told whoever it was for. */
export function mustReport(packet: Packet): bool {
  return load<u8>(packet.network + problemAt) >> 6 == REPORT;
}

/** Checks that no other header than the first one is a hop-by-hop header. */
export function checkHeaderOrder(packet: Packet): Reason {
  const network = packet.network;
  let nextHeader = changetype<Ipv6>(network).nextHeader;
  for (let at: u32 = IPV6_BYTES; isExtension(nextHeader);) {
    const field = at;
    at += extensionBytes(nextHeader, network + at);
    nextHeader = load<u8>(network + field);
    if (nextHeader == HOP_BY_HOP) return noteProblem(Reason.MisplacedHopByHop, field);
  }
  return Reason.None;
}

/** Bytes of an option, 0 if its length is beyond the header. */
function optionBytes(option: usize, available: u32): u32 {
  if (load<u8>(option) == PADDING_BYTE) return 1;
  return available < HEAD_BYTES ? 0 : HEAD_BYTES + load<u8>(option, 1);
}

/** Checks an option that is all there; `at`: where, from the IP header. */
function checkOption(packet: Packet, at: u32): Reason {
  const option = packet.network + at;
  const valueBytes = load<u8>(option, 1);
  switch (load<u8>(option)) {
    case ROUTER_ALERT:
      return valueBytes == 2 ? Reason.None : silently(Reason.BadIpOption);
    case TELEMETRY:
      return (at & 3) == 0 ? Reason.None : silently(Reason.BadIpOption);
    case LABEL:
      // The node belongs to no domain of labels, so the label is not valid.
      return silently(Reason.BadIpOption);
    case JUMBO:
      return checkJumbo(packet, at);
    default:
      return checkUnknown(packet, at);
  }
}

/** RFC 2675, section 3: a jumbogram has no payload length. One that had none was refused before. */
function checkJumbo(packet: Packet, at: u32): Reason {
  const option = packet.network + at;
  if (load<u8>(option, 1) != 4 || (at & 3) != 2) return silently(Reason.BadIpOption);
  const isSmall = swap32(load<u32>(option, 2)) <= PAYLOAD_MAX;
  return toSingle(packet, Reason.BadIpOption, isSmall ? at + 2 : at);
}

function checkUnknown(packet: Packet, at: u32): Reason {
  const action = load<u8>(packet.network + at) >> 6;
  if (action == SKIP) return Reason.None;
  if (action == DROP) return silently(Reason.UnknownIpOption);
  if (action == REPORT) return noteProblem(Reason.UnknownIpOption, at);
  return toSingle(packet, Reason.UnknownIpOption, at);
}

function silently(reason: Reason): Reason {
  return noteProblem(reason, 0);
}

/** Only the sender to a single address is told. */
function toSingle(packet: Packet, reason: Reason, at: u32): Reason {
  const isMulticast = (packet.destinationHigh & 0xff) == 0xff;
  return noteProblem(reason, isMulticast ? 0 : at);
}

function isZero(at: usize, bytes: u32): bool {
  for (let index: u32 = 0; index < bytes; index++) {
    if (load<u8>(at + index) != 0) return false;
  }
  return true;
}
