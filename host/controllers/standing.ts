// What of an object its neighbours depend on: as long as that stays, a new version of the object
// changes nothing that controllers assigned, to it or to others. Assigns nothing itself.

import type { EndpointSlice, KubernetesObject, Pod, Service } from '../kubernetes/types.ts';
import { findPlace, listChanges, type Change } from './changes.ts';
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
export function isStanding(before: WrittenObjects, after: WrittenObjects): boolean {
  const speaks = ({ slices }: WrittenObjects, type: string) =>
    slices.some(({ addressType }) => addressType === type);
  return (
    before.nodes === after.nodes &&
    before.namespaces === after.namespaces &&
    before.workloads === after.workloads &&
    before.endpoints === after.endpoints &&
    ['IPv4', 'IPv6'].every((type) => speaks(before, type) === speaks(after, type)) &&
    touchedNamespaces(before, after).every(
      (name) => isLivedIn(before, name) === isLivedIn(after, name),
    )
  );
}

/** Namespaces in which an object came or went. */
function touchedNamespaces(before: WrittenObjects, after: WrittenObjects): string[] {
  const changes = [
    ...listChanges<KubernetesObject>(before.slices, after.slices),
    ...listChanges<KubernetesObject>(before.policies, after.policies),
  ];
  const lone = changes.filter(([old, now]) => old === undefined || now === undefined);
  return [...new Set(lone.map(([old, now]) => (old ?? now)!.metadata.namespace))];
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

/** Whether an object was replaced by one of the same standing, and the notes about it still hold. */
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
export function keepsNodeNames(
  { nodes }: WrittenObjects,
  slices: readonly Change<EndpointSlice>[],
): boolean {
  const namesIn = (slice: EndpointSlice | undefined) =>
    JSON.stringify(slice?.endpoints.map(({ nodeName }) => nodeName ?? '').filter(Boolean) ?? []);
  return nodes.length > 0 || slices.every(([old, now]) => namesIn(old) === namesIn(now));
}
