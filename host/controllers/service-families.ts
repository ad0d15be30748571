// Which address families a Service has: ipFamilies and ipFamilyPolicy, as the API server fills them
// in. Source: `pkg/registry/core/service/storage/alloc.go initIPFamilyFields`.

import type { Family, Service } from '../kubernetes/types.ts';
import { familyOf } from '../net/address.ts';
import { addProblem } from './findings.ts';
import type { Inputs } from './inputs.ts';
import { ipFamily, writtenClusterIPs } from './ranges.ts';

type Policy = NonNullable<Service['spec']['ipFamilyPolicy']>;

/**
 * The Service with ipFamilies and ipFamilyPolicy; refuses what the cluster's families do not allow.
 */
export function withFamilies(service: Service, inputs: Inputs): Service {
  const { spec } = service;
  const named = spec.ipFamilies.map((name): Family => (name === 'IPv4' ? 4 : 6));
  const written = named.length > 0 ? named : writtenClusterIPs(spec).map(familyOf);
  const policy = spec.ipFamilyPolicy ?? defaultPolicy(spec, written.length);
  const families = familiesFor(policy, written, inputs.ranges.families);
  if (!isWithoutPods(spec)) refuseFamilies(service, inputs);
  return {
    ...service,
    spec: { ...spec, ipFamilies: families.map(ipFamily), ipFamilyPolicy: policy },
  };
}

export function isHeadless({ clusterIP, clusterIPs }: Service['spec']): boolean {
  return clusterIP === 'None' || clusterIPs.includes('None');
}

/**
 * Headless and without selector: it may name families that the cluster lacks, since others fill in
 * its endpoints.
 */
function isWithoutPods(spec: Service['spec']): boolean {
  return isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
}

function defaultPolicy(spec: Service['spec'], writtenFamilies: number): Policy {
  return isWithoutPods(spec) || writtenFamilies === 2 ? 'RequireDualStack' : 'SingleStack';
}

/**
 * The written families, or the cluster's primary one; then the other one too where the policy asks
 * for two.
 */
function familiesFor(
  policy: Policy,
  written: readonly Family[],
  cluster: readonly Family[],
): readonly Family[] {
  const first = written[0] ?? cluster[0] ?? 4;
  if (written.length === 2) return written;
  if (policy === 'SingleStack') return [first];
  const other = first === 4 ? 6 : 4;
  return cluster.includes(other) ? [first, other] : [first];
}

function refuseFamilies(service: Service, { ranges, findings }: Inputs): void {
  const { ipFamilies, ipFamilyPolicy } = service.spec;
  const available = ranges.families.map(ipFamily);
  for (const [index, family] of ipFamilies.entries()) {
    if (available.includes(family)) continue;
    addProblem(findings, service, {
      path: `spec.ipFamilies[${index}]`,
      message: `Invalid value: "${family}": not configured on this cluster`,
      expected: `supported families: ${available.join(', ')}`,
    });
  }
  if (ipFamilyPolicy === 'RequireDualStack' && available.length < 2) {
    addProblem(findings, service, {
      path: 'spec.ipFamilyPolicy',
      message:
        `Invalid value: "${ipFamilyPolicy}": ` +
        'this cluster is not configured for dual-stack services',
      expected: 'SingleStack or PreferDualStack, or service CIDRs of both families',
    });
  }
}
