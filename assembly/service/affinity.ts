// Session affinity ClientIP: which endpoints a client had, by client address, service and endpoint.
// Only the first packet of a connection reads or renews a record. Where connections are counted,
// live ones hold the client as a record does. Sources: Kubernetes pkg/proxy/nftables/proxier.go,
// affinity sets; Linux net/netfilter/ipvs/ip_vs_conn.c, connections controlled by a template.

import { ConfigFlag } from "../abi/config";
import { AffinityKey, Endpoint } from "../abi/service";
import { counters } from "../packet/counters";
import { Clients, findLoad } from "../packet/loads";
import { Packet } from "../packet/packet";
import { isSet } from "../packet/settings";
import { enterLive, findLive } from "../table/expiring-table";
import { affinities } from "./tables";

const key = changetype<AffinityKey>(memory.data(offsetof<AffinityKey>(), 8));

/**
 * True when the client had this endpoint, and its time is not over; or has it still, by this
 * front-end, and connections are counted.
 */
export function hasAffinity(packet: Packet, service: u32, endpoint: Endpoint): bool {
  writeKey(packet, service, endpoint);
  if (findLive(affinities, changetype<usize>(key), packet.timeMs) != 0) return true;
  return isSet(ConfigFlag.CountConnections) && findLoad(packet, endpoint, Clients.One) != null;
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
