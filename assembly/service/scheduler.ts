// How an endpoint is chosen from a set when not at random: by Maglev table, or as the schedulers of
// Linux ipvs do, with weight 1 for everybody. Endpoints are tried in the order of their slots, so
// of equals the first is taken. Source: Linux net/netfilter/ipvs, one file a scheduler.

import { Balancing } from "../abi/config";
import { Endpoint, Load, LoadFlag, Turn } from "../abi/service";
import { Clients, enterLoad, findLoad, settleLoad } from "../packet/loads";
import { Packet } from "../packet/packet";
import { config, seed } from "../packet/settings";
import { hashWords, reduce } from "../table/hash";
import { findEndpoint, findMaglevEndpoint } from "./tables";
import { rememberTurn, turnOf } from "./turns";

/** Keeps the draw apart from other uses of the seed. */
const MAGLEV: u64 = 0x6d61676c65762121;
/** 2^32 divided by the golden ratio: Linux hash_32. */
const GOLDEN_RATIO: u32 = 0x61c88647;
/** Linux gives `sh` and `dh` 256 buckets: the highest 8 bits of the hash. */
const BUCKET_SHIFT: u32 = 24;
/** How long `lblcr` keeps a set of servers that does not change. */
const SET_LIFE_MS: u64 = 86_400_000;
/** An active connection weighs as much as so many inactive ones (ip_vs_dest_conn_overhead). */
const ACTIVE_WEIGHT: u64 = 256;
const NOWHERE: u32 = 0xffffffff;

/** Where the endpoints are taken from; set by `schedule`. */
let service: u32 = 0;
let set: u32 = 0;
let size: u32 = 0;

const maglevKey = memory.data(24, 8);

/** The endpoint that the configured scheduler gives the packet, of a set that is not empty. */
export function schedule(packet: Packet, number: u32, within: u32, count: u32): Endpoint {
  service = number;
  set = within;
  size = count;
  switch (config.balancing) {
    case Balancing.RoundRobin:
    case Balancing.WeightedRoundRobin:
      return nextInTurn(packet);
    case Balancing.LocalityLeastConnections:
      return sameAsBefore(packet);
    case Balancing.LocalityWithReplication:
      return leastLoadedOfSet(packet);
    case Balancing.SourceHash:
      return offered(bucketOf(packet.sourceHigh, packet.sourceLow) % size);
    case Balancing.DestinationHash:
      return offered(bucketOf(packet.destinationHigh, packet.destinationLow) % size);
    case Balancing.LeastConnections:
    case Balancing.WeightedLeastConnections:
    case Balancing.ShortestDelay:
    case Balancing.NeverQueue:
      return offered(leastLoaded(packet));
    default:
      return byTable(packet);
  }
}

function offered(slot: u32): Endpoint {
  const endpoint = findEndpoint(service, set, slot);
  assert(endpoint != null, "a service has fewer endpoints than it says");
  return endpoint!;
}

/** After the last one; if that is gone, the one that took its slot. */
function nextInTurn(packet: Packet): Endpoint {
  const turn = turnOf(packet);
  const last = slotOfLast(turn);
  const slot = (last == NOWHERE ? turn.slot : last + 1) % size;
  const chosen = offered(slot);
  rememberTurn(turn, chosen, slot);
  return chosen;
}

function slotOfLast(turn: Turn): u32 {
  for (let slot: u32 = 0; slot < size; slot++) {
    const endpoint = offered(slot);
    const isSame =
      endpoint.addressHigh == turn.addressHigh && endpoint.addressLow == turn.addressLow;
    if (isSame && endpoint.port == turn.port) return slot;
  }
  return NOWHERE;
}

/** Slot of the least loaded endpoint. */
function leastLoaded(packet: Packet): u32 {
  let best: u32 = 0;
  let least: u64 = ~0;
  for (let slot: u32 = 0; slot < size; slot++) {
    const weight = weightOf(findLoad(packet, offered(slot), Clients.All));
    if (weight >= least) continue;
    best = slot;
    least = weight;
  }
  return best;
}

/**
 * `sed` goes by active connections alone, and so does `nq`: with equal weights an idle endpoint is
 * the one with the shortest delay.
 */
function weightOf(load: Load | null): u64 {
  if (load == null) return 0;
  const isByDelay =
    config.balancing == Balancing.ShortestDelay || config.balancing == Balancing.NeverQueue;
  return isByDelay ? load.active : load.active * ACTIVE_WEIGHT + load.inactive;
}

/** Scheduler `lblc`: the endpoint of before, else the least loaded from now on. */
function sameAsBefore(packet: Packet): Endpoint {
  const turn = turnOf(packet);
  let slot = slotOfLast(turn);
  if (slot == NOWHERE || isOverloaded(packet, offered(slot))) slot = leastLoaded(packet);
  rememberTurn(turn, offered(slot), slot);
  return offered(slot);
}

/** It has more active connections than its weight, and somebody else has none. */
function isOverloaded(packet: Packet, endpoint: Endpoint): bool {
  if (activeAt(packet, endpoint) <= 1) return false;
  for (let slot: u32 = 0; slot < size; slot++) {
    if (activeAt(packet, offered(slot)) == 0) return true;
  }
  return false;
}

function activeAt(packet: Packet, endpoint: Endpoint): u32 {
  const load = findLoad(packet, endpoint, Clients.All);
  return load == null ? 0 : load.active;
}

/**
 * Scheduler `lblcr`: the least loaded of the front-end's set of servers. The set grows when that
 * one is overloaded, and loses its most loaded one when it has not changed for a day.
 */
function leastLoadedOfSet(packet: Packet): Endpoint {
  const turn = turnOf(packet);
  let members: u32 = 0;
  let best = NOWHERE;
  let worst = NOWHERE;
  let least: u64 = ~0;
  let most: u64 = 0;
  for (let slot: u32 = 0; slot < size; slot++) {
    const load = findLoad(packet, offered(slot), Clients.All);
    if (load == null || !(load.flags & LoadFlag.InSet)) continue;
    const weight = weightOf(load);
    if (weight < least) {
      best = slot;
      least = weight;
    }
    if (members == 0 || weight > most) {
      worst = slot;
      most = weight;
    }
    members++;
  }
  if (members > 1 && packet.timeMs > turn.changedAtMs + SET_LIFE_MS) leaveSet(packet, turn, worst);
  if (best == NOWHERE || isOverloaded(packet, offered(best))) {
    best = leastLoaded(packet);
    joinSet(packet, turn, best);
  }
  return offered(best);
}

function joinSet(packet: Packet, turn: Turn, slot: u32): void {
  const load = enterLoad(packet, offered(slot));
  if (load == null || load.flags & LoadFlag.InSet) return;
  load.flags |= LoadFlag.InSet;
  turn.changedAtMs = packet.timeMs;
}

function leaveSet(packet: Packet, turn: Turn, slot: u32): void {
  const load = findLoad(packet, offered(slot), Clients.All)!;
  load.flags &= ~LoadFlag.InSet;
  settleLoad(load);
  turn.changedAtMs = packet.timeMs;
}

/** Linux folds an address to 32 bits, reads them in host order and takes hash_32. */
function bucketOf(high: u64, low: u64): u32 {
  const isIpv4 = high == 0 && <u32>low == 0xffff0000;
  const folded = isIpv4 ? <u32>(low >> 32) : fold(high ^ low);
  return (bswap<u32>(folded) * GOLDEN_RATIO) >> BUCKET_SHIFT;
}

function fold(words: u64): u32 {
  return (<u32>words) ^ (<u32>(words >> 32));
}

/** By hash of the source's address and port, through the table that the host made of the set. */
function byTable(packet: Packet): Endpoint {
  store<u64>(maglevKey, packet.sourceHigh);
  store<u64>(maglevKey, packet.sourceLow, 8);
  store<u64>(maglevKey, packet.sourcePort, 16);
  const hash = hashWords(maglevKey, 24, seed ^ MAGLEV);
  const chosen = findMaglevEndpoint(service, set, hash);
  return chosen == null ? offered(reduce(hash, size)) : chosen;
}
