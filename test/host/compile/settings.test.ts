// A node's settings and how it tracks connections: which flag each sets, which lives each profile
// has. Sources of the lives: Linux net/netfilter/nf_conntrack_proto_*.c and kube-proxy's defaults;
// cilium pkg/option/config.go; calico felix/bpf/conntrack/timeouts.

import { describe, expect, test } from 'vitest';
import { ConfigFlag, Timeout, type Structs } from '../../../host/abi/abi.gen.ts';
import { arrayKey, isEqualBytes } from '../../../host/compile/entries.ts';
import type { NodeConfig } from '../../../host/compile/desired.ts';
import { addressPrefix } from '../../../host/compile/prefix-key.ts';
import { clusterOf, nodeOf, podOf } from './cluster-state.ts';
import { compile, entries } from './compiled-maps.ts';

const nodes = [nodeOf('node-a', '192.168.0.2')];
const pods = [podOf({ name: 'web', ip: '10.244.0.10' })];

function configOf(config: Partial<NodeConfig>, parts: object = {}): Structs['Config'] {
  const { desired } = compile(clusterOf({ nodes, pods, ...parts }), config);
  return entries(desired, 'config')[0]![1];
}

const F = ConfigFlag;
const usual = F.DetectLocal4 | F.LoosePickup;
const ofIptables = F.DropInvalid | F.HairpinAnyEndpoint | F.GuardLoopback;
const ofIpvs = F.NoShortCircuit | F.MasqueradeClusterIpSource | F.CountConnections;

test.each<[Partial<NodeConfig>, number]>([
  [{}, usual],
  [{ masqueradeAll: true }, usual | F.MasqueradeAll],
  [{ detectLocal: { mode: 'None' } }, F.LoosePickup],
  [{ detectLocal: { mode: 'Interface' } }, usual | F.DetectLocal6],
  [{ detectLocal: { mode: 'ClusterCIDR', cidrs: ['fd00::/8'] } }, F.LoosePickup | F.DetectLocal6],
  [{ mode: 'iptables' }, usual | ofIptables],
  [{ mode: 'ipvs' }, usual | ofIpvs],
  [{ mode: 'ipvs', scheduler: 'nq' }, usual | ofIpvs | F.ExactCounts],
  [{ policy: { liveConnections: 'revalidate' } }, usual | F.RevalidatePolicy],
  [{ policy: { selfThroughService: 'judge' } }, usual | F.JudgeSelfThroughService],
  [{ policy: { toOwnNode: 'allow' } }, usual | F.AllowToOwnNode],
  [{ policy: { fromOwnNode: 'after-admin' } }, usual | F.OwnNodeAfterAdmin],
  [{ policy: { icmp: 'essential' } }, usual | F.EssentialIcmp],
  [{ policy: { masqueradedSource: 'node' } }, usual | F.JudgeMasqueraded],
  [{ masqueradePorts: 'keep-if-free' }, usual | F.KeepSourcePort],
  [{ masqueradePorts: 'random' }, usual],
  [{ loose: false }, F.DetectLocal4],
  [{ loose: true }, usual],
  [{ beLiberal: true }, usual | F.BeLiberal],
  [{ beLiberal: false }, usual],
  [{ profile: 'kube-proxy' }, usual],
  [{ profile: 'cilium' }, usual | F.BeLiberal | F.ExpireBySweep],
  [{ profile: 'calico', beLiberal: false }, usual | F.ExpireBySweep],
])('%j', (config, flags) => {
  expect(configOf(config).flags).toBe(flags);
});

test('ICMP errors are as many as asked for, and any number unless asked', () => {
  const { errorsPerSecond, errorsAtOnce } = configOf({});
  expect([errorsPerSecond, errorsAtOnce]).toEqual([0, 0]);
  const limited = configOf({ icmpErrors: { perSecond: 10, atOnce: 50 } });
  expect([limited.errorsPerSecond, limited.errorsAtOnce]).toEqual([10, 50]);
});

test('a node without an address of a family has none', () => {
  expect(configOf({})).toMatchObject({ node4: '192.168.0.2', node6: '::' });
  const dual = { nodes: [nodeOf('node-a', 'fd00::2', '192.168.0.2', '192.168.0.9')] };
  expect(configOf({}, dual)).toMatchObject({ node4: '192.168.0.2', node6: 'fd00::2' });
});

test('the largest MTU is the uplink’s or a pod’s, whichever is larger', () => {
  const largest = (mtu: NodeConfig['mtu']) =>
    configOf(mtu === undefined ? {} : { mtu }).largestMtuBytes;
  expect([largest({}), largest({ uplink: 9000 }), largest({ pods: 9000 })]).toEqual([
    1500, 9000, 9000,
  ]);
});

describe('lives', () => {
  type Row = [name: keyof typeof Timeout, linux: number, cilium: number, calico: number];

  test.each<Row>([
    ['TcpNone', 300, 300, 300],
    ['TcpSynSent', 120, 60, 20],
    ['TcpSynReceived', 60, 60, 20],
    ['TcpSynSent2', 120, 60, 20],
    ['TcpEstablished', 86_400, 8000, 3600],
    ['TcpFinWait', 120, 8000, 3600],
    ['TcpCloseWait', 3600, 8000, 3600],
    ['TcpLastAck', 30, 10, 30],
    ['TcpTimeWait', 120, 10, 30],
    ['TcpClose', 10, 10, 40],
    ['Udp', 30, 60, 60],
    ['UdpStream', 120, 60, 60],
    ['Icmp', 30, 60, 5],
    ['SctpCookieWait', 3, 60, 600],
    ['SctpEstablished', 210, 60, 600],
    ['Other', 600, 60, 600],
    ['Fragment', 30, 30, 30],
  ])('%s', (name, ...expected) => {
    const found = (['kube-proxy', 'cilium', 'calico'] as const).map((profile) => {
      const timeouts = new Map(entries(compile(clusterOf({}), { profile }).desired, 'timeouts'));
      expect(timeouts.size).toBe(Object.keys(Timeout).length);
      return timeouts.get(Timeout[name])?.seconds;
    });
    expect(found).toEqual(expected);
  });
});

describe('entries', () => {
  test.each([
    [0, [0, 0, 0, 0]],
    [1, [1, 0, 0, 0]],
    [0x0102_0304, [4, 3, 2, 1]],
    [0xffff_ffff, [255, 255, 255, 255]],
    [0x8000_0100, [0, 1, 0, 128]],
  ])('the key of place %i of an array is little-endian', (key, bytes) => {
    expect([...arrayKey(key)].map((character) => character.charCodeAt(0))).toEqual(bytes);
  });

  test('bytes are equal by content and length', () => {
    const bytes = Uint8Array.of(1, 2);
    expect(isEqualBytes(bytes, bytes)).toBe(true);
    expect(isEqualBytes(bytes, Uint8Array.of(1, 2))).toBe(true);
    expect(isEqualBytes(bytes, Uint8Array.of(1, 3))).toBe(false);
    expect(isEqualBytes(bytes, Uint8Array.of(1, 2, 3))).toBe(false);
    expect(isEqualBytes(Uint8Array.of(1, 2, 3), bytes)).toBe(false);
  });
});

test('the prefix of an address is that address alone; what is none is refused', () => {
  expect(addressPrefix('10.0.0.1')).toMatchObject({ lengthBits: 128, family: 4 });
  expect(addressPrefix('fd00::1')).toMatchObject({ lengthBits: 128, family: 6 });
  expect(() => addressPrefix('10.0.0')).toThrow('10.0.0 is not an address');
});
