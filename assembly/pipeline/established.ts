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
import { HalfState } from "../packet/half-state";
import { Packet, quoted } from "../packet/packet";
import { config } from "../packet/settings";
import { isTracing, trace } from "../packet/trace";
import { addressBytes, addressHigh, addressLow, writeInverse } from "../packet/tuple";
import { isMartianSource, localityOf, portKind, route } from "../route/route";
import { REDIRECT } from "../wire/icmp";
import { keepRoute } from "./commit";
import { cross, mayCross } from "./crossing";

/** What makes a packet leave with another tuple than it came with. */
export const BOTH = Effect.SourceTranslated | Effect.DestinationTranslated;

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
  if (!isRouted(state, packet)) {
    const reason = reroute(packet, decision);
    if (reason != Reason.None) {
      decide(Verdict.Drop, reason);
      return;
    }
    keepRoute(state, packet, decision);
  }
  if (!mayLeave(packet, decision)) return;
  if (state.effects & BOTH) {
    rewriteTuple(packet, target, state.networkDelta, state.transportDelta);
    if (isTracing) traceRewrite(packet, state.effects);
  }
  leave(packet, decision);
}

/**
 * Sends an ICMP error that travels in the direction of `half`, towards the end whose packet it
 * quotes.
 */
export function sendError(
  table: ConnectionTable,
  half: u32,
  packet: Packet,
  decision: Decision,
): void {
  const state = halfState(table, half);
  follow(table, half, packet, decision);
  decision.effects |= <u8>Effect.Related;
  if (isTracing) trace(Trace.ConnectionRelated, half & 1);
  // Linux nf_nat_icmp_reply_translation.
  if (state.effects & BOTH && packet.icmpType == REDIRECT) {
    decide(Verdict.Drop, Reason.RedirectTranslated);
    return;
  }
  // An error may come from anywhere, so what the connection knows of its way does not hold for it.
  const reason = reroute(packet, decision);
  if (reason != Reason.None) {
    decide(Verdict.Drop, reason);
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
}

/** True when a packet of this direction went the same way, and no route has changed since. */
function isRouted(state: HalfState, packet: Packet): bool {
  return state.routeRevision == config.routeRevision && state.inPort == packet.port;
}

/** Routes the packet to where `target` leads now. */
function reroute(packet: Packet, decision: Decision): Reason {
  const locality = localityOf(packet.sourceHigh, packet.sourceLow);
  if (isMartianSource(packet, locality)) return Reason.MartianSource;
  const at = target + (addressBytes(packet.family) >> 1);
  decision.destinationHigh = addressHigh(at, packet.family);
  decision.destinationLow = addressLow(at, packet.family);
  return route(decision);
}

/** False when the packet cannot leave, and was answered instead. */
export function mayLeave(packet: Packet, decision: Decision): bool {
  return mayCross(packet, decision, (decision.effects & Effect.DestinationTranslated) != 0);
}

/** Sends the packet out through `decision.outPort`. */
export function leave(packet: Packet, decision: Decision): void {
  const isLocal = portKind(decision.outPort) == PortKind.Host;
  cross(packet, decision);
  decide(isLocal ? Verdict.Local : Verdict.Forward, Reason.None);
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
