// The first packet of a connection: service, policy, route, source, and then both tuples at once.

import { ConfigFlag } from "../abi/config";
import { Effect } from "../abi/packet-descriptor";
import { Trace } from "../abi/trace-step";
import { Reason, Verdict } from "../abi/verdict";
import { removeEnded } from "../conntrack/connection-table";
import { INVALID } from "../conntrack/tcp-state";
import { connectionsOf, openingState } from "../conntrack/track";
import { counters } from "../packet/counters";
import { Decision, decide } from "../packet/decision";
import { Packet } from "../packet/packet";
import { isSet } from "../packet/settings";
import { isTracing, trace } from "../packet/trace";
import { judge } from "../policy/policy";
import { isMartianDestination, isMartianSource, localityOf, route } from "../route/route";
import { serve } from "../service/service";
import { refuse } from "./answers";
import { commit, created } from "./commit";
import { isForwarded, mayCross } from "./crossing";
import { leave, mayLeave, sendAlong } from "./established";

/** Decides about a packet of no known connection, and sends it. */
export function open(packet: Packet, decision: Decision): void {
  if (openingState(packet) == INVALID) {
    passInvalid(packet, decision, 0, Reason.ConntrackInvalid);
    return;
  }
  if (isTracing) trace(Trace.ConnectionNew);
  if (isSet(ConfigFlag.ExactCounts)) removeEnded(connectionsOf(packet.family), packet.timeMs);
  const locality = localityOf(packet.sourceHigh, packet.sourceLow);
  let reason = isMartianSource(packet, locality) ? Reason.MartianSource : Reason.None;
  if (reason == Reason.None) reason = serveOrGuard(packet, decision, locality);
  if (reason == Reason.None) reason = judgeEnds(packet, decision, locality);
  if (reason == Reason.None) reason = route(decision);
  if (reason == Reason.None && !mayCross(packet, decision, decision.isDestinationChosen)) return;
  if (reason == Reason.None) reason = commit(packet, decision);
  if (reason != Reason.None) {
    refuse(packet, decision, reason);
    return;
  }
  sendAlong(connectionsOf(packet.family), created, packet, decision);
  decision.effects |= <u8>Effect.Created;
}

/** Policy's word about both ends. `locality`: of the source. */
export function judgeEnds(packet: Packet, decision: Decision, locality: u32): Reason {
  const target = isSet(ConfigFlag.AllowToOwnNode)
    ? localityOf(decision.destinationHigh, decision.destinationLow)
    : 0;
  return judge(packet, decision, locality, target);
}

/** The Service's word, unless it leaves the packet on its way to where it must not arrive. */
function serveOrGuard(packet: Packet, decision: Decision, locality: u32): Reason {
  const reason = serve(packet, decision, locality);
  if (decision.isDestinationChosen || !isMartianDestination(packet)) return reason;
  decision.service = 0;
  return Reason.MartianDestination;
}

/**
 * A packet that connection tracking calls invalid: it is never translated. iptables mode drops it,
 * for `cause`, in the forward hook, behind routing; the other modes let it go on as it is
 * (kubernetes/kubernetes#74839). Policy holds for it as for any other packet.
 */
export function passInvalid(packet: Packet, decision: Decision, state: u32, cause: Reason): void {
  counters.invalid++;
  decision.effects |= <u8>Effect.Invalid;
  if (isTracing) trace(Trace.ConnectionInvalid, state);
  const locality = localityOf(packet.sourceHigh, packet.sourceLow);
  let reason = isMartianSource(packet, locality) ? Reason.MartianSource : Reason.None;
  if (reason == Reason.None && isMartianDestination(packet)) reason = Reason.MartianDestination;
  if (reason == Reason.None) reason = judgeEnds(packet, decision, locality);
  if (reason == Reason.None) reason = route(decision);
  if (reason != Reason.None) {
    refuse(packet, decision, reason);
  } else if (mayLeave(packet, decision)) {
    const isDropped = isSet(ConfigFlag.DropInvalid) && isForwarded(packet, decision);
    if (isDropped) decide(Verdict.Drop, cause);
    else leave(packet, decision);
  }
}
