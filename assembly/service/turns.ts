// What a front-end remembers of the choices made there, for schedulers that go by the one before.
// A front-end that is taken away and comes back may find it again.

import { Endpoint, FrontendKey, Turn } from "../abi/service";
import { Packet } from "../packet/packet";
import {
  HashTable,
  enterKey,
  entryAt,
  nextEntry,
  openHashTable,
  removeKey,
} from "../table/hash-table";
import { findFrontend } from "./tables";

let turns = changetype<HashTable>(0);

const key = changetype<FrontendKey>(memory.data(offsetof<FrontendKey>(), 8));

/** Makes map `turns`: room for as many front-ends as there may be. */
export function openTurns(capacity: u32, seed: u64): HashTable {
  turns = openHashTable(offsetof<FrontendKey>(), offsetof<Turn>(), capacity, seed);
  return turns;
}

/** The memory of the front-end that the packet dials. */
export function turnOf(packet: Packet): Turn {
  key.addressHigh = packet.destinationHigh;
  key.addressLow = packet.destinationLow;
  key.port = packet.destinationPort;
  key.protocol = packet.protocol;
  let turn = enterKey(turns, changetype<usize>(key));
  if (turn == 0) {
    forgetGone();
    turn = enterKey(turns, changetype<usize>(key));
  }
  assert(turn != 0, "there are more front-ends than there can be");
  return changetype<Turn>(turn);
}

/** Remembers the endpoint in a slot as the last one chosen. */
export function rememberTurn(turn: Turn, endpoint: Endpoint, slot: u32): void {
  turn.addressHigh = endpoint.addressHigh;
  turn.addressLow = endpoint.addressLow;
  turn.port = endpoint.port;
  turn.slot = slot;
}

/** Makes room: forgets the front-ends that are no more. */
function forgetGone(): void {
  for (let number = nextEntry(turns, 0); number != 0; number = nextEntry(turns, number)) {
    const entry = entryAt(turns, number);
    if (findFrontend(changetype<FrontendKey>(entry)) == null) removeKey(turns, entry);
  }
}
