// The exports and nothing else: few and numeric, after bpf(2). Arguments and results travel in the
// areas that `layout` publishes.

import { ABI_HASH } from "./abi/hash.gen";
import { sweepConnections } from "./conntrack/connection-table";
import { connectionsOf } from "./conntrack/track";
import { capacityArea, clockArea, layoutArea, publishFixedAreas } from "./control/areas";
import { initialiseWith } from "./control/initialise";
import { lookUp, next, remove, restore, update } from "./control/map-operations";
import { sweepFragments } from "./fragment/fragments";
import { releasedPackets } from "./fragment/held";
import { addDigests } from "./packet/digest";
import { traceRing } from "./packet/trace";
import { processVector } from "./pipeline/process";
import { affinities } from "./service/tables";
import { sweepTable } from "./table/expiring-table";

/** Hash of the structs and enums this module was compiled with. */
export function abiHash(): u32 {
  return ABI_HASH;
}

/** Address of a Layout. */
export function layout(): usize {
  publishFixedAreas();
  return changetype<usize>(layoutArea);
}

/** Makes the instance ready, in the sizes of Layout.capacity. Returns an InitialiseStatus. */
export function initialise(): u32 {
  return initialiseWith(capacityArea);
}

/**
 * Processes the first `count` descriptors; returns how many it did, at most the vector's capacity.
 */
export function process(count: u32): u32 {
  const packets = min(count, capacityArea.vectorPackets);
  processVector(layoutArea.descriptors, packets);
  layoutArea.traceSteps = traceRing().written;
  layoutArea.releasedPackets = releasedPackets;
  return packets;
}

/**
 * Adds what became of the first `count` descriptors, and of held fragments that left in the same
 * call, to map `digests`; returns how many outcomes.
 */
export function digest(count: u32): u32 {
  const packets = min(count, capacityArea.vectorPackets);
  addDigests(layoutArea.descriptors, packets);
  addDigests(layoutArea.released, releasedPackets);
  return packets + releasedPackets;
}

/**
 * Looks at the next `limit` slots of each table and forgets the entries whose time is over at
 * Layout.clock; returns how many.
 */
export function sweep(limit: u32): u32 {
  const nowMs = clockArea.nowMs;
  return (
    sweepConnections(connectionsOf(4), nowMs, limit) +
    sweepConnections(connectionsOf(6), nowMs, limit) +
    sweepTable(affinities, nowMs, limit) +
    sweepFragments(nowMs, limit)
  );
}

/** Copies the value under the key in Layout.key to Layout.value. Returns a MapStatus. */
export function mapLookUp(map: u32): u32 {
  return lookUp(map);
}

/** Enters Layout.value under Layout.key. Returns a MapStatus. */
export function mapUpdate(map: u32): u32 {
  return update(map);
}

/**
 * Enters Layout.value under Layout.key of a map that the dataplane writes, as a snapshot has it.
 * Returns a MapStatus.
 */
export function mapRestore(map: u32): u32 {
  return restore(map);
}

/** Takes out the entry under Layout.key. Returns a MapStatus. */
export function mapDelete(map: u32): u32 {
  return remove(map);
}

/**
 * Copies the entry after `cursor` (0 = the beginning) to Layout.key and Layout.value; returns its
 * cursor, or 0.
 */
export function mapNext(map: u32, cursor: u32): u32 {
  return next(map, cursor);
}
