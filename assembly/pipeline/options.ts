// IP options, where the node looks at them: those of IPv6 as soon as a packet comes in, those of
// IPv4 when its destination is translated and its route is known. Sources: Linux ip6_rcv_core,
// ip_rcv_finish_core, ip6_protocol_deliver_rcu.

import { PortKind } from "../abi/route";
import { Reason, Verdict } from "../abi/verdict";
import { Decision, decide } from "../packet/decision";
import { checkHeaderOrder, checkHopByHop } from "../packet/hop-by-hop";
import { checkIpv4Options } from "../packet/ipv4-options";
import { Packet } from "../packet/packet";
import { problemAt } from "../packet/problem";
import {
  isMartianDestination,
  isMartianSource,
  isNodeAddress,
  localityOf,
  portKind,
} from "../route/route";
import { answerOnTheWay } from "./answers";

/**
 * False when a packet with options may not come in, and was settled. What the node itself sends is
 * not looked at.
 */
export function mayEnter(packet: Packet, decision: Decision): bool {
  if (packet.family == 4 || portKind(packet.port) == PortKind.Host) return true;
  const reason = checkHopByHop(packet);
  if (reason == Reason.None) return true;
  const locality = localityOf(packet.sourceHigh, packet.sourceLow);
  if (isMartianSource(packet, locality) || isMartianDestination(packet)) {
    decide(Verdict.Drop, reason);
  } else {
    const isOwn = isNodeAddress(packet.destinationHigh, packet.destinationLow);
    settle(packet, decision, reason, isOwn);
  }
  return false;
}

/**
 * False when a packet with options may not go where `decision` leads, and was settled. Of a
 * datagram in pieces the options are those of its first fragment.
 */
export function mayPass(packet: Packet, decision: Decision, isTranslated: bool): bool {
  if (packet.isLaterFragment || portKind(packet.port) == PortKind.Host) return true;
  const isDelivered = portKind(decision.outPort) == PortKind.Host;
  let reason = Reason.None;
  if (packet.family == 4) reason = checkIpv4Options(packet);
  else if (isDelivered) reason = checkHeaderOrder(packet);
  if (reason == Reason.None) return true;
  settle(packet, decision, reason, isTranslated || isDelivered);
  return false;
}

function settle(packet: Packet, decision: Decision, reason: Reason, isDialled: bool): void {
  if (problemAt == 0) decide(Verdict.Drop, reason);
  else answerOnTheWay(packet, decision, reason, isDialled);
}
