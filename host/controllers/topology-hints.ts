// Hints from the topology annotation: endpoints handed out to zones in proportion to the CPU of
// their Nodes, all or none. Computed afresh from what there is, where a cluster that changes keeps
// some of its earlier hints. Source: `staging/src/k8s.io/endpointslice/topologycache`.

import { parseQuantity } from '../kubernetes/quantity.ts';
import type { Node, Service, SliceEndpoint } from '../kubernetes/types.ts';
import { zoneOf } from './slices.ts';
import { compareTexts } from './written.ts';

const MODE = 'service.kubernetes.io/topology-mode';
const DEPRECATED_MODE = 'service.kubernetes.io/topology-aware-hints';
const EXCLUDED_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];
/** The most that an endpoint may be loaded beyond its share. */
const OVERLOAD = 0.2;

/** Endpoints with their hints, or why none has any. */
export type TopologyHints =
  { readonly endpoints: readonly SliceEndpoint[] } | { readonly refusal: string };

/** Whether the annotation asks for hints; then trafficDistribution does not count. */
export function asksForTopology({ metadata }: Service): boolean {
  const mode = metadata.annotations[DEPRECATED_MODE] ?? metadata.annotations[MODE];
  return mode === 'Auto' || mode === 'auto';
}

/** Hints for all endpoints of one family. */
export function topologyHints(
  endpoints: readonly SliceEndpoint[],
  nodes: Iterable<Node>,
): TopologyHints {
  const shares = cpuShares(nodes);
  if (shares === null) {
    return { refusal: 'allocatable CPU or zone not specified on one or more nodes' };
  }
  if (shares.size < 2) return { refusal: 'Nodes only ready in one zone' };
  const ready = endpoints.filter(isReady);
  const place = `(${ready.length} endpoints, ${shares.size} zones)`;
  if (shares.size > ready.length) return { refusal: `insufficient number of endpoints ${place}` };
  const desired = desiredByZone(shares, ready.length);
  if (desired === null) {
    const message = 'minimum allocation required by one or more zones exceeds the endpoints';
    return { refusal: `${message} ${place}` };
  }
  if (ready.some(({ zone }) => !zone)) {
    return { refusal: 'one or more endpoints do not have a zone specified' };
  }
  return { endpoints: distribute(endpoints, desired) };
}

function isReady({ conditions }: SliceEndpoint): boolean {
  return conditions.ready === true;
}

/** Zone -> its part of the CPU; null if a Node does not say its zone or its CPU. */
function cpuShares(nodes: Iterable<Node>): ReadonlyMap<string, number> | null {
  const cpuByZone = new Map<string, number>();
  let total = 0;
  for (const node of nodes) {
    if (EXCLUDED_LABELS.some((label) => label in node.metadata.labels) || !isNodeReady(node)) {
      continue;
    }
    const zone = zoneOf(node);
    const cpu = parseQuantity(node.status.allocatable?.cpu ?? '');
    if (zone === undefined || cpu === null || cpu === 0) return null;
    cpuByZone.set(zone, (cpuByZone.get(zone) ?? 0) + cpu);
    total += cpu;
  }
  const sorted = [...cpuByZone].sort(([a], [b]) => compareTexts(a, b));
  return new Map(sorted.map(([zone, cpu]) => [zone, cpu / total]));
}

/** Like a pod, a Node is ready unless its conditions say otherwise. */
function isNodeReady({ status }: Node): boolean {
  const condition = status.conditions?.find(({ type }) => type === 'Ready');
  return condition === undefined || condition.status === 'True';
}

/** Zone -> endpoints wanted; null if the least that each needs are more than there are. */
function desiredByZone(
  shares: ReadonlyMap<string, number>,
  count: number,
): Map<string, number> | null {
  const desired = new Map<string, number>();
  let least = 0;
  for (const [zone, share] of shares) {
    const minimum = Math.ceil((share * count) / (1 + OVERLOAD));
    desired.set(zone, Math.max(share * count, minimum));
    least += minimum;
  }
  return least > count ? null : desired;
}

/** Each endpoint to its own zone, then from zones that have too many to those with too few. */
function distribute(
  endpoints: readonly SliceEndpoint[],
  desired: ReadonlyMap<string, number>,
): SliceEndpoint[] {
  const moves = planMoves(endpoints, desired);
  return endpoints.map((endpoint) => {
    if (!isReady(endpoint)) return withZone(endpoint);
    const own = endpoint.zone!;
    const giving = moves.giving.get(own) ?? 0;
    const receiver = [...moves.receiving].find(([, count]) => count > 0)?.[0];
    if (giving === 0 || receiver === undefined) return withZone(endpoint, own);
    moves.giving.set(own, giving - 1);
    moves.receiving.set(receiver, moves.receiving.get(receiver)! - 1);
    return withZone(endpoint, receiver);
  });
}

function withZone(endpoint: SliceEndpoint, zone?: string): SliceEndpoint {
  return { ...endpoint, hints: { forZones: zone === undefined ? [] : [zone], forNodes: [] } };
}

interface Moves {
  readonly giving: Map<string, number>;
  readonly receiving: Map<string, number>;
}

/** How many endpoints each zone gives and receives: whole ones, where that helps both sides. */
function planMoves(
  endpoints: readonly SliceEndpoint[],
  desired: ReadonlyMap<string, number>,
): Moves {
  const surplus = new Map<string, number>();
  const shortage = new Map<string, number>();
  for (const [zone, wanted] of desired) {
    const own = endpoints.filter((endpoint) => isReady(endpoint) && endpoint.zone === zone);
    surplus.set(zone, own.length - wanted);
    shortage.set(zone, wanted - own.length);
  }
  const moves: Moves = { giving: new Map(), receiving: new Map() };
  for (;;) {
    const [giver, given] = largest(surplus);
    const [receiver, needed] = largest(shortage);
    if (given < 0.5 || needed < 0.5 || (given < 1 && needed < 1)) return moves;
    moves.giving.set(giver, (moves.giving.get(giver) ?? 0) + 1);
    moves.receiving.set(receiver, (moves.receiving.get(receiver) ?? 0) + 1);
    surplus.set(giver, given - 1);
    shortage.set(receiver, needed - 1);
  }
}

/** The zone with the most, the first by name; nothing when none has any. */
function largest(zones: ReadonlyMap<string, number>): [zone: string, count: number] {
  let most: [string, number] = ['', 0];
  for (const [zone, count] of zones) if (count > most[1]) most = [zone, count];
  return most;
}
