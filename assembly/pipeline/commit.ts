// Entering a new connection: both tuples, and what rewriting costs each direction.

import { ConfigFlag } from "../abi/config";
import { ConnectionFlag } from "../abi/connection";
import { Effect } from "../abi/packet-descriptor";
import { Trace } from "../abi/trace-step";
import { Reason } from "../abi/verdict";
import {
  ConnectionTable,
  createConnection,
  halfState,
  keyOf,
  recordOf,
} from "../conntrack/connection-table";
import { begin, connectionsOf, countLoad, tuple } from "../conntrack/track";
import { fillTranslation } from "../nat/translation";
import { Decision } from "../packet/decision";
import { Packet } from "../packet/packet";
import { config, isSet } from "../packet/settings";
import { HalfState } from "../packet/half-state";
import { isTracing, trace } from "../packet/trace";
import { mtuBytesOf } from "../route/route";
import { isForwarded } from "./crossing";
import { reply, translate } from "./translate";

/** The half that `commit` created. */
export let created: u32 = 0;

/** Enters the connection of the packet whose tuple is `tuple`. */
export function commit(packet: Packet, decision: Decision): Reason {
  const table = connectionsOf(packet.family);
  const reason = translate(table, packet, decision);
  if (reason != Reason.None) return reason;
  created = createConnection(table, tuple, reply, packet.timeMs);
  if (created == 0) return Reason.ConntrackFull;
  begin(table, created, packet);
  if (decision.isDestinationChosen && isSet(ConfigFlag.CountConnections)) {
    countLoad(recordOf(table, created), packet, decision);
  }
  fillHalf(table, created);
  fillHalf(table, created | 1);
  fillRecord(table, decision);
  keepRoute(halfState(table, created), packet, decision);
  if (isTracing) trace(Trace.ConnectionCreated, decision.service);
  return Reason.None;
}

function fillRecord(table: ConnectionTable, decision: Decision): void {
  const record = recordOf(table, created);
  const changes = halfState(table, created).effects;
  record.service = decision.service;
  record.policyRevision = config.policyRevision;
  if (changes & Effect.SourceTranslated) record.flags |= <u8>ConnectionFlag.SourceTranslated;
  if (changes & Effect.DestinationTranslated) {
    record.flags |= <u8>ConnectionFlag.DestinationTranslated;
  }
}

function fillHalf(table: ConnectionTable, half: u32): void {
  const state = halfState(table, half);
  fillTranslation(state, table.family, keyOf(table, half), keyOf(table, half ^ 1));
}

/** The packet's way holds for those after it, until routes change. */
export function keepRoute(state: HalfState, packet: Packet, decision: Decision): void {
  state.inPort = packet.port;
  state.outPort = decision.outPort;
  state.routeRevision = config.routeRevision;
  state.mtuBytes = 0;
  if (isForwarded(packet, decision)) {
    const mtuBytes = mtuBytesOf(decision.outPort);
    state.mtuBytes = mtuBytes == 0 ? 0xffff : mtuBytes;
  }
}
