// A packet with its transport header, whole or the first fragment of a datagram: the connection it
// belongs to, or the one that it opens.

import { Reason } from "../abi/verdict";
import { Trace } from "../abi/trace-step";
import { ConnectionTable, recordOf, removeConnection } from "../conntrack/connection-table";
import { Progress } from "../conntrack/progress";
import { advance, connectionsOf, findConnection, findRelated } from "../conntrack/track";
import { counters } from "../packet/counters";
import { Decision } from "../packet/decision";
import { Packet, quoted } from "../packet/packet";
import { isTracing, trace } from "../packet/trace";
import { refuse } from "./answers";
import { sendAlong, sendError } from "./established";
import { open, passInvalid } from "./open";
import { isOutdated, judgeAgain } from "./revalidate";

/** Decides about the packet, and sends it. */
export function walkWhole(packet: Packet, decision: Decision): void {
  const table = connectionsOf(packet.family);
  if (packet.isIcmpError) {
    const related = findRelated(packet, quoted);
    if (related != 0) sendError(table, related, packet, decision);
    else passInvalid(packet, decision, 0, Reason.IcmpUnrelated);
    return;
  }
  const half = findConnection(packet);
  if (half == 0) {
    open(packet, decision);
    return;
  }
  const progress = advance(table, half, packet);
  if (progress == Progress.Invalid) {
    passInvalid(packet, decision, recordOf(table, half).state, Reason.ConntrackInvalid);
  } else if (progress == Progress.Reopens) {
    forget(table, half);
    open(packet, decision);
  } else {
    if (isTracing) trace(Trace.ConnectionFound, half & 1, recordOf(table, half).state);
    const reason = isOutdated(table, half) ? judgeAgain(table, half, packet, decision) : 0;
    if (reason == Reason.None) sendAlong(table, half, packet, decision);
    else refuse(packet, decision, reason);
    if (progress == Progress.Ends) forget(table, half);
  }
}

function forget(table: ConnectionTable, half: u32): void {
  removeConnection(table, half >> 1);
  counters.connectionsRemoved++;
}
