// What an update costs: where a change leaves everything that was assigned as it is, the lists that
// it does not speak of are the very same; where it may not, the cluster is completed anew.

import { describe, expect, test } from 'vitest';
import { withApplied, withDeleted } from '../../../host/controllers/changes.ts';
import { completeCluster, completeWritten } from '../../../host/controllers/complete.ts';
import { followState } from '../../../host/controllers/follow.ts';
import { defaultControllerOptions as options } from '../../../host/controllers/state.ts';
import { groupObjects } from '../../../host/controllers/written.ts';
import type {
  KubernetesObject,
  NetworkPolicy,
  Pod,
  Service,
} from '../../../host/kubernetes/types.ts';
import { meta, node, pod, service, slice, workload } from './objects.ts';

const hints = { forZones: [], forNodes: [] };
const ready = { addresses: ['10.244.1.9'], conditions: {}, hints };
const web = service('web', { selector: { app: 'web' } });
const bare = service('bare');
const alias = service('alias', { type: 'ExternalName', externalName: 'a.example' });
const running = pod('web-1', { labels: { app: 'web' }, spec: { nodeName: 'n' } });
const placed = pod('placed', { labels: { app: 'db' } });
const written = slice('bare-1', 'bare', { endpoints: [ready] });

function policy(path: string): NetworkPolicy {
  return {
    kind: 'NetworkPolicy',
    metadata: meta(path),
    spec: { policyTypes: ['Ingress'], ingress: [], egress: [] },
  };
}

const second = slice('bare-0', 'bare', { endpoints: [ready] });
const services = [web, bare, alias];
const withNodes = [node('n'), ...services, running, placed, written, second, policy('deny')];
const read = (objects: readonly KubernetesObject[]) =>
  groupObjects(objects, { notes: [], problems: [] });

/** Whether the update goes on from the state before. */
function isFollowed(
  base: readonly KubernetesObject[],
  apply: readonly KubernetesObject[],
  remove: readonly KubernetesObject[] = [],
): boolean {
  const groups = read(base);
  const before = completeWritten(groups, options, undefined);
  return followState(withApplied(withDeleted(groups, remove), apply), options, before) !== null;
}

const changed = <T extends Service | Pod>(object: T, spec: object): T => ({
  ...object,
  spec: { ...object.spec, ...spec },
});
const judged = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };
const at = <T extends KubernetesObject>(object: T, line: number) => ({
  ...object,
  source: { file: 'a.yaml', line },
});

type Case = [string, readonly KubernetesObject[], (readonly KubernetesObject[])?];

const followed: readonly Case[] = [
  ['nothing', []],
  ['other conditions of a pod', [{ ...running, status: { ...running.status, ...judged.status } }]],
  ['other ports of a pod', [changed(running, { containers: [{ name: 'c', ports: [] }] })]],
  ['another affinity', [changed(web, { sessionAffinity: 'ClientIP' })]],
  ['another affinity where there is a note', [changed(alias, { sessionAffinity: 'ClientIP' })]],
  ['another target port', [changed(web, { ports: [{ ...web.spec.ports[0]!, targetPort: 1 }] })]],
  ['a pod that is written elsewhere', [at(running, 7)]],
  ['a slice that comes', [slice('bare-2', 'bare', { endpoints: [ready] })]],
  ['a slice of names', [slice('bare-3', 'bare', { addressType: 'FQDN' })]],
  [
    'a slice of another Node',
    [slice('bare-1', 'bare', { endpoints: [{ ...ready, nodeName: 'z' }] })],
  ],
  ['a slice that goes', [], [written]],
  ['a policy that comes', [policy('allow')]],
  ['a policy that goes', [], [withNodes.at(-1)!]],
];

const completed: readonly Case[] = [
  ['a Node that comes', [node('m')]],
  ['a Node that changes', [node('n', { labels: { a: 'b' } })]],
  ['a workload', [workload('Deployment', 'd', { replicas: 0 })]],
  ['a pod that comes', [pod('more')]],
  ['a pod that goes', [], [placed]],
  ['a pod with other labels', [pod('placed', { labels: { app: 'web' } })]],
  ['a pod on another Node', [changed(placed, { nodeName: 'n' })]],
  ['a pod on the host’s network', [changed(placed, { hostNetwork: true })]],
  ['a pod that has finished', [{ ...placed, status: { ...placed.status, phase: 'Failed' } }]],
  ['a pod with an address', [{ ...placed, status: { ...placed.status, podIPs: ['10.1.1.1'] } }]],
  ['a Service that comes', [service('more')]],
  ['a Service that goes', [], [web]],
  ['another selector', [changed(web, { selector: { app: 'db' } })]],
  ['another port', [changed(web, { ports: [{ ...web.spec.ports[0]!, port: 81 }] })]],
  ['another type', [changed(web, { type: 'NodePort' })]],
  ['an external address', [changed(web, { externalIPs: ['203.0.113.1'] })]],
  ['another name of an alias', [changed(alias, { externalName: 'b.example' })]],
  ['a Service with a note that is written elsewhere', [at(alias, 7)]],
  ['a slice of the first of a family', [slice('bare-6', 'bare', { addressType: 'IPv6' })]],
  ['the last slice of a family', [], [written, second]],
  [
    'a slice of the first of a family, beside another',
    [
      slice('bare-1', 'bare', { endpoints: [ready, ready] }),
      slice('bare-6', 'bare', { addressType: 'IPv6' }),
    ],
  ],
  ['a slice in a new namespace', [slice('new/s', 's')]],
  ['a policy in a new namespace', [policy('new/deny')]],
];

describe('an update goes on from the state before for', () => {
  test.each(followed)('%s', (_, apply, remove) => {
    expect(isFollowed(withNodes, apply, remove)).toBe(true);
  });
});

describe('an update completes the cluster anew for', () => {
  test.each(completed)('%s', (_, apply, remove) => {
    expect(isFollowed(withNodes, apply, remove)).toBe(false);
  });
});

describe('where no Node is written, those that slices name are there', () => {
  const nodeless = withNodes.slice(1);
  const on = (...names: readonly (string | undefined)[]) => {
    const endpoints = names.map((nodeName) => (nodeName ? { ...ready, nodeName } : ready));
    return slice('bare-1', 'bare', { endpoints });
  };

  test.each([
    ['a slice without Nodes', on(undefined, undefined), true],
    ['a slice that names one', on('z'), false],
  ])('%s: %s', (_, one, expected) => {
    expect(isFollowed(nodeless, [one])).toBe(expected);
  });

  test('nothing is followed, and of two slices each counts', () => {
    expect(isFollowed(nodeless, [])).toBe(true);
    const other = slice('bare-0', 'bare', { endpoints: [ready, ready] });
    expect(isFollowed(nodeless, [other, on(undefined)])).toBe(true);
    expect(isFollowed(nodeless, [other, on('z')])).toBe(false);
  });

  test('a slice that still names the same is followed', () => {
    const base = nodeless.map((object) => (object === written ? on('z', undefined) : object));
    expect(isFollowed(base, [on(undefined, 'z')])).toBe(true);
  });
});

test('a namespace that is left by its last object, or is still lived in', () => {
  const alone = policy('new/deny');
  expect(isFollowed([...withNodes, alone], [], [alone])).toBe(false);
  expect(isFollowed([...withNodes, alone, policy('new/a')], [], [alone])).toBe(true);
  expect(isFollowed([...withNodes, alone, service('new/s')], [], [alone])).toBe(true);
});

describe('what is followed comes out as it does where all is completed', () => {
  const waiting = pod('waiting', { spec: { nodeSelector: { disk: 'ssd' } } });
  const asked = { ...waiting, status: { ...waiting.status, ...judged.status } };
  // Of two families, so that they have two slices each, whose names are hashes.
  const twofold = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
    service(name, { selector: { app: 'web' }, ipFamilyPolicy: 'PreferDualStack' }),
  );
  const silent = [service('silent'), slice('kept', 'kept', { endpoints: [ready] })];
  const base = [...withNodes.slice(0, -1), waiting, ...twofold, ...silent, withNodes.at(-1)!];
  const sticky = (one: Service) => changed(one, { sessionAffinity: 'ClientIP' });

  /** Updates one after the other, each from where the last one led. */
  function compare(...updates: readonly (readonly [Case[1], Case[2]?])[]): void {
    let groups = read(base);
    let state = completeWritten(groups, options, undefined);
    for (const [apply, remove = []] of updates) {
      groups = withApplied(withDeleted(groups, remove), apply);
      const after = followState(groups, options, state);
      // With options that are others nothing is followed.
      expect(after).toStrictEqual(completeWritten(groups, { ...options }, state));
      state = after!;
    }
  }

  test.each(followed)('%s', (_, apply, remove) => {
    compare([apply, remove]);
  });

  test('a pod that waits for a Node', () => {
    compare([[asked]]);
  });

  test.each(twofold)('$metadata.name, of several slices', (one) => {
    compare([[sticky(one)]]);
  });

  test('notes about slices that go and come, beside those that stay', () => {
    compare([[], [written, second]], [[written]], [[sticky(bare)]], [[], [written]]);
  });

  test('one thing after the other', () => {
    compare(...followed.slice(0, -1).map(([, apply, remove]) => [apply, remove] as const));
  });
});

test('an object that is written twice is noted in an update, too', () => {
  const before = completeCluster(withNodes, options);
  const { notes } = completeCluster([...withNodes, web], options, before);
  expect(notes[0]).toMatchObject({ message: 'is written again: the last one counts' });
});

test('other options are another cluster', () => {
  const groups = read(withNodes);
  const before = completeWritten(groups, options, undefined);
  expect(followState(groups, { ...options }, before)).toBeNull();
});

describe('what is kept', () => {
  const groups = read(withNodes);
  const before = completeWritten(groups, options, undefined);
  const after = (object: KubernetesObject) =>
    completeWritten(withApplied(groups, [object]), options, before);

  test('a policy changes the list of policies alone', () => {
    const { policies, ...rest } = after(policy('allow'));
    expect(policies).toHaveLength(2);
    for (const [name, list] of Object.entries(rest)) {
      if (name !== 'tierPolicies') expect(list).toBe(before[name as keyof typeof before]);
    }
  });

  test('objects that are read again leave the lists as they are', () => {
    const {
      policies,
      pods,
      services: kept,
      slices,
      notes,
    } = completeCluster(withNodes, options, before);
    expect(policies).toBe(before.policies);
    expect(pods).toBe(before.pods);
    expect(kept).toBe(before.services);
    expect(slices).toBe(before.slices);
    expect(notes).toBe(before.notes);
  });

  test('a pod that turns unready keeps its place and its address, and its notes', () => {
    const { pods, slices, notes } = after(changed({ ...placed, ...judged.status }, {}));
    expect(pods.map(({ spec }) => spec.nodeName)).toEqual(['n', 'n']);
    expect(pods.map(({ status }) => status.podIPs)).toEqual(
      before.pods.map(({ status }) => status.podIPs),
    );
    expect(slices).toBe(before.slices);
    expect(notes).toBe(before.notes);
  });

  test('a Service keeps its notes in the order of the Services', () => {
    const { notes } = after(changed(bare, { sessionAffinity: 'ClientIP' }));
    expect(notes).toBe(before.notes);
    const named = after(at(web, 3));
    expect(named.notes).toEqual(before.notes);
  });
});

describe('slices that share a name with one that is made are left to a whole completion', () => {
  const base = [node('n'), web, running, written];
  const made = completeWritten(read(base), options, undefined).slices.find(({ metadata }) => {
    return metadata.madeFrom !== undefined;
  })!;
  const rival = slice(made.metadata.name, 'other', { endpoints: [ready] });

  test('that come', () => {
    expect(isFollowed(base, [rival])).toBe(false);
    expect(isFollowed(base, [slice('rival', 'other', { endpoints: [ready] })])).toBe(true);
  });

  test('that are there', () => {
    expect(isFollowed([...base, rival], [{ ...rival, endpoints: [] }])).toBe(false);
    expect(isFollowed([...base, rival], [{ ...written, endpoints: [] }])).toBe(true);
  });
});

test('a Service without addresses is given none, not even fields for them', () => {
  const groups = read(withNodes);
  const before = completeWritten(groups, options, undefined);
  const sticky = changed(alias, { sessionAffinity: 'ClientIP' });
  const { services: after } = completeWritten(withApplied(groups, [sticky]), options, before);
  expect(after.find(({ metadata }) => metadata.name === 'alias')).toStrictEqual(sticky);
});

test('slices that come out as they were are the same, and so is their list', () => {
  const groups = read(withNodes);
  const before = completeWritten(groups, options, undefined);
  const sticky = changed(web, { sessionAffinity: 'ClientIP' });
  expect(completeWritten(withApplied(groups, [sticky]), options, before).slices).toBe(
    before.slices,
  );
});
