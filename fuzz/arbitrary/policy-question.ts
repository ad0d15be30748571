// A whole question about policy: a cluster, its policies, the points that the APIs leave open, and
// flows between all sorts of ends.

import * as fc from 'fast-check';
import type { KubernetesObject } from '../../host/kubernetes/types.ts';
import { familyOf } from '../../host/net/address.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import type { OpenPoints, PolicyFlow } from '../reachability/question.ts';
import { policyAddresses, policyCluster, portNumbers } from './policy-cluster.ts';
import { networkPolicies, policyDomainNames, tierPolicies } from './policy-rules.ts';

export interface PolicyQuestion {
  readonly objects: readonly KubernetesObject[];
  readonly openPoints: OpenPoints;
  readonly flows: readonly PolicyFlow[];
}

const gre = 47;
const flowCount = 40;

/** Mostly to ports that something is said about. */
const port = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...portNumbers) },
  fc.constantFrom(1, 79, 82, 443, 65535),
);

function flow(): fc.Arbitrary<PolicyFlow> {
  const end = fc.constantFrom(...policyAddresses);
  const protocol = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(Ip.Tcp, Ip.Udp, Ip.Sctp) },
    fc.constantFrom(Ip.Icmp, gre),
  );
  return fc
    .tuple(end, fc.nat(), protocol, port)
    .map(([source, position, number, destinationPort]) => {
      const isIPv6 = familyOf(source) === 6;
      const others = policyAddresses.filter((address) => familyOf(address) === familyOf(source));
      const hasPorts = number !== Ip.Icmp && number !== gre;
      return {
        source,
        destination: others[position % others.length]!,
        protocol: number === Ip.Icmp && isIPv6 ? Ip.Icmpv6 : number,
        port: hasPorts ? destinationPort : null,
      };
    });
}

/** Protocols without ports have one connection between two ends: later flows would belong to it. */
function isFirstOfPair(of: PolicyFlow, index: number, flows: readonly PolicyFlow[]): boolean {
  if (of.protocol !== gre) return true;
  const ends = ({ source, destination, protocol }: PolicyFlow) =>
    [protocol, ...[source, destination].sort()].join(' ');
  return flows.findIndex((other) => ends(other) === ends(of)) === index;
}

/** Each point by itself, since two that deviate can hide each other. */
function openPoints(): fc.Arbitrary<OpenPoints> {
  const majority: OpenPoints = {
    toOwnNode: 'judge',
    fromOwnNode: 'allow',
    icmp: 'rules',
    baseline: 'direction',
    sidecarPortNames: true,
    domainNames: policyDomainNames,
  };
  const deviation = fc.constantFrom<Partial<OpenPoints>>(
    {},
    {},
    { toOwnNode: 'allow' },
    { fromOwnNode: 'after-admin' },
    { icmp: 'essential' },
    { baseline: 'pod' },
    { sidecarPortNames: false },
    { domainNames: {} },
  );
  return deviation.map((own) => ({ ...majority, ...own }));
}

export function policyQuestion(): fc.Arbitrary<PolicyQuestion> {
  const flows = fc
    .array(flow(), { minLength: flowCount, maxLength: flowCount, size: 'max' })
    .map((found) => found.filter(isFirstOfPair));
  const objects = fc
    .tuple(policyCluster(), networkPolicies(), tierPolicies())
    .map((groups) => groups.flat());
  return fc.record({ objects, openPoints: openPoints(), flows });
}
