// The connections that the packets of a vector belong to, looked for before any of them has its
// turn: memory answers many questions at once as fast as one, as long as nothing but questions is
// asked. What is found is a guess, for another packet may open or end the connection first;
// `findConnection` holds it against the tuple.

import { packetAt, tupleOf } from "../packet/packet";
import { writeTuple } from "../packet/tuple";
import { bucketOf, guessReference } from "../table/tag-index";
import { hashKey, readLines } from "./connection-table";
import { connectionsOf } from "./track";

/** What was read ahead, so that nobody can say it was read for nothing. */
export let touched: u32 = 0;

/** Notes in each of the first packets of the vector the half that it seems to belong to. */
export function lookAhead(count: u32): void {
  hashTuples(count);
  let read: u32 = 0;
  for (let number: u32 = 0; number < count; number++) {
    const packet = packetAt(number);
    read ^= load<u8>(bucketOf(connectionsOf(packet.family).index, packet.hash));
  }
  for (let number: u32 = 0; number < count; number++) {
    const packet = packetAt(number);
    const index = connectionsOf(packet.family).index;
    packet.half = packet.hash == 0 ? 0 : guessReference(index, packet.hash);
  }
  for (let number: u32 = 0; number < count; number++) {
    const packet = packetAt(number);
    read ^= readLines(connectionsOf(packet.family), packet.half);
  }
  touched = read;
}

function hashTuples(count: u32): void {
  for (let number: u32 = 0; number < count; number++) {
    const packet = packetAt(number);
    packet.hash = 0;
    if (packet.transport == 0) continue;
    if (!packet.isGlanced) writeTuple(tupleOf(packet), packet);
    packet.hash = hashKey(connectionsOf(packet.family), tupleOf(packet));
  }
}
