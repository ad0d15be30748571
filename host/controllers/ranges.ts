// Which address families the cluster has, and the ranges its addresses come from. Ranges of a
// family that the cluster lacks are left out, so that nothing later has to ask for the family
// again.

import { familyOf } from '../net/address.ts';
import { parsePrefix, type Prefix } from '../net/prefix.ts';
import type { Family, Node, Pod, Service } from '../kubernetes/types.ts';
import { InputError, type Problem } from '../problem.ts';
import type { ControllerOptions } from './state.ts';
import type { WrittenObjects } from './written.ts';

export interface Ranges {
  /** Primary first; at least one. */
  readonly families: readonly Family[];
  readonly service: readonly Prefix[];
  readonly pod: readonly Prefix[];
  readonly loadBalancer: readonly Prefix[];
  readonly node: readonly Prefix[];
}

/** Throws InputError when an option is no CIDR. */
export function chooseRanges(written: WrittenObjects, options: ControllerOptions): Ranges {
  const problems: Problem[] = [];
  const service = parseAll('serviceCIDRs', options.serviceCIDRs, problems);
  const pod = parseAll('podCIDRs', options.podCIDRs, problems);
  const loadBalancer = parseAll('loadBalancerCIDRs', options.loadBalancerCIDRs, problems);
  const node = parseAll('nodeCIDRs', options.nodeCIDRs, problems);
  if (problems.length > 0) throw new InputError(problems);
  const available = [...new Set(service.map((prefix) => prefix.family))];
  const families = options.families ?? familiesInUse(written, available);
  // The primary family's ranges come first, whatever the order of the options.
  const ofFamilies = (prefixes: readonly Prefix[]) =>
    families.flatMap((family) => prefixes.filter((prefix) => prefix.family === family));
  return {
    families,
    service: ofFamilies(service),
    pod: ofFamilies(pod),
    loadBalancer: ofFamilies(loadBalancer),
    node: ofFamilies(node),
  };
}

export function ipFamily(family: Family): 'IPv4' | 'IPv6' {
  return family === 4 ? 'IPv4' : 'IPv6';
}

function parseAll(option: string, texts: readonly string[], problems: Problem[]): Prefix[] {
  return texts.flatMap((text, index) => {
    const prefix = parsePrefix(text);
    if (prefix !== null) return [prefix];
    problems.push({
      file: 'config',
      path: `${option}[${index}]`,
      message: `Invalid value: "${text}"`,
      expected: 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    });
    return [];
  });
}

/**
 * The first available family, or the only one that written Nodes and Pods have; the other as well
 * when an object speaks of it.
 */
function familiesInUse(written: WrittenObjects, available: readonly Family[]): Family[] {
  const addressed = addressedFamilies(written);
  const only = addressed.size === 1 ? [...addressed][0] : undefined;
  const primary = only !== undefined && available.includes(only) ? only : available[0];
  if (primary === undefined) return [...addressed];
  const other = available.find((family) => family !== primary);
  if (other === undefined) return [primary];
  const isDual = addressed.has(other) || speaksOf(written, other);
  return isDual ? [primary, other] : [primary];
}

function addressedFamilies({ nodes, pods }: WrittenObjects): Set<Family> {
  return new Set([...familiesIn(nodes, addressesOfNode), ...familiesIn(pods, addressesOfPod)]);
}

function addressesOfNode({ spec, status }: Node): readonly string[] {
  const internal = status.addresses.filter(({ type }) => type.endsWith('IP'));
  return [...spec.podCIDRs, ...internal.map(({ address }) => address)];
}

function addressesOfPod({ status }: Pod): readonly string[] {
  return status.podIPs;
}

/** By list: a cluster keeps those in which nothing has changed. */
const knownFamilies = new WeakMap<readonly object[], ReadonlySet<Family>>();

function familiesIn<T extends object>(
  list: readonly T[],
  addressesOf: (object: T) => readonly string[],
): ReadonlySet<Family> {
  const known = knownFamilies.get(list);
  if (known !== undefined) return known;
  const families = new Set(list.flatMap((object) => addressesOf(object).map(familyOf)));
  knownFamilies.set(list, families);
  return families;
}

function speaksOf({ services, slices }: WrittenObjects, family: Family): boolean {
  const name = ipFamily(family);
  return (
    slices.some(({ addressType }) => addressType === name) ||
    services.some(
      ({ spec }) =>
        spec.ipFamilies.includes(name) ||
        asksForBoth(spec) ||
        writtenClusterIPs(spec).some((address) => familyOf(address) === family),
    )
  );
}

function asksForBoth({ ipFamilyPolicy }: Service['spec']): boolean {
  return ipFamilyPolicy === 'PreferDualStack' || ipFamilyPolicy === 'RequireDualStack';
}

/** The addresses of `clusterIPs`, or the one of `clusterIP`; none for a headless Service. */
export function writtenClusterIPs({ clusterIP, clusterIPs }: Service['spec']): readonly string[] {
  const listed = clusterIPs.length === 0 && clusterIP !== undefined ? [clusterIP] : clusterIPs;
  return listed.filter((address) => address !== 'None' && address !== '');
}
