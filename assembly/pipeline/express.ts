// The packet that nothing happens to: its connection goes on as it did, along a way that has not
// changed. What `sendAlong` does to it in the end, without asking on the way what else could be.
// Whatever is unusual has to take the whole walk, and nothing has been touched then.

import { PacketDescriptor } from "../abi/packet-descriptor";
import { Reason, Verdict } from "../abi/verdict";
import { keyOf, recordOf, stateBehind } from "../conntrack/connection-table";
import { goOn } from "../conntrack/steady";
import { connectionsOf } from "../conntrack/track";
import { rewriteAlong } from "../nat/rewrite";
import { Packet, tupleOf } from "../packet/packet";
import { config } from "../packet/settings";
import { countHop, hopsLeft } from "../route/hop";
import { BOTH } from "./established";
import { isOutdated } from "./revalidate";

/** Sends a packet that was glanced at; false if it has to take the whole walk. */
export function passAlong(descriptor: PacketDescriptor, packet: Packet): bool {
  const half = packet.half;
  const table = connectionsOf(packet.family);
  const record = recordOf(table, half);
  const key = keyOf(table, half);
  const state = stateBehind(table, key);
  if (descriptor.flags != 0 || !isKeyOf(packet, key)) return false;
  if (record.expiresAtMs <= packet.timeMs || isOutdated(table, half)) return false;
  if (state.routeRevision != config.routeRevision || state.inPort != packet.port) return false;
  if (packet.networkBytes > state.mtuBytes || hopsLeft(packet) <= 1) return false;
  if (!goOn(table, record, half & 1, packet)) return false;
  if (state.effects & BOTH) rewriteAlong(packet, keyOf(table, half ^ 1), state);
  countHop(packet.family, packet.network);
  descriptor.verdict = <u8>Verdict.Forward;
  descriptor.reason = <u8>Reason.None;
  descriptor.outPort = state.outPort;
  descriptor.outAddress = descriptor.address;
  descriptor.outLengthBytes = descriptor.lengthBytes;
  descriptor.service = record.service;
  descriptor.effects = state.effects;
  descriptor.state = record.state;
  descriptor.held = 0;
  return true;
}

/** Compares word by word: a loop would cost more than what it does. */
function isKeyOf(packet: Packet, key: usize): bool {
  const tuple = tupleOf(packet);
  if (load<u64>(key) != load<u64>(tuple) || load<u64>(key, 8) != load<u64>(tuple, 8)) return false;
  if (packet.family == 4) return true;
  const third = load<u64>(key, 16) ^ load<u64>(tuple, 16);
  const fourth = load<u64>(key, 24) ^ load<u64>(tuple, 24);
  return (third | fourth | (load<u64>(key, 32) ^ load<u64>(tuple, 32))) == 0;
}
