// Makes every container, once, in the sizes the host asked for.

import { openAnswers } from "../answer/area";
import { Capacity } from "../abi/config";
import { InitialiseStatus } from "../abi/layout";
import { MapId } from "../abi/map";
import { Choice, PacketDescriptor } from "../abi/packet-descriptor";
import { openTimeouts } from "../conntrack/lifetime";
import { openTracking } from "../conntrack/track";
import { openFragments } from "../fragment/fragments";
import { openHeld } from "../fragment/held";
import { openExhaustions } from "../nat/exhaustions";
import { openCounters, openReasons } from "../packet/counters";
import { openDigests } from "../packet/digest";
import { openLoads } from "../packet/loads";
import { openPackets } from "../packet/packet";
import { openConfig } from "../packet/settings";
import { openTrace, traceRing } from "../packet/trace";
import {
  openIdentities,
  openPolicies,
  openPolicyBlocks,
  openPortNames,
  openPortRulings,
  openRulesets,
} from "../policy/tables";
import { openLocalities, openPorts, openRoutes } from "../route/route";
import {
  openAffinities,
  openEndpoints,
  openFrontends,
  openMaglev,
  openServiceAddresses,
  openServices,
  openSourceRanges,
} from "../service/tables";
import { openTurns } from "../service/turns";
import { allocate, arenaEnd, hasExhaustedArena, openArena } from "../table/arena";
import { mix } from "../table/hash";
import { layoutArea } from "./areas";
import { Access, Container, openRegistry, register } from "./map-registry";

/** More entries than this would not fit into 4 GiB anyway. */
const CAPACITY_MAX: u32 = 1 << 26;

let isInitialised: bool = false;

/** Sizes memory by `capacity` and makes all maps empty. */
export function initialiseWith(capacity: Capacity): InitialiseStatus {
  if (isInitialised) return InitialiseStatus.Twice;
  if (!isSound(capacity)) return InitialiseStatus.BadCapacity;
  const seed = mix(((<u64>capacity.seedHigh) << 32) | capacity.seedLow);
  openArena();
  openRegistry();
  openVector(capacity);
  openNode(capacity, seed);
  openServiceMaps(capacity, seed);
  openPolicyMaps(capacity, seed);
  openFlows(capacity, seed);
  if (hasExhaustedArena()) return InitialiseStatus.OutOfMemory;
  layoutArea.memoryBytes = <u32>arenaEnd();
  isInitialised = true;
  return InitialiseStatus.Ok;
}

/** Every capacity but the seed is between 1 and CAPACITY_MAX. */
function isSound(capacity: Capacity): bool {
  const first = changetype<usize>(capacity);
  for (let at: usize = 0; at < offsetof<Capacity>("seedLow"); at += 4) {
    const entries = load<u32>(first + at);
    const isBytes = at == offsetof<Capacity>("blockBytes") || at == offsetof<Capacity>("heldBytes");
    if (entries == 0 || (entries > CAPACITY_MAX && !isBytes)) return false;
  }
  return capacity.ports <= 0x10000;
}

function openVector(capacity: Capacity): void {
  const packets = <u64>capacity.vectorPackets;
  layoutArea.descriptors = <u32>allocate(packets * offsetof<PacketDescriptor>());
  layoutArea.choices = <u32>allocate(packets * offsetof<Choice>());
  layoutArea.answers = <u32>openAnswers(capacity.vectorPackets);
  layoutArea.block = <u32>allocate(capacity.blockBytes);
  openPackets(capacity.vectorPackets);
  openTrace(capacity.traceSteps);
  layoutArea.trace = <u32>traceRing().records;
}

function openNode(capacity: Capacity, seed: u64): void {
  registerArray(MapId.Config, changetype<usize>(openConfig(seed)));
  registerArray(MapId.Timeouts, changetype<usize>(openTimeouts()));
  registerArray(MapId.Ports, changetype<usize>(openPorts(capacity.ports)));
  registerPrefix(MapId.Routes, changetype<usize>(openRoutes(capacity.prefixes, seed)));
  registerPrefix(MapId.Localities, changetype<usize>(openLocalities(capacity.prefixes, seed)));
  registerCounters(MapId.Counters, changetype<usize>(openCounters()));
  registerCounters(MapId.Reasons, changetype<usize>(openReasons()));
  registerCounters(MapId.Digests, changetype<usize>(openDigests(capacity.ports)));
}

function openServiceMaps(capacity: Capacity, seed: u64): void {
  registerHash(MapId.Frontends, changetype<usize>(openFrontends(capacity.frontends, seed)));
  registerArray(MapId.Services, changetype<usize>(openServices(capacity.services)));
  registerHash(MapId.Endpoints, changetype<usize>(openEndpoints(capacity.endpoints, seed)));
  registerHash(MapId.Maglev, changetype<usize>(openMaglev(capacity.maglevSlots, seed)));
  const turns = changetype<usize>(openTurns(capacity.frontends, seed));
  register(MapId.Turns, Container.Hash, turns, Access.Read);
  const affinities = openAffinities(capacity.affinities, seed);
  const table = changetype<usize>(affinities);
  register(MapId.Affinities, Container.Expiring, table, Access.Delete);
  const ranges = openSourceRanges(capacity.prefixes, seed);
  registerPrefix(MapId.SourceRanges, changetype<usize>(ranges));
  const addresses = openServiceAddresses(capacity.prefixes, seed);
  registerPrefix(MapId.ServiceAddresses, changetype<usize>(addresses));
}

function openPolicyMaps(capacity: Capacity, seed: u64): void {
  registerHash(MapId.Identities, changetype<usize>(openIdentities(capacity.identities, seed)));
  registerArray(MapId.Rulesets, changetype<usize>(openRulesets(capacity.rulesets)));
  registerHash(MapId.Policies, changetype<usize>(openPolicies(capacity.policies, seed)));
  const blocks = openPolicyBlocks(capacity.prefixes, seed);
  registerPrefix(MapId.PolicyBlocks, changetype<usize>(blocks));
  const rulings = openPortRulings(capacity.portSets, seed);
  registerHash(MapId.PortRulings, changetype<usize>(rulings));
  registerHash(MapId.PortNames, changetype<usize>(openPortNames(capacity.portSets, seed)));
}

function openFlows(capacity: Capacity, seed: u64): void {
  openTracking(capacity.connections4, capacity.connections6, seed);
  register(MapId.Connections, Container.Connections, 0, Access.Delete);
  // An endpoint's own entry, and one for each client that stays with one.
  const loads = openLoads(capacity.endpoints + capacity.affinities, seed);
  register(MapId.Loads, Container.Hash, changetype<usize>(loads), Access.Read);
  const held = openHeld(capacity.heldFragments, capacity.heldBytes, capacity.vectorPackets);
  layoutArea.released = <u32>held;
  const fragments = openFragments(capacity.fragments, seed);
  register(MapId.Fragments, Container.Expiring, changetype<usize>(fragments), Access.Read);
  const exhaustions = changetype<usize>(openExhaustions(seed));
  register(MapId.Exhaustions, Container.Hash, exhaustions, Access.Delete);
}

function registerArray(id: MapId, table: usize): void {
  register(id, Container.Array, table, Access.Write);
}

function registerCounters(id: MapId, table: usize): void {
  register(id, Container.Array, table, Access.Read);
}

function registerHash(id: MapId, table: usize): void {
  register(id, Container.Hash, table, Access.Write);
}

function registerPrefix(id: MapId, table: usize): void {
  register(id, Container.Prefix, table, Access.Write);
}
