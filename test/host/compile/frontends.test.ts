// What can be dialled, by mode: front-ends, source ranges, unserved service addresses.
// Sources of the expectations: pkg/proxy/nftables and iptables proxier_test.go,
// pkg/proxy/util/nodeport_addresses_test.go.

import { expect, test } from 'vitest';
import { FrontendKind, ServiceAddressKind } from '../../../host/abi/abi.gen.ts';
import type { NodeConfig } from '../../../host/compile/desired.ts';
import type { ClusterState } from '../../../host/controllers/state.ts';
import type { Service } from '../../../host/kubernetes/types.ts';
import { clusterOf, nodeOf, serviceOf, sliceOf } from './cluster-state.ts';
import { compile, entries, longest } from './compiled-maps.ts';

function frontends(parts: Partial<ClusterState>, config: Partial<NodeConfig> = {}): string[] {
  const nodes = [nodeOf('node-a', '192.168.0.2', '192.168.1.2', 'fd00::2')];
  const { desired, names } = compile(clusterOf({ nodes, ...parts }), config);
  const kinds = Object.fromEntries(
    Object.entries(FrontendKind).map(([name, kind]) => [kind, name]),
  );
  return entries(desired, 'frontends')
    .map(([key, { service, kind, flags }]) => {
      const ranges = flags === 1 ? ' ranges' : '';
      const { name } = names.services.get(service)!;
      return `${kinds[kind]} ${key.address}:${key.port}/${key.protocol} ${name}${ranges}`;
    })
    .toSorted();
}

const nodePort = serviceOf({ type: 'NodePort', ports: [{ nodePort: 30080 }] });
const endpoints = [sliceOf([{ ip: '10.244.0.1', nodeName: 'node-a' }])];
const clusterIp = 'ClusterIp 10.96.0.10:80/6 web';
const at = (...addresses: string[]) => [
  clusterIp,
  ...addresses.map((address) => `NodePort ${address}:30080/6 web`).toSorted(),
];

test.each<[string, Partial<NodeConfig>, string[]]>([
  ['nftables: primary', {}, at('192.168.0.2')],
  ['nftables: blocks', { nodePortAddresses: ['192.168.1.0/24'] }, at('192.168.1.2')],
  ['nftables: never loopback', { nodePortAddresses: ['127.0.0.0/8'] }, at()],
  [
    'no block of the family: all',
    { nodePortAddresses: ['fd00::/8'] },
    at('192.168.0.2', '192.168.1.2'),
  ],
  [
    'iptables: all and loopback',
    { mode: 'iptables' },
    at('192.168.0.2', '192.168.1.2', '127.0.0.1'),
  ],
  [
    'iptables: loopback off',
    { mode: 'iptables', localhostNodePorts: false },
    at('192.168.0.2', '192.168.1.2'),
  ],
  ['iptables: primary', { mode: 'iptables', nodePortAddresses: ['primary'] }, at('192.168.0.2')],
  ['ipvs: all but loopback', { mode: 'ipvs' }, at('192.168.0.2', '192.168.1.2')],
])('front-ends: node port, %s', (_, config, expected) => {
  expect(frontends({ services: [nodePort], slices: endpoints }, config)).toEqual(expected);
});

test('front-ends: iptables refuses at every local address while there is no endpoint', () => {
  const config = { mode: 'iptables' as const, nodePortAddresses: ['primary'] };
  expect(frontends({ services: [nodePort] }, config)).toEqual(
    at('192.168.0.2', '192.168.1.2', '127.0.0.1'),
  );
});

test.each<[string, Readonly<Record<string, unknown>> & { labels?: Record<string, string> }]>([
  ['headless', { clusterIP: 'None', clusterIPs: ['None'] }],
  ['ExternalName', { type: 'ExternalName' }],
  ['another proxy’s', { labels: { 'service.kubernetes.io/service-proxy-name': '' } }],
  // Source: pkg/proxy/util/utils.go ShouldSkipService, which asks clusterIP alone.
  ['headless by clusterIP alone', { clusterIP: 'None' }],
  ['with an empty clusterIP', { clusterIP: '' }],
  ['without clusterIP', { clusterIP: undefined }],
])('front-ends: %s: none', (_, input) => {
  const service = serviceOf({});
  if (input.labels) service.metadata.labels = input.labels;
  Object.assign(service.spec, input);
  expect(frontends({ services: [service] })).toEqual([]);
});

test('front-ends: both families, each with its own addresses', () => {
  const service = serviceOf({ ...nodePort.spec, clusterIPs: ['10.96.0.10', 'fd10::10'] });
  expect(frontends({ services: [service] })).toEqual([
    clusterIp,
    'ClusterIp fd10::10:80/6 web',
    'NodePort 192.168.0.2:30080/6 web',
    'NodePort fd00::2:30080/6 web',
  ]);
});

test('front-ends: external addresses: VIPs by ipMode, ranges on VIPs alone', () => {
  const service = serviceOf({
    type: 'LoadBalancer',
    externalIPs: ['198.51.100.9'],
    loadBalancerSourceRanges: [' 203.0.113.0/24 '],
    ingress: [{ ip: '198.51.100.1' }, { ip: '198.51.100.2', ipMode: 'Proxy' }, { hostname: 'lb' }],
  });
  expect(frontends({ services: [service], slices: endpoints })).toEqual([
    clusterIp,
    'ExternalIp 198.51.100.9:80/6 web',
    'LoadBalancer 198.51.100.1:80/6 web ranges',
  ]);
  expect(frontends({ services: [service] }, { mode: 'iptables' })[2]).not.toContain('ranges');
  expect(frontends({ services: [service] })[2]).toContain('ranges');
});

test.each([
  ['a whole-family range', ['0.0.0.0/0', '203.0.113.0/24']],
  ['ranges of the other family', ['2001:db8::/32']],
])('front-ends: %s leaves the VIP open', (_, loadBalancerSourceRanges) => {
  const ingress = [{ ip: '198.51.100.1' }];
  const service = serviceOf({ type: 'LoadBalancer', ingress, loadBalancerSourceRanges });
  expect(frontends({ services: [service] })[1]).toBe('LoadBalancer 198.51.100.1:80/6 web');
});

test('front-ends: so does the whole range of IPv6, and no other that begins like it', () => {
  const vipOf = (...loadBalancerSourceRanges: string[]) => {
    const clusterIPs = ['fd10::10'];
    const ingress = [{ ip: '2001:db8::1' }];
    const service = serviceOf({
      type: 'LoadBalancer',
      clusterIPs,
      ingress,
      loadBalancerSourceRanges,
    });
    return frontends({ services: [service] })[1];
  };
  expect(vipOf('::/0')).toBe('LoadBalancer 2001:db8::1:80/6 web');
  expect(vipOf('::/1')).toBe('LoadBalancer 2001:db8::1:80/6 web ranges');
  expect(vipOf('::/96')).toBe('LoadBalancer 2001:db8::1:80/6 web ranges');
});

test('front-ends: two claims: the exact address before node ports, then by name', () => {
  const first = serviceOf({ name: 'a', externalIPs: ['192.168.0.2'], ports: [{ port: 30080 }] });
  const second = serviceOf({
    name: 'b',
    clusterIP: '10.96.0.11',
    externalIPs: ['192.168.0.2'],
    ports: [{ port: 30080 }],
  });
  const found = frontends({ services: [first, second, nodePort] });
  expect(found.filter((line) => line.includes('192.168.0.2'))).toEqual([
    'ExternalIp 192.168.0.2:30080/6 a',
  ]);
});

test('source ranges: those of the family, and the VIPs where a range holds the node', () => {
  const ingress = [{ ip: '198.51.100.1' }];
  const allowed = (ranges: string[], source: string, mode: NodeConfig['mode'] = 'nftables') => {
    const service = serviceOf({ type: 'LoadBalancer', ingress, loadBalancerSourceRanges: ranges });
    const { desired, names } = compile(clusterOf({ services: [service] }), { mode });
    const scopes = [...names.serviceKeys].map(([, number]) => number);
    return scopes.some((scope) => longest(desired, 'source-ranges', source, scope)?.allowed === 1);
  };
  expect(allowed(['203.0.113.0/24'], '203.0.113.7')).toBe(true);
  expect(allowed(['203.0.113.0/24'], '203.0.114.7')).toBe(false);
  expect(allowed(['203.0.113.0/24'], '198.51.100.1')).toBe(false);
  expect(allowed(['192.168.0.0/24'], '198.51.100.1')).toBe(true);
  // ipvs lets the node in by the address that it dials.
  expect(allowed(['192.168.0.0/24'], '198.51.100.1', 'ipvs')).toBe(false);
  expect(allowed(['192.168.0.0/24'], '192.168.0.2', 'ipvs')).toBe(true);
});

test.each<[string, string[], boolean[]]>([
  ['none: those of the cluster', [], [true, false]],
  ['one', ['10.97.0.0/16'], [false, true]],
  ['two', ['10.96.0.0/16', '10.97.0.0/16'], [true, true]],
  ['what is no range means nothing', ['all', '10.97.0.0/16'], [false, true]],
])('Service CIDRs of a node, %s', (_, serviceCIDRs, expected) => {
  const { desired } = compile(clusterOf({}), { serviceCIDRs });
  const isRefused = (address: string) =>
    longest(desired, 'service-addresses', address)?.kind === ServiceAddressKind.Unallocated;
  expect(['10.96.0.99', '10.97.0.99'].map(isRefused)).toEqual(expected);
});

test.each<[NodeConfig['mode'], (number | undefined)[]]>([
  ['nftables', [ServiceAddressKind.ClusterIp, ServiceAddressKind.Unallocated, undefined]],
  ['ipvs', [ServiceAddressKind.ClusterIp, undefined, ServiceAddressKind.ClusterIp]],
  ['iptables', [undefined, undefined, undefined]],
])('unserved service addresses, %s', (mode, expected) => {
  const service = serviceOf({ externalIPs: ['198.51.100.9'] });
  const { desired } = compile(clusterOf({ services: [service] }), { mode });
  const kind = (address: string) => longest(desired, 'service-addresses', address)?.kind;
  expect(['10.96.0.10', '10.96.0.11', '198.51.100.9'].map(kind)).toEqual(expected);
});

test('a Service address is the Service’s, and be it the whole range', () => {
  const serviceCIDRs = ['10.96.0.10/32', '10.96.0.11/32'];
  const { desired } = compile(clusterOf({ services: [serviceOf({})] }), { serviceCIDRs });
  const kind = (address: string) => longest(desired, 'service-addresses', address)?.kind;
  expect(['10.96.0.10', '10.96.0.11'].map(kind)).toEqual([
    ServiceAddressKind.ClusterIp,
    ServiceAddressKind.Unallocated,
  ]);
});

test('names of Services have a place only where it is known', () => {
  const source = { file: 'web.yaml', line: 7 };
  const nameOf = (service: Service) =>
    compile(clusterOf({ services: [service] })).names.services.get(1);
  const name = { namespace: 'default', name: 'web', portName: '', port: 80 };
  const plain = { ...name, protocol: 'TCP', family: 4 };
  expect(nameOf(serviceOf({}))).toStrictEqual(plain);
  expect(nameOf({ ...serviceOf({}), source })).toStrictEqual({ ...plain, source });
});
