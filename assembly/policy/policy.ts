// NetworkPolicy: may this connection be opened? Judged once, on the packet as the service left it
// and before its source is masqueraded; at most three look-ups a direction, however many policies
// there are. Source: Kubernetes NetworkPolicySpec.

import { Direction, Identity, PeerKind } from "../abi/policy";
import { LocalityFlag } from "../abi/route";
import { PolicyExemption, Trace } from "../abi/trace-step";
import { Reason } from "../abi/verdict";
import { Decision } from "../packet/decision";
import { Packet } from "../packet/packet";
import { isTracing, trace } from "../packet/trace";
import { classOfPort, findBlock, findIdentity, findPolicy, hasPortClass } from "./tables";

/** One direction of a connection, as its policies see it. */
@unmanaged
@final
class Question {
  direction: u32;
  /** Identity of the pod that policies are about. */
  subject: u32;
  /** Identity of the other end, or 0. */
  peer: u32;
  /** Block class of the other end. */
  block: u32;
  portClass: u32;
}

const question = changetype<Question>(memory.data(offsetof<Question>(), 8));

/**
 * Both ends must agree: the source's egress, then the destination's ingress. `locality`: of the
 * source.
 */
export function judge(packet: Packet, decision: Decision, locality: u32): Reason {
  const isSelf =
    packet.sourceHigh == decision.destinationHigh && packet.sourceLow == decision.destinationLow;
  if (isSelf) {
    exempt(PolicyExemption.Self, Direction.Egress);
    return Reason.None;
  }
  question.portClass = classOfPort(packet.protocol, decision.destinationPort);
  const source = findIdentity(packet.sourceHigh, packet.sourceLow);
  const destination = findIdentity(decision.destinationHigh, decision.destinationLow);
  question.block = findBlock(decision.destinationHigh, decision.destinationLow);
  if (!isAllowed(Direction.Egress, source, destination)) return Reason.PolicyDeniedEgress;
  // A pod's own node always gets in: that is how it is probed.
  if (locality & LocalityFlag.Node) {
    exempt(PolicyExemption.OwnNode, Direction.Ingress);
    return Reason.None;
  }
  question.block = findBlock(packet.sourceHigh, packet.sourceLow);
  const isWelcome = isAllowed(Direction.Ingress, destination, source);
  return isWelcome ? Reason.None : Reason.PolicyDeniedIngress;
}

/** The verdict at one end. Numbers as in the returns. */
function isAllowed(direction: Direction, subject: Identity | null, peer: Identity | null): bool {
  // 1. Only pods of this node are judged here.
  if (subject == null || subject.local == 0) {
    if (subject != null) exempt(PolicyExemption.OtherNode, direction);
    return true;
  }
  question.direction = direction;
  question.subject = subject.identity;
  question.peer = peer == null ? 0 : peer.identity;
  // 2. No policy selects the pod for this direction.
  const any = findPolicy(question.subject, direction, PeerKind.Any, 0);
  if (any == null) {
    if (isTracing) trace(Trace.PolicyNotIsolated, question.subject, direction);
    return true;
  }
  // 3. Some rule allows this port to everybody, to this class of pods, or to this address.
  if (hasPortClass(any.portSet, question.portClass)) return allow(PeerKind.Any, 0);
  if (admits(PeerKind.Identity, question.peer)) return allow(PeerKind.Identity, question.peer);
  if (admits(PeerKind.Block, question.block)) return allow(PeerKind.Block, question.block);
  // 4. Isolated, and no rule allows it.
  if (isTracing) {
    const step = trace(Trace.PolicyDenied, question.subject, direction, question.peer);
    step.fourth = question.block;
    step.fifth = question.portClass;
  }
  return false;
}

function admits(kind: PeerKind, peer: u32): bool {
  if (peer == 0) return false;
  const entry = findPolicy(question.subject, question.direction, kind, peer);
  return entry != null && hasPortClass(entry.portSet, question.portClass);
}

function allow(kind: PeerKind, peer: u32): bool {
  if (isTracing) {
    const step = trace(Trace.PolicyAllowed, question.subject, question.direction, kind);
    step.fourth = peer;
    step.fifth = question.portClass;
  }
  return true;
}

function exempt(exemption: PolicyExemption, direction: Direction): void {
  if (isTracing) trace(Trace.PolicyExempt, exemption, direction);
}
