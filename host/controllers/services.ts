// ClusterIPs: each Service has one of each of its families, from the service CIDRs. Headless and
// ExternalName Services have none. Source: `pkg/registry/core/service/{ipallocator,storage}`.

import type { Family, Service } from '../kubernetes/types.ts';
import { familyOf, parseAddress } from '../net/address.ts';
import { prefixContains, prefixSize, type Prefix } from '../net/prefix.ts';
import {
  allocateAddress,
  claimAddress,
  createPool,
  usableRange,
  type AddressClaims,
  type AddressPool,
  type NumberRange,
} from './allocate.ts';
import { addClusterNote, addNote, addProblem, addProblemOnce, keyOf } from './findings.ts';
import type { Inputs } from './inputs.ts';
import { completeLoadBalancers } from './load-balancers.ts';
import { completeNodePorts } from './node-ports.ts';
import { writtenClusterIPs } from './ranges.ts';
import { isHeadless, withFamilies } from './service-families.ts';
import { nameOf } from './written.ts';

/**
 * Every Service with families, ClusterIPs, node ports and load-balancer addresses, sorted by
 * namespace and name.
 */
export function completeServices(inputs: Inputs): Service[] {
  const services = inputs.written.services.map((service) =>
    service.spec.type === 'ExternalName' ? service : withFamilies(service, inputs),
  );
  noteProgramless(services, inputs);
  const addressed = completeClusterIPs(services, inputs);
  return completeLoadBalancers(completeNodePorts(addressed, inputs), inputs);
}

/** Whether the Service has ClusterIPs, and with them anything that a node programs. */
export function hasClusterIP({ spec }: Service): boolean {
  return spec.type !== 'ExternalName' && !isHeadless(spec);
}

function completeClusterIPs(services: readonly Service[], inputs: Inputs): Service[] {
  const claims: AddressClaims = new Map();
  for (const service of services) claimWritten(service, claims, inputs);
  noteOutside(services, inputs);
  const kept = services.map((service) => withPreviousIPs(service, claims, inputs));
  const pools = new Map(
    inputs.ranges.families.map((family) => [family, servicePool(family, claims, inputs)]),
  );
  return kept.map((service) => withNewIPs(service, pools, inputs));
}

function claimWritten(service: Service, claims: AddressClaims, { findings }: Inputs): void {
  if (!hasClusterIP(service)) return;
  for (const [index, address] of writtenClusterIPs(service.spec).entries()) {
    if (claimAddress(claims, address, keyOf(service))) continue;
    addProblem(findings, service, {
      path: `spec.clusterIPs[${index}]`,
      message:
        `Invalid value: "${address}": failed to allocate IP ${address}: ` +
        'provided IP is already allocated',
      expected: `an address that ${claims.get(address)} does not have`,
    });
  }
}

function withPreviousIPs(service: Service, claims: AddressClaims, inputs: Inputs): Service {
  const earlier = inputs.previous.services.get(nameOf(service.metadata));
  if (earlier === undefined || !hasClusterIP(service) || !hasClusterIP(earlier)) return service;
  return withIPs(service, (family) =>
    earlier.spec.clusterIPs.find(
      (address) => familyOf(address) === family && claimAddress(claims, address, keyOf(service)),
    ),
  );
}

function withNewIPs(
  service: Service,
  pools: ReadonlyMap<Family, AddressPool>,
  { options, findings }: Inputs,
): Service {
  if (service.spec.type === 'ExternalName') return service;
  if (!hasClusterIP(service)) {
    return { ...service, spec: { ...service.spec, clusterIP: 'None', clusterIPs: ['None'] } };
  }
  return withIPs(service, (family) => {
    const pool = pools.get(family);
    if (pool === undefined) return undefined;
    const address = allocateAddress(pool, keyOf(service));
    if (address !== null) return address;
    addProblemOnce(findings, service, {
      path: 'spec.clusterIPs',
      message: `failed to allocate an IPv${family} address: range is full`,
      expected: `larger service CIDRs than ${options.serviceCIDRs.join(', ')}`,
    });
    return undefined;
  });
}

/** Fills in the families without address, in the order of ipFamilies. */
function withIPs(service: Service, choose: (family: Family) => string | undefined): Service {
  const { spec } = service;
  const present = writtenClusterIPs(spec);
  const families = spec.ipFamilies.map((name): Family => (name === 'IPv4' ? 4 : 6));
  const clusterIPs = families
    .map((family) => present.find((address) => familyOf(address) === family) ?? choose(family))
    .filter((address) => address !== undefined);
  const first = clusterIPs[0];
  return first === undefined
    ? service
    : { ...service, spec: { ...spec, clusterIP: first, clusterIPs } };
}

function servicePool(family: Family, claims: AddressClaims, { ranges }: Inputs): AddressPool {
  const prefixes = ranges.service.filter((prefix) => prefix.family === family);
  return createPool(prefixes, claims, serviceRange);
}

/**
 * The first addresses of a range are left to people who choose one: a sixteenth of the CIDR's, at
 * least 16 and at most 256; none of a CIDR that has no more. Source:
 * `ipallocator.calculateRangeOffset`, KEP-3070.
 */
function serviceRange(prefix: Prefix): NumberRange {
  const range = usableRange(prefix, 1);
  const size = prefixSize(prefix);
  if (size <= 16) return range;
  const offset = Math.min(Math.max(16, Math.floor(size / 16)), 256);
  return { ...range, preferred: range.first + offset };
}

/**
 * A ClusterIP outside the CIDRs means that the cluster has others than we were told: worth knowing,
 * no error.
 */
function noteOutside(services: readonly Service[], { ranges, options, findings }: Inputs): void {
  const outside = services.filter((service) =>
    writtenClusterIPs(service.spec).some((text) => !isInside(text, ranges.service)),
  );
  const [first] = outside;
  if (first === undefined) return;
  addClusterNote(
    findings,
    `${outside.length} of ${services.length} Services, ${nameOf(first.metadata)} first, have a ` +
      `ClusterIP outside the service CIDRs ${options.serviceCIDRs.join(', ')}`,
  );
}

/** Whether the address lies in one of the prefixes. */
function isInside(text: string, prefixes: readonly Prefix[]): boolean {
  const address = parseAddress(text);
  return address !== null && prefixes.some((prefix) => prefixContains(prefix, address));
}

function noteProgramless(services: readonly Service[], { findings }: Inputs): void {
  for (const service of services) {
    const { spec } = service;
    if (spec.type === 'ExternalName') {
      const alias = `a DNS alias for ${spec.externalName ?? 'another name'}`;
      addNote(findings, service, `programs nothing: ExternalName is ${alias}`);
    } else if (isHeadless(spec)) {
      addNote(findings, service, 'programs nothing: headless, DNS gives the addresses of its pods');
    }
  }
}
