// Live connections counted by front-end and endpoint: map `loads`. Connection tracking changes the
// counts, schedulers read them, and neither knows the other. An entry is there while it counts
// something, so an endpoint that was taken away still has its own until its connections are gone.

import { Endpoint, Load, LoadKey } from "../abi/service";
import {
  HashTable,
  enterKey,
  entryAt,
  findValue,
  openHashTable,
  removeKey,
} from "../table/hash-table";
import { clearWords } from "../table/words";
import { counters } from "./counters";
import { Decision } from "./decision";
import { Packet } from "./packet";

let loads = changetype<HashTable>(0);

const key = changetype<LoadKey>(memory.data(offsetof<LoadKey>(), 8));

/** Whose connections are counted. */
export enum Clients {
  All,
  /** The packet's source alone. */
  One,
}

/** Makes map `loads`. */
export function openLoads(capacity: u32, seed: u64): HashTable {
  loads = openHashTable(offsetof<LoadKey>(), offsetof<Load>(), capacity, seed);
  return loads;
}

/** What is counted at this endpoint through the front-end that the packet dials, or null. */
export function findLoad(packet: Packet, endpoint: Endpoint, clients: Clients): Load | null {
  writeKey(packet, endpoint, clients);
  return changetype<Load | null>(findValue(loads, changetype<usize>(key)));
}

/** As `findLoad`, but entered if it is not there; null when there is no room. */
export function enterLoad(packet: Packet, endpoint: Endpoint): Load | null {
  writeKey(packet, endpoint, Clients.All);
  return changetype<Load | null>(enterKey(loads, changetype<usize>(key)));
}

/** Marks the entry under a key with flags; false when there is no room for it. */
export function flagLoad(at: usize, flags: u32): bool {
  const value = enterKey(loads, at);
  if (value != 0) changetype<Load>(value).flags |= flags;
  return value != 0;
}

/** Forgets an entry that says nothing any more. */
export function settleLoad(load: Load): void {
  if ((load.active | load.inactive | load.flags) != 0) return;
  removeKey(loads, changetype<usize>(load) - loads.keyBytes);
}

/**
 * Counts a new connection to where the decision sends it. Returns what it is known by to
 * `moveConnection` and `uncountConnection`; 0 when there is no room to count it.
 */
export function countConnection(packet: Packet, decision: Decision, isActive: bool): u32 {
  clearWords(changetype<usize>(key), offsetof<LoadKey>());
  writeFrontend(packet);
  key.endpointHigh = decision.destinationHigh;
  key.endpointLow = decision.destinationLow;
  key.endpointPort = decision.destinationPort;
  const total = enterKey(loads, changetype<usize>(key));
  let number = numberOf(total);
  if (total != 0 && decision.isClientCounted) {
    writeClient(packet);
    const own = enterKey(loads, changetype<usize>(key));
    if (own != 0) changetype<Load>(own).total = number;
    else settleLoad(changetype<Load>(total));
    number = numberOf(own);
  }
  if (number == 0) counters.loadsRefused++;
  for (let at = number; at != 0; at = loadAt(at).total) add(loadAt(at), isActive, 1);
  return number;
}

/** A connection became active or inactive. */
export function moveConnection(number: u32, isActive: bool): void {
  for (let at = number; at != 0; at = loadAt(at).total) {
    add(loadAt(at), !isActive, -1);
    add(loadAt(at), isActive, 1);
  }
}

/** A connection is gone. */
export function uncountConnection(number: u32, wasActive: bool): void {
  while (number != 0) {
    const load = loadAt(number);
    number = load.total;
    add(load, wasActive, -1);
    settleLoad(load);
  }
}

function add(load: Load, isActive: bool, change: i32): void {
  if (isActive) load.active += change;
  else load.inactive += change;
}

function writeKey(packet: Packet, endpoint: Endpoint, clients: Clients): void {
  clearWords(changetype<usize>(key), offsetof<LoadKey>());
  writeFrontend(packet);
  if (clients == Clients.One) writeClient(packet);
  key.endpointHigh = endpoint.addressHigh;
  key.endpointLow = endpoint.addressLow;
  key.endpointPort = endpoint.port;
}

function writeFrontend(packet: Packet): void {
  key.frontendHigh = packet.destinationHigh;
  key.frontendLow = packet.destinationLow;
  key.frontendPort = packet.destinationPort;
  key.protocol = packet.protocol;
}

function writeClient(packet: Packet): void {
  key.clientHigh = packet.sourceHigh;
  key.clientLow = packet.sourceLow;
}

/** Number of the entry with this value; 0 for no value. */
function numberOf(value: usize): u32 {
  const stride = loads.keyBytes + loads.valueBytes;
  return value == 0 ? 0 : <u32>((value - loads.entries) / stride);
}

function loadAt(number: u32): Load {
  return changetype<Load>(entryAt(loads, number) + loads.keyBytes);
}
