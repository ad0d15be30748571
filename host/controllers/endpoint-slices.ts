// EndpointSlices from selectors: which pods stand behind a Service, by which port and in which
// condition. Sources: `staging/src/k8s.io/endpointslice` (reconciler.go, utils.go),
// `pkg/controller/util/endpoint`.

import type {
  Endpoints,
  EndpointSlice,
  Labels,
  Node,
  Pod,
  Service,
  ServicePort,
  SliceEndpoint,
} from '../kubernetes/types.ts';
import { familyOf } from '../net/address.ts';
import type { ObjectName } from './changes.ts';
import { mirrorEndpoints } from './endpoints-mirror.ts';
import { addNote, type Findings } from './findings.ts';
import { hintsFor } from './hints.ts';
import { getOrAdd, indexPods, selectPods } from './pod-index.ts';
import { isHeadless } from './service-families.ts';
import { sliceEndpoints, SERVICE_NAME_LABEL, zoneOf, type EndpointGroup } from './slices.ts';
import { asksForTopology, topologyHints } from './topology-hints.ts';
import { compareObjects, nameOf, type WrittenObjects } from './written.ts';

const HEADLESS_LABEL = 'service.kubernetes.io/headless';
const MANAGED_BY = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' };

/** The completed objects that slices are made from. */
export interface SliceInputs {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
}

/** What the slices of a Service are made from, besides the Service. */
export interface Directory {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly findings: Findings;
  /** Names, `namespace/name`, of the Services that slices are written for. */
  readonly sliced: ReadonlySet<string>;
  /** Endpoints by `namespace/name`. */
  readonly legacy: ReadonlyMap<string, Endpoints>;
  /** The pods of a namespace that a selector selects. */
  selectPods(namespace: string, selector: Labels): readonly Pod[];
}

/**
 * Written slices, and those that controllers add for a Service without any: from the Endpoints of
 * its name, else from its selector. Sorted by namespace and name.
 */
export function completeSlices(
  { nodes, pods, services }: SliceInputs,
  written: WrittenObjects,
  findings: Findings,
): EndpointSlice[] {
  const index = indexPods(pods);
  const directory: Directory = {
    nodes: nodesByName(nodes),
    findings,
    sliced: slicedServices(written),
    legacy: endpointsByName(written),
    selectPods: (namespace, selector) => selectPods(index, namespace, selector),
  };
  const added = services.flatMap((service) => makeSlices(service, directory));
  return [...written.slices, ...added].sort(compareObjects);
}

/** The slices that controllers add for one Service. */
export function makeSlices(service: Service, directory: Directory): EndpointSlice[] {
  const name = nameOf(service.metadata);
  const endpoints = directory.legacy.get(name);
  if (directory.sliced.has(name) || service.spec.type === 'ExternalName') return [];
  if (endpoints !== undefined) return mirrorEndpoints(endpoints, directory.nodes);
  return slicesFromSelector(service, directory);
}

export function nodesByName(nodes: readonly Node[]): Map<string, Node> {
  return new Map(nodes.map((node) => [node.metadata.name, node]));
}

/** Names of the Services that slices are written for. */
export function slicedServices({ slices }: WrittenObjects): Set<string> {
  return new Set(slices.map(serviceOfSlice));
}

export function endpointsByName({ endpoints }: WrittenObjects): Map<string, Endpoints> {
  return new Map(endpoints.map((one) => [nameOf(one.metadata), one]));
}

/** `namespace/name` of the Service that a slice is for. */
export function serviceOfSlice(slice: EndpointSlice): string {
  const { namespace, name } = ownerOfSlice(slice);
  return `${namespace}/${name}`;
}

/** The Service that a slice is for; no Service has the name ''. */
export function ownerOfSlice({ metadata }: EndpointSlice): ObjectName {
  return { namespace: metadata.namespace, name: metadata.labels[SERVICE_NAME_LABEL] ?? '' };
}

function slicesFromSelector(service: Service, directory: Directory): EndpointSlice[] {
  const { metadata, spec } = service;
  const { findings } = directory;
  if (spec.selector === undefined || Object.keys(spec.selector).length === 0) {
    addNote(findings, service, 'has no endpoints: no selector, and no EndpointSlice is written');
    return [];
  }
  const selected = directory.selectPods(metadata.namespace, spec.selector);
  const pods = selected.filter((pod) => isListed(pod, service, directory));
  if (pods.length === 0) {
    const cause = selected.length === 0 ? 'its selector matches no pod' : 'no pod can be reached';
    addNote(findings, service, `has no endpoints: ${cause}`);
  }
  const origin = {
    service: metadata.name,
    namespace: metadata.namespace,
    labels: {
      ...metadata.labels,
      ...MANAGED_BY,
      ...(isHeadless(spec) && { [HEADLESS_LABEL]: '' }),
    },
    madeFrom: `Service/${metadata.name}`,
  };
  const groups = groupEndpoints(service, pods, directory);
  const hinted = asksForTopology(service) ? withTopology(service, groups, directory) : groups;
  return hinted.flatMap((group) => sliceEndpoints(origin, group));
}

/** The topology annotation deals with all endpoints of a family at once, whatever their ports. */
function withTopology(
  service: Service,
  groups: readonly EndpointGroup[],
  { nodes, findings }: Directory,
): EndpointGroup[] {
  const hinted = new Map<SliceEndpoint, SliceEndpoint>();
  for (const addressType of service.spec.ipFamilies) {
    const endpoints = groups
      .filter((group) => group.addressType === addressType)
      .flatMap((group) => group.endpoints);
    const result = topologyHints(endpoints, nodes.values());
    if ('refusal' in result) {
      addNote(findings, service, `has no topology hints in ${addressType}: ${result.refusal}`);
    } else result.endpoints.forEach((endpoint, at) => hinted.set(endpoints[at]!, endpoint));
  }
  const none = { forZones: [], forNodes: [] };
  return groups.map((group) => ({
    ...group,
    endpoints: group.endpoints.map((one) => hinted.get(one) ?? { ...one, hints: none }),
  }));
}

/**
 * Whether a pod is an endpoint at all, ready or not: not finished, addressed, and on a Node that
 * exists.
 */
function isListed({ spec, status }: Pod, service: Service, { nodes }: Directory): boolean {
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return false;
  if (status.podIPs.length === 0) return false;
  return service.spec.publishNotReadyAddresses || nodes.has(spec.nodeName ?? '');
}

/**
 * Pods by family and by the ports that the Service's target ports come to; an empty group if there
 * is no pod.
 */
function groupEndpoints(
  service: Service,
  pods: readonly Pod[],
  directory: Directory,
): EndpointGroup[] {
  const groups = new Map<string, EndpointGroup & { endpoints: SliceEndpoint[] }>();
  const unresolved = new Set<string>();
  for (const pod of pods) {
    const ports = resolvePorts(service, pod, unresolved);
    const signature = ports.map(({ port }) => port).join();
    const names = ports.map(({ name, protocol }) => `${name}/${protocol}`).join();
    for (const addressType of service.spec.ipFamilies) {
      const address = podAddress(pod, addressType);
      if (address === undefined) continue;
      const group = getOrAdd(groups, `${addressType} ${signature} ${names}`, () => {
        return { addressType, ports, part: 0, endpoints: [] };
      });
      group.endpoints.push(endpointOf(pod, address, service, directory));
    }
  }
  for (const port of unresolved) {
    addNote(
      directory.findings,
      service,
      `has pods without a container port for targetPort ${port}`,
    );
  }
  if (groups.size > 0) return [...groups.values()];
  const addressType = service.spec.ipFamilies[0]!;
  return [{ addressType, ports: [], part: 0, endpoints: [] }];
}

function podAddress({ status }: Pod, addressType: 'IPv4' | 'IPv6'): string | undefined {
  const family = addressType === 'IPv4' ? 4 : 6;
  return status.podIPs.find((address) => familyOf(address) === family);
}

/** The Service's ports as this pod has them; a port whose name the pod lacks is left out. */
function resolvePorts(
  { spec }: Service,
  pod: Pod,
  unresolved: Set<string>,
): EndpointSlice['ports'] {
  return spec.ports.flatMap((servicePort) => {
    const port = targetPort(servicePort, pod);
    if (port === undefined) {
      unresolved.add(`${servicePort.targetPort}/${servicePort.protocol}`);
      return [];
    }
    return [{ name: servicePort.name, protocol: servicePort.protocol, port }];
  });
}

/**
 * A name is looked up with the Service port's protocol: in containers, then in init containers that
 * keep running.
 */
function targetPort({ targetPort: target, protocol }: ServicePort, { spec }: Pod) {
  if (typeof target === 'number') return target;
  const sidecars = spec.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const { ports } of [...spec.containers, ...sidecars]) {
    const found = ports.find((port) => port.name === target && port.protocol === protocol);
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

function endpointOf(
  pod: Pod,
  address: string,
  service: Service,
  { nodes }: Directory,
): SliceEndpoint {
  const { metadata, spec } = pod;
  const zone = zoneOf(nodes.get(spec.nodeName ?? ''));
  const conditions = conditionsOf(pod, service);
  const { hostname } = spec;
  const isNamed = spec.subdomain === service.metadata.name && hostname !== undefined;
  return {
    addresses: [address],
    conditions,
    ...(isNamed ? { hostname } : {}),
    ...(spec.nodeName === undefined ? {} : { nodeName: spec.nodeName }),
    ...(zone === undefined ? {} : { zone }),
    hints: hintsFor(service, { ready: conditions.ready, zone, nodeName: spec.nodeName }),
    targetPod: nameOf(metadata),
  };
}

/** Source: `endpointslice/utils.go podToEndpoint`. */
function conditionsOf({ metadata, status }: Pod, { spec }: Service) {
  const serving = status.conditions.some(
    ({ type, status: value }) => type === 'Ready' && value === 'True',
  );
  const terminating = metadata.deletionTimestamp !== undefined;
  return {
    ready: spec.publishNotReadyAddresses || (serving && !terminating),
    serving,
    terminating,
  };
}
