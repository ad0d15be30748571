// Pods and policies that come and go, in small: an update leads where a fresh start leads, and
// nothing is kept of what is gone. test/host/cluster/steps.test.ts says so of whole clusters.

import { describe, expect, test } from 'vitest';
import {
  compileNode,
  defaultNodeConfig,
  type Compiled,
} from '../../../host/compile/compile-node.ts';
import { ownerOf } from '../../../host/compile/service-group.ts';
import type { ClusterState } from '../../../host/controllers/state.ts';
import type { Pod } from '../../../host/kubernetes/types.ts';
import { plan } from '../../../host/reconcile/plan.ts';
import { clusterOf, namespaceOf, podOf, policyOf, serviceOf, sliceOf } from './cluster-state.ts';
import type { ServiceInput } from './cluster-state.ts';
import { entries } from './compiled-maps.ts';

const http = { name: 'http', containerPort: 8080, protocol: 'TCP' as const };
const admin = { name: 'admin', containerPort: 9090, protocol: 'TCP' as const };
const webPod = { name: 'web', ip: '10.244.0.10', labels: { app: 'web' }, ports: [http, admin] };
const web = podOf(webPod);
const twin = podOf({ ...webPod, name: 'twin', ip: '10.244.1.10', node: 'node-b' });
const client = podOf({ name: 'client', ip: '10.244.0.11', labels: { app: 'client' } });
const blue = podOf({ name: 'blue', namespace: 'shop', ip: '10.244.1.12', ports: [admin] });
/** In the order of namespaces and names, as a cluster has them. */
const pods = [client, twin, web, blue];

function leaving(pod: Pod): Pod {
  return { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
}

const forWeb = { podSelector: { matchLabels: { app: 'web' } } };
const team = { namespaceSelector: { matchLabels: { team: 'blue' } } };
const port = (of: number | string) => [{ protocol: 'TCP' as const, port: of }];
const isolated = policyOf({ name: 'isolated', ...forWeb });
const near = policyOf({
  name: 'near',
  ...forWeb,
  ingress: [{ peers: [{ podSelector: { matchLabels: { app: 'client' } } }], ports: port(80) }],
});
const wide = policyOf({
  name: 'wide',
  ...forWeb,
  ingress: [{ peers: [team], ports: port('http') }],
});
const out = policyOf({
  name: 'out',
  podSelector: { matchLabels: { app: 'client' } },
  types: ['Egress'],
  egress: [{ peers: [{ podSelector: {}, namespaceSelector: {} }], ports: port('admin') }],
});

const base = clusterOf({ namespaces: [namespaceOf('default'), namespaceOf('shop')] });
const namespaces = [namespaceOf('default'), namespaceOf('shop', { team: 'blue' })];

/** What a cluster may be like before and after. */
const states: Readonly<Record<string, ClusterState>> = {
  nobody: base,
  pods: { ...base, pods },
  isolated: { ...base, pods, policies: [isolated] },
  'a selector of pods': { ...base, pods, policies: [isolated, near] },
  'a selector of Namespaces': { ...base, pods, policies: [near, wide] },
  'other Namespaces': { ...base, pods, namespaces, policies: [near, wide] },
  'more names of ports': { ...base, pods, policies: [near, out, wide] },
  'names, and fewer pods': { ...base, pods: [client, web], policies: [near, out, wide] },
  'names, and nobody’s': { ...base, pods: [blue], policies: [near, out, wide] },
  'another policy': { ...base, pods, policies: [out] },
};

/** How much there is of everything. */
function sizesOf({ numbering, parts }: Compiled): Record<string, number> {
  const { pods: ofPods, classes, subjects, rows, maps } = parts.policy;
  const numbered = Object.entries(numbering).map(([space, { numbers }]) => [space, numbers.size]);
  return {
    ...Object.fromEntries(numbered),
    claims: ofPods.claims.size,
    kinds: ofPods.kinds.size,
    standings: classes.standings.size,
    classes: classes.classes.size,
    tables: classes.tables.size,
    subjects: subjects.size,
    rows: rows.size,
    sets: maps.sets.size,
  };
}

/** Whether the node, its policies and its one Service are the very same. */
function keptOf({ parts: old }: Compiled, { parts: now }: Compiled): boolean[] {
  const owner = ownerOf('default', 'web');
  const areServicesKept = old.services.groups.get(owner) === now.services.groups.get(owner);
  return [old.node === now.node, old.policy === now.policy, areServicesKept];
}

const config = { ...defaultNodeConfig };
const compiled = (state: ClusterState) => compileNode(state, 'node-a', config);

/** The update, once it has been found to be what a fresh start comes to. */
function update(before: Compiled, state: ClusterState): Compiled {
  const after = compileNode(state, 'node-a', config, before);
  const { numbering } = after;
  const fresh = compileNode(state, 'node-a', config, { numbering });
  expect(plan(fresh.desired, after.desired)).toEqual([]);
  expect(sizesOf(after)).toEqual(sizesOf(compiled(state)));
  return after;
}

const names = Object.keys(states);

describe.each(names)('from %s', (from) => {
  test.each(names)('to %s and back', (to) => {
    const there = update(compiled(states[from]!), states[to]!);
    update(there, states[from]!);
  });
});

describe('what is kept of the node, its policies and its Services', () => {
  const services = [serviceOf({})];
  const state = { ...states.isolated!, services, slices: [sliceOf([{ ip: '10.244.0.10' }])] };
  const other = podOf({ ...webPod, labels: { app: 'other' } });

  test.each<[string, Partial<ClusterState>, boolean[]]>([
    ['all, where nothing changes', {}, [true, true, true]],
    ['none, with other Nodes', { nodes: [...state.nodes] }, [false, false, false]],
    ['policies, with other Service CIDRs', { serviceCIDRs: [] }, [false, true, false]],
    ['all but the node, with other pod CIDRs', { podCIDRs: [] }, [false, true, true]],
    ['none of policies, with other Namespaces', { namespaces }, [true, false, true]],
    ['none of policies, with another one', { policies: [near] }, [true, false, true]],
    [
      'none of policies, with one of a tier',
      { tierPolicies: [...state.tierPolicies] },
      [true, false, true],
    ],
    ['Services, with fewer pods', { pods: [client] }, [false, false, true]],
    [
      'Services, with a pod of other labels',
      { pods: [client, twin, other, blue] },
      [false, false, true],
    ],
    [
      'all, with pods that are written anew',
      { pods: pods.map((pod) => ({ ...pod })) },
      [true, true, true],
    ],
  ])('%s', (_, change, expected) => {
    const before = compiled(state);
    expect(keptOf(before, compileNode({ ...state, ...change }, 'node-a', config, before))).toEqual(
      expected,
    );
  });

  test('none, for another node or with other settings', () => {
    const before = compiled(state);
    const nothing = [false, false, false];
    expect(keptOf(before, compileNode(state, 'node-b', config, before))).toEqual(nothing);
    expect(keptOf(before, compileNode(state, 'node-a', { ...config }, before))).toEqual(nothing);
  });
});

describe('the node itself is kept when Services change', () => {
  const web80 = { name: 'web', clusterIP: '10.96.0.10' };
  const clientIP = { sessionAffinity: 'ClientIP' as const };

  test.each<[string, ServiceInput, boolean]>([
    ['in a port', { ...web80, ports: [{ port: 81 }] }, true],
    ['in an address', { ...web80, externalIPs: ['203.0.113.9'] }, false],
    ['in affinity', { ...web80, ...clientIP }, false],
    ['in both', { ...web80, ...clientIP, externalIPs: ['203.0.113.9'] }, false],
  ])('%s: ipvs binds addresses, and counts for affinity', (_, changed, isKept) => {
    for (const mode of ['ipvs', 'nftables', 'iptables'] as const) {
      const inMode = { ...defaultNodeConfig, mode };
      const before = compileNode({ ...base, services: [serviceOf(web80)] }, 'node-a', inMode);
      const next = { ...base, services: [serviceOf(changed)] };
      const after = compileNode(next, 'node-a', inMode, before);
      const fresh = compileNode(next, 'node-a', inMode, { numbering: after.numbering });
      expect(plan(fresh.desired, after.desired)).toEqual([]);
      expect(keptOf(before, after)[0]).toBe(isKept || mode !== 'ipvs');
    }
  });
});

test('what begins anew gives back the numbers of what is gone', () => {
  const before = compiled(states['more names of ports']!);
  const state = states['names, and nobody’s']!;
  const after = compileNode(state, 'node-a', { ...config }, before);
  expect(sizesOf(after)).toEqual(sizesOf(compiled(state)));
});

describe('an address that two pods claim', () => {
  const old = podOf({ name: 'a', ip: '10.244.0.20', labels: { app: 'old' } });
  const heir = podOf({ name: 'b', ip: '10.244.0.20', labels: { app: 'new' } });
  const third = podOf({ name: 'c', ip: '10.244.0.20', labels: { app: 'third' } });
  const holdersOf = ({ parts }: Compiled) =>
    parts.policy.pods.claims.get('10.244.0.20')?.map(({ pod }) => pod);
  const withPods = (...listed: readonly Pod[]) => ({ ...base, pods: listed, policies: [near] });

  test.each<[string, readonly Pod[], readonly string[]]>([
    ['is the first’s by name', [old, heir], ['default/a', 'default/b']],
    ['is not the one’s that leaves', [leaving(old), heir], ['default/b', 'default/a']],
    ['of three', [leaving(old), leaving(heir), third], ['default/c', 'default/a', 'default/b']],
  ])('%s', (_, listed, expected) => {
    expect(holdersOf(compiled(withPods(...listed)))).toEqual(expected);
    const [first, ...others] = listed;
    expect(holdersOf(update(compiled(withPods(...others)), withPods(...listed)))).toEqual(expected);
    expect(holdersOf(update(compiled(withPods(first!)), withPods(...listed)))).toEqual(expected);
  });

  test('passes to the one that stays', () => {
    const both = compiled(withPods(old, heir));
    expect(holdersOf(update(both, withPods(heir)))).toEqual(['default/b']);
    expect(holdersOf(update(both, withPods(old)))).toEqual(['default/a']);
    expect(holdersOf(update(both, withPods()))).toBeUndefined();
  });
});

describe('pods are of one kind', () => {
  const kindsOf = (...listed: readonly Pod[]) =>
    compiled({ ...base, pods: listed }).parts.policy.pods.kinds.size;
  const at = (name: string, ip: string, rest: object) => podOf({ name, ip, ...rest });

  test.each<[string, object, object, number]>([
    [
      'whatever the order of labels',
      { labels: { a: '1', b: '2' } },
      { labels: { b: '2', a: '1' } },
      1,
    ],
    ['whatever the order of ports', { ports: [http, admin] }, { ports: [admin, http] }, 1],
    ['unless a label differs', { labels: { a: '1' } }, { labels: { a: '2' } }, 2],
    ['unless a port does', { ports: [http] }, { ports: [{ ...http, containerPort: 80 }] }, 2],
    [
      'not where a name ends like another begins',
      { namespace: 'ns', labels: { '1a': 'x' } },
      { namespace: 'ns1', labels: { a: 'x' } },
      2,
    ],
  ])('%s', (_, one, other, expected) => {
    expect(kindsOf(at('a', '10.244.0.1', one), at('b', '10.244.0.2', other))).toBe(expected);
  });
});

describe('a class', () => {
  const label = (name: string, value: string) => ({
    podSelector: { matchLabels: { [name]: value } },
    namespaceSelector: {},
  });
  const policy = policyOf({ ingress: [{ peers: [label('a', '1'), label('b', '2')] }] });
  const identitiesOf = (...labels: readonly Record<string, string>[]) => {
    const listed = labels.map((one, at) => {
      return podOf({ name: `p${at}`, ip: `10.244.0.${at + 1}`, labels: one });
    });
    const { desired } = compiled({ ...base, pods: listed, policies: [policy] });
    const found = entries(desired, 'identities').map(([, { identity }]) => identity);
    return new Set(found).size;
  };

  test('is all that no selector tells apart, in whatever order labels are written', () => {
    expect(identitiesOf({ a: '1', b: '2' }, { c: '3', b: '2', a: '1' })).toBe(1);
    expect(identitiesOf({ a: '1', b: '2' }, { a: '1', b: '3' })).toBe(2);
  });
});

test('a pod is local on its own node, and judged nowhere else', () => {
  const { desired } = compiled({ ...base, pods, policies: [isolated] });
  const found = new Map(entries(desired, 'identities').map(([key, value]) => [key.address, value]));
  const [own, other] = ['10.244.0.10', '10.244.1.10'].map((address) => found.get(address)!);
  expect([own!.local, other!.local]).toEqual([1, 0]);
  expect(own!.ingress).not.toBe(0);
  expect([other!.ingress, other!.egress]).toEqual([0, 0]);
  expect(other!.identity).toBe(own!.identity);
});

test('numbers of ports are given back', () => {
  const portsOf = ({ names: { ports } }: Compiled) =>
    [...ports].filter(([, name]) => name.startsWith('pod/')).map(([number]) => number);
  const [a, b, c] = ['a', 'b', 'c'].map((name, at) => podOf({ name, ip: `10.244.0.${at + 1}` }));
  const first = compiled({ ...base, pods: [a!] });
  const second = update(first, { ...base, pods: [b!] });
  const third = update(second, { ...base, pods: [b!, c!] });
  expect([first, second, third].map(portsOf)).toEqual([[3], [4], [4, 3]]);
});

describe('maps of which nothing changed are the very same', () => {
  const state = states['more names of ports']!;
  const ofRulesets = ['rulesets', 'policies', 'policy-blocks', 'port-rulings'] as const;

  test('rulesets, where another pod of a kind comes', () => {
    const before = compiled(state);
    const extra = podOf({ ...webPod, name: 'extra', ip: '10.244.0.30' });
    const after = update(before, {
      ...state,
      pods: [client, extra, twin, web, blue],
    });
    for (const name of [...ofRulesets, 'port-names'] as const) {
      expect(after.desired[name]).toBe(before.desired[name]);
    }
    expect(after.desired.identities!.size).toBe(before.desired.identities!.size + 1);
  });

  test('names of ports, where another kind has the same', () => {
    const labels = { app: 'other' };
    const before = compiled(state);
    const extra = podOf({ ...webPod, name: 'extra', ip: '10.244.0.30', labels });
    const after = update(before, {
      ...state,
      pods: [client, extra, twin, web, blue],
    });
    expect(after.desired['port-names']).toBe(before.desired['port-names']);
    const again = update(after, state);
    expect(again.desired['port-names']).toBe(before.desired['port-names']);
  });
});
