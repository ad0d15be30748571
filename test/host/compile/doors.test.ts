// The flags of front-ends, and node ports of both families: where they are, and what is said there.
// Sources of the expectations: pkg/proxy/util/nodeport_addresses_test.go; pkg/proxy/iptables and
// ipvs proxier.go syncProxyRules.

import { describe, expect, test } from 'vitest';
import { FrontendFlag, FrontendKind, ServiceFlag } from '../../../host/abi/abi.gen.ts';
import type { NodeConfig } from '../../../host/compile/desired.ts';
import { isLoopback } from '../../../host/compile/routes.ts';
import { clusterOf, nodeOf, serviceOf, sliceOf, type ServiceInput } from './cluster-state.ts';
import { compile, entries, longest } from './compiled-maps.ts';

const own4 = ['192.168.0.2', '192.168.1.2'] as const;
const own6 = ['fd00::2', 'fe80::2', 'fec0::2'] as const;
const nodes = [nodeOf('node-a', ...own4, ...own6)];
const { WholeLoopback, SourceRanges, OwnSource, NotFromNode, NodeSkipsReject } = FrontendFlag;
const slices = [
  sliceOf([{ ip: '10.244.0.1' }]),
  sliceOf([{ ip: 'fd00:10::1' }], { name: 'web-6', addressType: 'IPv6' }),
];

/** Addresses and flags of one kind of front-end. */
function doorsOf(
  kind: FrontendKind,
  service: ServiceInput,
  { hasEndpoints = true, ...config }: Partial<NodeConfig> & { hasEndpoints?: boolean } = {},
): [string, number][] {
  const parts = { nodes, services: [serviceOf(service)], ...(hasEndpoints && { slices }) };
  return entries(compile(clusterOf(parts), config).desired, 'frontends')
    .filter(([, value]) => value.kind === kind)
    .map(([{ address }, { flags }]): [string, number] => [address, flags])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

const both = { clusterIPs: ['10.96.0.10', 'fd10::10'], ipFamilies: ['IPv4', 'IPv6'] as const };
const nodePort: ServiceInput = { type: 'NodePort', ...both, ports: [{ nodePort: 30080 }] };
const plain = (...addresses: readonly string[]) =>
  addresses.map((address): [string, number] => [address, 0]);
const whole: [string, number] = ['127.0.0.1', WholeLoopback];
const loopback: [string, number] = ['127.0.0.1', 0];

describe('node ports', () => {
  type Case = [
    mode: NodeConfig['mode'],
    nodePortAddresses: string[],
    hasEndpoints: boolean,
    expected: [string, number][],
  ];

  test.each<Case>([
    ['nftables', [], true, plain(own4[0], own6[0])],
    ['nftables', ['primary'], true, plain(own4[0], own6[0])],
    ['nftables', ['192.168.1.0/24', 'fe80::/10'], true, plain(own4[1], own6[1])],
    ['nftables', ['0.0.0.0/0'], true, plain(...own4, ...own6)],
    ['nftables', ['::/0'], true, plain(...own4, ...own6)],
    ['iptables', [], true, [whole, ...plain(...own4, ...own6)]],
    ['iptables', ['127.0.0.0/8'], true, [loopback, ...plain(...own6)]],
    ['iptables', ['127.0.0.0/8', 'fd00::/8'], true, [loopback, ...plain(own6[0])]],
    ['iptables', ['0.0.0.0/0'], true, [whole, ...plain(...own4, ...own6)]],
    ['iptables', ['127.0.0.0/8', '0.0.0.0/0'], true, [whole, ...plain(...own4, ...own6)]],
    ['iptables', ['::/0'], true, [whole, ...plain(...own4, ...own6)]],
    ['iptables', ['10.0.0.0/8'], true, plain(...own6)],
    ['iptables', ['primary'], true, plain(own4[0], own6[0])],
    ['iptables', ['primary'], false, [whole, ...plain(...own4), ['::1', 0], ...plain(...own6)]],
    ['iptables', ['10.0.0.0/8'], false, [whole, ...plain(...own4), ['::1', 0], ...plain(...own6)]],
    ['nftables', [], false, plain(own4[0], own6[0])],
    ['ipvs', [], true, plain(...own4, own6[0], own6[2])],
    ['ipvs', ['primary'], true, plain(own4[0], own6[0])],
    ['ipvs', ['127.0.0.0/8'], true, plain(own6[0], own6[2])],
  ])('%s, %j, endpoints %s', (mode, nodePortAddresses, hasEndpoints, expected) => {
    const config = { mode, nodePortAddresses, hasEndpoints };
    expect(doorsOf(FrontendKind.NodePort, nodePort, config)).toEqual(expected);
  });

  test('loopback has none where it is switched off, but refuses with the others', () => {
    const config = { mode: 'iptables' as const, localhostNodePorts: false };
    expect(doorsOf(FrontendKind.NodePort, nodePort, config)).toEqual(plain(...own4, ...own6));
    const refused = doorsOf(FrontendKind.NodePort, nodePort, { ...config, hasEndpoints: false });
    expect(refused[0]).toEqual(whole);
  });

  test('at a node whose own address is loopback they are at no more of it', () => {
    const parts = {
      nodes: [nodeOf('node-a', '127.0.0.1')],
      services: [serviceOf(nodePort)],
      slices,
    };
    const found = entries(compile(clusterOf(parts)).desired, 'frontends')
      .filter(([, { kind }]) => kind === FrontendKind.NodePort)
      .map(([{ address }, { flags }]) => [address, flags & WholeLoopback]);
    expect(found).toEqual([['127.0.0.1', 0]]);
  });

  test('a Service without a node port has none', () => {
    expect(doorsOf(FrontendKind.NodePort, { ...both })).toEqual([]);
    expect(doorsOf(FrontendKind.NodePort, { ...both }, { mode: 'ipvs' })).toEqual([]);
  });

  test('in a family that the node has no address of there are none', () => {
    const state = clusterOf({ services: [serviceOf(nodePort)], slices });
    const { desired } = compile(state, { nodePortAddresses: ['primary'] });
    const found = entries(desired, 'frontends').filter(
      ([, { kind }]) => kind === FrontendKind.NodePort,
    );
    expect(found.map(([{ address }]) => address)).toEqual(['192.168.0.2']);
  });
});

describe('guards of load balancers', () => {
  const ingress = [{ ip: '198.51.100.1' }];
  const far = ['203.0.113.0/24'];
  const near = [...far, '192.168.0.0/24'];
  type Case = [NodeConfig['mode'], string[], boolean, number];

  test.each<Case>([
    ['nftables', [], true, 0],
    ['nftables', far, true, SourceRanges],
    ['nftables', far, false, SourceRanges],
    ['nftables', near, true, SourceRanges],
    ['iptables', far, true, SourceRanges | NodeSkipsReject],
    ['iptables', far, false, NodeSkipsReject],
    ['ipvs', [], true, 0],
    ['ipvs', far, true, SourceRanges | NotFromNode],
    ['ipvs', near, true, SourceRanges | OwnSource],
  ])('%s, %j, endpoints %s', (mode, loadBalancerSourceRanges, hasEndpoints, flags) => {
    const service = { type: 'LoadBalancer' as const, ingress, loadBalancerSourceRanges };
    expect(doorsOf(FrontendKind.LoadBalancer, service, { mode, hasEndpoints })).toEqual([
      ['198.51.100.1', flags],
    ]);
  });
});

test('external addresses: iptables says nothing to the node but at its own', () => {
  const service = { externalIPs: ['203.0.113.9', '192.168.1.2'] };
  const inMode = (mode: NodeConfig['mode']) => doorsOf(FrontendKind.ExternalIp, service, { mode });
  expect(inMode('iptables')).toEqual([
    ['192.168.1.2', 0],
    ['203.0.113.9', NodeSkipsReject],
  ]);
  expect(inMode('nftables')).toEqual(plain('192.168.1.2', '203.0.113.9'));
});

describe('what a Service is served at', () => {
  const addressesOf = (service: ServiceInput, change: object = {}) => {
    const made = serviceOf(service);
    const changed = { ...made, spec: { ...made.spec, ...change } };
    const { desired } = compile(clusterOf({ nodes, services: [changed] }));
    return entries(desired, 'frontends').map(([{ address }]) => address);
  };

  test.each([
    ['clusterIPs', {}, ['10.96.0.10']],
    ['clusterIP alone', { clusterIPs: [] }, ['10.96.0.10']],
    ['neither', { clusterIP: undefined, clusterIPs: [] }, []],
    ['an empty one', { clusterIP: '' }, []],
    ['headless', { clusterIP: 'None', clusterIPs: ['None'] }, []],
  ])('%s', (_, change, expected) => {
    expect(addressesOf({}, change)).toEqual(expected);
  });
});

test('an address that is the node’s own is not said to be a Service’s', () => {
  const services = [
    serviceOf({ name: 'a', clusterIP: '192.168.1.2' }),
    serviceOf({ name: 'b', clusterIP: '10.96.0.11', externalIPs: ['192.168.1.2'] }),
  ];
  for (const mode of ['nftables', 'ipvs'] as const) {
    const { desired } = compile(clusterOf({ nodes, services }), { mode });
    const found = ['192.168.1.2', '10.96.0.11'].map((address) => {
      return longest(desired, 'service-addresses', address) !== undefined;
    });
    expect(found).toEqual([false, true]);
  }
});

describe('local traffic', () => {
  const flagsOf = (service: ServiceInput) => {
    const made = serviceOf(service);
    const { desired } = compile(clusterOf({ nodes, services: [made], slices }));
    const [, value] = entries(desired, 'services')[0]!;
    return [value.flags & ServiceFlag.ExternalLocal, value.clusterCount, value.localCount];
  };
  const local = { externalTrafficPolicy: 'Local' as const };
  const { ExternalLocal } = ServiceFlag;

  test.each<[string, ServiceInput, number[]]>([
    ['a load balancer without any door', { type: 'LoadBalancer', ...local }, [ExternalLocal, 1, 0]],
    ['an external address', { externalIPs: ['203.0.113.9'], ...local }, [ExternalLocal, 1, 0]],
    ['a ClusterIP, where it does not count', local, [0, 1, 0]],
    ['everywhere', { externalIPs: ['203.0.113.9'] }, [0, 1, 0]],
  ])('%s', (_, service, expected) => {
    expect(flagsOf(service)).toEqual(expected);
  });

  test('an endpoint here counts for the local set only where there is a door from outside', () => {
    const here = [sliceOf([{ ip: '10.244.0.1', nodeName: 'node-a' }])];
    const localsOf = (service: ServiceInput) => {
      const parts = { nodes, services: [serviceOf(service)], slices: here };
      return entries(compile(clusterOf(parts)).desired, 'services')[0]![1].localCount;
    };
    expect(localsOf({ type: 'LoadBalancer', ...local })).toBe(0);
    expect(localsOf({ externalIPs: ['203.0.113.9'] })).toBe(0);
    expect(localsOf({ externalIPs: ['203.0.113.9'], ...local })).toBe(1);
  });
});

test.each([
  ['127.0.0.1', true],
  ['127.255.0.9', true],
  ['128.0.0.1', false],
  ['::1', true],
  ['::2', false],
  ['not an address', false],
])('%s is every node’s own: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

test('without a table for consistent hashing a Service has no slots', () => {
  const three = [sliceOf(['10.244.0.1', '10.244.0.2', '10.244.0.3'].map((ip) => ({ ip })))];
  const slotsOf = (config: Partial<NodeConfig>) => {
    const { desired } = compile(clusterOf({ services: [serviceOf({})], slices: three }), config);
    const [, { clusterSlots, localSlots }] = entries(desired, 'services')[0]!;
    return [clusterSlots, localSlots, desired.maglev?.size];
  };
  expect(slotsOf({})).toEqual([0, 0, 0]);
  expect(slotsOf({ balancing: 'maglev' })).toEqual([1021, 0, 1021]);
});
