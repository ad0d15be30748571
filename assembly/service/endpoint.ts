// Which endpoint of a set serves a new connection: the caller's choice, the client's affinity, or
// what balancing gives it; each only from the set in use.

import { Balancing, ConfigFlag } from "../abi/config";
import { Choice, ChoiceFlag } from "../abi/packet-descriptor";
import { Endpoint, EndpointFlag, EndpointSet, ServiceFlag } from "../abi/service";
import { EndpointCause, MasqueradeCause, Trace } from "../abi/trace-step";
import { Decision } from "../packet/decision";
import { Clients, findLoad } from "../packet/loads";
import { Packet } from "../packet/packet";
import { config, isSet, seed } from "../packet/settings";
import { isTracing, trace } from "../packet/trace";
import { keyBytes, writeTuple } from "../packet/tuple";
import { FlowKey6 } from "../abi/flow-key";
import { hashWords, reduce } from "../table/hash";
import { hasAffinity, keepAffinity } from "./affinity";
import { schedule } from "./scheduler";
import { findEndpoint, findService } from "./tables";

/** Keeps the draw apart from other uses of the seed. */
const DRAW: u64 = 0x656e64706f696e74;

const tuple: usize = memory.data(offsetof<FlowKey6>(), 8);

let cause: EndpointCause = EndpointCause.Drawn;

/** Sets the decision's destination to an endpoint of the set, which has `size` of them. */
export function chooseEndpoint(
  packet: Packet,
  decision: Decision,
  set: EndpointSet,
  size: u32,
): void {
  const number = decision.service;
  const service = findService(number)!;
  const isSticky = (service.flags & ServiceFlag.Affinity) != 0;
  let chosen = takenOver(decision, set, size);
  if (chosen == null && isSticky) chosen = sticky(packet, number, set, size);
  if (chosen == null) chosen = balanced(packet, number, set, size);
  if (isTracing) traceEndpoint(packet, number, chosen);
  if (isSticky) keepAffinity(packet, number, chosen, service.affinitySeconds);
  decision.isClientCounted = isSticky;
  decision.isDestinationChosen = true;
  decision.destinationHigh = chosen.addressHigh;
  decision.destinationLow = chosen.addressLow;
  decision.destinationPort = chosen.port;
  if (isHairpin(packet, chosen)) decision.masquerade = <u8>MasqueradeCause.Hairpin;
}

/** The caller's choice, if the set offers it. */
function takenOver(decision: Decision, set: EndpointSet, size: u32): Endpoint | null {
  if (decision.choice == 0) return null;
  const choice = changetype<Choice>(decision.choice);
  if (!(choice.flags & ChoiceFlag.Endpoint)) return null;
  cause = EndpointCause.TakenOver;
  for (let slot: u32 = 0; slot < size; slot++) {
    const offered = findEndpoint(decision.service, set, slot)!;
    if (isChosen(offered, choice)) return offered;
  }
  return null;
}

function isChosen(offered: Endpoint, choice: Choice): bool {
  return (
    offered.addressHigh == choice.endpointHigh &&
    offered.addressLow == choice.endpointLow &&
    offered.port == choice.endpointPort
  );
}

/** The first endpoint of the set that the client had before. */
function sticky(packet: Packet, service: u32, set: EndpointSet, size: u32): Endpoint | null {
  cause = EndpointCause.Affinity;
  for (let slot: u32 = 0; slot < size; slot++) {
    const offered = findEndpoint(service, set, slot)!;
    if (hasAffinity(packet, service, offered)) return offered;
  }
  return null;
}

function balanced(packet: Packet, service: u32, set: EndpointSet, size: u32): Endpoint {
  if (config.balancing == Balancing.Random) return drawn(packet, service, set, size);
  cause = EndpointCause.Scheduled;
  return schedule(packet, service, set, size);
}

/** One of the set, evenly, by hash of seed and connection. */
function drawn(packet: Packet, service: u32, set: EndpointSet, size: u32): Endpoint {
  cause = EndpointCause.Drawn;
  writeTuple(tuple, packet);
  const hash = hashWords(tuple, keyBytes(packet.family), seed ^ DRAW);
  const chosen = findEndpoint(service, set, reduce(hash, size));
  assert(chosen != null, "a service has fewer endpoints than it says");
  return chosen!;
}

/** An endpoint that would answer its own call must see another address than its own. */
function isHairpin(packet: Packet, chosen: Endpoint): bool {
  const isSelf = chosen.addressHigh == packet.sourceHigh && chosen.addressLow == packet.sourceLow;
  const counts = (chosen.flags & EndpointFlag.Local) != 0 || isSet(ConfigFlag.HairpinAnyEndpoint);
  return isSelf && counts;
}

function traceEndpoint(packet: Packet, service: u32, chosen: Endpoint): void {
  const step = trace(Trace.EndpointChosen, service, cause, config.balancing);
  const load = findLoad(packet, chosen, Clients.All);
  if (load != null) {
    step.fourth = load.active;
    step.fifth = load.inactive;
  }
  step.addressHigh = chosen.addressHigh;
  step.addressLow = chosen.addressLow;
  step.port = chosen.port;
}
