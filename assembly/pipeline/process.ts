// A packet's walk, and a vector of packets:
//
//   glance or parse, all packets -> look ahead for their connections -> then each in turn:
//     known, and nothing new: express
//     known: state and lifetime -> rewrite -> verdict and one counter
//     new:   service, endpoint -> policy -> route -> source port -> both tuples -> as if known

import { FragmentFlag } from "../abi/fragment";
import { PacketDescriptor, PacketFlag } from "../abi/packet-descriptor";
import { PortKind, PortNumber } from "../abi/route";
import { Trace } from "../abi/trace-step";
import { Reason, Verdict } from "../abi/verdict";
import { answerFor } from "../answer/area";
import { closeDatagram, isWhole } from "../fragment/fragments";
import { beginCall, endCall, takeNextExpired, takeNextOf } from "../fragment/held";
import { countFate, countPacket, countPassed, counters } from "../packet/counters";
import { Decision, decide, decision, openDecision } from "../packet/decision";
import { glance } from "../packet/glance";
import { lookAhead } from "../conntrack/lookahead";
import { Packet, clearPacket, forgetLookAhead, packetAt, single } from "../packet/packet";
import { parse, parseQuoted } from "../packet/parse";
import { isTracing, trace, traceFor, traceRing } from "../packet/trace";
import { portKind } from "../route/route";
import { IcmpKind } from "../wire/icmp";
import { datagram, followFirst, forgetDatagram, refuseFirst, walkFragment } from "./datagram";
import { passAlong } from "./express";
import { mayEnter } from "./options";
import { walkWhole } from "./whole";

/** Processes the first `count` descriptors, one after the other. */
export function processVector(descriptors: usize, count: u32): void {
  traceRing().written = 0;
  beginCall();
  look(descriptors, count);
  let passed: u32 = 0;
  let passedBytes: u64 = 0;
  for (let number: u32 = 0; number < count; number++) {
    const descriptor = descriptorAt(descriptors, number);
    const packet = packetAt(number);
    dropExpired(descriptor.timeMs, number);
    if (packet.half != 0 && packet.isGlanced && passAlong(descriptor, packet)) {
      passed++;
      passedBytes += descriptor.lengthBytes;
    } else {
      take(descriptor, packet, number);
    }
  }
  countPassed(passed, passedBytes);
  endCall();
}

/** Looks at all packets before the first has its turn. One that is alone is not worth a glance. */
function look(descriptors: usize, count: u32): void {
  for (let number: u32 = 0; number < count; number++) {
    const descriptor = descriptorAt(descriptors, number);
    const packet = packetAt(number);
    if (count == 1 || !glance(descriptor, packet)) packet.refused = <u8>parse(descriptor, packet);
  }
  if (count > 1) lookAhead(count);
  else forgetLookAhead(packetAt(0));
}

/** Takes packet `number` of the vector the whole way. */
function take(descriptor: PacketDescriptor, packet: Packet, number: u32): void {
  if (packet.isGlanced) packet.refused = <u8>parse(descriptor, packet);
  traceFor(number, (descriptor.flags & PacketFlag.Trace) != 0);
  answerFor(number);
  forgetDatagram();
  let refused: Reason = packet.refused;
  if (refused == Reason.None && packet.isIcmpError) refused = parseQuoted(packet);
  openDecision(packet, descriptor.choice);
  if (isTracing) traceParsed(packet, refused);
  descriptor.held = 0;
  walk(descriptor, packet, decision, refused);
  countPacket(descriptor.lengthBytes);
  settle(descriptor, decision);
  releaseHeld(number);
}

function descriptorAt(descriptors: usize, number: u32): PacketDescriptor {
  return changetype<PacketDescriptor>(descriptors + <usize>number * offsetof<PacketDescriptor>());
}

/** One packet, whole or in pieces, from the parser's word to a settled decision. */
function walk(
  descriptor: PacketDescriptor,
  packet: Packet,
  decision: Decision,
  refused: Reason,
): void {
  if (portKind(packet.port) == PortKind.None) {
    decide(Verdict.Drop, refused == Reason.None ? Reason.UnknownPort : refused);
  } else if (refused != Reason.None) {
    decide(Verdict.Drop, refused);
    refuseFirst(packet, decision);
  } else if (packet.hasOptions && !mayEnter(packet, decision)) {
    refuseFirst(packet, decision);
  } else if (packet.family == 0 || packet.icmpKind == IcmpKind.Neighbour) {
    // ARP, neighbour discovery and the like are between neighbours: the node's own stack answers
    // them.
    decision.outPort = <u16>PortNumber.Host;
    decide(Verdict.Local, Reason.None);
  } else if (packet.isFragment) {
    walkFragment(descriptor, packet, decision);
  } else {
    walkWhole(packet, decision);
  }
}

/** Sends what was held for the datagram of the current packet, once its first fragment is there. */
function releaseHeld(after: u32): void {
  const record = datagram;
  if (record == null) return;
  if (record.flags & FragmentFlag.Settled && record.flags & FragmentFlag.Awaited) {
    const serial = record.serial;
    for (let next = takeNextOf(serial, after); next != null; next = takeNextOf(serial, after)) {
      // It was sound when it came, and its port is known.
      parse(next, single);
      openDecision(single, 0);
      followFirst(single, decision, record);
      counters.held--;
      settle(next, decision);
    }
  }
  if (isWhole(record)) closeDatagram(record);
}

/** Drops the held fragments whose time is over. */
function dropExpired(nowMs: u64, after: u32): void {
  for (let next = takeNextExpired(nowMs, after); next != null;) {
    traceFor(after, false);
    clearPacket(single);
    openDecision(single, 0);
    decide(Verdict.Drop, Reason.FragmentTimeout);
    counters.held--;
    settle(next, decision);
    next = takeNextExpired(nowMs, after);
  }
}

/** Writes the decision into the descriptor, and counts. */
function settle(descriptor: PacketDescriptor, decision: Decision): void {
  const isDropped = decision.verdict == Verdict.Drop || decision.verdict == Verdict.Hold;
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
  countFate(decision.verdict, decision.reason);
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
