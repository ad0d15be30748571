// Turning a refusal into what leaves: an ICMP error for those that are told, nothing for the
// others.

import { Config } from "../abi/config";
import { PortKind } from "../abi/route";
import { Trace } from "../abi/trace-step";
import { Reason, Verdict } from "../abi/verdict";
import { answerAt } from "../answer/area";
import { mayAnswer, writeError } from "../answer/icmp-error";
import { spendError } from "../answer/limit";
import { Decision, decide } from "../packet/decision";
import { mustReport } from "../packet/hop-by-hop";
import { Packet } from "../packet/packet";
import { problemAt } from "../packet/problem";
import { config } from "../packet/settings";
import { isTracing, trace } from "../packet/trace";
import { countHop, hopsLeft } from "../route/hop";
import { isNodeAddress, mtuBytesOf, portKind } from "../route/route";
import {
  ERRONEOUS_FIELD,
  UNKNOWN_NEXT_HEADER,
  UNKNOWN_OPTION,
  packetTooBig,
  parameterProblem,
  portUnreachable,
  timeExceeded,
} from "../wire/icmp";
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
    answerOnTheWay(packet, decision, Reason.TimeExceeded, false);
  } else if (isRejected) {
    if (isForwarded) countHop(packet.family, packet.network);
    answer(packet, decision, reason, nodeAddress(packet.family));
  } else {
    decide(Verdict.Drop, reason);
  }
}

/**
 * Settles a packet that cannot go on. `isDialled`: the error seems to come from the address that
 * was dialled, because that was translated before the error is raised, or is the node's own;
 * otherwise it comes from the node.
 */
export function answerOnTheWay(
  packet: Packet,
  decision: Decision,
  reason: Reason,
  isDialled: bool,
): void {
  const dialled = changetype<usize>(packet) + offsetof<Packet>("destinationHigh");
  answer(packet, decision, reason, isDialled ? dialled : nodeAddress(packet.family));
}

/** Writes the error, if the packet may be answered now and there is somebody to answer. */
function answer(packet: Packet, decision: Decision, reason: Reason, source: usize): void {
  const isOfGroups = reason == Reason.UnknownIpOption && mustReport(packet);
  if (!mayAnswer(packet, isOfGroups) || !isAddress(source) || !spendError(packet.timeMs)) {
    decide(Verdict.Drop, reason);
    return;
  }
  const icmp = headerFor(reason, packet.family, decision.outPort);
  decision.outAddress = <u32>answerAt;
  decision.outLengthBytes = writeError(answerAt, packet, icmp, source);
  decision.outPort = packet.port;
  if (isTracing) {
    const step = trace(Trace.Answered, reason);
    step.addressHigh = load<u64>(source);
    step.addressLow = load<u64>(source, 8);
  }
  decide(Verdict.Reply, reason);
}

/** ICMP header of the error for a reason; `outPort`: whose MTU it is about. */
function headerFor(reason: Reason, family: u32, outPort: u16): u64 {
  const protocol = family == 4 ? ICMP : ICMPV6;
  switch (reason) {
    case Reason.TimeExceeded:
      return timeExceeded(protocol);
    case Reason.PacketTooBig:
      return packetTooBig(protocol, mtuBytesOf(outPort));
    case Reason.BadIpOption:
      return parameterProblem(protocol, ERRONEOUS_FIELD, problemAt);
    case Reason.UnknownIpOption:
      return parameterProblem(protocol, UNKNOWN_OPTION, problemAt);
    case Reason.MisplacedHopByHop:
      return parameterProblem(protocol, UNKNOWN_NEXT_HEADER, problemAt);
    default:
      return portUnreachable(protocol);
  }
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
