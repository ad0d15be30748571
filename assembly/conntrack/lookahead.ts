// The connections that the packets of a vector belong to, looked for before any of them has its
// turn: memory answers many questions at once as fast as one. What is found is a guess, for another
// packet may open or end the connection first; `findConnection` holds it against the tuple.

import { FlowKey6 } from "../abi/flow-key";
import { Packet, packetAt } from "../packet/packet";
import { writeTuple } from "../packet/tuple";
import { bucketOf, guessReference } from "../table/tag-index";
import { hashKey, keyOf, recordOf } from "./connection-table";
import { connectionsOf } from "./track";

const key: usize = memory.data(offsetof<FlowKey6>(), 8);

/** What was read ahead, so that nobody can say it was read for nothing. */
export let touched: u32 = 0;

/** Notes in each of the first packets of the vector the half that it seems to belong to. */
export function lookAhead(count: u32): void {
  for (let number: u32 = 0; number < count; number++) hashTuple(packetAt(number));
  for (let number: u32 = 0; number < count; number++) guessHalf(packetAt(number));
}

function hashTuple(packet: Packet): void {
  if (packet.transport == 0) return;
  const table = connectionsOf(packet.family);
  writeTuple(key, packet);
  packet.hash = hashKey(table, key);
  touched ^= load<u8>(bucketOf(table.index, packet.hash));
}

function guessHalf(packet: Packet): void {
  if (packet.hash == 0) return;
  const table = connectionsOf(packet.family);
  packet.half = guessReference(table.index, packet.hash);
  const record = recordOf(table, packet.half);
  touched ^= load<u8>(keyOf(table, packet.half)) ^ record.state ^ (<u32>record.replyPackets);
}
