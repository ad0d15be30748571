// May this connection be opened? Judged on the packet as the service left it and before its source
// is masqueraded. Both ends must agree. The number of look-ups is bounded by what one ruleset is
// like, not by how many policies, rules, pods or blocks there are. Sources: Kubernetes
// NetworkPolicySpec; network-policy-api ClusterNetworkPolicySpec.

import { ConfigFlag } from "../abi/config";
import { Direction, Identity, PolicyTier, Ruleset, RulesetFlag, TierAction } from "../abi/policy";
import { LocalityFlag } from "../abi/route";
import { MasqueradeCause, PolicyExemption, Trace } from "../abi/trace-step";
import { Reason } from "../abi/verdict";
import { Decision } from "../packet/decision";
import { Packet } from "../packet/packet";
import { config, isSet } from "../packet/settings";
import { isTracing, trace } from "../packet/trace";
import { IcmpKind } from "../wire/icmp";
import { askFor, consult, openRuling, ruling } from "./ruling";
import { findIdentity, findPolicy, findPolicyBlock, findRuleset } from "./tables";

/** One end of a connection: the pod that is judged, and whom it talks to. */
@unmanaged
@final
class End {
  direction: u32;
  /** Ruleset of the pod; 0 = none. */
  ruleset: u32;
  /** The other end. */
  peerHigh: u64;
  peerLow: u64;
  /** Identity.identity and Identity.neighbour of the other end, or 0. */
  peer: u32;
  neighbour: u32;
  /** What NetworkPolicy lets pass at this end in any case, or None. */
  exemption: u32;
}

const end = changetype<End>(memory.data(offsetof<End>(), 8));

/** Protocol and destination port (wire order), for the trace. */
let protocol: u8 = 0;
let port: u16 = 0;

/**
 * The source's egress, then the destination's ingress. `sourceLocality` and `targetLocality`:
 * LocalityFlag bits of the two ends.
 */
export function judge(
  packet: Packet,
  decision: Decision,
  sourceLocality: u32,
  targetLocality: u32,
): Reason {
  const self = selfExemption(packet, decision);
  if (self != PolicyExemption.None && !decision.isDestinationChosen) return exempt(self);
  if (isSet(ConfigFlag.EssentialIcmp) && isEssential(packet)) {
    return exempt(PolicyExemption.EssentialIcmp);
  }
  const source = findIdentity(packet.sourceHigh, packet.sourceLow);
  const target = findIdentity(decision.destinationHigh, decision.destinationLow);
  protocol = packet.protocol;
  port = decision.destinationPort;
  askFor(protocol, port, target == null ? 0 : target.namedPorts);

  end.direction = Direction.Egress;
  end.exemption = self;
  end.peerHigh = decision.destinationHigh;
  end.peerLow = decision.destinationLow;
  if (isSet(ConfigFlag.AllowToOwnNode) && targetLocality & LocalityFlag.Node) {
    if (isTracing) trace(Trace.PolicyExempt, PolicyExemption.ToOwnNode, Direction.Egress);
  } else if (!admits(source, target)) {
    return Reason.PolicyDeniedEgress;
  }
  end.direction = Direction.Ingress;
  end.exemption = sourceLocality & LocalityFlag.Node ? PolicyExemption.OwnNode : self;
  end.peerHigh = packet.sourceHigh;
  end.peerLow = packet.sourceLow;
  const isNode = isSeenAsNode(packet, decision);
  return admits(target, isNode ? null : source) ? Reason.None : Reason.PolicyDeniedIngress;
}

/** A pod cannot be cut off from itself; the settings may except the way through a Service. */
function selfExemption(packet: Packet, decision: Decision): PolicyExemption {
  const isSelf =
    packet.sourceHigh == decision.destinationHigh && packet.sourceLow == decision.destinationLow;
  if (!isSelf) return PolicyExemption.None;
  const isJudged = decision.isDestinationChosen && isSet(ConfigFlag.JudgeSelfThroughService);
  return isJudged ? PolicyExemption.None : PolicyExemption.Self;
}

/** Makes the node the other end, where the settings say so and the source will be the node's. */
function isSeenAsNode(packet: Packet, decision: Decision): bool {
  if (!isSet(ConfigFlag.JudgeMasqueraded) || decision.masquerade == MasqueradeCause.None) {
    return false;
  }
  const high = packet.family == 4 ? config.node4High : config.node6High;
  const low = packet.family == 4 ? config.node4Low : config.node6Low;
  if ((high | low) == 0) return false;
  end.exemption = PolicyExemption.OwnNode;
  end.peerHigh = high;
  end.peerLow = low;
  return true;
}

function isEssential(packet: Packet): bool {
  return packet.icmpKind == IcmpKind.Request || packet.icmpKind == IcmpKind.Error;
}

/** The verdict at `end`. Numbers as in the returns. */
function admits(subject: Identity | null, peer: Identity | null): bool {
  // 1. Only pods of this node are judged here.
  if (subject == null) return true;
  if (subject.local == 0) return isExempt(PolicyExemption.OtherNode);
  // 2. A pod's own node always gets in, for that is how it is probed: before all rules, unless the
  //    settings put those of the Admin tier first.
  const isOwnNode = end.exemption == PolicyExemption.OwnNode;
  if (isOwnNode && !isSet(ConfigFlag.OwnNodeAfterAdmin)) return isExempt(end.exemption);
  // 3. No policy selects the pod for this direction.
  end.ruleset = end.direction == Direction.Ingress ? subject.ingress : subject.egress;
  const ruleset = findRuleset(end.ruleset);
  if (ruleset == null) {
    if (isTracing) trace(Trace.PolicyNotIsolated, subject.identity, end.direction);
    return true;
  }
  end.peer = peer == null ? 0 : peer.identity;
  end.neighbour = peer == null ? 0 : peer.neighbour;
  consultAll(ruleset);
  // 4. The first rule of the Admin tier, unless it passes.
  const admin = ruling.adminAction;
  if (admin == TierAction.Accept) return settle(true, PolicyTier.Admin, ruling.adminRank);
  if (admin == TierAction.Deny) return settle(false, PolicyTier.Admin, ruling.adminRank);
  if (isOwnNode) return isExempt(end.exemption);
  // 5. NetworkPolicy, where one selects the pod: then it has the last word.
  if (ruleset.flags & RulesetFlag.Isolated) {
    if (end.exemption != PolicyExemption.None) return isExempt(end.exemption);
    return settle(ruling.isAllowed != 0, PolicyTier.NetworkPolicy, 0);
  }
  // 6. The first rule of the Baseline tier; Pass means the default.
  const rank = ruling.baselineRank;
  const baseline = ruling.baselineAction;
  if (baseline == TierAction.None) return settle(true, PolicyTier.Default, 0);
  return settle(baseline != TierAction.Deny, PolicyTier.Baseline, rank);
}

/** What the ruleset says of the peer: as anybody, as a pod, as a neighbour, by its address. */
function consultAll(ruleset: Ruleset): void {
  openRuling();
  consult(ruleset.anySet, ruleset.anyShape);
  if (end.peer != 0) {
    const told = findPolicy(end.ruleset, end.peer);
    if (told == null) consult(ruleset.podsSet, ruleset.podsShape);
    else consult(told.portSet, told.shape);
  }
  if (end.neighbour != 0) {
    const told = findPolicy(end.ruleset, end.neighbour);
    if (told != null) consult(told.portSet, told.shape);
  }
  if (ruleset.flags & RulesetFlag.HasBlocks) {
    const block = findPolicyBlock(end.ruleset, end.peerHigh, end.peerLow);
    if (block != null) consult(block.portSet, block.shape);
  }
}

function settle(isAllowed: bool, tier: PolicyTier, rank: u32): bool {
  if (isTracing) {
    const code = isAllowed ? Trace.PolicyAllowed : Trace.PolicyDenied;
    const step = trace(code, end.ruleset, end.direction, tier);
    step.fourth = rank;
    step.fifth = protocol;
    step.addressHigh = end.peerHigh;
    step.addressLow = end.peerLow;
    step.port = port;
  }
  return isAllowed;
}

function isExempt(exemption: u32): bool {
  if (isTracing) trace(Trace.PolicyExempt, exemption, end.direction);
  return true;
}

/** Both ends at once. */
function exempt(exemption: PolicyExemption): Reason {
  if (isTracing) trace(Trace.PolicyExempt, exemption, Direction.Egress);
  return Reason.None;
}
