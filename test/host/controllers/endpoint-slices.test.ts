// EndpointSlices: which pods are endpoints, by which ports, in which condition, with which hints.

import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import { defaultControllerOptions as options } from '../../../host/controllers/state.ts';
import type { KubernetesObject, Labels, Pod, Service } from '../../../host/kubernetes/types.ts';
import { container, endpoints, node, pod, service, slice } from './objects.ts';

const labels: Labels = { app: 'web' };
const selector = labels;

function slicesOf(...objects: KubernetesObject[]) {
  return completeCluster(objects, options).slices;
}

function endpointsOf(...objects: KubernetesObject[]) {
  return slicesOf(...objects).flatMap((one) => one.endpoints);
}

function deleting(one: Pod): Pod {
  return { ...one, metadata: { ...one.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
}

const notReady = { conditions: [{ type: 'Ready', status: 'False' }] };

test('a slice names its Service, the pods, their Nodes and the target port', () => {
  const state = completeCluster([service('web', { selector }), pod('p', { labels })], options);
  const [made, ...rest] = state.slices;
  expect(rest).toEqual([]);
  expect(made?.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
  expect(made?.metadata.labels['kubernetes.io/service-name']).toBe('web');
  expect(made).toMatchObject({
    addressType: 'IPv4',
    ports: [{ name: '', protocol: 'TCP', port: 8080 }],
    endpoints: [
      {
        addresses: state.pods[0]?.status.podIPs,
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: 'node-1',
        targetPod: 'default/p',
        hints: { forZones: [], forNodes: [] },
      },
    ],
  });
});

describe('conditions', () => {
  const ready = pod('p', { labels });
  const unready = pod('p', { labels, status: notReady });
  const gate = { type: 'example.com/gate', status: 'False' };
  const gated = pod('p', {
    labels,
    status: { conditions: [gate, { type: 'Ready', status: 'True' }] },
  });
  test.each([
    ['ready', ready, false, { ready: true, serving: true, terminating: false }],
    ['ready, with gates', gated, false, { ready: true, serving: true, terminating: false }],
    ['not ready', unready, false, { ready: false, serving: false, terminating: false }],
    ['terminating', deleting(ready), false, { ready: false, serving: true, terminating: true }],
    ['not ready, published', unready, true, { ready: true, serving: false, terminating: false }],
    [
      'terminating, published',
      deleting(ready),
      true,
      { ready: true, serving: true, terminating: true },
    ],
  ])('%s', (_, one, publishNotReadyAddresses, conditions) => {
    const web = service('web', { selector, publishNotReadyAddresses });
    expect(endpointsOf(web, one).map((endpoint) => endpoint.conditions)).toEqual([conditions]);
  });
});

describe('left out', () => {
  const spec = { nodeName: 'n' };
  const podIPs = ['10.244.1.5'];

  test.each([
    ['that succeeded', pod('p', { labels, spec, status: { phase: 'Succeeded', podIPs } })],
    ['that failed', pod('p', { labels, spec, status: { phase: 'Failed', podIPs } })],
    ['without address', pod('p', { labels, spec, status: { phase: 'Pending' } })],
    ['in another namespace', pod('other/p', { labels })],
    ['with another label', pod('p', { labels: { app: 'db' } })],
  ])('a pod %s', (_, one) => {
    for (const publishNotReadyAddresses of [false, true]) {
      const web = service('web', { selector, publishNotReadyAddresses });
      const { slices, notes } = completeCluster([node('n'), web, one], options);
      expect(slices).toMatchObject([{ endpoints: [], ports: [] }]);
      expect(notes).toMatchObject([{ message: expect.stringMatching(/^has no endpoints: /) }]);
    }
  });

  test('a pod that lacks one of the labels', () => {
    const both = service('web', { selector: { app: 'web', tier: 'front' } });
    const pods = [
      pod('a', { labels: { app: 'web' } }),
      pod('b', { labels: { tier: 'front' } }),
      pod('c', { labels: { app: 'web', tier: 'front', more: 'yes' } }),
    ];
    expect(endpointsOf(both, ...pods).map(({ targetPod }) => targetPod)).toEqual(['default/c']);
  });

  test('a pod whose Node does not exist, unless its address is published all the same', () => {
    const lost = pod('p', {
      labels,
      spec: { nodeName: 'lost' },
      status: { podIPs: ['10.244.1.5'] },
    });
    expect(endpointsOf(node('n'), service('web', { selector }), lost)).toEqual([]);
    const open = service('web', { selector, publishNotReadyAddresses: true });
    expect(endpointsOf(node('n'), open, lost)).toHaveLength(1);
  });
});

describe('named target ports', () => {
  const ports = (target: string, protocol: 'TCP' | 'UDP' = 'TCP'): Partial<Service['spec']> => ({
    selector,
    ports: [{ name: 'x', protocol, port: 80, targetPort: target }],
  });
  const http = (containerPort: number) =>
    container({ name: 'http', containerPort, protocol: 'TCP' });
  const withContainer = (name: string, containerPort: number) =>
    pod(name, { labels, spec: { containers: [http(containerPort)] } });

  test('are looked up in each pod: pods with other numbers are in other slices', () => {
    const made = slicesOf(
      service('web', ports('http')),
      withContainer('a', 8080),
      withContainer('b', 9090),
      withContainer('c', 8080),
    );
    expect(
      made
        .map((one) => ({ port: one.ports[0]?.port, count: one.endpoints.length }))
        .sort((a, b) => a.port! - b.port!),
    ).toEqual([
      { port: 8080, count: 2 },
      { port: 9090, count: 1 },
    ]);
    expect(new Set(made.map(({ metadata }) => metadata.name)).size).toBe(2);
  });

  test('have to be of the protocol, or are left out', () => {
    const [made] = slicesOf(service('web', ports('http', 'UDP')), withContainer('a', 8080));
    expect(made).toMatchObject({ ports: [], endpoints: [{ targetPod: 'default/a' }] });
  });

  test('are found in sidecars, and not in other init containers', () => {
    const initContainers = [http(8080)];
    const [none] = slicesOf(
      service('web', ports('http')),
      pod('a', { labels, spec: { initContainers } }),
    );
    expect(none?.ports).toEqual([]);
    const sidecars = initContainers.map((one) => ({ ...one, restartPolicy: 'Always' }));
    const [some] = slicesOf(
      service('web', ports('http')),
      pod('a', { labels, spec: { initContainers: sidecars } }),
    );
    expect(some?.ports).toEqual([{ name: 'x', protocol: 'TCP', port: 8080 }]);
  });
});

test('each family of the Service has slices of its own', () => {
  const made = slicesOf(
    service('web', { selector, ipFamilyPolicy: 'RequireDualStack' }),
    pod('both', { labels }),
    pod('four', { labels, status: { podIPs: ['10.244.1.5'] } }),
  );
  const counts = made.map((one) => [one.addressType, one.endpoints.length]);
  expect(counts.sort()).toEqual([
    ['IPv4', 2],
    ['IPv6', 1],
  ]);
});

test.each(['IPv4', 'IPv6'] as const)('without pods there is an empty slice of %s', (family) => {
  const made = slicesOf(service('web', { selector, ipFamilies: [family] }));
  expect(made).toMatchObject([{ addressType: family, ports: [], endpoints: [] }]);
});

test('a slice holds a hundred endpoints at most', () => {
  const pods = Array.from({ length: 201 }, (_, index) => pod(`p${index}`, { labels }));
  const made = slicesOf(service('web', { selector }), ...pods);
  expect(made.map((one) => one.endpoints.length).sort()).toEqual([1, 100, 100]);
});

test('headless slices are marked, and carry the host names of a StatefulSet', () => {
  const headless = service('db', { selector, clusterIP: 'None', clusterIPs: ['None'] });
  const peer = pod('db-0', { labels, spec: { hostname: 'db-0', subdomain: 'db' } });
  const [made] = slicesOf(headless, peer);
  expect(made?.metadata.labels).toHaveProperty('service.kubernetes.io/headless', '');
  expect(made?.endpoints[0]?.hostname).toBe('db-0');
});

test.each([
  ['of another Service', { hostname: 'a', subdomain: 'other' }],
  ['without host name', { subdomain: 'db' }],
  ['without subdomain', { hostname: 'a' }],
])('a pod %s has no host name in the slice', (_, spec) => {
  const headless = service('db', { selector, clusterIP: 'None', clusterIPs: ['None'] });
  const [endpoint] = endpointsOf(headless, pod('p', { labels, spec }));
  expect(endpoint).toStrictEqual({
    addresses: [expect.any(String)],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: 'node-1',
    hints: { forZones: [], forNodes: [] },
    targetPod: 'default/p',
  });
});

test('what is not known of an endpoint is not there', () => {
  const web = service('web', { selector, publishNotReadyAddresses: true });
  const lost = pod('p', { labels, status: { phase: 'Pending', podIPs: ['10.244.1.5'] } });
  expect(endpointsOf(web, lost)).toStrictEqual([
    {
      addresses: ['10.244.1.5'],
      conditions: { ready: true, serving: false, terminating: false },
      hints: { forZones: [], forNodes: [] },
      targetPod: 'default/p',
    },
  ]);
});

describe('hints', () => {
  const inZone = (zone: string) => node('n', { labels: { 'topology.kubernetes.io/zone': zone } });
  const zoned = inZone('west');

  test('an empty label is no zone', () => {
    const web = service('web', { selector, trafficDistribution: 'PreferClose' });
    const [endpoint] = endpointsOf(inZone(''), web, pod('p', { labels }));
    expect(endpoint).not.toHaveProperty('zone');
    expect(endpoint?.hints.forZones).toEqual([]);
  });

  test.each([
    [undefined, [], []],
    ['PreferClose', ['west'], []],
    ['PreferSameZone', ['west'], []],
    ['PreferSameNode', ['west'], ['n']],
  ])('trafficDistribution %s', (trafficDistribution, forZones, forNodes) => {
    const web = service('web', { selector, ...(trafficDistribution && { trafficDistribution }) });
    const [endpoint] = endpointsOf(zoned, web, pod('p', { labels }));
    expect(endpoint).toMatchObject({ zone: 'west', hints: { forZones, forNodes } });
    const [unready] = endpointsOf(zoned, web, pod('p', { labels, status: notReady }));
    expect(unready?.hints).toEqual({ forZones: [], forNodes: [] });
  });
});

describe('what is written is used, and nothing is made beside it', () => {
  const web = service('web', { selector });
  test('EndpointSlices', () => {
    const written = slice('mine', 'web');
    expect(slicesOf(web, pod('p', { labels }), written)).toEqual([written]);
    expect(slicesOf(web, slice('other/mine', 'web'))).toHaveLength(2);
  });

  test('Endpoints become slices, one for each family and subset', () => {
    const ports = [{ name: '', protocol: 'TCP' as const, port: 5432 }];
    const legacy = endpoints('web', [
      { addresses: [{ ip: '10.0.0.1' }], notReadyAddresses: [{ ip: '10.0.0.2' }], ports },
      { addresses: [{ ip: '10.0.0.3' }, { ip: '2001:db8::3' }], notReadyAddresses: [], ports },
    ]);
    const made = slicesOf(web, pod('p', { labels }), legacy);
    expect(new Set(made.map(({ metadata }) => metadata.name)).size).toBe(3);
    expect(
      made
        .flatMap((one) =>
          one.endpoints.map(({ addresses, conditions }) => [addresses[0], conditions.ready]),
        )
        .sort(),
    ).toEqual([
      ['10.0.0.1', true],
      ['10.0.0.2', false],
      ['10.0.0.3', true],
      ['2001:db8::3', true],
    ]);
    expect(made[0]).toMatchObject({ ports, metadata: { madeFrom: 'Endpoints/web' } });
    for (const { addressType, endpoints: mirrored } of made) {
      for (const { addresses } of mirrored) {
        expect(addresses[0]!.includes(':')).toBe(addressType === 'IPv6');
      }
    }
  });

  test('what Endpoints say of an address is said in the slice, and its zone', () => {
    const west = node('n', { labels: { 'topology.kubernetes.io/zone': 'west' } });
    const whole = { ip: '10.0.0.1', nodeName: 'n', hostname: 'db-0' };
    const legacy = endpoints('web', [
      { addresses: [whole, { ip: '10.0.0.2' }], notReadyAddresses: [], ports: [] },
    ]);
    const hints = { forZones: [], forNodes: [] };
    expect(endpointsOf(west, web, legacy)).toStrictEqual([
      {
        addresses: ['10.0.0.1'],
        conditions: { ready: true },
        hostname: 'db-0',
        nodeName: 'n',
        zone: 'west',
        hints,
      },
      { addresses: ['10.0.0.2'], conditions: { ready: true }, hints },
    ]);
  });

  test.each([
    service('web'),
    service('web', { selector: {} }),
    service('web', { type: 'ExternalName', selector }),
  ])('no slices without a selector or for ExternalName', (written) => {
    expect(slicesOf(written, pod('p', { labels }))).toEqual([]);
  });
});
