// The part of a node's maps that follows from Services: a group for each, of which only those are
// made anew whose objects changed, and what several of them claim. Knows no policies.

import { listChanges } from '../controllers/changes.ts';
import { compareObjects, compareTexts } from '../controllers/written.ts';
import type { ClusterState } from '../controllers/state.ts';
import type { EndpointSlice, Service } from '../kubernetes/types.ts';
import type { DesiredMap, ServiceName } from './desired.ts';
import type { NodeView } from './node-view.ts';
import { PersistentMap, type MapChange } from './persistent-map.ts';
import {
  compileGround,
  compileGroup,
  contestedMaps,
  emptyGroup,
  ownerOf,
  ownerOfSlice,
  ownMaps,
  type Claim,
  type ServiceGroup,
} from './service-group.ts';
import { nameServices } from './services.ts';

type OwnMap = (typeof ownMaps)[number];
type ContestedMap = (typeof contestedMaps)[number];

/** The objects that groups are made of. */
export type ServiceObjects = Pick<ClusterState, 'services' | 'slices'>;

/** A group that was made anew: absent before for a new one, absent after for one that is gone. */
export interface GroupChange {
  readonly before: ServiceGroup | undefined;
  readonly after: ServiceGroup | undefined;
}

export interface ServicePart {
  readonly groups: PersistentMap<string, ServiceGroup>;
  /** Who wants a key, the winner first. */
  readonly claims: Readonly<Record<ContestedMap, PersistentMap<string, readonly Claim[]>>>;
  readonly desired: Readonly<Record<OwnMap | ContestedMap, DesiredMap>>;
  readonly names: PersistentMap<number, ServiceName>;
  /** What this compilation made anew. */
  readonly changes: readonly GroupChange[];
}

/** Before there is any Service. */
export const emptyServicePart: ServicePart = {
  groups: PersistentMap.of(),
  claims: { frontends: PersistentMap.of(), 'service-addresses': PersistentMap.of() },
  desired: {
    services: PersistentMap.of(),
    endpoints: PersistentMap.of(),
    maglev: PersistentMap.of(),
    'source-ranges': PersistentMap.of(),
    frontends: PersistentMap.of(),
    'service-addresses': PersistentMap.of(),
  },
  names: PersistentMap.of(),
  changes: [],
};

/** What a part follows on. */
export interface FollowedServices {
  readonly part: ServicePart;
  /** The objects that it was made of; null makes every group anew, because the node changed. */
  readonly seen: ServiceObjects | null;
  /** Owners of groups to be made anew though their objects are the same. */
  readonly ask?: ReadonlySet<string>;
}

/** The part that follows on another. */
export function compileServicePart(view: NodeView, followed: FollowedServices): ServicePart {
  const { part: before, seen } = followed;
  if (seen === null) view.numbers.askAgain('services');
  const groups = compileGroups(view, followed);
  const changes = [...groups].map(([owner, after]) => ({
    before: before.groups.get(owner),
    after,
  }));
  releaseNumbers(view, changes);
  const claims = {
    frontends: changeClaims('frontends', before, changes),
    'service-addresses': changeClaims('service-addresses', before, changes),
  };
  return {
    groups: before.groups.with(groups),
    claims: {
      frontends: before.claims.frontends.with(claims.frontends),
      'service-addresses': before.claims['service-addresses'].with(claims['service-addresses']),
    },
    desired: {
      services: changeOwn('services', before, changes),
      endpoints: changeOwn('endpoints', before, changes),
      maglev: changeOwn('maglev', before, changes),
      'source-ranges': changeOwn('source-ranges', before, changes),
      frontends: before.desired.frontends.with(listWinners(claims.frontends)),
      'service-addresses': before.desired['service-addresses'].with(
        listWinners(claims['service-addresses']),
      ),
    },
    names: before.names.with(renameServices(changes)),
    changes,
  };
}

/** By owner, the groups whose objects changed; undefined for those that have none left. */
function compileGroups(
  view: NodeView,
  { part: { groups }, seen, ask = new Set() }: FollowedServices,
): Map<string, ServiceGroup | undefined> {
  const { services, slices } = listOwners(seen ?? { services: [], slices: [] }, view.state);
  const owners = new Set([...services.keys(), ...slices.keys(), ...ask]);
  const made = new Map<string, ServiceGroup | undefined>();
  if (seen === null) {
    for (const owner of groups.keys()) made.set(owner, undefined);
    made.set('', compileGround(view));
  }
  for (const owner of owners) {
    const base = (seen === null ? undefined : groups.get(owner)) ?? emptyGroup;
    const objects = {
      service: services.has(owner) ? services.get(owner) : base.service,
      slices: changeSlices(base.slices, slices.get(owner)),
    };
    const isGone = objects.service === undefined && objects.slices.length === 0;
    made.set(owner, isGone ? undefined : compileGroup(view, owner, objects));
  }
  return made;
}

interface SliceChanges {
  readonly left: Set<EndpointSlice>;
  readonly joined: EndpointSlice[];
}

/** What changed, by owner: the Service as it is now, and the slices that came and went. */
function listOwners(
  before: ServiceObjects,
  after: ServiceObjects,
): { services: Map<string, Service | undefined>; slices: Map<string, SliceChanges> } {
  const services = new Map<string, Service | undefined>();
  for (const [old, now] of listChanges(before.services, after.services)) {
    const { namespace, name } = (old ?? now)!.metadata;
    services.set(ownerOf(namespace, name), now);
  }
  const slices = new Map<string, SliceChanges>();
  const changesOf = (slice: EndpointSlice): SliceChanges | undefined => {
    const owner = ownerOfSlice(slice);
    if (owner === null) return undefined;
    const known = slices.get(owner) ?? { left: new Set(), joined: [] };
    slices.set(owner, known);
    return known;
  };
  for (const [old, now] of listChanges(before.slices, after.slices)) {
    if (old !== undefined) changesOf(old)?.left.add(old);
    if (now !== undefined) changesOf(now)?.joined.push(now);
  }
  return { services, slices };
}

function changeSlices(
  slices: readonly EndpointSlice[],
  changes: SliceChanges | undefined,
): readonly EndpointSlice[] {
  if (changes === undefined) return slices;
  const kept = slices.filter((slice) => !changes.left.has(slice));
  return [...kept, ...changes.joined].sort(compareObjects);
}

/** Numbers of Service ports that are gone. */
function releaseNumbers({ numbers }: NodeView, changes: readonly GroupChange[]): void {
  for (const { before, after } of changes) {
    const kept = new Set(listNumberNames(after));
    for (const name of listNumberNames(before)) {
      if (!kept.has(name)) numbers.release('services', name);
    }
  }
}

function listNumberNames(group: ServiceGroup | undefined): string[] {
  const backings = group?.ports.flatMap((port) => port.backings) ?? [];
  return backings.map(({ numberName }) => numberName);
}

function changeOwn(
  map: OwnMap,
  { desired }: ServicePart,
  changes: readonly GroupChange[],
): DesiredMap {
  return desired[map].with(
    changes.flatMap(({ before, after }): MapChange<string, Uint8Array>[] => [
      ...(before?.own[map] ?? []).map(([key]) => [key, undefined] as const),
      ...(after?.own[map] ?? []),
    ]),
  );
}

/** Every key that a changed group wanted or wants, with all that want it now. */
function changeClaims(
  map: ContestedMap,
  { claims }: ServicePart,
  changes: readonly GroupChange[],
): Map<string, readonly Claim[] | undefined> {
  const changed = new Map<string, readonly Claim[] | undefined>();
  const claimsOn = (key: string) => (changed.has(key) ? changed.get(key) : claims[map].get(key));
  for (const { before, after } of changes) {
    for (const { key, owner } of before?.claims[map] ?? []) {
      const others = claimsOn(key)?.filter((claim) => claim.owner !== owner) ?? [];
      changed.set(key, others.length === 0 ? undefined : others);
    }
    for (const claim of after?.claims[map] ?? []) {
      changed.set(claim.key, [...(claimsOn(claim.key) ?? []), claim].sort(compareClaims));
    }
  }
  return changed;
}

function compareClaims(a: Claim, b: Claim): number {
  return a.rank - b.rank || compareTexts(a.owner, b.owner);
}

function* listWinners(
  claims: ReadonlyMap<string, readonly Claim[] | undefined>,
): Generator<MapChange<string, Uint8Array>, void> {
  for (const [key, claimed] of claims) yield [key, claimed?.[0]?.value];
}

function renameServices(changes: readonly GroupChange[]): MapChange<number, ServiceName>[] {
  return changes.flatMap(({ before, after }): MapChange<number, ServiceName>[] => [
    ...nameServices(before?.ports ?? []).map(([number]) => [number, undefined] as const),
    ...nameServices(after?.ports ?? []),
  ]);
}
