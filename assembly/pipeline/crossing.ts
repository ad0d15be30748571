// Whether a packet may go from one port to another as it is: sound options, hops left, and short
// enough for where it leaves. Linux looks at all three before the forward hook. Sources: Linux
// ip_forward, ip6_forward; RFC 1191; RFC 8201.

import { PortKind } from "../abi/route";
import { Reason } from "../abi/verdict";
import { Decision } from "../packet/decision";
import { Packet } from "../packet/packet";
import { config } from "../packet/settings";
import { countHop, hopsLeft } from "../route/hop";
import { recordArrival, recordHop } from "../route/passage";
import { mtuBytesOf, portKind } from "../route/route";
import { Ipv4 } from "../wire/ipv4";
import { answerOnTheWay } from "./answers";
import { mayPass } from "./options";

/** False when the packet may not leave by `decision.outPort`: then it was answered, or dropped. */
export function mayCross(packet: Packet, decision: Decision, isTranslated: bool): bool {
  if (packet.hasOptions && !mayPass(packet, decision, isTranslated)) return false;
  if (!isForwarded(packet, decision)) return true;
  let reason = Reason.None;
  if (hopsLeft(packet) <= 1) reason = Reason.TimeExceeded;
  else if (isTooBig(packet, mtuBytesOf(decision.outPort))) reason = Reason.PacketTooBig;
  if (reason == Reason.None) return true;
  answerOnTheWay(packet, decision, reason, isTranslated);
  return false;
}

/** Counts the hop that the packet makes, if it is one; options that ask for it record it. */
export function cross(packet: Packet, decision: Decision): void {
  const isHop = isForwarded(packet, decision);
  if (isHop) countHop(packet.family, packet.network);
  if (packet.family != 4 || !packet.hasOptions || packet.isLaterFragment) return;
  if (isHop) recordHop(packet);
  else if (portKind(packet.port) != PortKind.Host) recordArrival(packet);
}

/** Hops are counted from one network to another, not to or from the node's own stack. */
export function isForwarded(packet: Packet, decision: Decision): bool {
  return portKind(packet.port) != PortKind.Host && portKind(decision.outPort) != PortKind.Host;
}

/**
 * A packet longer than every MTU of the node was put together by an offload, and will be taken
 * apart again by one. What may be cut is not cut here: it leaves whole.
 */
function isTooBig(packet: Packet, mtuBytes: u16): bool {
  const bytes = packet.networkBytes;
  if (mtuBytes == 0 || bytes <= mtuBytes || bytes > config.largestMtuBytes) return false;
  return packet.family == 6 || !changetype<Ipv4>(packet.network).mayBeCut;
}
