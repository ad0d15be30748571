// The next state of a cluster from the last one, where the objects that changed leave everything
// that was assigned as it is: EndpointSlices and policies that come and go, other conditions of a
// pod, another affinity of a Service. Then only the slices of the Services concerned are made anew,
// by the code that makes all of them. What it cannot prove to be so it leaves to the whole
// completion.

import type { EndpointSlice, Pod, Service } from '../kubernetes/types.ts';
import { findObject, findPlace, listChanges, withChanges, type Change } from './changes.ts';
import { directoryOf, followSliced, indexObjects, listConcerned } from './concerned.ts';
import type { ObjectChanges, ObjectIndex } from './concerned.ts';
import { makeSlices, slicedServices } from './endpoint-slices.ts';
import { keyOf } from './findings.ts';
import { getOrAdd } from './pod-index.ts';
import { withStatus } from './pods.ts';
import {
  isSame,
  isStanding,
  standingOfPod,
  standingOfService,
  withAssignments,
} from './standing.ts';
import type { ClusterState, ControllerOptions, Note } from './state.ts';
import { compareObjects, type WrittenObjects } from './written.ts';

/** What is kept of a completion for the next one. */
export interface Memory {
  readonly written: WrittenObjects;
  readonly options: ControllerOptions;
  /** Notes about anything but the slices that were made, which are kept by Service. */
  readonly notes: readonly Note[];
  readonly sliceNotes: ReadonlyMap<string, readonly Note[]>;
  /** Names of the Services that slices are written for. */
  readonly sliced: () => ReadonlySet<string>;
  readonly index: () => ObjectIndex;
}

const memories = new WeakMap<ClusterState, Memory>();

/** Keeps what the next completion may follow on. */
export function rememberState(
  state: ClusterState,
  { written, options }: Pick<Memory, 'written' | 'options'>,
  sliceNotes: readonly Note[],
): void {
  const byService = new Map<string, Note[]>();
  for (const note of sliceNotes) getOrAdd(byService, note.object, () => []).push(note);
  memories.set(state, {
    written,
    options,
    notes: state.notes.slice(0, state.notes.length - sliceNotes.length),
    sliceNotes: byService,
    sliced: once(() => slicedServices(written)),
    index: once(() => indexObjects(state, written)),
  });
}

/** The state that follows, or null if that takes a whole completion. */
export function followState(
  written: WrittenObjects,
  options: ControllerOptions,
  previous: ClusterState,
): ClusterState | null {
  const memory = memories.get(previous);
  if (memory === undefined || memory.options !== options) return null;
  const changes: ObjectChanges = {
    services: listChanges(memory.written.services, written.services),
    pods: listChanges(memory.written.pods, written.pods),
    slices: listChanges(memory.written.slices, written.slices),
    policies: listChanges(memory.written.policies, written.policies),
  };
  if (!isStanding(memory.written, written, changes)) return null;
  if (!changes.services.every((change) => isSame(change, standingOfService, memory.notes)))
    return null;
  if (!changes.pods.every((change) => isSame(change, standingOfPod, memory.notes))) return null;
  return follow({ memory, written, previous, changes });
}

interface Step {
  readonly memory: Memory;
  readonly written: WrittenObjects;
  readonly previous: ClusterState;
  readonly changes: ObjectChanges;
}

function follow({ memory, written, previous, changes }: Step): ClusterState | null {
  const services = withChanges(previous.services, changes.services.map(assigned(previous)));
  const pods = withChanges(previous.pods, changes.pods.map(settled(previous)));
  const sliced = followSliced(memory.sliced(), written, changes.slices);
  const before = directoryOf(memory.index(), previous.pods, memory.sliced());
  const after = directoryOf(memory.index(), pods, sliced);
  const made: Change<EndpointSlice>[] = [];
  const notes = new Map<string, readonly Note[]>();
  for (const name of listConcerned(memory.index(), changes)) {
    const old = findObject(previous.services, name);
    const now = findObject(services, name);
    if (old === undefined || now === undefined) continue;
    made.push(...listMade(previous, makeSlices(old, before), makeSlices(now, after)));
    notes.set(keyOf(now), after.findings.notes.splice(0));
  }
  const sliceChanges = [...changes.slices, ...made];
  if (!sliceChanges.every((change) => hasOwnPlace(previous.slices, change))) return null;
  const sliceNotes = withNotes(memory.sliceNotes, notes);
  const isQuiet = sliceNotes === memory.sliceNotes;
  const state = {
    ...previous,
    services,
    pods,
    slices: withChanges(previous.slices, sliceChanges),
    policies: changes.policies.length === 0 ? previous.policies : written.policies,
    tierPolicies: written.tierPolicies,
    notes: isQuiet ? previous.notes : joinNotes(memory.notes, sliceNotes, services),
  };
  memories.set(state, { ...memory, written, sliceNotes, sliced: () => sliced });
  return state;
}

function assigned({ services }: ClusterState): (change: Change<Service>) => Change<Service> {
  return ([, now]) => {
    const before = findObject(services, now!.metadata)!;
    return [before, withAssignments(now!, before)];
  };
}

function settled({ pods }: ClusterState): (change: Change<Pod>) => Change<Pod> {
  return ([, now]) => {
    const before = findObject(pods, now!.metadata)!;
    const { nodeName } = before.spec;
    const placed = nodeName === undefined ? now! : { ...now!, spec: { ...now!.spec, nodeName } };
    const { status, ...rest } = withStatus(placed, { notes: [], problems: [] });
    return [before, { ...rest, status: { ...status, podIPs: before.status.podIPs } }];
  };
}

/** Slices made anew against those that there were; what came out as before is left out. */
function listMade(
  { slices }: ClusterState,
  before: readonly EndpointSlice[],
  after: readonly EndpointSlice[],
): Change<EndpointSlice>[] {
  return listChanges(before.toSorted(compareObjects), after.toSorted(compareObjects))
    .filter(([old, now]) => JSON.stringify(old) !== JSON.stringify(now))
    .map(([old, now]) => [old && findObject(slices, old.metadata), now]);
}

/** Whether a change is of one object, with no namesake beside it. */
function hasOwnPlace(
  list: readonly EndpointSlice[],
  [before, after]: Change<EndpointSlice>,
): boolean {
  const { namespace, name } = (before ?? after)!.metadata;
  const at = findPlace(list, { kind: '', namespace, name });
  const isNamesake = (other: EndpointSlice | undefined) =>
    other !== undefined && other.metadata.namespace === namespace && other.metadata.name === name;
  if (before === undefined) return !isNamesake(list[at]);
  return list[at] === before && !isNamesake(list[at + 1]);
}

function withNotes(
  known: Memory['sliceNotes'],
  changed: ReadonlyMap<string, readonly Note[]>,
): Memory['sliceNotes'] {
  const differing = [...changed].filter(
    ([key, notes]) => JSON.stringify(notes) !== JSON.stringify(known.get(key) ?? []),
  );
  return differing.length === 0 ? known : new Map([...known, ...differing]);
}

/** In the order in which a whole completion takes them. */
function joinNotes(
  notes: readonly Note[],
  sliceNotes: Memory['sliceNotes'],
  services: readonly Service[],
): Note[] {
  return [...notes, ...services.flatMap((service) => sliceNotes.get(keyOf(service)) ?? [])];
}

/** Computed when it is first asked for. */
function once<T>(compute: () => T): () => T {
  let value: { readonly known: T } | null = null;
  return () => (value ??= { known: compute() }).known;
}
