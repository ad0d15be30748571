// What DNS names are dialled by: the records that a client's questions come to. A name without
// records may still be the plain name of a pod or a Node.

import { describeQuery } from '../dns/describe.ts';
import { serviceName, type AddressType, type DNSRecord } from '../dns/records.ts';
import type { ResolvConf } from '../dns/resolv-conf.ts';
import { resolveName, type Resolution } from '../dns/resolver.ts';
import type { Family, Pod, Service } from '../kubernetes/types.ts';
import { nearestName } from './nearest.ts';
import {
  addressParty,
  describeService,
  dialledPorts,
  nodeParty,
  podParty,
  type AddressBook,
} from './object-party.ts';
import { UnresolvedError, type Party } from './party.ts';

/** Whose view a name is resolved from. */
export interface Viewpoint {
  readonly conf: ResolvConf;
  /** Families that the client can dial, the one it asks for first. */
  readonly families: readonly Family[];
}

const dnsName = /^[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?(\.[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?)*\.?$/;
const spellings =
  'an address, "pod ns/name", "service ns/name", "deployment ns/name", "node", a DNS name or a URL';

/** Throws UnresolvedError with the questions that were asked. */
export function nameParty(book: AddressBook, text: string, view: Viewpoint): Party {
  const name = text.toLowerCase();
  if (!dnsName.test(name)) {
    throw new UnresolvedError(`"${text}" is no address and no name in this cluster`, spellings);
  }
  const resolution = resolveFor(book, name, view);
  const party =
    resolution.records.length > 0
      ? resolvedParty(book, text, resolution)
      : (externalParty(resolution) ?? plainParty(book, name, view.conf));
  if (party === null) throw unresolved(book, text, resolution);
  return {
    ...party,
    text,
    resolution,
    ...(resolution.port !== undefined && { impliedPort: resolution.port }),
  };
}

/**
 * A Service without addresses of its own, as everybody in the cluster resolves its full name: the
 * endpoints of a headless one, what stands behind an ExternalName.
 */
export function aliasParty(book: AddressBook, service: Service, view: Viewpoint): Party {
  const { state } = book;
  const object = describeService(service);
  const { spec } = service;
  const conf = { ...view.conf, asksCluster: true };
  const resolution = resolveFor(book, serviceName(service), { ...view, conf });
  if (resolution.records.length > 0) {
    const party = resolvedParty(book, object, resolution);
    const alias = `${object} is an ExternalName: DNS answers with CNAME ${spec.externalName}`;
    return spec.type === 'ExternalName' ? { ...party, note: alias } : party;
  }
  const note =
    spec.type === 'ExternalName'
      ? noteOfExternal(service)
      : `${object} is headless and has no ready pods: its name resolves to nothing`;
  const ports = dialledPorts(state, service);
  return { text: object, object, addresses: [], ports, conf, note };
}

function resolveFor({ state }: AddressBook, name: string, view: Viewpoint): Resolution {
  const types = view.families.map((family): AddressType => (family === 4 ? 'A' : 'AAAA'));
  return resolveName(state, { conf: view.conf, name, types });
}

/** Records of one question are of one Service, or of none. */
function resolvedParty(book: AddressBook, text: string, { records, conf }: Resolution): Party {
  const { state } = book;
  const [first] = records as [DNSRecord];
  const addresses = records.map(({ data }) => data);
  const { service, isOfEndpoint } = first;
  if (service === undefined) return { ...addressParty(book, first.data), text, addresses };
  const pod = podAt(book, first);
  if (isOfEndpoint && pod !== undefined) return { ...podParty(state, pod, text), addresses };
  const isHeadless = service.spec.clusterIP === 'None';
  return {
    text,
    object: describeService(service),
    addresses,
    ports: dialledPorts(state, service),
    conf,
    ...(isHeadless && !isOfEndpoint && noteOfHeadless(service, records, pod)),
  };
}

function podAt({ state }: AddressBook, { data }: DNSRecord): Pod | undefined {
  return state.pods.find(({ status }) => status.podIPs.includes(data));
}

function noteOfHeadless(
  service: Service,
  records: readonly DNSRecord[],
  pod: Pod | undefined,
): { note: string; takesTurns: true } {
  const { data, type } = records[0]!;
  const count = records.filter((record) => record.type === type).length;
  const picked = pod === undefined ? data : `pod ${pod.metadata.namespace}/${pod.metadata.name}`;
  const resolved = `its name resolves to ${count} pod${count === 1 ? '' : 's'}`;
  const choice = `no packet is translated; dialling the first, ${picked}`;
  const note = `${describeService(service)} is headless: ${resolved} and ${choice}`;
  return { note, takesTurns: true };
}

/** Where aliases lead out of the cluster: nothing can be dialled. */
function externalParty({ conf, queries, external }: Resolution): Party | null {
  const alias = queries
    .flatMap(({ answer }) => answer.records)
    .find(({ data }) => data === external);
  if (alias?.service === undefined) return null;
  const object = describeService(alias.service);
  const note = noteOfExternal(alias.service);
  return { text: object, object, addresses: [], ports: [], conf, note };
}

function noteOfExternal(service: Service): string {
  const answer = `DNS answers with CNAME ${service.spec.externalName ?? ''}`;
  return `${describeService(service)} is an ExternalName: ${answer}, and no packet is translated`;
}

/** A pod of the client's namespace, or a Node, by its plain name, which DNS does not know. */
function plainParty(book: AddressBook, name: string, { namespace }: ResolvConf): Party | null {
  const { pods, nodes } = book.state;
  const pod = pods.find(
    ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
  );
  if (pod !== undefined) return podParty(book.state, pod, name);
  const isNode = nodes.some(({ metadata }) => metadata.name === name);
  return isNode ? nodeParty(book, name, name) : null;
}

function unresolved(
  { state }: AddressBook,
  text: string,
  { conf, queries }: Resolution,
): UnresolvedError {
  const asked = queries.map(describeQuery).join(', ');
  const message = `"${text}" is no name that ${conf.client} can resolve (${asked})`;
  const empty = state.services.find((service) =>
    queries.some(({ question }) => question.name === serviceName(service)),
  );
  if (empty?.spec.clusterIP === 'None') {
    const cause = 'is headless and has no ready endpoint that the question asks for';
    return new UnresolvedError(message, `${describeService(empty)} ${cause}`);
  }
  const known = state.services.map(({ metadata }) =>
    metadata.namespace === conf.namespace
      ? metadata.name
      : `${metadata.name}.${metadata.namespace}`,
  );
  const nearest = nearestName(text.replace(/(\.svc)?(\.cluster\.local)?\.?$/, ''), known);
  const isOther = nearest !== null && empty === undefined;
  return new UnresolvedError(message, isOther ? `did you mean "${nearest}"?` : spellings);
}
