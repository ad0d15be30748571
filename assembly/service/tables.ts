// The maps that services are kept in.

import {
  Affinity,
  AffinityKey,
  Endpoint,
  EndpointKey,
  EndpointSet,
  Frontend,
  FrontendKey,
  MaglevSlot,
  Service,
  ServiceAddress,
  SourceRange,
} from "../abi/service";
import { ArrayTable, findElement, openArrayTable } from "../table/array-table";
import { ExpiringTable, openExpiringTable } from "../table/expiring-table";
import { reduce } from "../table/hash";
import { HashTable, findValue, openHashTable } from "../table/hash-table";
import { PrefixTable, openPrefixTable } from "../table/prefix-table";

export let affinities = changetype<ExpiringTable>(0);
export let sourceRanges = changetype<PrefixTable>(0);
export let serviceAddresses = changetype<PrefixTable>(0);

let frontends = changetype<HashTable>(0);
let services = changetype<ArrayTable>(0);
let endpoints = changetype<HashTable>(0);
let maglev = changetype<HashTable>(0);

const endpointKey: usize = memory.data(offsetof<EndpointKey>(), 8);

/** Makes map `frontends`. */
export function openFrontends(capacity: u32, seed: u64): HashTable {
  frontends = openHashTable(offsetof<FrontendKey>(), offsetof<Frontend>(), capacity, seed);
  return frontends;
}

/** Makes map `services`. */
export function openServices(capacity: u32): ArrayTable {
  services = openArrayTable(offsetof<Service>(), capacity);
  return services;
}

/** Makes map `endpoints`. */
export function openEndpoints(capacity: u32, seed: u64): HashTable {
  endpoints = openHashTable(offsetof<EndpointKey>(), offsetof<Endpoint>(), capacity, seed);
  return endpoints;
}

/** Makes map `maglev`. */
export function openMaglev(capacity: u32, seed: u64): HashTable {
  maglev = openHashTable(offsetof<EndpointKey>(), offsetof<MaglevSlot>(), capacity, seed);
  return maglev;
}

/** Makes map `affinities`. */
export function openAffinities(capacity: u32, seed: u64): ExpiringTable {
  const valueBytes = <u32>offsetof<Affinity>();
  affinities = openExpiringTable(offsetof<AffinityKey>(), valueBytes, capacity, seed);
  return affinities;
}

/** Makes map `source-ranges`. */
export function openSourceRanges(capacity: u32, seed: u64): PrefixTable {
  sourceRanges = openPrefixTable(offsetof<SourceRange>(), capacity, seed);
  return sourceRanges;
}

/** Makes map `service-addresses`. */
export function openServiceAddresses(capacity: u32, seed: u64): PrefixTable {
  serviceAddresses = openPrefixTable(offsetof<ServiceAddress>(), capacity, seed);
  return serviceAddresses;
}

/** The front-end under this key, or null. */
export function findFrontend(key: FrontendKey): Frontend | null {
  return changetype<Frontend | null>(findValue(frontends, changetype<usize>(key)));
}

/** A service by its number; null if there is no such service. */
export function findService(number: u32): Service | null {
  return changetype<Service | null>(findElement(services, number));
}

/** The endpoint in a slot of a set, or null. */
export function findEndpoint(service: u32, set: u32, slot: u32): Endpoint | null {
  return changetype<Endpoint | null>(findValue(endpoints, keyAt(service, set, slot)));
}

/** The endpoint to which the set's Maglev table leads this hash; null if it has no table. */
export function findMaglevEndpoint(number: u32, set: u32, hash: u64): Endpoint | null {
  const service = findService(number)!;
  const slots = set == EndpointSet.Local ? service.localSlots : service.clusterSlots;
  if (slots == 0) return null;
  const found = findValue(maglev, keyAt(number, set, reduce(hash, slots)));
  assert(found != 0, "a Maglev table has fewer slots than its service says");
  return findEndpoint(number, set, changetype<MaglevSlot>(found).endpoint);
}

function keyAt(service: u32, set: u32, slot: u32): usize {
  const key = changetype<EndpointKey>(endpointKey);
  key.service = service;
  key.set = set;
  key.slot = slot;
  return endpointKey;
}
