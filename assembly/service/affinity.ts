// Session affinity ClientIP: which endpoints a client had, by client address, service and endpoint.
// Only the first packet of a connection reads or renews a record. Source: Kubernetes
// pkg/proxy/nftables/proxier.go, affinity sets.

import { AffinityKey, Endpoint } from "../abi/service";
import { counters } from "../packet/counters";
import { Packet } from "../packet/packet";
import { enterLive, findLive } from "../table/expiring-table";
import { affinities } from "./tables";

const key = changetype<AffinityKey>(memory.data(offsetof<AffinityKey>(), 8));

/** True when the client had this endpoint, and its time is not over. */
export function hasAffinity(packet: Packet, service: u32, endpoint: Endpoint): bool {
  writeKey(packet, service, endpoint);
  return findLive(affinities, changetype<usize>(key), packet.timeMs) != 0;
}

/** Records that the client uses this endpoint for the next `seconds`. */
export function keepAffinity(packet: Packet, service: u32, endpoint: Endpoint, seconds: u32): void {
  writeKey(packet, service, endpoint);
  const endMs = packet.timeMs + <u64>seconds * 1000;
  const record = enterLive(affinities, changetype<usize>(key), packet.timeMs, endMs);
  if (record == 0) counters.affinitiesRefused++;
}

function writeKey(packet: Packet, service: u32, endpoint: Endpoint): void {
  key.clientHigh = packet.sourceHigh;
  key.clientLow = packet.sourceLow;
  key.addressHigh = endpoint.addressHigh;
  key.addressLow = endpoint.addressLow;
  key.service = service;
  key.port = endpoint.port;
}
