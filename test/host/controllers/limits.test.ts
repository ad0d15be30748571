// What a cluster has only so much of: ranges and addresses of Nodes, node ports, pods. The last one
// is given, the next is refused with what would help.

import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import { defaultControllerOptions } from '../../../host/controllers/state.ts';
import type { KubernetesObject, Service } from '../../../host/kubernetes/types.ts';
import { node, pod, service, workload } from './objects.ts';

const complete = (objects: readonly KubernetesObject[], changes = {}) =>
  completeCluster(objects, { ...defaultControllerOptions, ...changes });

function refusalOf(objects: readonly KubernetesObject[], changes = {}): string[] {
  try {
    complete(objects, changes);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

describe('ranges of Nodes', () => {
  const names = ['a', 'b', 'c'].map((name) => node(name));
  const ranges = (podCIDRs: readonly string[], count: number) =>
    complete(names.slice(0, count), { podCIDRs }).nodes.map(({ spec }) => spec.podCIDRs.join());

  test('fill the range of the cluster to its end, the first one last', () => {
    expect(ranges(['10.8.0.0/23'], 2)).toEqual(['10.8.1.0/24', '10.8.0.0/24']);
    expect(ranges(['10.8.0.0/24', '10.9.0.0/24'], 2)).toEqual(['10.8.0.0/24', '10.9.0.0/24']);
  });

  const at = (name: string, number: number) => node(name, { podCIDRs: [`10.8.${number}.0/24`] });

  test.each<[string, KubernetesObject[], number[]]>([
    ['begin again behind the end', [at('a', 3), ...names.slice(1)], [3, 2, 1]],
    [
      'begin with the first when no other is left',
      [node('a'), at('b', 1), at('c', 2), at('d', 3)],
      [0, 1, 2, 3],
    ],
  ])('%s', (_, nodes, expected) => {
    const given = complete(nodes, { podCIDRs: ['10.8.0.0/22'] }).nodes;
    expect(given.map(({ spec }) => Number(spec.podCIDRs[0]!.split('.')[2]))).toEqual(expected);
  });

  test('are refused when there is none left, once for a Node', () => {
    expect(refusalOf(names, { podCIDRs: ['10.8.0.0/23'] })).toEqual([
      'Node/c: spec.podCIDRs: no free IPv4 pod range in 10.8.0.0/23; write ' +
        'spec.podCIDRs, or set larger pod CIDRs',
    ]);
    const serviceCIDRs = ['10.96.0.0/16', 'fd00:10:96::/112'];
    const dual = { serviceCIDRs, podCIDRs: ['10.8.0.0/24', 'fd00:8::/64'] };
    const nodeCIDRs = ['192.168.0.0/24', 'fd00:192::/64'];
    const both = refusalOf(names.slice(0, 2), { ...dual, nodeCIDRs });
    expect(both.map((line) => line.replace(/;.*/, ''))).toEqual([
      'Node/b: spec.podCIDRs: no free IPv4 pod range in 10.8.0.0/24, fd00:8::/64',
    ]);
  });
});

test('addresses of Nodes are refused when there is none left', () => {
  const nodes = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => node(name));
  const nodeCIDRs = ['192.168.7.0/29', '192.168.8.0/30'];
  const given = complete(nodes.slice(0, 5), { nodeCIDRs: nodeCIDRs.slice(0, 1) });
  const addresses = given.nodes.flatMap(({ status }) => status.addresses);
  expect(new Set(addresses.map(({ address }) => address)).size).toBe(5);
  expect(refusalOf(nodes, { nodeCIDRs: nodeCIDRs.slice(0, 1) })).toEqual([
    'Node/f: status.addresses: no free IPv4 address in 192.168.7.0/29; write an ' +
      'InternalIP, or set larger node CIDRs',
  ]);
});

describe('node ports', () => {
  const all = 2768;
  const portOf = (index: number, nodePort?: number): Service['spec']['ports'][number] => ({
    name: `p${index}`,
    protocol: 'TCP',
    port: index + 1,
    targetPort: 8080,
    ...(nodePort === undefined ? {} : { nodePort }),
  });
  const web = (name: string, ports: Service['spec']['ports']) =>
    service(name, { type: 'NodePort', ports });
  const every = web(
    'every',
    Array.from({ length: all }, (_, index) => portOf(index)),
  );

  test('are each given once, from the first to the last', () => {
    const [completed] = complete([every]).services;
    const ports = completed!.spec.ports.map(({ nodePort }) => nodePort!);
    expect(new Set(ports).size).toBe(all);
    expect([Math.min(...ports), Math.max(...ports)]).toEqual([30_000, 32_767]);
  });

  test('are refused when there is none left', () => {
    expect(refusalOf([every, web('late', [portOf(0)])])).toEqual([
      'Service/default/late: spec.ports[0].nodePort: failed to allocate a nodePort: range is ' +
        'full; fewer Services with node ports',
    ]);
  });

  test('are refused for health checks when there is none left, which take one each', () => {
    const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' } as const;
    const check = (name: string) =>
      service(name, { ...local, allocateLoadBalancerNodePorts: false });
    const but = (count: number) => web('every', every.spec.ports.slice(count));
    expect(refusalOf([check('a'), but(1)])).toEqual([]);
    expect(refusalOf([check('a'), every])).toEqual([
      expect.stringMatching(/^Service\/default\/every: spec.ports\[2767\].nodePort: failed /),
    ]);
    expect(refusalOf([every, check('late')])).toEqual([
      expect.stringMatching(/^Service\/default\/late: spec.healthCheckNodePort: failed /),
    ]);
  });

  test.each([
    [29_999, false],
    [30_000, true],
    [32_767, true],
    [32_768, false],
  ])('%i may be asked for: %s', (nodePort, isAllowed) => {
    expect(refusalOf([web('own', [portOf(0, nodePort)])]).length === 0).toBe(isAllowed);
  });

  test('one number is for two ports of a Service only in different protocols', () => {
    const udp = { ...portOf(1, 30_100), protocol: 'UDP' as const };
    expect(refusalOf([web('both', [portOf(0, 30_100), udp])])).toEqual([]);
    expect(refusalOf([web('one', [portOf(0, 30_100), portOf(1, 30_100)])])).not.toEqual([]);
  });
});

describe('workloads', () => {
  test('of too many pods are refused by the field that says so', () => {
    const told = (kind: 'Job' | 'Deployment', replicas: number) =>
      refusalOf([workload(kind, 'w', { replicas })])[0];
    expect(told('Job', 150_001)).toContain('spec.parallelism: Invalid value: 150001');
    expect(told('Deployment', 150_001)).toContain('spec.replicas: Invalid value: 150001');
  });

  test('that are refused take no address', () => {
    const full = node('a', { podCIDRs: ['10.50.0.0/32'] });
    const crowd = workload('StatefulSet', 'w', { replicas: 150_001 });
    expect(refusalOf([full, pod('p'), crowd])).toEqual([
      expect.stringMatching(/^StatefulSet\/default\/w: spec.replicas: Invalid value: 150001/),
    ]);
  });

  test('a DaemonSet for Nodes that are not there makes no pods, and says why', () => {
    const agent = workload('DaemonSet', 'agent', { pod: { nodeSelector: { disk: 'ssd' } } });
    const { pods, notes } = complete([node('a'), agent]);
    expect(pods).toEqual([]);
    expect(notes.map(({ message }) => message)).toContain(
      'makes no pods: no Node has the labels it asks for',
    );
  });
});

test('an ingress address that is written is given to nobody else', () => {
  const loadBalancerCIDRs = ['198.51.100.0/30'];
  const web = (name: string) => service(name, { type: 'LoadBalancer' });
  const { services } = complete([web('a')], { loadBalancerCIDRs });
  const [{ ip }] = services[0]!.status.ingress as [{ ip: string }];
  const written = { ...web('b'), status: { ingress: [{ ip }] } };
  const given = complete([web('a'), written], { loadBalancerCIDRs }).services;
  const [first, second] = given.map(({ status }) => status.ingress.map((one) => one.ip).join());
  expect(second).toBe(ip);
  expect(first).not.toBe(ip);
  const outside = service('c', { externalIPs: [ip] });
  const [beside] = complete([web('a'), outside], { loadBalancerCIDRs }).services;
  expect(beside!.status.ingress.map((one) => one.ip)).not.toContain(ip);
});
