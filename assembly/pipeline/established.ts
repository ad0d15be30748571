// A packet of a known connection, or an ICMP error about one: everything was decided when the
// connection began; what is left is to move its state on, rewrite and send.

import { FlowKey6 } from "../abi/flow-key";
import { Effect } from "../abi/packet-descriptor";
import { PortKind } from "../abi/route";
import { Trace } from "../abi/trace-step";
import { Reason, Verdict } from "../abi/verdict";
import { ConnectionTable, halfState, keyOf, recordOf } from "../conntrack/connection-table";
import { rewriteOuter, rewriteQuote } from "../nat/rewrite-error";
import { rewriteTuple } from "../nat/rewrite";
import { Decision, decide } from "../packet/decision";
import { Packet, quoted } from "../packet/packet";
import { isTracing, trace } from "../packet/trace";
import { addressBytes, addressHigh, addressLow, writeInverse } from "../packet/tuple";
import { countHop, hopsLeft } from "../route/hop";
import { isMartianSource, localityOf, lookUpRoute, portKind } from "../route/route";
import { REDIRECT } from "../wire/icmp";
import { expire } from "./answers";

const BOTH = Effect.SourceTranslated | Effect.DestinationTranslated;

/** The tuple the packet leaves with. */
const target: usize = memory.data(offsetof<FlowKey6>(), 8);

/** Sends a packet that travels in the direction of `half`. */
export function sendAlong(
  table: ConnectionTable,
  half: u32,
  packet: Packet,
  decision: Decision,
): void {
  const state = halfState(table, half);
  follow(table, half, packet, decision);
  if (!mayLeave(packet, decision)) return;
  if (state.effects & BOTH) {
    rewriteTuple(packet, target, state.networkDelta, state.transportDelta);
    if (isTracing) traceRewrite(packet, state.effects);
  }
  leave(packet, decision);
}

/**
 * Sends an ICMP error that travels in the direction of `half`, towards the end whose packet it
 * quotes. Its source is anybody's, so it is judged as that of a first packet.
 */
export function sendError(
  table: ConnectionTable,
  half: u32,
  packet: Packet,
  decision: Decision,
): void {
  const state = halfState(table, half);
  if (isMartianSource(packet, localityOf(packet.sourceHigh, packet.sourceLow))) {
    decide(Verdict.Drop, Reason.MartianSource);
    return;
  }
  follow(table, half, packet, decision);
  decision.effects |= <u8>Effect.Related;
  if (isTracing) trace(Trace.ConnectionRelated, half & 1);
  // Linux nf_nat_icmp_reply_translation.
  if (state.effects & BOTH && packet.icmpType == REDIRECT) {
    decide(Verdict.Drop, Reason.RedirectTranslated);
    return;
  }
  if (!mayLeave(packet, decision)) return;
  if (state.effects & BOTH) {
    const deltas = (<u32>state.networkDelta) | ((<u32>state.transportDelta) << 16);
    rewriteQuote(packet, quoted, keyOf(table, half ^ 1), deltas);
    rewriteOuter(packet, target, state.effects);
  }
  leave(packet, decision);
}

/** Sends a packet without a connection where its destination is, as it came. */
export function sendUntracked(packet: Packet, decision: Decision): void {
  if (mayLeave(packet, decision)) leave(packet, decision);
}

/**
 * Copies what the connection knows into the decision, and works out the tuple this direction leaves
 * with.
 */
function follow(table: ConnectionTable, half: u32, packet: Packet, decision: Decision): void {
  const record = recordOf(table, half);
  const state = halfState(table, half);
  decision.service = record.service;
  decision.state = record.state;
  decision.effects |= state.effects;
  writeInverse(target, keyOf(table, half ^ 1), packet.family);
  decision.outPort = state.outPort;
  // The pod behind the port may be gone since: then the packet goes where its address leads now.
  if (portKind(state.outPort) == PortKind.None) {
    const at = target + (addressBytes(packet.family) >> 1);
    const high = addressHigh(at, packet.family);
    decision.outPort = lookUpRoute(high, addressLow(at, packet.family)).port;
  }
}

/** False when the packet may not make the hop to `decision.outPort`. */
export function hasHopLeft(packet: Packet, decision: Decision): bool {
  return !countsHop(packet, decision) || hopsLeft(packet) > 1;
}

/** False when the packet has no hop left, and was answered instead. */
function mayLeave(packet: Packet, decision: Decision): bool {
  if (hasHopLeft(packet, decision)) return true;
  expire(packet, decision, (decision.effects & Effect.DestinationTranslated) != 0);
  return false;
}

function leave(packet: Packet, decision: Decision): void {
  const isLocal = portKind(decision.outPort) == PortKind.Host;
  if (countsHop(packet, decision)) countHop(packet.family, packet.network);
  decide(isLocal ? Verdict.Local : Verdict.Forward, Reason.None);
}

/** Hops are counted from one network to another, not to or from the node's own stack. */
function countsHop(packet: Packet, decision: Decision): bool {
  return portKind(packet.port) != PortKind.Host && portKind(decision.outPort) != PortKind.Host;
}

function traceRewrite(packet: Packet, effects: u32): void {
  if (effects & Effect.SourceTranslated) {
    const step = trace(Trace.SourceRewritten);
    step.addressHigh = packet.sourceHigh;
    step.addressLow = packet.sourceLow;
    step.port = packet.sourcePort;
  }
  if (effects & Effect.DestinationTranslated) {
    const step = trace(Trace.DestinationRewritten);
    step.addressHigh = packet.destinationHigh;
    step.addressLow = packet.destinationLow;
    step.port = packet.destinationPort;
  }
}
