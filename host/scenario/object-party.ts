// What objects are dialled by: the addresses and ports of a pod, a node, a Service, or whatever has
// an address. Knows no names but the objects' own.

import type { ClusterState } from '../controllers/state.ts';
import { assumedResolvConf, podResolvConf } from '../dns/resolv-conf.ts';
import { slicesOf } from '../dns/records.ts';
import type { EndpointSlice, Node, Pod, Service } from '../kubernetes/types.ts';
import { canonicalAddress } from '../net/address.ts';
import { nearestName } from './nearest.ts';
import { UnresolvedError, type NamedPort, type Party } from './party.ts';

/** What names are resolved against. */
export interface AddressBook {
  readonly state: ClusterState;
  /** The node under test: what plain `node` means. */
  readonly node: string;
  /** Every address local to it; absent: the Node's own. */
  readonly nodeAddresses?: readonly string[];
}

/** An address; if a Service or pod has it, its port names can be used. */
export function addressParty({ state }: AddressBook, address: string): Party {
  const { services, pods } = state;
  const service = services.find(({ spec }) => spec.clusterIPs.includes(address));
  const pod = pods.find(({ spec, status }) => !spec.hostNetwork && status.podIPs.includes(address));
  const own = { text: address, object: address, addresses: [address] };
  if (service !== undefined) return { ...serviceParty(state, service), ...own };
  if (pod !== undefined) return { ...podParty(state, pod, address), ...own };
  return { ...own, ports: [], conf: assumedResolvConf(state, address) };
}

/** Throws UnresolvedError when there is no such node, or it has no address. */
export function nodeParty(book: AddressBook, name: string, text: string): Party {
  const { state } = book;
  const addresses = nodeAddressesOf(book, name);
  if (addresses.length === 0) {
    const names = state.nodes.map((node) => node.metadata.name);
    throw unknownObject('node', name, names);
  }
  const object = `node ${name}`;
  return { text, object, addresses, ports: [], conf: assumedResolvConf(state, object) };
}

/** The addresses of a node: internal ones first, as it speaks from them. */
function nodeAddressesOf(book: AddressBook, name: string): readonly string[] {
  if (name === book.node && book.nodeAddresses !== undefined) return book.nodeAddresses;
  const node = book.state.nodes.find((candidate) => candidate.metadata.name === name);
  return ['InternalIP', 'ExternalIP'].flatMap((type) => addressesOfType(node, type));
}

function addressesOfType(node: Node | undefined, type: string): string[] {
  const entries = node?.status.addresses.filter((entry) => entry.type === type) ?? [];
  return entries.map((entry) => canonicalAddress(entry.address)).filter((text) => text !== null);
}

/** Throws UnresolvedError when the pod has no address. */
export function podParty(state: ClusterState, pod: Pod, text: string): Party {
  const { namespace, name } = pod.metadata;
  const containers = [...pod.spec.containers, ...pod.spec.initContainers];
  const ports = containers
    .flatMap((container) => container.ports)
    .map(({ name: portName, protocol, containerPort }) => ({
      name: portName ?? '',
      protocol,
      port: containerPort,
    }));
  const object = `pod ${namespace}/${name}`;
  if (pod.status.podIPs.length === 0) {
    throw new UnresolvedError(`${object} has no address`, 'set status.podIP, or use controllers');
  }
  return { text, object, addresses: pod.status.podIPs, ports, conf: podResolvConf(state, pod) };
}

/** A Service by its ClusterIPs. Throws UnresolvedError when it has none. */
export function serviceParty(state: ClusterState, service: Service): Party {
  const object = describeService(service);
  if (service.spec.clusterIPs.length === 0) {
    throw new UnresolvedError(
      `${object} has no clusterIP`,
      'set spec.clusterIP, or use controllers',
    );
  }
  const addresses = service.spec.clusterIPs;
  const conf = assumedResolvConf(state, object, service.metadata.namespace);
  return { text: object, object, addresses, ports: dialledPorts(state, service), conf };
}

/** The ports of a Service; of a headless one its endpoints', as its SRV records have them. */
export function dialledPorts(state: ClusterState, service: Service): NamedPort[] {
  const [slice] = slicesOf(state, service).filter(({ endpoints }) => endpoints.length > 0);
  const isHeadless = service.spec.clusterIP === 'None';
  const ports: EndpointSlice['ports'] = isHeadless ? (slice?.ports ?? []) : service.spec.ports;
  return ports.flatMap(({ name, protocol, port }) =>
    port === undefined ? [] : [{ name: name ?? '', protocol, port }],
  );
}

export function describeService({ metadata }: Service): string {
  return `service ${metadata.namespace}/${metadata.name}`;
}

/** A name that no object of the kind has, with the nearest that one has. */
export function unknownObject(
  kind: string,
  name: string,
  known: readonly string[],
): UnresolvedError {
  const nearest = nearestName(name, known);
  const some = known.slice(0, 5).join(', ') + (known.length > 5 ? ', …' : '');
  const cure = nearest !== null ? `did you mean "${nearest}"?` : `there is ${some || 'none'}`;
  return new UnresolvedError(`there is no ${kind} "${name}"`, cure);
}
