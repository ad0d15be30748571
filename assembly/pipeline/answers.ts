// Turning a refusal into what leaves: an ICMP error for those that are told, nothing for the
// others.

import { Config } from "../abi/config";
import { PortKind } from "../abi/route";
import { Trace } from "../abi/trace-step";
import { Reason, Verdict } from "../abi/verdict";
import { answerAt } from "../answer/area";
import { mayAnswer, writeError } from "../answer/icmp-error";
import { Decision, decide } from "../packet/decision";
import { Packet } from "../packet/packet";
import { config } from "../packet/settings";
import { isTracing, trace } from "../packet/trace";
import { countHop, hopsLeft } from "../route/hop";
import { isNodeAddress, portKind } from "../route/route";
import { portUnreachable, timeExceeded } from "../wire/icmp";
import { ICMP, ICMPV6 } from "../wire/transport";

/**
 * Settles a refused packet: rejected with an error to its sender, or dropped. What is forwarded,
 * Linux refuses in the forward hook: behind routing, which wants a hop left, and counts it.
 */
export function refuse(packet: Packet, decision: Decision, reason: Reason): void {
  const isRejected =
    reason == Reason.RejectNoEndpoints || reason == Reason.RejectUnknownServicePort;
  const isBehindRouting =
    isRejected || reason == Reason.NoLocalEndpoints || reason == Reason.UnallocatedServiceAddress;
  const isForwarded = portKind(packet.port) != PortKind.Host && !isForThisNode(packet);
  if (isForwarded && isBehindRouting && hopsLeft(packet) <= 1) {
    expire(packet, decision, false);
  } else if (isRejected) {
    if (isForwarded) countHop(packet.family, packet.network);
    answer(packet, decision, reason, nodeAddress(packet.family));
  } else {
    decide(Verdict.Drop, reason);
  }
}

/**
 * Settles a packet that has no hop left. The error is raised after the destination was translated:
 * it then seems to come from the address that was dialled, otherwise from the node.
 */
export function expire(packet: Packet, decision: Decision, isTranslated: bool): void {
  const dialled = changetype<usize>(packet) + offsetof<Packet>("destinationHigh");
  const source = isTranslated ? dialled : nodeAddress(packet.family);
  answer(packet, decision, Reason.TimeExceeded, source);
}

/** Writes the error, if the packet may be answered and there is somebody to answer. */
function answer(packet: Packet, decision: Decision, reason: Reason, source: usize): void {
  if (!mayAnswer(packet) || !isAddress(source)) {
    decide(Verdict.Drop, reason);
    return;
  }
  const protocol = packet.family == 4 ? ICMP : ICMPV6;
  const message =
    reason == Reason.TimeExceeded ? timeExceeded(protocol) : portUnreachable(protocol);
  decision.outAddress = <u32>answerAt;
  decision.outLengthBytes = writeError(answerAt, packet, message, source);
  decision.outPort = packet.port;
  if (isTracing) {
    const step = trace(Trace.Answered, reason);
    step.addressHigh = load<u64>(source);
    step.addressLow = load<u64>(source, 8);
  }
  decide(Verdict.Reply, reason);
}

/** The node's address of a family, 16 bytes, zeroes if it has none. */
export function nodeAddress(family: u32): usize {
  const at = changetype<usize>(config);
  return family == 4 ? at + offsetof<Config>("node4High") : at + offsetof<Config>("node6High");
}

/** False for 16 bytes of zeroes. */
export function isAddress(at: usize): bool {
  return (load<u64>(at) | load<u64>(at, 8)) != 0;
}

function isForThisNode(packet: Packet): bool {
  return isNodeAddress(packet.destinationHigh, packet.destinationLow);
}
