// Pods by what policies can see of them: namespace, labels and named ports. And which pod an
// address belongs to. What did not change is used again. Knows no policies. Source: Kubernetes
// NetworkPolicyPeer.

import type { Change } from '../controllers/changes.ts';
import { compareTexts } from '../controllers/written.ts';
import type { Pod } from '../kubernetes/types.ts';
import { hasOwnNetwork, type NodeView } from './node-view.ts';
import { PersistentMap } from './persistent-map.ts';
import type { Selectable } from './peer-scope.ts';
import { policyOptionsOf } from './policy-options.ts';
import type { NamedPort } from './port-spec.ts';

/** One pod's hold on an address. */
export interface AddressClaim {
  readonly address: string;
  /** `namespace/name`. */
  readonly pod: string;
  readonly isLeaving: boolean;
  /** The pod is on this node. */
  readonly isLocal: boolean;
  readonly kind: PodKind;
}

/** Pods that look alike to every policy there could be. */
export interface PodKind extends Selectable {
  readonly text: string;
  readonly namedPorts: readonly NamedPort[];
}

/** The addresses of a kind. */
export interface KindMembers {
  readonly kind: PodKind;
  readonly claims: readonly AddressClaim[];
  /** Some of them are on this node. */
  readonly isLocal: boolean;
}

export interface PodPart {
  /** Who claims an address, its owner first. */
  readonly claims: PersistentMap<string, readonly AddressClaim[]>;
  /** By `PodKind.text`. */
  readonly kinds: PersistentMap<string, KindMembers>;
  /** Owners that this compilation changed. */
  readonly changes: readonly OwnerChange[];
}

/** Who owned an address, and who owns it now. */
export interface OwnerChange {
  readonly address: string;
  readonly before: AddressClaim | undefined;
  readonly after: AddressClaim | undefined;
}

export const emptyPodPart: PodPart = {
  claims: PersistentMap.of(),
  kinds: PersistentMap.of(),
  changes: [],
};

/** The part that follows on `before`, after these changes of pods. */
export function compilePods(
  view: NodeView,
  before: PodPart,
  podChanges: Iterable<Change<Pod>>,
): PodPart {
  const claims = changeClaims(view, before, podChanges);
  const changes: OwnerChange[] = [];
  for (const [address, claimed] of claims) {
    const [old, now] = [before.claims.get(address)?.[0], claimed?.[0]];
    if (old !== now) changes.push({ address, before: old, after: now });
  }
  return {
    claims: before.claims.with(claims),
    kinds: before.kinds.with(changeKinds(before, changes)),
    changes,
  };
}

/** The ports of a kind whose names are among these. */
export function usedPorts({ namedPorts }: PodKind, names: ReadonlySet<string>): NamedPort[] {
  return namedPorts.filter(({ name }) => names.has(name));
}

/**
 * Every address that a changed pod claimed or claims, with all that claim it now. An address that
 * two pods claim belongs to the one that is not being deleted, else to the first by name.
 */
function changeClaims(
  view: NodeView,
  { claims }: PodPart,
  podChanges: Iterable<Change<Pod>>,
): Map<string, readonly AddressClaim[] | undefined> {
  const changed = new Map<string, readonly AddressClaim[] | undefined>();
  const claimsOn = (address: string) =>
    (changed.has(address) ? changed.get(address) : claims.get(address)) ?? [];
  const kinds = new Map<string, PodKind>();
  for (const [old, now] of podChanges) {
    for (const address of old === undefined ? [] : addressesOf(old)) {
      const others = claimsOn(address).filter(({ pod }) => pod !== nameOf(old!));
      changed.set(address, others.length === 0 ? undefined : others);
    }
    for (const claim of now === undefined ? [] : claimsOfPod(view, now, kinds)) {
      changed.set(claim.address, [...claimsOn(claim.address), claim].sort(compareClaims));
    }
  }
  return changed;
}

function claimsOfPod(view: NodeView, pod: Pod, kinds: Map<string, PodKind>): AddressClaim[] {
  const addresses = addressesOf(pod);
  if (addresses.length === 0) return [];
  const made = kindOf(pod, policyOptionsOf(view.config).sidecarPortNames);
  const kind = kinds.get(made.text) ?? made;
  kinds.set(kind.text, kind);
  const shared = {
    pod: nameOf(pod),
    isLeaving: pod.metadata.deletionTimestamp !== undefined,
    isLocal: pod.spec.nodeName === view.name,
    kind,
  };
  return addresses.map((address) => ({ address, ...shared }));
}

/** Finished pods and pods on the host's network own no address. */
function addressesOf(pod: Pod): readonly string[] {
  return hasOwnNetwork(pod) ? pod.status.podIPs : [];
}

function compareClaims(a: AddressClaim, b: AddressClaim): number {
  const order = ({ pod }: AddressClaim) => pod.replace('/', '\0');
  return Number(a.isLeaving) - Number(b.isLeaving) || compareTexts(order(a), order(b));
}

function* changeKinds(
  { kinds }: PodPart,
  changes: readonly OwnerChange[],
): Generator<readonly [string, KindMembers | undefined], void> {
  const byKind = new Map<string, { left: Set<string>; joined: AddressClaim[] }>();
  const changesOf = ({ text }: PodKind) => {
    const known = byKind.get(text) ?? { left: new Set(), joined: [] };
    byKind.set(text, known);
    return known;
  };
  for (const { address, before, after } of changes) {
    if (before !== undefined) changesOf(before.kind).left.add(address);
    if (after !== undefined) changesOf(after.kind).joined.push(after);
  }
  for (const [text, { left, joined }] of byKind) {
    const members = kinds.get(text);
    const kept = (members?.claims ?? []).filter(({ address }) => !left.has(address));
    const claims = kept.concat(joined);
    const kind = members?.kind ?? joined[0]?.kind;
    const isLocal = claims.some((claim) => claim.isLocal);
    yield [text, claims.length === 0 || !kind ? undefined : { kind, claims, isLocal }];
  }
}

/** Ports of containers and, if asked for, of sidecars: init containers that always restart. */
function kindOf({ metadata, spec }: Pod, hasSidecars: boolean): PodKind {
  const sidecars = spec.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const namedPorts = [...spec.containers, ...(hasSidecars ? sidecars : [])]
    .flatMap((container) => container.ports)
    .flatMap(({ name, containerPort, protocol }) =>
      name === undefined ? [] : [{ name, containerPort, protocol }],
    );
  const { namespace, labels } = metadata;
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const ports = namedPorts.map((port) => `${port.name}:${port.containerPort}/${port.protocol}`);
  const text = [namespace, pairs.sort().join(), ports.sort().join()].join(' ');
  return { text, namespace, labels, namedPorts };
}

function nameOf({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}
