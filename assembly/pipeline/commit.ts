// Entering a new connection: the tuple its answers will have, with a source port nobody else has,
// and what rewriting costs each direction.

import { ConfigFlag } from "../abi/config";
import { ConnectionFlag } from "../abi/connection";
import { FlowKey6 } from "../abi/flow-key";
import { Choice, ChoiceFlag, Effect } from "../abi/packet-descriptor";
import { MasqueradeCause, Trace } from "../abi/trace-step";
import { PortKind } from "../abi/route";
import { Reason } from "../abi/verdict";
import {
  ConnectionTable,
  HalfState,
  createConnection,
  findHalf,
  halfState,
  recordOf,
} from "../conntrack/connection-table";
import { begin, connectionsOf, countLoad, tuple } from "../conntrack/track";
import { FIRST_PORT, PORTS, firstTry, portAt, strideOf } from "../nat/port-sequence";
import { networkDelta, transportDelta } from "../nat/translation";
import { Decision } from "../packet/decision";
import { Packet } from "../packet/packet";
import { config, isSet, seed } from "../packet/settings";
import { isTracing, trace } from "../packet/trace";
import { addressBytes, addressHigh, addressLow, writeAddress, writeInverse } from "../packet/tuple";
import { portKind } from "../route/route";
import { hashWords } from "../table/hash";
import { copyWords } from "../table/words";
import { swap16 } from "../wire/byte-order";
import { hasPorts } from "../wire/transport";
import { isAddress, nodeAddress } from "./answers";

/** The tuple the packet leaves with, and its inverse, which is the tuple answers arrive with. */
const translated: usize = memory.data(offsetof<FlowKey6>(), 8);
const reply: usize = memory.data(offsetof<FlowKey6>(), 8);

/** The half that `commit` created. */
export let created: u32 = 0;

/** Enters the connection of the packet whose tuple is `tuple`, in protocol state `state`. */
export function commit(packet: Packet, decision: Decision, state: u8): Reason {
  const table = connectionsOf(packet.family);
  const reason = translate(table, packet, decision);
  if (reason != Reason.None) return reason;
  created = createConnection(table, tuple, reply, packet.timeMs);
  if (created == 0) return Reason.ConntrackFull;
  begin(table, created, packet, state);
  if (decision.isDestinationChosen && isSet(ConfigFlag.CountConnections)) {
    countLoad(recordOf(table, created), packet, decision);
  }
  fillRecord(table, decision);
  fillHalf(table, packet, created);
  fillHalf(table, packet, created | 1);
  keepRoute(halfState(table, created), packet, decision);
  if (isTracing) trace(Trace.ConnectionCreated, decision.service);
  return Reason.None;
}

/** Works out `translated` and `reply`. */
function translate(table: ConnectionTable, packet: Packet, decision: Decision): Reason {
  const family = packet.family;
  const bytes = addressBytes(family);
  copyWords(translated, tuple, table.keyBytes);
  const destination = translated + (bytes >> 1);
  writeAddress(destination, family, decision.destinationHigh, decision.destinationLow);
  if (hasPorts(packet.protocol)) store<u16>(translated + bytes, decision.destinationPort, 2);

  const leaves = portKind(decision.outPort) != PortKind.Host;
  const isMasqueraded = decision.masquerade != MasqueradeCause.None && leaves;
  if (isMasqueraded) {
    const source = nodeAddress(family);
    if (!isAddress(source)) return Reason.NoMasqueradeAddress;
    writeAddress(translated, family, load<u64>(source), load<u64>(source, 8));
  }
  writeInverse(reply, translated, family);
  const needsPort = isMasqueraded && hasPorts(packet.protocol);
  if (!needsPort && findHalf(table, reply, packet.timeMs) == 0) return Reason.None;
  if (!hasPorts(packet.protocol)) return Reason.MasqueradePortsExhausted;
  return choosePort(table, packet, decision);
}

/** Finds a source port that makes the reply tuple unique, the caller's choice first. */
function choosePort(table: ConnectionTable, packet: Packet, decision: Decision): Reason {
  const wanted = changetype<Choice>(decision.choice);
  if (decision.choice != 0 && wanted.flags & ChoiceFlag.SourcePort) {
    const isLegal = swap16(wanted.sourcePort) >= FIRST_PORT;
    if (isLegal && isFree(table, packet, wanted.sourcePort)) return chosen(packet, 1);
  }
  const hash = hashWords(tuple, table.keyBytes, seed);
  const first = firstTry(hash);
  const stride = strideOf(hash);
  for (let tries: u32 = 0; tries < PORTS; tries++) {
    const port = swap16(portAt(first, stride, tries));
    if (isFree(table, packet, port)) return chosen(packet, tries + 1);
  }
  return Reason.MasqueradePortsExhausted;
}

/** Puts the port into both tuples; true when no live connection has the reply tuple. */
function isFree(table: ConnectionTable, packet: Packet, port: u16): bool {
  store<u16>(translated + addressBytes(packet.family), port);
  writeInverse(reply, translated, packet.family);
  return findHalf(table, reply, packet.timeMs) == 0;
}

function chosen(packet: Packet, tries: u32): Reason {
  if (isTracing) {
    const step = trace(Trace.SourceChosen, tries);
    step.addressHigh = addressHigh(translated, packet.family);
    step.addressLow = addressLow(translated, packet.family);
    step.port = load<u16>(translated + addressBytes(packet.family));
  }
  return Reason.None;
}

function fillRecord(table: ConnectionTable, decision: Decision): void {
  const record = recordOf(table, created);
  const changes = changesBetween(tuple, translated, table.family);
  record.service = decision.service;
  record.policyRevision = config.policyRevision;
  if (changes & Effect.SourceTranslated) record.flags |= <u8>ConnectionFlag.SourceTranslated;
  if (changes & Effect.DestinationTranslated) {
    record.flags |= <u8>ConnectionFlag.DestinationTranslated;
  }
}

/** Fills one direction: it turns its own key into the inverse of the other's. */
function fillHalf(table: ConnectionTable, packet: Packet, half: u32): void {
  const isReply = (half & 1) != 0;
  const from = isReply ? reply : tuple;
  const to = isReply ? tuple : reply;
  const state = halfState(table, half);
  state.networkDelta = <u16>networkDelta(packet.family, from, to);
  state.transportDelta = <u16>transportDelta(packet.family, packet.protocol, from, to);
  const changes = changesBetween(tuple, translated, packet.family);
  state.effects = isReply ? mirrored(changes) | (<u8>Effect.ReplyDirection) : changes;
}

/** The packet's way holds for those after it, until routes change. */
export function keepRoute(state: HalfState, packet: Packet, decision: Decision): void {
  state.inPort = packet.port;
  state.outPort = decision.outPort;
  state.routeRevision = config.routeRevision;
}

/** Effect bits: which end differs between two tuples. */
function changesBetween(from: usize, to: usize, family: u32): u8 {
  const bytes = addressBytes(family);
  const half = bytes >> 1;
  let effects: u8 = 0;
  if (memory.compare(from, to, half) != 0 || load<u16>(from + bytes) != load<u16>(to + bytes)) {
    effects |= <u8>Effect.SourceTranslated;
  }
  const isSameAddress = memory.compare(from + half, to + half, half) == 0;
  if (!isSameAddress || load<u16>(from + bytes, 2) != load<u16>(to + bytes, 2)) {
    effects |= <u8>Effect.DestinationTranslated;
  }
  return effects;
}

/** What is source one way is destination the other. */
function mirrored(effects: u8): u8 {
  return ((effects & 1) << 1) | ((effects >> 1) & 1);
}
