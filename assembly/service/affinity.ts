// Session affinity ClientIP: which endpoint a client had last, by client address and service. Only the first packet of a
// connection reads or renews a record. Source: Kubernetes pkg/proxy/nftables/proxier.go, affinity sets.

import { Affinity, AffinityKey, Endpoint } from "../abi/service";
import { counters } from "../packet/counters";
import { Packet } from "../packet/packet";
import { enterKey, findValue } from "../table/hash-table";
import { affinities } from "./tables";

const key = changetype<AffinityKey>(memory.data(offsetof<AffinityKey>(), 8));

/** The client's record for this service whose time is not over, or null. */
export function findAffinity(packet: Packet, service: u32): Affinity | null {
  writeKey(packet, service);
  const record = changetype<Affinity | null>(findValue(affinities, changetype<usize>(key)));
  return record != null && record.expiresAtMs > packet.timeMs ? record : null;
}

/** Records that the client uses this endpoint for the next `seconds`. */
export function keepAffinity(packet: Packet, service: u32, chosen: Endpoint, seconds: u32): void {
  writeKey(packet, service);
  const at = enterKey(affinities, changetype<usize>(key));
  if (at == 0) {
    counters.affinitiesRefused++;
    return;
  }
  const record = changetype<Affinity>(at);
  record.addressHigh = chosen.addressHigh;
  record.addressLow = chosen.addressLow;
  record.port = chosen.port;
  record.expiresAtMs = packet.timeMs + <u64>seconds * 1000;
}

function writeKey(packet: Packet, service: u32): void {
  key.clientHigh = packet.sourceHigh;
  key.clientLow = packet.sourceLow;
  key.service = service;
}
