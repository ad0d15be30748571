// What the ends of a flow are called, and which addresses that makes: objects by kind and name, DNS names as a pod would
// resolve them, URLs, plain addresses. Sources: Kubernetes, DNS for Services and Pods; kubectl's `kind/name`.

import type { ClusterState } from '../controllers/state.ts';
import type { Node, Pod, Workload } from '../kubernetes/types.ts';
import { canonicalAddress } from '../net/address.ts';
import { nearestName } from './nearest.ts';
import { UnresolvedError, type Party } from './party.ts';
import { findHeadlessPod, serviceParty } from './service-party.ts';

/** What names are resolved against. */
export interface AddressBook {
  readonly state: ClusterState;
  /** The node under test: what plain `node` means. */
  readonly node: string;
  /** Every address local to it; absent: the Node's own. */
  readonly nodeAddresses?: readonly string[];
}

const workloadKinds: Readonly<Record<string, Workload['kind']>> = {
  deployment: 'Deployment',
  replicaset: 'ReplicaSet',
  statefulset: 'StatefulSet',
  daemonset: 'DaemonSet',
  job: 'Job',
};
const spellings =
  'an address, "pod ns/name", "service ns/name", "deployment ns/name", "node", a DNS name or a URL';
const urlPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** What a text stands for, seen from a namespace. Throws UnresolvedError with the nearest known name. */
export function lookUpParty(book: AddressBook, text: string, namespace = 'default'): Party {
  const trimmed = text.trim();
  const address = canonicalAddress(trimmed);
  if (address !== null) return addressParty(book, address);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)) return urlParty(book, trimmed, namespace);
  if (trimmed === 'node') return nodeParty(book, book.node, text);
  const named = /^([A-Za-z]+)[ /]+(.+)$/.exec(trimmed);
  const party = named === null ? null : namedParty(book, named[1]!.toLowerCase(), named[2]!);
  return party ?? dnsParty(book, trimmed, namespace);
}

/** The addresses of a node: internal ones first, as it speaks from them. */
export function nodeAddressesOf(book: AddressBook, name: string): readonly string[] {
  if (name === book.node && book.nodeAddresses !== undefined) return book.nodeAddresses;
  const node = book.state.nodes.find((candidate) => candidate.metadata.name === name);
  return ['InternalIP', 'ExternalIP'].flatMap((type) => addressesOfType(node, type));
}

function addressesOfType(node: Node | undefined, type: string): string[] {
  const entries = node?.status.addresses.filter((entry) => entry.type === type) ?? [];
  return entries.map((entry) => canonicalAddress(entry.address)).filter((text) => text !== null);
}

/** An address; if a Service or pod has it, its port names can be used. */
function addressParty(book: AddressBook, address: string): Party {
  const { services, pods } = book.state;
  const service = services.find(({ spec }) => spec.clusterIPs.includes(address));
  const pod = pods.find(({ spec, status }) => !spec.hostNetwork && status.podIPs.includes(address));
  const owner =
    service !== undefined ? serviceParty(book.state, service) : pod && podParty(pod, address);
  const ports = owner?.ports ?? [];
  const namespace = owner?.namespace ?? 'default';
  return { text: address, object: address, addresses: [address], ports, namespace };
}

function urlParty(book: AddressBook, text: string, namespace: string): Party {
  const url = URL.canParse(text) ? new URL(text) : null;
  const port = url === null ? undefined : Number(url.port) || urlPorts[url.protocol];
  if (url === null || port === undefined) {
    throw new UnresolvedError(`"${text}" is no URL that names a port`, 'http://host:port/');
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { ...lookUpParty(book, host, namespace), text, urlPort: port };
}

function namedParty(book: AddressBook, kind: string, rest: string): Party | null {
  const [first, second, ...more] = rest.trim().split('/');
  if (more.length > 0) return null;
  const [namespace, name] = second === undefined ? ['default', first!] : [first!, second];
  if (kind === 'node') return second === undefined ? nodeParty(book, name, rest) : null;
  if (kind === 'pod' || kind === 'po') return podNamed(book.state, namespace, name);
  if (kind === 'service' || kind === 'svc') return serviceNamed(book.state, namespace, name);
  const workloadKind = workloadKinds[kind];
  return workloadKind === undefined ? null : firstPodOf(book.state, workloadKind, namespace, name);
}

function nodeParty(book: AddressBook, name: string, text: string): Party {
  const addresses = nodeAddressesOf(book, name);
  if (addresses.length === 0) {
    const names = book.state.nodes.map((node) => node.metadata.name);
    throw unknownObject('node', name, names);
  }
  return { text, object: `node ${name}`, addresses, ports: [], namespace: 'default' };
}

function podNamed(state: ClusterState, namespace: string, name: string): Party {
  const pod = find(state.pods, namespace, name);
  if (pod === undefined) throw unknownObject('pod', `${namespace}/${name}`, keysOf(state.pods));
  return podParty(pod, `pod ${namespace}/${name}`);
}

function podParty(pod: Pod, text: string): Party {
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
  return { text, object, addresses: pod.status.podIPs, ports, namespace };
}

function serviceNamed(state: ClusterState, namespace: string, name: string): Party {
  const service = find(state.services, namespace, name);
  if (service !== undefined) return serviceParty(state, service);
  throw unknownObject('service', `${namespace}/${name}`, keysOf(state.services));
}

function firstPodOf(
  state: ClusterState,
  kind: Workload['kind'],
  namespace: string,
  name: string,
): Party {
  const owner = `${kind}/${name}`;
  const pod = state.pods.find(
    ({ metadata }) => metadata.namespace === namespace && metadata.madeFrom === owner,
  );
  if (pod !== undefined) return podParty(pod, `${kind} ${namespace}/${name}`);
  const workloads = state.workloads.filter((workload) => workload.kind === kind);
  throw unknownObject(kind.toLowerCase(), `${namespace}/${name}`, keysOf(workloads));
}

/** `svc`, `svc.ns`, `host.svc.ns`, each also with `.svc` and `.svc.cluster.local`; `10-1-2-3.ns.pod`; a pod's name. */
function dnsParty(book: AddressBook, text: string, namespace: string): Party {
  const { state } = book;
  const name = text.toLowerCase().replace(/\.$/, '');
  const labels = name.replace(/(\.svc)?(\.cluster\.local)?$/, '').split('.');
  const [first, second = namespace, third] = labels;
  if (labels.length === 3 && third === 'pod') return podByDashedAddress(book, first!, text);
  const service = labels.length < 3 ? find(state.services, second, first!) : undefined;
  if (service !== undefined) return { ...serviceParty(state, service), text };
  const pod =
    labels.length === 1
      ? find(state.pods, namespace, first!)
      : findHeadlessPod(state, { host: first!, service: second, namespace: third ?? namespace });
  if (pod !== undefined) return podParty(pod, text);
  const known = state.services.map(({ metadata }) =>
    metadata.namespace === namespace ? metadata.name : `${metadata.name}.${metadata.namespace}`,
  );
  const nearest = nearestName(labels.join('.'), known);
  throw new UnresolvedError(
    `"${text}" is no address and no name in this cluster`,
    nearest === null ? spellings : `did you mean "${nearest}"?`,
  );
}

function podByDashedAddress(book: AddressBook, label: string, text: string): Party {
  const address =
    canonicalAddress(label.replaceAll('-', '.')) ?? canonicalAddress(label.replaceAll('-', ':'));
  if (address !== null) return { ...addressParty(book, address), text };
  throw new UnresolvedError(`"${text}" names no address`, '10-244-1-5.default.pod.cluster.local');
}

function find<T extends { metadata: { namespace: string; name: string } }>(
  objects: readonly T[],
  namespace: string,
  name: string,
): T | undefined {
  return objects.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
}

function keysOf(objects: readonly { metadata: { namespace: string; name: string } }[]): string[] {
  return objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

function unknownObject(kind: string, name: string, known: readonly string[]): UnresolvedError {
  const nearest = nearestName(name, known);
  const some = known.slice(0, 5).join(', ') + (known.length > 5 ? ', …' : '');
  const cure = nearest !== null ? `did you mean "${nearest}"?` : `there is ${some || 'none'}`;
  return new UnresolvedError(`there is no ${kind} "${name}"`, cure);
}
