// Load-balancer addresses: what a cloud would have put into the status of a Service of type
// LoadBalancer. They come from documentation ranges unless the Service asks for one by
// loadBalancerIP.

import type { Family, Service } from '../kubernetes/types.ts';
import { familyOf } from '../net/address.ts';
import { allocateAddress, createPool, usableRange, type AddressClaims } from './allocate.ts';
import { addNote, keyOf } from './findings.ts';
import type { Inputs } from './inputs.ts';
import { ipFamily } from './ranges.ts';
import { nameOf } from './written.ts';

/**
 * Services with an ingress address for each of their families; without one where the ranges are
 * used up.
 */
export function completeLoadBalancers(services: readonly Service[], inputs: Inputs): Service[] {
  const claims: AddressClaims = new Map();
  for (const service of services) {
    const addresses = [...ingressAddresses(service), ...service.spec.externalIPs];
    for (const address of addresses) claims.set(address, keyOf(service));
  }
  const wanting = services.map((service) => (isWanting(service) ? service : undefined));
  const kept = wanting.map((service) => service && keptAddresses(service, claims, inputs));
  const choose = addressChooser(claims, inputs);
  return services.map((service, index) => {
    const addresses = kept[index];
    if (addresses === undefined) return service;
    const chosen = service.spec.ipFamilies.map(
      (name) => addresses.get(name) ?? choose(service, name),
    );
    return withIngress(
      service,
      chosen.filter((address) => address !== undefined),
      inputs,
    );
  });
}

function isWanting({ spec, status }: Service): boolean {
  return spec.type === 'LoadBalancer' && status.ingress.length === 0;
}

function ingressAddresses({ status }: Service): string[] {
  return status.ingress.map(({ ip }) => ip).filter((ip) => ip !== undefined);
}

type ByFamily = Map<'IPv4' | 'IPv6', string>;

/**
 * By family: spec.loadBalancerIP, or the address the Service had before. Several Services may ask
 * for one address.
 */
function keptAddresses(service: Service, claims: AddressClaims, { previous }: Inputs): ByFamily {
  const kept: ByFamily = new Map();
  const earlier = previous.services.get(nameOf(service.metadata));
  for (const address of earlier === undefined ? [] : ingressAddresses(earlier)) {
    if (!claims.has(address)) kept.set(ipFamily(familyOf(address)), address);
  }
  const asked = service.spec.loadBalancerIP;
  if (asked !== undefined && asked !== '') kept.set(ipFamily(familyOf(asked)), asked);
  for (const address of kept.values()) claims.set(address, keyOf(service));
  return kept;
}

function addressChooser(claims: AddressClaims, { ranges }: Inputs) {
  const poolOf = (family: Family) => {
    const prefixes = ranges.loadBalancer.filter((prefix) => prefix.family === family);
    return createPool(prefixes, claims, (prefix) => usableRange(prefix, 1));
  };
  const pools = { IPv4: poolOf(4), IPv6: poolOf(6) };
  return (service: Service, family: 'IPv4' | 'IPv6') =>
    allocateAddress(pools[family], keyOf(service)) ?? undefined;
}

function withIngress(service: Service, addresses: readonly string[], inputs: Inputs): Service {
  const { options, findings } = inputs;
  if (addresses.length === 0) {
    const ranges = options.loadBalancerCIDRs.join(', ');
    addNote(findings, service, `has no load-balancer address: none is free in ${ranges}`);
    return service;
  }
  addNote(findings, service, `was given the load-balancer address ${addresses.join(' and ')}`);
  const ingress = addresses.map((ip) => ({ ip, ipMode: 'VIP' as const }));
  return { ...service, status: { ingress } };
}
