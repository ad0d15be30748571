// What the ends of a flow are called, and whom that means: plain addresses, objects by kind and
// name, URLs, DNS names. Source: kubectl's `kind/name`.

import type { ClusterState } from '../controllers/state.ts';
import { assumedResolvConf } from '../dns/resolv-conf.ts';
import type { Family, Workload } from '../kubernetes/types.ts';
import { canonicalAddress } from '../net/address.ts';
import { aliasParty, nameParty, type Viewpoint } from './name-party.ts';
import {
  addressParty,
  nodeParty,
  podParty,
  serviceParty,
  unknownObject,
  type AddressBook,
} from './object-party.ts';
import { familiesOf, UnresolvedError, type Party } from './party.ts';

const workloadKinds: Readonly<Record<string, Workload['kind']>> = {
  deployment: 'Deployment',
  replicaset: 'ReplicaSet',
  statefulset: 'StatefulSet',
  daemonset: 'DaemonSet',
  job: 'Job',
};

/** Ports that URLs imply. Source: IANA, Service Name and Port Number Registry. */
const schemePorts: Readonly<Record<string, number>> = {
  'amqp:': 5672,
  'amqps:': 5671,
  'ftp:': 21,
  'http:': 80,
  'https:': 443,
  'ldap:': 389,
  'ldaps:': 636,
  'mongodb:': 27017,
  'mysql:': 3306,
  'nats:': 4222,
  'postgres:': 5432,
  'postgresql:': 5432,
  'redis:': 6379,
  'ssh:': 22,
  'ws:': 80,
  'wss:': 443,
};

/** Who dials, and the family it asks for; absent: some pod of the namespace `default`. */
export interface Dialler {
  readonly client?: Party;
  readonly family?: Family;
}

/**
 * What a text stands for, seen from who dials it. Throws UnresolvedError with the nearest known
 * name.
 */
export function lookUpParty(book: AddressBook, text: string, dialler: Dialler = {}): Party {
  return partyOf(book, text.trim(), viewpointOf(book, dialler));
}

function viewpointOf({ state }: AddressBook, { client, family }: Dialler): Viewpoint {
  const own = client === undefined ? ([4, 6] as const) : [...familiesOf(client)].sort();
  return {
    conf: client?.conf ?? assumedResolvConf(state, 'the client'),
    families: family === undefined ? own : [family],
  };
}

function partyOf(book: AddressBook, text: string, view: Viewpoint): Party {
  const address = canonicalAddress(text);
  if (address !== null) return addressParty(book, address);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return urlParty(book, text, view);
  if (text === 'node') return nodeParty(book, book.node, text);
  const [, kind, rest] = /^([A-Za-z]+)[ /]+(.+)$/.exec(text) ?? [];
  const party = kind === undefined ? null : objectParty(book, kind.toLowerCase(), rest!, view);
  return party ?? nameParty(book, text, view);
}

function urlParty(book: AddressBook, text: string, view: Viewpoint): Party {
  const url = URL.canParse(text) ? new URL(text) : null;
  const port = url === null ? undefined : Number(url.port) || schemePorts[url.protocol];
  if (url === null || port === undefined) {
    throw new UnresolvedError(`"${text}" is no URL that names a port`, 'http://host:port/');
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { ...partyOf(book, host, view), text, impliedPort: port };
}

/** `kind ns/name`; null for kinds that nobody dials. */
function objectParty(book: AddressBook, kind: string, rest: string, view: Viewpoint): Party | null {
  const { state } = book;
  const [first, second, ...more] = rest.trim().split('/');
  if (more.length > 0) return null;
  const [namespace, name] = second === undefined ? ['default', first!] : [first!, second];
  if (kind === 'node') return second === undefined ? nodeParty(book, name, rest) : null;
  if (kind === 'pod' || kind === 'po') {
    const pod = findObject('pod', state.pods, namespace, name);
    return podParty(state, pod, `pod ${namespace}/${name}`);
  }
  if (kind === 'service' || kind === 'svc') {
    const service = findObject('service', state.services, namespace, name);
    const { type, clusterIP } = service.spec;
    const isDialled = type !== 'ExternalName' && clusterIP !== 'None';
    return isDialled ? serviceParty(state, service) : aliasParty(book, service, view);
  }
  const workloadKind = workloadKinds[kind];
  return workloadKind === undefined ? null : firstPodOf(state, workloadKind, namespace, name);
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
  if (pod !== undefined) return podParty(state, pod, `${kind} ${namespace}/${name}`);
  const workloads = state.workloads.filter((workload) => workload.kind === kind);
  throw unknownObject(kind.toLowerCase(), `${namespace}/${name}`, keysOf(workloads));
}

type Named = { readonly metadata: { readonly namespace: string; readonly name: string } };

/** Throws UnresolvedError with the nearest name of the kind. */
function findObject<T extends Named>(
  kind: string,
  objects: readonly T[],
  namespace: string,
  name: string,
): T {
  const found = objects.find(
    ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
  );
  if (found !== undefined) return found;
  throw unknownObject(kind, `${namespace}/${name}`, keysOf(objects));
}

function keysOf(objects: readonly Named[]): string[] {
  return objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}
