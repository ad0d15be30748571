// What is assigned where several rules meet: families, ranges of Nodes, places of pods, ports and
// addresses. Each case says what is written, and what comes of it.

import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import { canonicalText, nameSuffix } from '../../../host/controllers/hash.ts';
import {
  defaultControllerOptions,
  type ClusterState,
  type ControllerOptions,
} from '../../../host/controllers/state.ts';
import type { KubernetesObject, Labels, Service } from '../../../host/kubernetes/types.ts';
import { endpoints, node, pod, service, workload } from './objects.ts';

function complete(
  objects: readonly KubernetesObject[],
  options: Partial<ControllerOptions> = {},
  previous?: ClusterState,
): ClusterState {
  return completeCluster(objects, { ...defaultControllerOptions, ...options }, previous);
}

const on = (nodeName: string, ...podIPs: string[]) => ({ spec: { nodeName }, status: { podIPs } });
const n = node('n');
const dual = { families: [4, 6] } as const;

describe('families of a cluster', () => {
  const six = node('n', { addresses: ['2001:db8::5'] });
  const both = node('n', { addresses: ['2001:db8::5', '192.0.2.5'] });
  const named = { ...six, status: { addresses: [{ type: 'Hostname', address: 'n' }] } };
  const only4 = { serviceCIDRs: ['10.96.0.0/16'] };
  type Case = [string, KubernetesObject[], Partial<ControllerOptions>, string[]];

  test.each<Case>([
    ['that of the first range', [n], {}, ['IPv4']],
    [
      'that of the first range, whichever',
      [n],
      { serviceCIDRs: ['fd00::/112', '10.96.0.0/16'] },
      ['IPv6'],
    ],
    ['the only one of the Nodes', [six], {}, ['IPv6']],
    ['names of Nodes say nothing', [named], {}, ['IPv4']],
    ['Nodes of both', [both], {}, ['IPv4', 'IPv6']],
    ['Nodes of one that Services have no range of', [six], only4, ['IPv4']],
    ['pods of both', [n, pod('p', on('n', '10.244.0.9', 'fd00::9'))], {}, ['IPv4', 'IPv6']],
    [
      'a Service’s address',
      [n, service('s', { clusterIPs: ['fd00:10:96::7'] })],
      {},
      ['IPv4', 'IPv6'],
    ],
    [
      'a Service that would like both',
      [n, service('s', { ipFamilyPolicy: 'PreferDualStack' })],
      {},
      ['IPv4', 'IPv6'],
    ],
    ['no range of Services at all', [n], { serviceCIDRs: [] }, ['IPv4']],
  ])('%s', (_, objects, options, families) => {
    const prefers = service('asked', { ipFamilyPolicy: 'PreferDualStack' });
    const alone = { families: complete(objects, options).serviceCIDRs.map(familyOf) };
    const asked = { ...options, ...(alone.families.length > 0 && alone) };
    const { services } = complete([...objects, prefers], asked);
    expect(services.find(({ metadata }) => metadata.name === 'asked')!.spec.ipFamilies).toEqual(
      families,
    );
  });

  const familyOf = (text: string) => (text.includes(':') ? 6 : 4);
});

describe('addresses of Services', () => {
  const spec = (fields: Partial<Service['spec']>, options = {}, previous?: ClusterState) =>
    complete([n, service('s', fields)], options, previous).services[0]!.spec;

  test.each<[string, Partial<Service['spec']>, readonly string[]]>([
    ['clusterIP alone', { clusterIP: '10.96.0.7' }, ['10.96.0.7']],
    ['clusterIPs alone', { clusterIPs: ['10.96.0.7'] }, ['10.96.0.7']],
    ['headless by clusterIP', { clusterIP: 'None' }, ['None']],
    ['headless by clusterIPs', { clusterIPs: ['None'] }, ['None']],
  ])('%s', (_, fields, expected) => {
    const made = spec(fields);
    expect([made.clusterIP, made.clusterIPs]).toEqual([expected[0], expected]);
  });

  test('an empty one is none', () => {
    expect(spec({ clusterIP: '', clusterIPs: [''] }).clusterIPs).toEqual([
      expect.stringMatching(/^10\.96\./),
    ]);
  });

  test('the first family stays when the other comes, with its address', () => {
    const single = complete([n, service('s')], dual);
    const [first] = single.services[0]!.spec.clusterIPs;
    const both = spec({ ipFamilyPolicy: 'RequireDualStack' }, dual, single);
    expect(both.clusterIPs).toEqual([first, expect.stringMatching(/^fd00:10:96::/)]);
  });

  test('an alias that has one written holds it for nobody', () => {
    const alias = service('e', { type: 'ExternalName', clusterIPs: ['10.96.0.7'] });
    const { services } = complete([n, alias, service('s', { clusterIPs: ['10.96.0.7'] })]);
    expect(services[1]!.spec.clusterIPs).toEqual(['10.96.0.7']);
  });

  // Source: ipallocator.calculateRangeOffset: behind a sixteenth, at least 16.
  test.each([
    ['10.96.0.0/27', 17, 30],
    ['10.96.0.0/24', 17, 254],
    ['10.96.0.0/21', 129, 2046],
    ['10.96.0.0/28', 1, 14],
  ])('those of %s begin at %i until that part is full', (range, first, last) => {
    const count = last - first + 1;
    const services = Array.from({ length: count }, (_, at) => service(`s${at}`));
    const numbers = complete([n, ...services], { serviceCIDRs: [range] }).services.map((one) => {
      const [c, d] = one.spec.clusterIPs[0]!.split('.').slice(2).map(Number);
      return c! * 256 + d!;
    });
    const expected = Array.from({ length: count }, (_, at) => first + at);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(expected);
  });

  // The names' hashes begin at the first place of all.
  test.each([
    ['10.96.0.0/20', 's4835'],
    ['10.96.0.0/16', 's86529'],
  ])('no more than 256 of %s are left to people', (range, name) => {
    const { services } = complete([n, service(name)], { serviceCIDRs: [range] });
    expect(services[0]!.spec.clusterIP).toBe('10.96.1.1');
  });

  test('an alias has no families', () => {
    const alias = service('e', { type: 'ExternalName', externalName: 'a.example' });
    expect(complete([n, alias]).services[0]!.spec).toEqual(alias.spec);
  });

  test('an empty loadBalancerIP asks for nothing', () => {
    const balancer = service('s', { type: 'LoadBalancer', loadBalancerIP: '' });
    const [ingress] = complete([n, balancer]).services[0]!.status.ingress;
    expect(ingress!.ip).toMatch(/^198\.51\.100\./);
  });

  test('a health-check port is given where node ports are not', () => {
    const made = spec({
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      allocateLoadBalancerNodePorts: false,
    });
    expect(made.healthCheckNodePort).toBeGreaterThanOrEqual(30_000);
    expect(made.ports[0]!.nodePort).toBeUndefined();
  });
});

test('node ports of before are kept, the health-check port too, and given to nobody else', () => {
  const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' } as const;
  const before = complete([n, service('z', local)]);
  const { ports, healthCheckNodePort } = before.services[0]!.spec;
  const many = Array.from({ length: 2766 }, (_, at) => {
    return { name: `p${at}`, protocol: 'TCP' as const, port: at + 1, targetPort: 80 };
  });
  const rival = service('a', { type: 'NodePort', ports: many });
  const [other, own] = complete([n, rival, service('z', local)], {}, before).services;
  expect([own!.spec.ports, own!.spec.healthCheckNodePort]).toEqual([ports, healthCheckNodePort]);
  const given = [...other!.spec.ports, ...ports].map(({ nodePort }) => nodePort);
  expect(new Set([...given, healthCheckNodePort]).size).toBe(2768);
});

test('a node port goes with port and protocol, not with the place in the list', () => {
  const port = (number: number) => {
    return { name: `p${number}`, protocol: 'TCP' as const, port: number, targetPort: 80 };
  };
  const web = (...numbers: number[]) =>
    service('s', { type: 'NodePort', ports: numbers.map(port) });
  const before = complete([n, web(80, 81)]).services[0]!.spec.ports;
  const after = complete([n, web(81, 80)], {}, complete([n, web(80, 81)])).services[0]!.spec.ports;
  expect(after.map(({ nodePort }) => nodePort)).toEqual([before[1]!.nodePort, before[0]!.nodePort]);
});

describe('ranges of Nodes', () => {
  const rangesOf = (objects: KubernetesObject[], options = {}) =>
    complete(objects, options).nodes.map(({ spec }) => spec.podCIDRs);

  test('the one around the first pod that is written with its Node and its address', () => {
    const pods = [pod('a', on('n', '10.244.9.5')), pod('b', on('n', '10.244.7.5'))];
    expect(rangesOf([n, ...pods])).toEqual([['10.244.9.0/24']]);
  });

  test('of either family', () => {
    const six = pod('a', on('n', '10.244.9.5', 'fd00:10:244:7::5'));
    expect(rangesOf([n, six])).toEqual([['10.244.9.0/24', 'fd00:10:244:7::/64']]);
  });

  test('not around a pod of the host’s network, nor where another Node has it', () => {
    const host = { ...on('n', '10.244.9.5'), spec: { nodeName: 'n', hostNetwork: true } };
    expect(rangesOf([n, pod('a', host)])).toEqual([['10.244.1.0/24']]);
    const owner = node('m', { podCIDRs: ['10.244.9.0/25'] });
    expect(rangesOf([owner, n, pod('a', on('n', '10.244.9.200'))])[1]).toEqual(['10.244.2.0/24']);
  });

  test('of two Nodes that would have one range the second has another', () => {
    const pods = [pod('a', on('m', '10.244.9.5')), pod('b', on('n', '10.244.9.6'))];
    expect(rangesOf([node('m'), n, ...pods])).toEqual([['10.244.9.0/24'], ['10.244.2.0/24']]);
  });

  test('parts of a small range, and of one that lies across a byte', () => {
    expect(rangesOf([n], { podCIDRs: ['10.8.0.64/26'] })).toEqual([['10.8.0.64/26']]);
    const two = [node('a'), node('b')];
    expect(rangesOf(two, { podCIDRs: ['10.8.254.0/23'] })).toEqual([
      ['10.8.255.0/24'],
      ['10.8.254.0/24'],
    ]);
    const options = { ...dual, podCIDRs: ['10.8.0.0/16', 'fd00:0:0:fe00::/55'] };
    expect(rangesOf([n], options)).toEqual([['10.8.1.0/24', 'fd00:0:0:fe01::/64']]);
  });

  test('what is no range is passed over', () => {
    const odd = node('n', { podCIDRs: ['none', '10.50.0.0/24'] });
    const { pods, podCIDRs } = complete([odd, pod('p', { spec: { nodeName: 'n' } })]);
    expect(pods[0]!.status.podIPs).toEqual([expect.stringMatching(/^10\.50\.0\./)]);
    expect(podCIDRs).toEqual(['10.244.0.0/16', '10.50.0.0/24']);
  });

  test('those outside the cluster’s own are listed after them, once', () => {
    const nodes = ['10.244.3.0/24', '10.50.0.0/16', '10.50.7.0/24'].map((podCIDR, at) => {
      return node(`n${at}`, { podCIDRs: [podCIDR] });
    });
    expect(complete(nodes).podCIDRs).toEqual(['10.244.0.0/16', '10.50.0.0/16']);
  });
});

describe('places of pods', () => {
  const placed = (...objects: KubernetesObject[]) =>
    complete(objects).pods.map(({ spec }) => spec.nodeName);
  const nodes = [
    node('a', {
      addresses: ['192.0.2.1', '2001:db8::1'],
      podCIDRs: ['10.50.1.0/24', 'fd00:1::/64'],
    }),
    node('b', {
      addresses: ['192.0.2.2', '2001:db8::2'],
      podCIDRs: ['10.50.2.0/25', 'fd00:2::/72'],
    }),
  ];

  test.each([
    ['10.50.1.9', 'a'],
    ['10.50.2.9', 'b'],
    ['192.0.2.2', 'b'],
    ['2001:db8::1', 'a'],
    ['fd00:1::9', 'a'],
    ['fd00:2::9', 'b'],
  ])('an address %s is on Node %s', (address, name) => {
    expect(placed(...nodes, pod('p', { status: { podIPs: [address] } }))).toEqual([name]);
  });

  test('a pod of the host’s network has its Node’s own addresses, internal ones first', () => {
    const odd = node('n', { podCIDRs: ['10.50.1.0/24'] });
    const status = {
      addresses: [
        { type: 'ExternalIP', address: '203.0.113.5' },
        { type: 'InternalIP', address: '192.0.2.5' },
      ],
    };
    const host = pod('p', { spec: { hostNetwork: true } });
    expect(complete([{ ...odd, status }, host]).pods[0]!.status.podIPs).toEqual(['192.0.2.5']);
  });

  test('a pod has addresses of both families when the cluster has', () => {
    const before = complete([n, pod('p')]);
    const { pods } = complete([n, pod('p')], dual, before);
    expect(pods[0]!.status.podIPs.map((ip) => ip.includes(':'))).toEqual([false, true]);
  });

  test('replicas go round the Nodes', () => {
    const names = placed(n, node('m'), node('o'), workload('StatefulSet', 'db', { replicas: 5 }));
    const start = ['m', 'n', 'o'].indexOf(names[0]!);
    expect(names).toEqual([0, 1, 2, 3, 4].map((at) => ['m', 'n', 'o'][(start + at) % 3]));
  });
});

describe('pods that count', () => {
  const labelled = (name: string, labels: Labels) => pod(name, { labels, spec: { nodeName: 'n' } });
  const pods = [
    labelled('both', { app: 'web', tier: 'front' }),
    labelled('front', { app: 'db', tier: 'front' }),
    ...['w1', 'w2', 'w3'].map((name) => labelled(name, { app: 'web' })),
  ];
  const listed = ({ slices }: ClusterState) =>
    slices.flatMap((slice) => slice.endpoints.map(({ targetPod }) => targetPod));

  test('for a Service carry all of its labels', () => {
    const web = service('s', { selector: { app: 'web', tier: 'front' } });
    expect(listed(complete([n, ...pods, web]))).toEqual(['default/both']);
  });

  test('for a workload satisfy its whole selector, labels or not', () => {
    const made = (selector: object) => {
      const web = workload('ReplicaSet', 'rs', { replicas: 3, selector });
      return complete([n, ...pods, web]).pods.length - pods.length;
    };
    expect(made({ matchExpressions: [{ key: 'app', operator: 'In', values: ['db'] }] })).toBe(2);
    expect(made({ matchLabels: { app: 'web', tier: 'front' } })).toBe(2);
    expect(made({ matchLabels: { app: 'web' } })).toBe(0);
  });
});

describe('slices', () => {
  test('without pods are of the Service’s first family', () => {
    const six = service('s', { selector: { a: 'b' }, ipFamilies: ['IPv6', 'IPv4'] });
    const [empty, ...rest] = complete([n, six], dual).slices;
    expect([empty!.addressType, empty!.endpoints, rest]).toEqual(['IPv6', [], []]);
  });

  test('are called after their Service, and what tells them apart', () => {
    const [made] = complete([n, service('s', { selector: { a: 'b' } })]).slices;
    const place = canonicalText(['Service/s', 'IPv4', [], 0, 0]);
    expect(made!.metadata.name).toBe(`s-${nameSuffix(place, 5)}`);
  });

  test('have the zone of the Node, unless its label is empty', () => {
    const zoned = (zone: string) => node('n', { labels: { 'topology.kubernetes.io/zone': zone } });
    const web = service('s', { selector: { app: 'web' } });
    const target = pod('p', { labels: { app: 'web' }, spec: { nodeName: 'n' } });
    const zoneIn = (zone: string) => complete([zoned(zone), web, target]).slices[0]!.endpoints[0]!;
    expect(zoneIn('east').zone).toBe('east');
    expect('zone' in zoneIn('')).toBe(false);
  });

  test('of Endpoints say of each address what is known of it', () => {
    const zoned = node('n', { labels: { 'topology.kubernetes.io/zone': 'east' } });
    const hints = { forZones: [], forNodes: [] };
    const ports = [{ name: 'web', protocol: 'TCP' as const, port: 80 }];
    const subset = {
      addresses: [{ ip: '10.1.1.1', nodeName: 'n', hostname: 'h' }, { ip: '10.1.1.2' }],
      notReadyAddresses: [{ ip: '10.1.1.3', nodeName: 'z' }],
      ports,
    };
    const { slices } = complete([zoned, service('s'), endpoints('s', [subset])]);
    expect(slices.map((slice) => slice.endpoints)).toStrictEqual([
      [
        {
          addresses: ['10.1.1.1'],
          conditions: { ready: true },
          hostname: 'h',
          nodeName: 'n',
          zone: 'east',
          hints,
        },
        { addresses: ['10.1.1.2'], conditions: { ready: true }, hints },
        { addresses: ['10.1.1.3'], conditions: { ready: false }, nodeName: 'z', hints },
      ],
    ]);
  });
});

test('an object that is written again is noted even where nothing else changes', () => {
  const before = completeCluster([n], defaultControllerOptions);
  const { notes } = completeCluster([n, n], defaultControllerOptions, before);
  expect(notes.map(({ object }) => object)).toEqual(['Node/n']);
});
