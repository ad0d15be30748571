// What of an object its neighbours depend on: as long as that stays, a new version of the object
// changes nothing that controllers assigned, to it or to others. Assigns nothing itself.

import type { EndpointSlice, KubernetesObject, Pod, Service } from '../kubernetes/types.ts';
import { findPlace, listChanges, type Change } from './changes.ts';
import type { ObjectChanges } from './concerned.ts';
import { keyOf } from './findings.ts';
import type { Note } from './state.ts';
import type { WrittenObjects } from './written.ts';

/** All that the assignment of addresses, ports and families reads of a Service, as text. */
export function standingOfService({ spec, status }: Service): string {
  return JSON.stringify([
    [spec.type, spec.clusterIP, spec.clusterIPs, spec.ipFamilies, spec.ipFamilyPolicy],
    spec.ports.map(({ port, protocol, nodePort }) => [port, protocol, nodePort]),
    [spec.externalIPs, spec.loadBalancerIP, spec.allocateLoadBalancerNodePorts, spec.externalName],
    [spec.externalTrafficPolicy, spec.healthCheckNodePort, spec.selector, status.ingress],
  ]);
}

/** All that placing pods, addressing them and counting them for workloads reads of a pod. */
export function standingOfPod({ metadata, spec, status }: Pod): string {
  return JSON.stringify([
    [metadata.labels, metadata.controlledBy, metadata.deletionTimestamp],
    [spec.nodeName, spec.nodeSelector, spec.hostNetwork],
    [status.phase, status.podIPs],
  ]);
}

/** A Service of the same standing with what the earlier one was assigned. */
export function withAssignments(service: Service, assigned: Service): Service {
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, healthCheckNodePort } = assigned.spec;
  const ports = service.spec.ports.map((port, index) => {
    const nodePort = assigned.spec.ports[index]?.nodePort;
    return nodePort === undefined ? port : { ...port, nodePort };
  });
  return {
    ...service,
    spec: {
      ...service.spec,
      clusterIPs,
      ipFamilies,
      ports,
      ...(clusterIP === undefined ? {} : { clusterIP }),
      ...(ipFamilyPolicy === undefined ? {} : { ipFamilyPolicy }),
      ...(healthCheckNodePort === undefined ? {} : { healthCheckNodePort }),
    },
    status: assigned.status,
  };
}

/** Whether the kinds that others are assigned by, the families and the namespaces stay. */
export function isStanding(
  before: WrittenObjects,
  after: WrittenObjects,
  { slices, policies }: ObjectChanges,
): boolean {
  const isAlone = ([old, now]: Change<KubernetesObject>) => old === undefined || now === undefined;
  const touched = [...slices, ...policies].filter(isAlone);
  const namespaces = new Set(touched.map(([old, now]) => (old ?? now)!.metadata.namespace));
  return (
    isUnchanged(before.nodes, after.nodes) &&
    isUnchanged(before.namespaces, after.namespaces) &&
    isUnchanged(before.workloads, after.workloads) &&
    isUnchanged(before.endpoints, after.endpoints) &&
    keepsNodeNames(after, slices) &&
    (slices.every(isOfSameType) || haveSameTypes(before, after)) &&
    [...namespaces].every((name) => isLivedIn(before, name) === isLivedIn(after, name))
  );
}

function isUnchanged<T extends KubernetesObject>(
  before: readonly T[],
  after: readonly T[],
): boolean {
  return listChanges(before, after).length === 0;
}

function isOfSameType([old, now]: Change<EndpointSlice>): boolean {
  return old?.addressType === now?.addressType;
}

function haveSameTypes(before: WrittenObjects, after: WrittenObjects): boolean {
  const has = ({ slices }: WrittenObjects, type: string) =>
    slices.some(({ addressType }) => addressType === type);
  return ['IPv4', 'IPv6'].every((type) => has(before, type) === has(after, type));
}

function isLivedIn(written: WrittenObjects, namespace: string): boolean {
  const { pods, workloads, services, endpoints, slices, policies } = written;
  const groups: readonly (readonly KubernetesObject[])[] = [
    ...[pods, workloads, services],
    ...[endpoints, slices, policies],
  ];
  return groups.some(
    (group) =>
      group[findPlace(group, { kind: '', namespace, name: '' })]?.metadata.namespace === namespace,
  );
}

/** Whether an object was replaced by one of the same standing, and notes about it still hold. */
export function isSame<T extends KubernetesObject>(
  [old, now]: Change<T>,
  standingOf: (object: T) => string,
  notes: readonly Note[],
): boolean {
  if (old === undefined || now === undefined || standingOf(old) !== standingOf(now)) return false;
  if (JSON.stringify(old.source) === JSON.stringify(now.source)) return true;
  return notes.every(({ object }) => object !== keyOf(now));
}

/** Where no Node is written, there are those that objects name. */
function keepsNodeNames(
  { nodes }: WrittenObjects,
  slices: readonly Change<EndpointSlice>[],
): boolean {
  const namesIn = (slice: EndpointSlice | undefined) =>
    JSON.stringify(slice?.endpoints.map(({ nodeName }) => nodeName ?? '').filter(Boolean) ?? []);
  return nodes.length > 0 || slices.every(([old, now]) => namesIn(old) === namesIn(now));
}
