// Which addresses the name of a Service stands for: its ClusterIPs, for a headless Service its
// pods, for an ExternalName none. Source: Kubernetes, DNS for Services and Pods.

import type { ClusterState } from '../controllers/state.ts';
import type { EndpointSlice, Pod, Service } from '../kubernetes/types.ts';
import { UnresolvedError, type NamedPort, type Party } from './party.ts';

const serviceNameLabel = 'kubernetes.io/service-name';

/**
 * What dialling the Service by name means: no addresses and a note where its name leads to none.
 * Throws UnresolvedError when no address is assigned yet.
 */
export function serviceParty(state: ClusterState, service: Service): Party {
  const { namespace, name } = service.metadata;
  const object = `service ${namespace}/${name}`;
  const party = { text: object, object, namespace, ports: service.spec.ports.map(namedPort) };
  if (service.spec.type === 'ExternalName') {
    const answer = `DNS answers with CNAME ${service.spec.externalName ?? ''}`;
    const note = `${object} is an ExternalName: ${answer}, and no packet is translated`;
    return { ...party, addresses: [], note };
  }
  if (service.spec.clusterIP === 'None') return headlessParty(state, service, party);
  if (service.spec.clusterIPs.length === 0) {
    throw new UnresolvedError(
      `${object} has no clusterIP`,
      'set spec.clusterIP, or use controllers',
    );
  }
  return { ...party, addresses: service.spec.clusterIPs };
}

function namedPort({ name, protocol, port }: Service['spec']['ports'][number]): NamedPort {
  return { name, protocol, port };
}

/**
 * The first ready endpoint in each family; ports are the endpoints' own, as an SRV record says
 * them.
 */
function headlessParty(
  state: ClusterState,
  service: Service,
  party: Omit<Party, 'addresses'>,
): Party {
  const slices = slicesOf(state, service);
  const firsts = slices.flatMap((slice) => readyAddresses(slice).slice(0, 1));
  if (firsts.length === 0) {
    const note = `${party.object} is headless and has no ready pods: its name resolves to nothing`;
    return { ...party, addresses: [], note };
  }
  const count = Math.max(...slices.map((slice) => readyAddresses(slice).length));
  const [first] = firsts;
  const pod = state.pods.find(({ status }) => status.podIPs.includes(first!));
  const picked = pod === undefined ? first! : `pod ${pod.metadata.namespace}/${pod.metadata.name}`;
  const resolved = `its name resolves to ${count} pod${count === 1 ? '' : 's'}`;
  const choice = `no packet is translated; dialling the first, ${picked}`;
  const note = `${party.object} is headless: ${resolved} and ${choice}`;
  return { ...party, addresses: firsts, ports: slicePorts(slices), note };
}

function slicesOf(state: ClusterState, service: Service): EndpointSlice[] {
  return state.slices.filter(
    ({ metadata, addressType }) =>
      addressType !== 'FQDN' &&
      metadata.namespace === service.metadata.namespace &&
      metadata.labels[serviceNameLabel] === service.metadata.name,
  );
}

function readyAddresses(slice: EndpointSlice): string[] {
  const ready = slice.endpoints.filter(({ conditions }) => conditions.ready ?? true);
  return ready.flatMap((endpoint) => endpoint.addresses.slice(0, 1));
}

function slicePorts(slices: readonly EndpointSlice[]): NamedPort[] {
  const ports = slices
    .slice(0, 1)
    .flatMap((slice) => slice.ports.filter(({ port }) => port !== undefined));
  return ports.map(({ name, protocol, port }) => ({ name: name ?? '', protocol, port: port! }));
}

/** The pod that a headless Service gives a host name: `web-0.web.default`. */
export function findHeadlessPod(
  state: ClusterState,
  name: { host: string; service: string; namespace: string },
): Pod | undefined {
  return state.pods.find(
    ({ metadata, spec }) =>
      metadata.namespace === name.namespace &&
      spec.subdomain === name.service &&
      (spec.hostname ?? metadata.name) === name.host,
  );
}
