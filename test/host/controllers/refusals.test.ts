// What controllers refuse: every refusal, whole, with the object and the field that it is about.
// Messages that an API server has are its own words.

import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import {
  defaultControllerOptions,
  type ControllerOptions,
} from '../../../host/controllers/state.ts';
import type { KubernetesObject } from '../../../host/kubernetes/types.ts';
import { InputError } from '../../../host/problem.ts';
import { node, pod, service, workload } from './objects.ts';

type Case = [
  title: string,
  objects: readonly KubernetesObject[],
  expected: readonly string[],
  options?: Partial<ControllerOptions>,
];

function refusalsOf(objects: readonly KubernetesObject[], options: Case[3] = {}): string[] {
  try {
    completeCluster(objects, { ...defaultControllerOptions, ...options });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.problems.map(({ file, path, message, expected }) => {
      return `${file}: ${path}: ${message}; ${expected}`;
    });
  }
  return [];
}

describe('refusals', () => {
  const port = (nodePort: number) => [
    { name: '', protocol: 'TCP' as const, port: 80, targetPort: 80, nodePort },
  ];
  const small = node('n', { podCIDRs: ['10.50.0.0/30'] });
  const full = { families: [4 as const] };
  const noAddress = (text: string, path: string) =>
    `${text}: ${path}: no free IPv4 address on Node n in 10.50.0.0/30; give the Node larger ` +
    'spec.podCIDRs, or write more Nodes';

  test.each<Case>([
    [
      'a ClusterIP taken twice',
      [service('a', { clusterIPs: ['10.96.0.5'] }), service('b', { clusterIPs: ['10.96.0.5'] })],
      [
        'Service/default/b: spec.clusterIPs[0]: Invalid value: "10.96.0.5": failed to ' +
          'allocate IP 10.96.0.5: provided IP is already allocated; an address that ' +
          'Service/default/a does not have',
      ],
    ],
    [
      'no ClusterIP left',
      [service('a'), service('b')],
      [
        'Service/default/b: spec.clusterIPs: failed to allocate an IPv4 address: range ' +
          'is full; larger service CIDRs than 10.96.0.0/32',
      ],
      { serviceCIDRs: ['10.96.0.0/32'] },
    ],
    [
      'a node port out of range',
      [service('a', { type: 'NodePort', ports: port(80) })],
      [
        'Service/default/a: spec.ports[0].nodePort: Invalid value: 80: provided port is ' +
          'not in the valid range. The range of valid ports is 30000-32767; a port of that ' +
          'range, or none, to have one chosen',
      ],
    ],
    [
      'a node port taken twice',
      [
        service('a', { type: 'NodePort', ports: port(30_080) }),
        service('b', { type: 'NodePort', ports: port(30_080) }),
      ],
      [
        'Service/default/b: spec.ports[0].nodePort: Invalid value: 30080: provided port ' +
          'is already allocated; a TCP port that Service/default/a does not have',
      ],
    ],
    [
      'a health-check port taken twice',
      [
        service('a', { type: 'NodePort', ports: port(30_080) }),
        service('b', {
          type: 'LoadBalancer',
          externalTrafficPolicy: 'Local',
          healthCheckNodePort: 30_080,
          allocateLoadBalancerNodePorts: false,
        }),
      ],
      [
        'Service/default/b: spec.healthCheckNodePort: Invalid value: 30080: provided ' +
          'port is already allocated; a TCP port that Service/default/a does not have',
      ],
    ],
    [
      'a health-check port where there is none',
      [
        service('a', { type: 'NodePort', ports: port(30_080) }),
        service('b', { type: 'LoadBalancer', healthCheckNodePort: 30_080 }),
      ],
      [],
    ],
    [
      'a family that the cluster lacks',
      [service('a', { ipFamilies: ['IPv6'] })],
      [
        'Service/default/a: spec.ipFamilies[0]: Invalid value: "IPv6": not configured on ' +
          'this cluster; supported families: IPv4',
      ],
      { serviceCIDRs: ['10.96.0.0/16'] },
    ],
    [
      'families that the cluster lacks',
      [service('a', { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' })],
      [
        'Service/default/a: spec.ipFamilies[1]: Invalid value: "IPv6": not configured on ' +
          'this cluster; supported families: IPv4',
        'Service/default/a: spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this ' +
          'cluster is not configured for dual-stack services; SingleStack or ' +
          'PreferDualStack, or service CIDRs of both families',
      ],
      full,
    ],
    [
      'no address for a pod',
      [small, pod('a'), pod('b')],
      [noAddress('Pod/default/b', 'status.podIPs')],
      full,
    ],
    [
      'no address for the pods of a workload',
      [
        small,
        workload('Deployment', 'w', { replicas: 3 }),
        workload('Deployment', 'x/w', { replicas: 0 }),
      ],
      [noAddress('Deployment/default/w', 'spec.replicas')],
      full,
    ],
    [
      'ranges that are none',
      [],
      [
        'config: serviceCIDRs[0]: Invalid value: "a"; must be a valid CIDR value, (e.g. ' +
          '10.9.8.0/24 or 2001:db8::/64)',
        'config: podCIDRs[1]: Invalid value: "b"; must be a valid CIDR value, (e.g. ' +
          '10.9.8.0/24 or 2001:db8::/64)',
        'config: loadBalancerCIDRs[0]: Invalid value: "c"; must be a valid CIDR value, ' +
          '(e.g. 10.9.8.0/24 or 2001:db8::/64)',
        'config: nodeCIDRs[0]: Invalid value: ""; must be a valid CIDR value, (e.g. ' +
          '10.9.8.0/24 or 2001:db8::/64)',
      ],
      {
        serviceCIDRs: ['a'],
        podCIDRs: ['10.0.0.0/8', 'b'],
        loadBalancerCIDRs: ['c'],
        nodeCIDRs: [''],
      },
    ],
    [
      'too many pods, by one',
      [workload('ReplicaSet', 'w', { replicas: 150_001 })],
      [
        'ReplicaSet/default/w: spec.replicas: Invalid value: 150001: more pods than a ' +
          'cluster holds; at most 150000',
      ],
    ],
  ])('%s', (_, objects, expected, options) => {
    expect(refusalsOf(objects, options)).toEqual(expected);
  });

  test('a refusal names the line of an object that was written in a file', () => {
    const source = { file: 'a.yaml', line: 3 };
    const refused = { ...service('a', { ipFamilies: ['IPv6' as const] }), source };
    const complete = () => completeCluster([refused], { ...defaultControllerOptions, ...full });
    expect(complete).toThrow(/^a\.yaml:3: spec\.ipFamilies\[0\]: /);
  });
});
