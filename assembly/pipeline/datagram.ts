// A datagram in pieces. The first fragment is decided about like a whole packet; the others are
// translated alike and share its fate, in whatever order they come: those that come before it are
// held. Sources: RFC 791, section 3.2; RFC 8200, section 4.5.

import { Timeout } from "../abi/connection";
import { FlowKey6 } from "../abi/flow-key";
import { Fragment, FragmentFlag } from "../abi/fragment";
import { Effect, PacketDescriptor } from "../abi/packet-descriptor";
import { PortKind } from "../abi/route";
import { Trace } from "../abi/trace-step";
import { Reason, Verdict } from "../abi/verdict";
import { lifetimeMs } from "../conntrack/lifetime";
import { advance, connectionsOf, findConnection } from "../conntrack/track";
import { addFragment, openDatagram, settleDatagram } from "../fragment/fragments";
import { hold } from "../fragment/held";
import { addressesAt, rewriteTuple } from "../nat/rewrite";
import { addressDelta } from "../nat/translation";
import { Decision, decide } from "../packet/decision";
import { Packet } from "../packet/packet";
import { isTracing, trace } from "../packet/trace";
import { addressBytes, writeAddress } from "../packet/tuple";
import { portKind } from "../route/route";
import { BOTH, leave, mayLeave } from "./established";
import { walkWhole } from "./whole";

/** Addresses that a later fragment leaves with, at the front of a key. */
const target: usize = memory.data(offsetof<FlowKey6>(), 8);

/** The datagram that the current packet is a piece of, or null. */
export let datagram: Fragment | null = null;

/** The current packet is another one. */
export function forgetDatagram(): void {
  datagram = null;
}

/** One fragment, from the parser's word to a settled decision. */
export function walkFragment(
  descriptor: PacketDescriptor,
  packet: Packet,
  decision: Decision,
): void {
  const record = openDatagram(packet, lifetimeMs(Timeout.Fragment));
  if (record == null) {
    decide(Verdict.Drop, Reason.FragmentTableFull);
    return;
  }
  datagram = record;
  const sourcePort = packet.sourcePort;
  const destinationPort = packet.destinationPort;
  const refused = addFragment(record, packet);
  if (refused != Reason.None) {
    decide(Verdict.Drop, refused);
    if (refused == Reason.FragmentOverlap) settleFirst(record, packet, decision);
  } else if (!packet.isLaterFragment) {
    walkWhole(packet, decision);
    settleFirst(record, packet, decision);
    record.sourcePort = sourcePort;
    record.destinationPort = destinationPort;
    record.icmpType = packet.icmpType;
    record.icmpCode = packet.icmpCode;
  } else if (record.flags & FragmentFlag.Settled) {
    followFirst(packet, decision, record);
  } else {
    const isHeld = hold(descriptor, record);
    const reason = isHeld ? Reason.FragmentBeforeFirst : Reason.FragmentHoldFull;
    decide(isHeld ? Verdict.Hold : Verdict.Drop, reason);
  }
}

/** What the parser refused of a first fragment is refused of the whole datagram. */
export function refuseFirst(packet: Packet, decision: Decision): void {
  if (!packet.isFragment || packet.isLaterFragment || packet.transport == 0) return;
  const record = openDatagram(packet, lifetimeMs(Timeout.Fragment));
  if (record == null) return;
  datagram = record;
  settleFirst(record, packet, decision);
}

function settleFirst(record: Fragment, packet: Packet, decision: Decision): void {
  settleDatagram(record, packet, decision, addressesAt(packet));
}

/** Sends a later fragment where the first one went, translated alike. */
export function followFirst(packet: Packet, decision: Decision, first: Fragment): void {
  if (isTracing) trace(Trace.FragmentFollows, first.verdict);
  decision.service = first.service;
  decision.state = first.state;
  decision.effects = first.effects & ~(<u8>Effect.Created);
  decision.outPort = first.outPort;
  if (first.verdict == Verdict.Drop || first.verdict == Verdict.Reply) {
    decide(Verdict.Drop, <Reason>first.reason);
    return;
  }
  // Its pod may have gone since.
  if (portKind(first.outPort) == PortKind.None) {
    decide(Verdict.Drop, Reason.NoRoute);
    return;
  }
  packet.protocol = first.protocol;
  packet.sourcePort = first.sourcePort;
  packet.destinationPort = first.destinationPort;
  packet.icmpType = first.icmpType;
  packet.icmpCode = first.icmpCode;
  if (!(first.effects & (Effect.Related | Effect.Invalid))) {
    const half = findConnection(packet);
    if (half != 0) advance(connectionsOf(packet.family), half, packet);
  }
  if (!mayLeave(packet, decision)) return;
  if (first.effects & BOTH) takeAddresses(packet, first);
  leave(packet, decision);
}

function takeAddresses(packet: Packet, first: Fragment): void {
  const family = packet.family;
  const half = addressBytes(family) >> 1;
  writeAddress(target, family, first.sourceHigh, first.sourceLow);
  writeAddress(target + half, family, first.destinationHigh, first.destinationLow);
  rewriteTuple(packet, target, addressDelta(family, addressesAt(packet), target), 0);
}
