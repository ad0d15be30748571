// What an update of a node costs: parts that a change does not speak of are the very same, and of
// those that it does only what it touches is made anew. That all is right is said elsewhere.

import { describe, expect, test } from 'vitest';
import {
  compileNode,
  defaultNodeConfig,
  type Compiled,
} from '../../../host/compile/compile-node.ts';
import type { NodeConfig } from '../../../host/compile/desired.ts';
import { isEqualBytes } from '../../../host/compile/entries.ts';
import type { Numbering } from '../../../host/compile/numbering.ts';
import { withApplied } from '../../../host/controllers/changes.ts';
import { completeWritten } from '../../../host/controllers/complete.ts';
import { defaultControllerOptions, type ClusterState } from '../../../host/controllers/state.ts';
import { compareObjects, groupObjects } from '../../../host/controllers/written.ts';
import type {
  EndpointSlice,
  KubernetesObject,
  Labels,
  NetworkPolicy,
  Service,
  TierPeer,
} from '../../../host/kubernetes/types.ts';
import { plan } from '../../../host/reconcile/plan.ts';
import {
  bareSlice,
  endpointAt,
  having,
  namespace,
  nodeIn,
  podAt,
  policy,
  sticky,
  tierPolicy,
  village,
} from '../cluster/village.ts';
import { slice } from '../controllers/objects.ts';

const grouped = (objects: readonly KubernetesObject[]) =>
  groupObjects(objects, { notes: [], problems: [] });

/** The village as controllers left it, from where on nothing is filled in. */
const settled = completeWritten(grouped(village), defaultControllerOptions, undefined);
const asWritten = { ...defaultControllerOptions, controllers: false };
const written = grouped([
  ...[...settled.nodes, ...settled.namespaces, ...settled.pods, ...settled.services],
  ...[...settled.slices, ...settled.policies, ...settled.tierPolicies],
]);
const state = completeWritten(written, asWritten, undefined);
const configOf = (mode: NodeConfig['mode']): NodeConfig => ({ ...defaultNodeConfig, mode });

/** What is made anew: the parts, the groups of Services by name, the rows by their policies. */
interface Anew {
  node: boolean;
  policy: boolean;
  groups: readonly string[];
  rows: readonly string[];
}

function anew(before: Compiled, after: Compiled): Anew {
  const [old, now] = [before.parts, after.parts];
  const groups = [...now.services.groups]
    .filter(([owner, group]) => old.services.groups.get(owner) !== group)
    .map(([owner]) => owner.replace('\0', '/'));
  const rows = [...now.policy.rows]
    .filter(([text, row]) => old.policy.rows.get(text) !== row)
    .map(([text]) => text);
  return {
    node: old.node !== now.node,
    policy: old.policy !== now.policy,
    groups: groups.toSorted(),
    rows: rows.toSorted(),
  };
}

function update(mode: NodeConfig['mode'], ...apply: readonly KubernetesObject[]): Anew {
  const config = configOf(mode);
  const before = compileNode(state, 'node-a', config);
  const next = completeWritten(withApplied(written, apply), asWritten, state);
  return anew(before, compileNode(next, 'node-a', config, before));
}

const labels = { app: 'web', tier: 'front' };
const unready = { conditions: [{ type: 'Ready', status: 'False' }] };
const nothing: Anew = { node: false, policy: false, groups: [], rows: [] };
const clients = 'ingress NetworkPolicy/default/clients';
const guarded =
  'egress ClusterNetworkPolicy/guard ClusterNetworkPolicy/rest ClusterNetworkPolicy/shop';
const out = `${guarded} NetworkPolicy/default/out`;
const near = state.services.find(({ metadata }) => metadata.name === 'near')!;
const bareSliceWith = (given: Labels): EndpointSlice => {
  const made = bareSlice('bare-9', endpointAt('10.1.1.1'));
  return { ...made, metadata: { ...made.metadata, labels: given } };
};
const rival = state.services.find(({ metadata }) => metadata.name === 'rival')!;

describe('in nftables mode', () => {
  type Case = [string, readonly KubernetesObject[], Partial<Anew>];

  test.each<Case>([
    ['nothing', [], {}],
    [
      'a pod that turns unready',
      [podAt('default/web-1', '10.244.2.11', { labels, status: unready })],
      {},
    ],
    ['a slice', [bareSlice('bare-1', endpointAt('10.244.2.11'))], { groups: ['default/bare'] }],
    ['a slice of no Service', [slice('bare-9', '', { endpoints: [endpointAt('10.1.1.1')] })], {}],
    ['a slice without a label', [bareSliceWith({})], {}],
    [
      'a Service that turns sticky',
      [{ ...near, spec: { ...near.spec, ...sticky } }],
      { groups: ['shop/near'] },
    ],
    [
      'a policy for pods of another node',
      [policy('shop/new', having('none'), { ingress: [] })],
      { policy: true },
    ],
    [
      'a policy with another peer',
      [policy('default/clients', having('web'), { ingress: [] })],
      { policy: true, rows: [clients] },
    ],
    [
      'a tier’s policy with another rank, and all that it goes with',
      [tierPolicy('rest', ['Baseline', 3], [{ peers: [{ networks: ['0.0.0.0/0'] }] }])],
      { policy: true, rows: [guarded, out] },
    ],
    [
      'labels of a Namespace that selectors do not speak of',
      [namespace('default', 'yellow')],
      { policy: true },
    ],
  ])('%s', (_, apply, expected) => {
    expect(update('nftables', ...apply)).toEqual({ ...nothing, ...expected });
  });

  test('a pod of a new kind here: the node, its policies, and no row that does not know it', () => {
    const found = update('nftables', podAt('shop/new', '10.244.2.77', { labels: { app: 'x' } }));
    expect([found.node, found.policy, found.groups, found.rows]).toEqual([true, true, [], []]);
  });

  test('a pod of a known kind elsewhere: no row at all', () => {
    const spec = { nodeName: 'node-b' };
    const found = update('nftables', podAt('default/web-9', '10.244.3.77', { spec }));
    expect([found.node, found.policy, found.rows]).toEqual([false, true, []]);
    expect(found.groups).toEqual([]);
  });
});

describe('in ipvs mode, where the node has the addresses of Services', () => {
  const web = (fields: object) => ({ ...rival, spec: { ...rival.spec, ...fields } });
  const kept = (found: Anew) => !found.node;

  test('it is kept by a change that moves none of them', () => {
    const ports = [{ name: 'web', protocol: 'TCP' as const, port: 81, targetPort: 81 }];
    expect(kept(update('ipvs', web({ ports })))).toBe(true);
    expect(kept(update('ipvs', bareSlice('bare-1', endpointAt('10.244.2.11'))))).toBe(true);
  });

  test('and made anew by one that does, or where the first is sticky', () => {
    expect(kept(update('ipvs', web({ externalIPs: ['203.0.113.101'] })))).toBe(false);
    expect(kept(update('nftables', web({ externalIPs: ['203.0.113.101'] })))).toBe(true);
    const isPlain = ({ spec }: Service) => spec.sessionAffinity === 'None';
    const plain = { ...state, services: state.services.filter(isPlain) };
    const services = plain.services.map((one) =>
      one === near ? { ...one, spec: { ...one.spec, ...sticky } } : one,
    );
    const isKeptIn = (mode: NodeConfig['mode']) => {
      const config = configOf(mode);
      const before = compileNode(plain, 'node-a', config);
      const after = compileNode({ ...plain, services }, 'node-a', config, before);
      return after.parts.node === before.parts.node;
    };
    expect([isKeptIn('ipvs'), isKeptIn('nftables'), isKeptIn('iptables')]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

function sizesOf(numbering: Numbering): [string, number][] {
  return Object.entries(numbering).map(([space, { numbers }]) => [space, numbers.size]);
}

/** Who claims what. */
const claimsOf = ({ parts }: Compiled) =>
  Object.values(parts.services.claims).map((map) => [...map.keys()].toSorted());

/**
 * What follows on `before` for a cluster: it comes out as without that, with nothing left of what
 * is no more.
 */
function follow(
  before: Compiled,
  next: ClusterState,
  config = before.parts.inputs.config,
): Compiled {
  const after = compileNode(next, 'node-a', config, before);
  const { numbering } = after;
  const fresh = compileNode(next, 'node-a', config, { numbering });
  expect(plan(fresh.desired, after.desired)).toEqual([]);
  expect(sizesOf(numbering)).toEqual(sizesOf(compileNode(next, 'node-a', config).numbering));
  expect(claimsOf(after)).toEqual(claimsOf(fresh));
  return after;
}

describe('nothing is left of a Service that is gone', () => {
  const before = compileNode(state, 'node-a', configOf('nftables'));
  const isKept = ({ metadata }: KubernetesObject) => !/^(bare|rival)/.test(metadata.name);
  const services = state.services.filter(isKept);
  const next = { ...state, services, slices: state.slices.filter(isKept) };

  test('nor where the settings change with it, or only the numbers are known', () => {
    follow(before, next);
    follow(before, next, configOf('ipvs'));
    const { numbering } = before;
    const config = configOf('nftables');
    const after = compileNode(next, 'node-a', config, { numbering });
    const namesIn = (one: Compiled) => [...one.names.serviceKeys].map(([name]) => name).toSorted();
    expect(namesIn(after)).toEqual(namesIn(compileNode(next, 'node-a', config)));
  });
});

test('slices are taken by their names, whichever came first', () => {
  const config = configOf('nftables');
  const at = (nodeName: string) => [endpointAt('198.51.100.9', { nodeName })];
  const [here, there] = [
    bareSlice('bare-1', ...at('node-a')),
    bareSlice('bare-0', ...at('node-b')),
  ];
  const others = state.slices.filter(({ metadata }) => !metadata.name.startsWith('bare'));
  const withSlices = (...more: readonly EndpointSlice[]) => {
    return { ...state, slices: [...others, ...more].sort(compareObjects) };
  };
  const before = compileNode(withSlices(here), 'node-a', config);
  const both = follow(before, withSlices(here, there));
  follow(both, withSlices(there));
});

describe('policies that change together or turn to other pods', () => {
  const before = compileNode(state, 'node-a', configOf('nftables'));
  const withPolicies = (...made: readonly NetworkPolicy[]) => {
    const names = made.map(({ metadata }) => metadata.name);
    const kept = state.policies.filter(({ metadata }) => !names.includes(metadata.name));
    return { ...state, policies: [...kept, ...made].sort(compareObjects) };
  };
  const closed = (path: string, app: string) => policy(path, having(app), { ingress: [] });

  test.each<[string, NetworkPolicy[]]>([
    ['one for other pods', [closed('default/clients', 'client')]],
    ['one for pods that are not here', [closed('default/clients', 'none')]],
    ['two for different pods', [closed('default/more', 'web'), closed('default/other', 'client')]],
    ['two, of which one is for nobody', [closed('default/more', 'web'), closed('shop/x', 'none')]],
  ])('%s', (_, made) => {
    const after = follow(before, withPolicies(...made));
    expect(plan(before.desired, after.desired)).not.toEqual([]);
    follow(after, state);
  });
});

test('another node, or other settings, are begun anew', () => {
  const before = compileNode(state, 'node-a', configOf('nftables'));
  const all = [...before.parts.services.groups.keys()].length;
  const isAnew = (name: string, config: NodeConfig, of: ClusterState = state) => {
    const after = compileNode(of, name, config, before);
    const fresh = compileNode(of, name, config, { numbering: after.numbering });
    expect(plan(fresh.desired, after.desired)).toEqual([]);
    expect(sizesOf(after.numbering)).toEqual(sizesOf(compileNode(of, name, config).numbering));
    const { node, policy: policies, groups } = anew(before, after);
    return [node, policies, groups.length];
  };
  expect(isAnew('node-a', before.parts.inputs.config)).toEqual([false, false, 0]);
  expect(isAnew('node-b', before.parts.inputs.config)).toEqual([true, true, all]);
  expect(isAnew('node-a', configOf('nftables'))).toEqual([true, true, all]);
  const nodes = [...state.nodes];
  expect(isAnew('node-a', before.parts.inputs.config, { ...state, nodes })[2]).toBe(all);
  const elsewhere = state.nodes.map((node) => {
    return node.metadata.name === 'node-b' ? nodeIn('west', 'node-b', 9) : node;
  });
  expect(isAnew('node-a', before.parts.inputs.config, { ...state, nodes: elsewhere })[1]).toBe(
    true,
  );
  const [first, ...rest] = state.pods;
  const relabelled = { ...first!, metadata: { ...first!.metadata, labels: { app: 'web' } } };
  const changed = { ...state, pods: [relabelled, ...rest] };
  expect(isAnew('node-a', before.parts.inputs.config, changed)[1]).toBe(true);
  const ranges = { ...state, serviceCIDRs: ['10.97.0.0/16'] };
  expect(isAnew('node-a', before.parts.inputs.config, ranges)).toEqual([true, false, all]);
  const pods = { ...state, podCIDRs: ['10.200.0.0/16'] };
  expect(isAnew('node-a', before.parts.inputs.config, pods)).toEqual([true, false, 0]);
});

test('a Namespace that changes what policies select', () => {
  const made = tierPolicy('blue', ['Admin', 7], [{ peers: [{ nodes: {} }] }]);
  const subject = { namespaceSelector: { matchLabels: { team: 'blue' } } };
  const blue = { ...made, spec: { ...made.spec, subject } };
  const base = { ...state, tierPolicies: [...state.tierPolicies, blue].sort(compareObjects) };
  const before = compileNode(base, 'node-a', configOf('nftables'));
  const { config } = before.parts.inputs;
  const next = { ...base, namespaces: [namespace('default', 'blue'), namespace('shop', 'red')] };
  const after = compileNode(next, 'node-a', config, before);
  const fresh = compileNode(next, 'node-a', config, { numbering: after.numbering });
  expect(plan(before.desired, after.desired)).not.toEqual([]);
  expect(plan(fresh.desired, after.desired)).toEqual([]);
});

describe('where Nodes change, rulesets are made anew if they speak of Nodes', () => {
  const ofNodes = { nodes: {} };
  const ofNetworks = { networks: ['10.0.0.0/8'] };
  const config = configOf('nftables');
  const nodes = state.nodes.map((node) => {
    return node.metadata.name === 'node-b' ? nodeIn('west', 'node-b', 9) : node;
  });

  test.each<[string, readonly (readonly TierPeer[])[], boolean]>([
    ['in its one peer', [[ofNodes]], true],
    ['in one of two peers', [[ofNetworks, ofNodes]], true],
    ['in one of two rules', [[ofNetworks], [ofNodes]], true],
    ['in none', [[ofNetworks], [ofNetworks]], false],
  ])('%s', (_, peersOfRules, isAnew) => {
    const rules = peersOfRules.map((peers) => ({ peers }));
    const made = tierPolicy('guard', ['Admin', 5], rules);
    const subject = { namespaceSelector: {}, podSelector: having('client') };
    const base = { ...state, tierPolicies: [{ ...made, spec: { ...made.spec, subject } }] };
    const before = compileNode(base, 'node-a', config);
    const after = compileNode({ ...base, nodes }, 'node-a', config, before);
    const { numbering } = after;
    const fresh = compileNode({ ...base, nodes }, 'node-a', config, { numbering });
    expect(plan(fresh.desired, after.desired)).toEqual([]);
    const guards = [...after.parts.policy.rows.keys()].filter((text) => text.includes('guard'));
    expect(anew(before, after).rows).toEqual(isAnew ? guards.toSorted() : []);
    expect(guards.length).toBeGreaterThan(0);
  });
});

test('what has neither a Service nor slices any more is forgotten', () => {
  const before = compileNode(state, 'node-a', configOf('nftables'));
  const isBare = ({ metadata }: KubernetesObject) => metadata.name.startsWith('bare');
  const services = state.services.filter((one) => !isBare(one));
  const slices = state.slices.filter((one) => !isBare(one));
  const { config } = before.parts.inputs;
  const after = compileNode({ ...state, services, slices }, 'node-a', config, before);
  const owners = (one: Compiled) => [...one.parts.services.groups.keys()].toSorted();
  expect(owners(before).filter((owner) => !owners(after).includes(owner))).toEqual([
    'default\0bare',
  ]);
});

const sharedMaps = ['identities', 'port-names', 'port-rulings'] as const;
const none = new Uint8Array();

test('a node shares with its sibling what is the same on both', () => {
  const config = configOf('nftables');
  const first = compileNode(state, 'node-a', config);
  const { numbering, parts } = first;
  const second = compileNode(state, 'node-b', config, { numbering, sibling: parts });
  const { groups } = anew(first, second);
  const isLocal = (name: string) => name.startsWith('default/') || name === 'shop/near';
  expect(groups.filter((name) => !isLocal(name))).toEqual([]);
  expect(groups).toContain('default/door');
  expect(groups).not.toContain('default/alias');
  const equal = sharedMaps.flatMap((name) => {
    const [own, known] = [second.desired[name]!, first.desired[name]!];
    return [...own].filter(([key, value]) => isEqualBytes(known.get(key) ?? none, value));
  });
  expect(equal.length).toBeGreaterThan(0);
  const earlier = new Set(sharedMaps.flatMap((name) => [...first.desired[name]!.values()]));
  expect(equal.filter(([, value]) => !earlier.has(value))).toEqual([]);
  const other = compileNode(state, 'node-b', { ...config }, { numbering, sibling: parts });
  expect(anew(first, other).groups.length).toBe([...parts.services.groups.keys()].length);
});
