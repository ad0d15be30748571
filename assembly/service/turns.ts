// What a front-end remembers of the choices made there, for schedulers that go by the one before.
// A front-end that is taken away and comes back may find it again.

import { Endpoint, FrontendKey } from "../abi/service";
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

/** The memory of one front-end; all zero while nothing was chosen. */
@unmanaged
@final
export class Turn {
  /** Where the endpoint is that was chosen last. */
  addressHigh: u64;
  addressLow: u64;
  /** When the set of servers changed (scheduler lblcr). */
  changedAtMs: u64;
  port: u16;
  zero0: u16;
  /** Which slot it was in. */
  slot: u32;
}

let turns = changetype<HashTable>(0);

const key = changetype<FrontendKey>(memory.data(offsetof<FrontendKey>(), 8));

/** Makes room to remember for as many front-ends as there may be. */
export function openTurns(capacity: u32, seed: u64): void {
  turns = openHashTable(offsetof<FrontendKey>(), offsetof<Turn>(), capacity, seed);
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
