// What the cluster's DNS answers: name and type -> records, from the objects. Knows no resolver
// and no search list. Sources: CoreDNS `plugin/kubernetes` (parse.go, kubernetes.go), as kubeadm
// sets it up (`pods insecure`), and `plugin/backend_lookup.go`; Kubernetes, DNS-Based Service
// Discovery.

import { SERVICE_NAME_LABEL } from '../controllers/slices.ts';
import type { ClusterState } from '../controllers/state.ts';
import type { EndpointSlice, Service } from '../kubernetes/types.ts';
import { canonicalAddress, familyOf } from '../net/address.ts';

/** kubeadm's `networking.dnsDomain`. */
export const clusterDomain = 'cluster.local';

export type AddressType = 'A' | 'AAAA';

export interface Question {
  /** Absolute: with the dot at the end. */
  readonly name: string;
  readonly type: AddressType | 'SRV';
}

export interface DNSRecord {
  /** Absolute, as is a name in `data`. */
  readonly name: string;
  readonly type: AddressType | 'SRV' | 'CNAME';
  /** An address in canonical spelling, or the name that a CNAME or SRV points to. */
  readonly data: string;
  /** SRV only. */
  readonly port?: number;
  /** The Service that the record is of; absent on records of pods. */
  readonly service?: Service;
  /** Whether the record is of one endpoint that was asked for by its own name. */
  readonly isOfEndpoint: boolean;
}

/**
 * `nodata`: the name exists, without records of the type. `unknown`: the name is not in the
 * cluster's zone, so that the servers outside answer.
 */
export interface Answer {
  readonly status: 'answer' | 'nodata' | 'nxdomain' | 'unknown';
  readonly records: readonly DNSRecord[];
}

/** An address or name that a question leads to, before the type is looked at. */
interface Host {
  /** Of the Service, or of the endpoint: what an SRV record points to. */
  readonly owner: string;
  /** An address, or a name that stands behind an alias. */
  readonly host: string;
  readonly port?: number;
  readonly service?: Service;
  readonly isOfEndpoint: boolean;
}

/** The labels of a name in the zone, from right to left. */
interface Labels {
  readonly kind: string;
  readonly namespace: string;
  /** A dashed address where the kind is `pod`. */
  readonly service: string | undefined;
  readonly endpoint: string | undefined;
  readonly protocol: string | undefined;
  readonly port: string | undefined;
}

/** CNAMEs that are followed inside the zone, after the first. */
const maximumAliases = 7;

/** Whether the cluster's DNS answers for an absolute name itself. */
export function isClusterName(name: string): boolean {
  return name === `${clusterDomain}.` || name.endsWith(`.${clusterDomain}.`);
}

/** A name without letter case, with the dot at the end. */
export function absoluteName(name: string): string {
  return `${name.toLowerCase().replace(/\.$/, '')}.`;
}

/** The answer to one question; the first address is the one that clients take. */
export function answerQuestion(state: ClusterState, question: Question): Answer {
  const { name, type } = question;
  if (!isClusterName(name)) return { status: 'unknown', records: [] };
  const hosts = findHosts(state, name);
  if (hosts === null) return { status: 'nxdomain', records: [] };
  const records =
    type === 'SRV' ? serviceRecords(name, hosts) : addressRecords(state, { name, type }, hosts, []);
  return { status: records.length === 0 ? 'nodata' : 'answer', records };
}

function addressRecords(
  state: ClusterState,
  { name, type }: { name: string; type: AddressType },
  hosts: readonly Host[],
  aliases: readonly DNSRecord[],
): DNSRecord[] {
  const records = new Map<string, DNSRecord>();
  for (const { host, service, isOfEndpoint } of hosts) {
    const origin = { ...(service && { service }), isOfEndpoint };
    const address = canonicalAddress(host);
    if (address === null) {
      const alias: DNSRecord = { name, type: 'CNAME', data: absoluteName(host), ...origin };
      for (const record of followAlias(state, alias, type, aliases)) {
        records.set(`${record.name} ${record.data}`, record);
      }
    } else if (familyOf(address) === (type === 'A' ? 4 : 6)) {
      records.set(`${name} ${address}`, { name, type, data: address, ...origin });
    }
  }
  return [...records.values()];
}

/**
 * A CNAME and what stands behind it. One that leads nowhere inside the zone is not given at all,
 * nor one that goes round in a circle.
 */
function followAlias(
  state: ClusterState,
  alias: DNSRecord,
  type: AddressType,
  aliases: readonly DNSRecord[],
): DNSRecord[] {
  const isKnown = aliases.some(({ name, data }) => name === alias.name && data === alias.data);
  if (alias.data === alias.name || isKnown || aliases.length > maximumAliases) return [];
  if (!isClusterName(alias.data)) return [alias];
  const hosts = findHosts(state, alias.data) ?? [];
  const rest = addressRecords(state, { name: alias.data, type }, hosts, [...aliases, alias]);
  return rest.length === 0 ? [] : [alias, ...rest];
}

/** SRV records: one for each port of each name. An alias has none. */
function serviceRecords(name: string, hosts: readonly Host[]): DNSRecord[] {
  const records = new Map<string, DNSRecord>();
  for (const { owner, host, port, service, isOfEndpoint } of hosts) {
    if (port === undefined || canonicalAddress(host) === null) continue;
    const origin = { ...(service && { service }), isOfEndpoint };
    records.set(`${owner} ${port}`, { name, type: 'SRV', data: owner, port, ...origin });
  }
  return [...records.values()];
}

/** Where a name in the zone leads; null if it does not exist, empty if it has nothing itself. */
function findHosts(state: ClusterState, name: string): Host[] | null {
  const base = name.slice(0, -`${clusterDomain}.`.length).replace(/\.$/, '');
  if (base === '' || base === 'svc' || base === 'pod') return [];
  const labels = splitLabels(base);
  if (labels === null || !hasNamespace(state, labels.namespace)) return null;
  if (labels.service === undefined) return [];
  if (labels.kind === 'pod') return podHosts(labels.service, name);
  const service = state.services.find(
    ({ metadata }) => metadata.namespace === labels.namespace && metadata.name === labels.service,
  );
  return service === undefined ? null : serviceHosts(state, service, labels);
}

/** Null for names that are too long, or neither below `svc` nor `pod`. */
function splitLabels(base: string): Labels | null {
  const [kind, namespace = '', service, ...rest] = base.split('.').toReversed();
  if ((kind !== 'svc' && kind !== 'pod') || rest.length > 2) return null;
  const [protocol, port] = rest.length === 2 ? rest.map((label) => label.replace(/^_/, '')) : [];
  return {
    kind,
    namespace,
    service,
    endpoint: rest.length === 1 ? rest[0] : undefined,
    protocol,
    port,
  };
}

/** A namespace that holds an object exists, whether or not it is written. */
function hasNamespace(state: ClusterState, name: string): boolean {
  if (state.namespaces.some(({ metadata }) => metadata.name === name)) return true;
  return [state.services, state.pods, state.slices].some((objects) =>
    objects.some(({ metadata }) => metadata.namespace === name),
  );
}

/** The address that a label spells; nobody checks that a pod has it. */
function podHosts(label: string, owner: string): Host[] | null {
  const isIPv4 = /^[^-]+(-[^-]+){3}$/.test(label);
  const address = canonicalAddress(label.replaceAll('-', isIPv4 ? '.' : ':'));
  return address === null ? null : [{ owner, host: address, isOfEndpoint: false }];
}

function serviceHosts(state: ClusterState, service: Service, labels: Labels): Host[] | null {
  const { spec } = service;
  const owner = serviceName(service);
  const { endpoint } = labels;
  const isPlain = endpoint === undefined && labels.port === undefined;
  if (spec.type === 'ExternalName') {
    const host = spec.externalName ?? '';
    const isAlias = isPlain && host !== '' && canonicalAddress(host) === null;
    return isAlias ? [{ owner, host, service, isOfEndpoint: false }] : null;
  }
  if (spec.clusterIP === 'None' || endpoint !== undefined) {
    const hosts = endpointHosts(state, service, labels);
    return hosts.length === 0 ? null : hosts;
  }
  const ports = matchingPorts(spec.ports, labels);
  if (ports.length === 0) return null;
  return ports.flatMap((port) =>
    spec.clusterIPs.map((host) => ({ owner, host, ...port, service, isOfEndpoint: false })),
  );
}

function endpointHosts(state: ClusterState, service: Service, labels: Labels): Host[] {
  const isOfEndpoint = labels.endpoint !== undefined;
  return slicesOf(state, service).flatMap((slice) => {
    const ports = matchingPorts(slice.ports, labels);
    const ready = slice.endpoints.filter(({ conditions }) => conditions.ready ?? true);
    return ready.flatMap(({ addresses, hostname }) =>
      addresses.flatMap((host) => {
        const label = hostname ?? dashed(host);
        if (isOfEndpoint && labels.endpoint !== label) return [];
        const owner = `${label}.${serviceName(service)}`;
        return ports.map((port) => ({ owner, host, ...port, service, isOfEndpoint }));
      }),
    );
  });
}

/**
 * The ports that a question is about. Where there are none at all, the name exists nevertheless:
 * one entry without a number.
 */
function matchingPorts(
  ports: readonly { name?: string; protocol: string; port?: number }[],
  labels: Labels,
): { port?: number }[] {
  if (ports.length === 0) return labels.port === undefined ? [{}] : [];
  return ports
    .filter(
      ({ name, protocol }) =>
        (labels.port ?? name ?? '') === (name ?? '') &&
        (labels.protocol ?? protocol).toLowerCase() === protocol.toLowerCase(),
    )
    .map(({ port }) => (port === undefined ? {} : { port }));
}

/** The EndpointSlices of a Service. */
export function slicesOf(state: ClusterState, { metadata }: Service): EndpointSlice[] {
  return state.slices.filter(
    (slice) =>
      slice.metadata.namespace === metadata.namespace &&
      slice.metadata.labels[SERVICE_NAME_LABEL] === metadata.name,
  );
}

/** The absolute name of a Service. */
export function serviceName({ metadata }: Service): string {
  return `${metadata.name}.${metadata.namespace}.svc.${clusterDomain}.`;
}

/** The label of an endpoint without a host name: a label cannot end with a hyphen. */
function dashed(address: string): string {
  return address.replaceAll(/[.:]/g, '-').replace(/-$/, '-0');
}
