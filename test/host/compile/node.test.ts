// The node's own maps: settings, ports, routes and what kind of source an address is.

import { describe, expect, test } from 'vitest';
import { ConfigFlag, RouteKind, Timeout, type Structs } from '../../../host/abi/abi.gen.ts';
import type { NodeConfig } from '../../../host/compile/desired.ts';
import { clusterOf, nodeOf, podOf, serviceOf } from './cluster-state.ts';
import { compile, entries, longest } from './compiled-maps.ts';

const node = nodeOf('node-a', '192.168.0.2', 'fd00::2');
node.spec = { podCIDRs: ['10.244.0.0/24'] };
const pods = [
  podOf({ name: 'web', ip: ['10.244.0.10', 'fd00:10::10'] }),
  podOf({ name: 'agent', ip: '192.168.0.2', hostNetwork: true }),
  podOf({ name: 'job', ip: '10.244.0.11', phase: 'Succeeded' }),
  podOf({ name: 'lost', ip: '10.244.0.12', phase: 'Failed' }),
  podOf({ name: 'far', ip: '10.244.1.10', node: 'node-b' }),
];
const state = clusterOf({ nodes: [node], pods });

function configOf(config: Partial<NodeConfig>): Structs['Config'] {
  return entries(compile(state, config).desired, 'config')[0]![1];
}

test('settings: addresses and flags', () => {
  const { node4, node6, flags } = configOf({ masqueradeAll: true });
  expect([node4, node6]).toEqual(['192.168.0.2', 'fd00::2']);
  expect(flags).toBe(ConfigFlag.MasqueradeAll | ConfigFlag.DetectLocal4 | ConfigFlag.LoosePickup);
  const ofIptables = ConfigFlag.DropInvalid | ConfigFlag.HairpinAnyEndpoint;
  expect(configOf({ mode: 'iptables' }).flags & ofIptables).toBe(ofIptables);
});

test('MTUs: Ethernet’s, a kind’s, a port’s own; the largest of them tells of offloads', () => {
  const mtusOf = (mtu: NodeConfig['mtu'] = {}): number[] => {
    const ports = new Map(entries(compile(state, { mtu }).desired, 'ports'));
    return [1, 2, 3].map((port) => ports.get(port)!.mtuBytes);
  };
  expect(mtusOf()).toEqual([0, 1500, 1500]);
  expect(mtusOf({ uplink: 9000, pods: 1400 })).toEqual([0, 9000, 1400]);
  expect(mtusOf({ pods: 1400, 'pod/default/web': 1300 })).toEqual([0, 1500, 1300]);
  expect(configOf({ mtu: { pods: 1400 } }).largestMtuBytes).toBe(1500);
  expect(configOf({ mtu: { pods: 8900, uplink: 1280 } }).largestMtuBytes).toBe(8900);
});

test('lifetimes: a day established and an hour in close-wait, as kube-proxy sets them', () => {
  const lifetimes = new Map(entries(compile(state).desired, 'timeouts'));
  expect(lifetimes.get(Timeout.TcpEstablished)).toEqual({ seconds: 86400 });
  expect(lifetimes.get(Timeout.TcpCloseWait)).toEqual({ seconds: 3600 });
});

test.each([
  ['iptables', {}, ConfigFlag.GuardLoopback],
  ['iptables', { localhostNodePorts: false }, 0],
  ['iptables', { nodePortAddresses: ['10.0.0.0/8'] }, 0],
  ['nftables', { nodePortAddresses: ['127.0.0.0/8'] }, 0],
] as const)('loopback is guarded where it has node ports: %s %o', (mode, config, expected) => {
  expect(configOf({ mode, ...config }).flags & ConfigFlag.GuardLoopback).toBe(expected);
});

test('an address of a Service is the node’s own in ipvs mode, and in no other', () => {
  const services = [serviceOf({ clusterIP: '10.96.0.10' })];
  const served = clusterOf({ nodes: [node], services });
  const kindIn = (mode: NodeConfig['mode']) =>
    longest(compile(served, { mode }).desired, 'routes', '10.96.0.10')?.kind;
  expect([kindIn('ipvs'), kindIn('nftables')]).toEqual([RouteKind.Local, RouteKind.Forward]);
});

test('ports: host, uplink, then the pods that run here on a network of their own', () => {
  expect([...compile(state).names.ports]).toEqual([
    [1, 'host'],
    [2, 'uplink'],
    [3, 'pod/default/web'],
  ]);
});

test.each([
  ['10.244.0.10', RouteKind.Forward, 3],
  ['fd00:10::10', RouteKind.Forward, 3],
  ['10.244.0.11', RouteKind.Forward, 2],
  ['10.244.0.12', RouteKind.Forward, 2],
  ['10.244.1.10', RouteKind.Forward, 2],
  ['192.168.0.2', RouteKind.Local, 1],
  ['127.8.8.8', RouteKind.Local, 1],
  ['::1', RouteKind.Local, 1],
  ['2001:db8::1', RouteKind.Forward, 2],
])('route to %s', (address, kind, port) => {
  expect(longest(compile(state).desired, 'routes', address)).toEqual({ kind, port });
});

describe('localities', () => {
  const flags = (address: string, detectLocal?: NodeConfig['detectLocal']) =>
    longest(
      compile(state, detectLocal === undefined ? {} : { detectLocal }).desired,
      'localities',
      address,
    )?.flags ?? 0;

  test.each<[string, NodeConfig['detectLocal'], string, number]>([
    ['cluster CIDR', undefined, '10.244.1.10', 1],
    ['cluster CIDR given', { mode: 'ClusterCIDR', cidrs: ['10.244.1.0/24'] }, '10.244.0.10', 0],
    ['node CIDR: own pods', { mode: 'NodeCIDR' }, '10.244.0.10', 1],
    ['node CIDR: others', { mode: 'NodeCIDR' }, '10.244.1.10', 0],
    ['interface: own pods', { mode: 'Interface' }, 'fd00:10::10', 1],
    ['interface: others', { mode: 'Interface' }, '10.244.0.99', 0],
    ['none', { mode: 'None' }, '10.244.0.10', 0],
    ['the node', undefined, '192.168.0.2', 2],
    ['loopback', undefined, '127.0.0.1', 2],
    [
      'a node address in the range is both',
      { mode: 'ClusterCIDR', cidrs: ['192.168.0.0/16'] },
      '192.168.0.2',
      3,
    ],
    ['IPv6', undefined, 'fd00:10::77', 0],
    [
      'the first range of each family: IPv6',
      { mode: 'ClusterCIDR', cidrs: ['10.244.0.0/16', 'fd00:10::/64'] },
      'fd00:10::77',
      1,
    ],
    [
      'the first range of each family: not the second',
      { mode: 'ClusterCIDR', cidrs: ['10.244.0.0/24', '10.244.1.0/24'] },
      '10.244.1.10',
      0,
    ],
    [
      'what is no range means nothing',
      { mode: 'ClusterCIDR', cidrs: ['all', '10.244.1.0/24'] },
      '10.244.1.10',
      1,
    ],
    ['families do not mix', { mode: 'ClusterCIDR', cidrs: ['::/0'] }, '10.244.0.10', 0],
    ['outside', undefined, '203.0.113.1', 0],
  ])('%s', (_, detectLocal, address, expected) => {
    expect(flags(address, detectLocal)).toBe(expected);
  });
});

test('addresses of a Node: internal ones first, then external ones, and no names', () => {
  const addresses = [
    { type: 'Hostname', address: '10.9.9.9' },
    { type: 'ExternalIP', address: '203.0.113.2' },
    { type: 'InternalIP', address: '192.168.0.2' },
    { type: 'InternalDNS', address: 'node-a.example' },
  ];
  const { desired, parts } = compile(clusterOf({ nodes: [{ ...node, status: { addresses } }] }));
  expect(parts.node.view.addresses).toEqual(['192.168.0.2', '203.0.113.2']);
  expect(entries(desired, 'config')[0]![1].node4).toBe('192.168.0.2');
  const kinds = ['10.9.9.9', '203.0.113.2'].map((address) => {
    return longest(desired, 'routes', address)?.kind;
  });
  expect(kinds).toEqual([RouteKind.Forward, RouteKind.Local]);
});

test('addresses of the node may be given', () => {
  const { desired } = compile(state, { nodeAddresses: ['10.0.0.1', '192.168.0.2'] });
  expect(longest(desired, 'routes', '10.0.0.1')?.kind).toBe(RouteKind.Local);
  expect(entries(desired, 'config')[0]![1].node4).toBe('192.168.0.2');
});
