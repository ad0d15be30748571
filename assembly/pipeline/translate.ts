// The tuple a new connection leaves with, and the one that its answers arrive with: what the
// service chose, and a source port that nobody else has. A port is taken only towards the
// destinations it is used for, since it is the whole reply tuple that must be unique.

import { ConfigFlag } from "../abi/config";
import { FlowKey6 } from "../abi/flow-key";
import { Choice, ChoiceFlag } from "../abi/packet-descriptor";
import { PortKind } from "../abi/route";
import { MasqueradeCause, Trace } from "../abi/trace-step";
import { Reason } from "../abi/verdict";
import { ConnectionTable, findHalf } from "../conntrack/connection-table";
import { tuple } from "../conntrack/track";
import { countExhaustion } from "../nat/exhaustions";
import {
  FIRST_PORT,
  IDENTIFIERS,
  PORTS,
  firstTry,
  mayReplace,
  placeAt,
  strideOf,
} from "../nat/port-sequence";
import { Decision } from "../packet/decision";
import { Packet } from "../packet/packet";
import { isSet, seed } from "../packet/settings";
import { isTracing, trace } from "../packet/trace";
import { addressBytes, addressHigh, addressLow, writeAddress, writeInverse } from "../packet/tuple";
import { portKind } from "../route/route";
import { hashWords } from "../table/hash";
import { copyWords } from "../table/words";
import { swap16 } from "../wire/byte-order";
import { IcmpKind } from "../wire/icmp";
import { hasPorts } from "../wire/transport";
import { isAddress, nodeAddress } from "./answers";

/** The tuple the packet leaves with, and its inverse, which is the tuple answers arrive with. */
export const translated: usize = memory.data(offsetof<FlowKey6>(), 8);
export const reply: usize = memory.data(offsetof<FlowKey6>(), 8);

/** Works out `translated` and `reply` for the packet whose tuple is `tuple`. */
export function translate(table: ConnectionTable, packet: Packet, decision: Decision): Reason {
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
  const mayKeep = !isMasqueraded || isSet(ConfigFlag.KeepSourcePort) || !hasSource(packet);
  if (mayKeep && findHalf(table, reply, packet.timeMs) == 0) return Reason.None;
  if (hasSource(packet) && chooseSource(table, packet, decision)) return Reason.None;
  countExhaustion(packet, decision);
  return Reason.MasqueradePortsExhausted;
}

/** True when there is something beside its address that tells a source's connections apart. */
function hasSource(packet: Packet): bool {
  return hasPorts(packet.protocol) || isEcho(packet);
}

function isEcho(packet: Packet): bool {
  return packet.icmpKind == IcmpKind.Request;
}

/**
 * Finds a source port, or an identifier, that makes the reply tuple unique: the caller's choice
 * first. False when there is none.
 */
function chooseSource(table: ConnectionTable, packet: Packet, decision: Decision): bool {
  const wanted = changetype<Choice>(decision.choice);
  if (decision.choice != 0 && wanted.flags & ChoiceFlag.SourcePort) {
    const isLegal =
      isEcho(packet) || mayReplace(swap16(packet.sourcePort), swap16(wanted.sourcePort));
    if (isLegal && isFree(table, packet, wanted.sourcePort)) return chosen(packet, 1);
  }
  const lowest = isEcho(packet) ? 0 : FIRST_PORT;
  const count = isEcho(packet) ? IDENTIFIERS : PORTS;
  const hash = hashWords(tuple, table.keyBytes, seed);
  const first = firstTry(hash, count);
  const stride = strideOf(hash, count);
  for (let tries: u32 = 0; tries < count; tries++) {
    const port = swap16(<u16>(lowest + placeAt(first, stride, tries, count)));
    if (isFree(table, packet, port)) return chosen(packet, tries + 1);
  }
  return false;
}

/** Puts the source into both tuples; true when no live connection has the reply tuple. */
function isFree(table: ConnectionTable, packet: Packet, source: u16): bool {
  const ports = translated + addressBytes(packet.family);
  store<u16>(ports, source);
  if (isEcho(packet)) store<u16>(ports, source, 2);
  writeInverse(reply, translated, packet.family);
  return findHalf(table, reply, packet.timeMs) == 0;
}

function chosen(packet: Packet, tries: u32): bool {
  if (isTracing) {
    const step = trace(Trace.SourceChosen, tries);
    step.addressHigh = addressHigh(translated, packet.family);
    step.addressLow = addressLow(translated, packet.family);
    step.port = load<u16>(translated + addressBytes(packet.family));
  }
  return true;
}
