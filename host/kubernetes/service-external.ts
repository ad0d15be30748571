// Reads what makes a Service reachable from outside the cluster: external addresses and the load
// balancer. Source: core/v1 `ServiceSpec`, `LoadBalancerStatus`,
// `pkg/apis/core/validation/validation.go`.

import { formatPrefix } from '../net/prefix.ts';
import type { FieldReader } from './field-reader.ts';
import type { ServiceShape } from './service-shape.ts';
import type { Service } from './types.ts';
import { isPresent, readAddress, readBlock, readDestination } from './values.ts';

type Ingress = Service['status']['ingress'][number];

const MODES = ['VIP', 'Proxy'] as const;

export function readExternalAddresses(
  spec: FieldReader,
  { type }: ServiceShape,
): Pick<
  Service['spec'],
  'externalIPs' | 'loadBalancerIP' | 'loadBalancerSourceRanges' | 'allocateLoadBalancerNodePorts'
> {
  const isBalanced = type === 'LoadBalancer';
  for (const name of BALANCER_FIELDS) {
    const field = spec.field(name);
    if (!isBalanced && isPresent(field)) {
      field.forbidden("may only be used when `type` is 'LoadBalancer'");
    }
  }
  const ranges = spec.field('loadBalancerSourceRanges').items().map(readBlock);
  const loadBalancerIP = readAddress(spec.field('loadBalancerIP'));
  const allocates = spec.field('allocateLoadBalancerNodePorts').boolean() ?? true;
  return {
    externalIPs: spec
      .field('externalIPs')
      .items()
      .map(readDestination)
      .filter((address) => address !== undefined),
    ...(loadBalancerIP !== undefined && { loadBalancerIP }),
    loadBalancerSourceRanges: ranges.filter((block) => block !== undefined).map(formatPrefix),
    ...(isBalanced && { allocateLoadBalancerNodePorts: allocates }),
  };
}

const BALANCER_FIELDS = [
  'loadBalancerSourceRanges',
  'loadBalancerClass',
  'allocateLoadBalancerNodePorts',
];

/** The addresses that a load balancer was given. kube-proxy uses them whatever the type. */
export function readIngress(loadBalancer: FieldReader, { type }: ServiceShape): Ingress[] {
  const list = loadBalancer.field('ingress');
  const items = list.items();
  if (items.length > 0 && type !== 'LoadBalancer') {
    list.warn("may only be used when `spec.type` is 'LoadBalancer'");
  }
  return items.map((item) => {
    const ip = readAddress(item.field('ip'));
    const hostname = item.field('hostname').text();
    const mode = item.field('ipMode').oneOf(MODES);
    if (mode !== undefined && ip === undefined) {
      item.field('ipMode').forbidden('may not be specified when `ip` is not set');
    }
    return {
      ...(ip !== undefined && { ip, ipMode: mode ?? 'VIP' }),
      ...(hostname !== undefined && { hostname }),
    };
  });
}
