// Session affinity ClientIP: which endpoint a client had last, by client address and service. Only
// the first packet of a connection reads or renews a record. Source: Kubernetes
// pkg/proxy/nftables/proxier.go, affinity sets.

import { Affinity, AffinityKey, Endpoint } from "../abi/service";
import { counters } from "../packet/counters";
import { Packet } from "../packet/packet";
import { enterLive, findLive } from "../table/expiring-table";
import { affinities } from "./tables";

const key = changetype<AffinityKey>(memory.data(offsetof<AffinityKey>(), 8));

/** The client's record for this service whose time is not over, or null. */
export function findAffinity(packet: Packet, service: u32): Affinity | null {
  writeKey(packet, service);
  const record = findLive(affinities, changetype<usize>(key), packet.timeMs);
  return changetype<Affinity | null>(record);
}

/** Records that the client uses this endpoint for the next `seconds`. */
export function keepAffinity(packet: Packet, service: u32, chosen: Endpoint, seconds: u32): void {
  writeKey(packet, service);
  const endMs = packet.timeMs + <u64>seconds * 1000;
  const at = enterLive(affinities, changetype<usize>(key), packet.timeMs, endMs);
  if (at == 0) {
    counters.affinitiesRefused++;
    return;
  }
  const record = changetype<Affinity>(at);
  record.addressHigh = chosen.addressHigh;
  record.addressLow = chosen.addressLow;
  record.port = chosen.port;
}

function writeKey(packet: Packet, service: u32): void {
  key.clientHigh = packet.sourceHigh;
  key.clientLow = packet.sourceLow;
  key.service = service;
}
