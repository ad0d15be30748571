// A packet's walk, and a vector of packets:
//
//   parse -> connection look-up
//     known: state and lifetime -> rewrite -> verdict and one counter
//     new:   service, endpoint -> policy -> route -> source port -> both tuples -> as if known

import { Timeout } from "../abi/connection";
import { PacketDescriptor, PacketFlag } from "../abi/packet-descriptor";
import { PortKind, PortNumber } from "../abi/route";
import { Trace } from "../abi/trace-step";
import { Reason, Verdict } from "../abi/verdict";
import { answerFor } from "../answer/area";
import { ConnectionTable, recordOf, removeConnection } from "../conntrack/connection-table";
import { lifetimeMs } from "../conntrack/lifetime";
import { Progress } from "../conntrack/progress";
import { advance, connectionsOf, findConnection, findRelated } from "../conntrack/track";
import { fateOf, findFirstFragment, openDatagram, settleDatagram } from "../fragment/fragments";
import { countPacket, counters } from "../packet/counters";
import { Decision, decide, decision, openDecision } from "../packet/decision";
import { Packet, current, quoted } from "../packet/packet";
import { parse } from "../packet/parse";
import { isTracing, trace, traceFor, traceRing } from "../packet/trace";
import { portKind } from "../route/route";
import { IcmpKind } from "../wire/icmp";
import { sendAlong, sendError } from "./established";
import { open, passInvalid } from "./open";

/** Processes the first `count` descriptors, one after the other. */
export function processVector(descriptors: usize, count: u32): void {
  traceRing().written = 0;
  for (let number: u32 = 0; number < count; number++) {
    const at = descriptors + <usize>number * offsetof<PacketDescriptor>();
    const descriptor = changetype<PacketDescriptor>(at);
    traceFor(number, (descriptor.flags & PacketFlag.Trace) != 0);
    answerFor(number);
    const refused = parse(descriptor);
    openDecision(current, descriptor.choice);
    if (isTracing) traceParsed(current, refused);
    walk(current, decision, refused);
    settle(descriptor, decision);
  }
}

/** One packet, whole or in pieces, from the parser's word to a settled decision. */
function walk(packet: Packet, decision: Decision, refused: Reason): void {
  if (refused == Reason.None && portKind(packet.port) == PortKind.None) {
    refused = Reason.UnknownPort;
  }
  if (refused != Reason.None) {
    decide(Verdict.Drop, refused);
  } else if (packet.family == 0 || packet.icmpKind == IcmpKind.Neighbour) {
    // ARP, neighbour discovery and the like are between neighbours: the node's own stack answers
    // them.
    decision.outPort = <u16>PortNumber.Host;
    decide(Verdict.Local, Reason.None);
  } else if (packet.isLaterFragment) {
    walkLaterFragment(packet, decision);
  } else if (packet.isFragment) {
    walkFirstFragment(packet, decision);
  } else {
    walkWhole(packet, decision);
  }
}

function walkWhole(packet: Packet, decision: Decision): void {
  const table = connectionsOf(packet.family);
  if (packet.isIcmpError) {
    const related = findRelated(packet, quoted);
    if (related != 0) sendError(table, related, packet, decision);
    else passInvalid(packet, decision, 0, Reason.IcmpUnrelated);
    return;
  }
  const half = findConnection(packet);
  if (half == 0) {
    if (packet.isLaterFragment) passInvalid(packet, decision, 0, Reason.ConntrackInvalid);
    else open(packet, decision);
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
    sendAlong(table, half, packet, decision);
    if (progress == Progress.Ends) forget(table, half);
  }
}

function forget(table: ConnectionTable, half: u32): void {
  removeConnection(table, half >> 1);
  counters.connectionsRemoved++;
}

/** The first fragment is decided about like a whole packet, and leaves its fate behind. */
function walkFirstFragment(packet: Packet, decision: Decision): void {
  const record = openDatagram(packet, lifetimeMs(Timeout.Fragment));
  if (record == null) {
    decide(Verdict.Drop, Reason.FragmentTableFull);
    return;
  }
  walkWhole(packet, decision);
  settleDatagram(record, decision);
}

/**
 * A later fragment has no ports of its own: those of the first one make it part of the connection.
 */
function walkLaterFragment(packet: Packet, decision: Decision): void {
  const first = findFirstFragment(packet);
  if (first == null) {
    decide(Verdict.Drop, Reason.FragmentBeforeFirst);
    return;
  }
  const fate = fateOf(first);
  if (fate != Reason.None) {
    decide(Verdict.Drop, fate);
    return;
  }
  packet.sourcePort = first.sourcePort;
  packet.destinationPort = first.destinationPort;
  packet.icmpType = first.icmpType;
  packet.icmpCode = first.icmpCode;
  decision.destinationPort = first.destinationPort;
  walkWhole(packet, decision);
}

/** Writes the decision into the descriptor, and counts. */
function settle(descriptor: PacketDescriptor, decision: Decision): void {
  const isDropped = decision.verdict == Verdict.Drop;
  const isAnswer = decision.verdict == Verdict.Reply;
  descriptor.verdict = decision.verdict;
  descriptor.reason = decision.reason;
  descriptor.outPort = isDropped ? 0 : decision.outPort;
  descriptor.outAddress = isAnswer ? decision.outAddress : descriptor.address;
  descriptor.outLengthBytes = isAnswer ? decision.outLengthBytes : descriptor.lengthBytes;
  if (isDropped) descriptor.outLengthBytes = 0;
  descriptor.service = decision.service;
  descriptor.effects = decision.effects;
  descriptor.state = decision.state;
  countPacket(decision.verdict, decision.reason, descriptor.lengthBytes);
  if (isTracing) {
    trace(Trace.Decided, decision.verdict, decision.reason, descriptor.outPort);
  }
}

function traceParsed(packet: Packet, refused: Reason): void {
  if (refused != Reason.None) {
    trace(Trace.Refused, refused);
    return;
  }
  const second = packet.icmpKind == IcmpKind.Other ? packet.tcpFlags : packet.icmpType;
  const step = trace(Trace.Parsed, packet.protocol, second);
  step.addressHigh = packet.destinationHigh;
  step.addressLow = packet.destinationLow;
  step.port = packet.destinationPort;
}
