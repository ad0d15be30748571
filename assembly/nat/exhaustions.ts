// Counts, by destination, the connections that found no masquerade port: map `exhaustions`.

import { Exhaustion, ExhaustionKey } from "../abi/exhaustion";
import { Decision } from "../packet/decision";
import { Packet } from "../packet/packet";
import { HashTable, enterKey, openHashTable } from "../table/hash-table";
import { hasPorts } from "../wire/transport";

/** So many destinations have counts of their own; the total is that of the reason. */
const DESTINATIONS: u32 = 1024;

let exhaustions = changetype<HashTable>(0);

const key = changetype<ExhaustionKey>(memory.data(offsetof<ExhaustionKey>(), 8));

/** Makes map `exhaustions`. */
export function openExhaustions(seed: u64): HashTable {
  exhaustions = openHashTable(
    offsetof<ExhaustionKey>(),
    offsetof<Exhaustion>(),
    DESTINATIONS,
    seed,
  );
  return exhaustions;
}

/** Counts a packet that goes nowhere for want of a port. */
export function countExhaustion(packet: Packet, decision: Decision): void {
  key.destinationHigh = decision.destinationHigh;
  key.destinationLow = decision.destinationLow;
  key.port = hasPorts(packet.protocol) ? decision.destinationPort : 0;
  key.protocol = packet.protocol;
  const value = enterKey(exhaustions, changetype<usize>(key));
  if (value == 0) return;
  const entry = changetype<Exhaustion>(value);
  entry.packets++;
  entry.lastMs = packet.timeMs;
}
