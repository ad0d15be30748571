// One fixed cluster with every kind of front-end, for targets that vary packets and not objects.

import type { KubernetesObject } from '../../host/kubernetes/types.ts';
import { namespaces, nodes, podSketches, targetPort } from '../arbitrary/cluster.ts';
import { podOf, serviceOf, sliceOf } from '../arbitrary/objects.ts';

const ports = [
  { name: 'web', protocol: 'TCP', port: 80, targetPort, nodePort: 30080 },
  { name: 'dns', protocol: 'UDP', port: 53, targetPort: 53, nodePort: 30053 },
  { name: 'assoc', protocol: 'SCTP', port: 80, targetPort, nodePort: 30080 },
] as const;

const slicePorts = [
  { name: 'web', protocol: 'TCP' as const, port: targetPort },
  { name: 'dns', protocol: 'UDP' as const, port: 53 },
  { name: 'assoc', protocol: 'SCTP' as const, port: targetPort },
];

function objects(): KubernetesObject[] {
  const endpoints = (position: 0 | 1) =>
    podSketches
      .filter(({ hostNetwork }) => !hostNetwork)
      .map(({ ips, node }) => ({
        addresses: [ips[position]!],
        nodeName: node,
        conditions: {},
        hints: { forZones: [], forNodes: [] },
      }));
  return [
    ...nodes,
    ...namespaces,
    ...podSketches.map((sketch) => podOf({ ...sketch, labels: { app: 'a' } })),
    serviceOf({
      name: 's0',
      type: 'LoadBalancer',
      clusterIPs: ['10.96.0.10', 'fd00:10:96::10'],
      ports,
      externalIPs: ['203.0.113.100'],
      ingress: ['198.51.100.10', '2001:db8:1b::10'],
      internalTrafficPolicy: 'Cluster',
      externalTrafficPolicy: 'Cluster',
      sessionAffinity: 'None',
      loadBalancerSourceRanges: [],
    }),
    sliceOf({ service: 's0', family: 4, ports: slicePorts, endpoints: endpoints(0) }),
    sliceOf({ service: 's0', family: 6, ports: slicePorts, endpoints: endpoints(1) }),
  ];
}

/** Two nodes, five pods, and a Service that has every kind of front-end in both families. */
export const sampleObjects: readonly KubernetesObject[] = objects();
