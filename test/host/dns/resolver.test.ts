// How clients ask: the resolv.conf of each DNS policy, the names tried, the answer taken.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import { defaultControllerOptions } from '../../../host/controllers/state.ts';
import { describeQuery, describeResolvConf } from '../../../host/dns/describe.ts';
import { assumedResolvConf, podResolvConf } from '../../../host/dns/resolv-conf.ts';
import { namesToTry, resolveName, type Lookup } from '../../../host/dns/resolver.ts';
import type { PodSpec } from '../../../host/kubernetes/types.ts';
import { cluster } from '../../../fuzz/arbitrary/cluster.ts';
import { pod } from '../controllers/objects.ts';
import { manifests, stateOf } from './cluster.ts';

const state = stateOf(manifests);
const confOf = (spec: Partial<PodSpec>) => podResolvConf(state, pod('shop/caller', { spec }));
const dnsConfig = (config: Partial<NonNullable<PodSpec['dnsConfig']>>) => ({
  dnsConfig: { nameservers: [], searches: [], options: [], ...config },
});
const inCluster = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'];
const servers = ['10.96.0.10', 'fd00:10:96::a'];

describe('resolv.conf', () => {
  test.each<[string, Partial<PodSpec>, object]>([
    ['ClusterFirst', {}, { nameservers: servers, search: inCluster, ndots: 5, asksCluster: true }],
    [
      'Default',
      { dnsPolicy: 'Default' },
      { nameservers: [], search: [], ndots: 1, asksCluster: false },
    ],
    ['ClusterFirst in the network of the node', { hostNetwork: true }, { asksCluster: false }],
    [
      'ClusterFirstWithHostNet',
      { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' },
      { search: inCluster, ndots: 5, asksCluster: true },
    ],
    [
      'None, a server outside',
      {
        dnsPolicy: 'None',
        ...dnsConfig({ nameservers: ['192.0.2.53'], searches: ['Corp.example.'] }),
      },
      { nameservers: ['192.0.2.53'], search: ['corp.example'], ndots: 1, asksCluster: false },
    ],
    [
      "None, the cluster's server",
      {
        dnsPolicy: 'None',
        ...dnsConfig({ nameservers: ['10.96.0.10'], options: [{ name: 'ndots', value: '2' }] }),
      },
      { nameservers: ['10.96.0.10'], search: [], ndots: 2, asksCluster: true },
    ],
    [
      'added to ClusterFirst',
      dnsConfig({
        nameservers: ['192.0.2.53', '10.96.0.10'],
        searches: ['corp.example', 'cluster.local'],
        options: [{ name: 'edns0' }, { name: 'ndots', value: '1' }],
      }),
      {
        nameservers: [...servers, '192.0.2.53'],
        search: [...inCluster, 'corp.example'],
        ndots: 1,
        asksCluster: true,
      },
    ],
    [
      'ndots beyond what counts',
      dnsConfig({ options: [{ name: 'ndots', value: '99' }] }),
      { ndots: 15 },
    ],
    ['ndots without a number', dnsConfig({ options: [{ name: 'ndots' }] }), { ndots: 1 }],
  ])('%s', (_, spec, expected) => expect(confOf(spec)).toMatchObject(expected));

  test('the server is the Service kube-system/kube-dns where there is one', () => {
    const written = stateOf(
      `${manifests}- { apiVersion: v1, kind: Service, metadata: { name: kube-dns, namespace: ` +
        'kube-system }, spec: { clusterIP: 10.96.0.99, ports: [{ port: 53, protocol: UDP }] } }',
    );
    expect(podResolvConf(written, pod('shop/caller')).nameservers).toEqual(['10.96.0.99']);
  });

  test('in words', () => {
    expect(describeResolvConf(confOf({ dnsPolicy: 'Default' }))).toBe(
      "pod shop/caller asks the node's name servers; no search list; ndots:1",
    );
    expect(describeResolvConf(assumedResolvConf(state, 'node node-a'))).toBe(
      'node node-a has no resolv.conf in the manifests and is taken for a pod: it asks ' +
        "10.96.0.10 fd00:10:96::a, the cluster's DNS; search default.svc.cluster.local " +
        'svc.cluster.local cluster.local; ndots:5',
    );
  });
});

test('the root in a search list adds nothing', () => {
  const conf = confOf({ dnsPolicy: 'Default', ...dnsConfig({ searches: ['a.example', '.'] }) });
  expect(namesToTry({ ...conf, ndots: 5 }, 'web')).toEqual(['web.a.example.', 'web.', 'web.']);
});

describe('names to try', () => {
  const conf = { ...confOf({}), search: ['a.example', 'b.example'], ndots: 2 };

  test.each([
    ['web', ['web.a.example.', 'web.b.example.', 'web.']],
    ['web.shop', ['web.shop.a.example.', 'web.shop.b.example.', 'web.shop.']],
    ['Web.Shop.svc', ['web.shop.svc.', 'web.shop.svc.a.example.', 'web.shop.svc.b.example.']],
    ['web.', ['web.']],
  ])('%s', (name, names) => expect(namesToTry(conf, name)).toEqual(names));
});

/** The questions and their answers in words, after them the addresses. */
function asked(name: string, spec: Partial<PodSpec> = {}, types: Lookup['types'] = ['A']) {
  const { queries, records, port, external } = resolveName(state, {
    conf: confOf(spec),
    name,
    types,
  });
  const result = [...records.map(({ data }) => data), port, external];
  return [...queries.map(describeQuery), result.filter((part) => part !== undefined).join(' ')];
}

const backend = 'A backend.shop.svc.cluster.local.: 10.96.0.20 (service shop/backend)';

test.each<[what: string, name: string, spec: Partial<PodSpec>, words: string[]]>([
  ['a short name', 'backend', {}, [backend, '10.96.0.20']],
  [
    'with the namespace',
    'backend.shop',
    {},
    ['A backend.shop.shop.svc.cluster.local.: NXDOMAIN', backend, '10.96.0.20'],
  ],
  [
    'a full name has four dots, one less than ndots',
    'backend.shop.svc.cluster.local',
    {},
    [
      'A backend.shop.svc.cluster.local.shop.svc.cluster.local.: NXDOMAIN',
      'A backend.shop.svc.cluster.local.svc.cluster.local.: NXDOMAIN',
      'A backend.shop.svc.cluster.local.cluster.local.: NXDOMAIN',
      backend,
      '10.96.0.20',
    ],
  ],
  ['an absolute name', 'backend.shop.svc.cluster.local.', {}, [backend, '10.96.0.20']],
  [
    'fewer dots asked for',
    'backend.shop.svc.cluster.local',
    dnsConfig({ options: [{ name: 'ndots', value: '2' }] }),
    [backend, '10.96.0.20'],
  ],
  [
    'a name of five dots',
    'web-0.web.shop.svc.cluster.local',
    {},
    ['A web-0.web.shop.svc.cluster.local.: 10.244.1.5 (service shop/web)', '10.244.1.5'],
  ],
  [
    'a name outside',
    'example.com',
    {},
    [
      'A example.com.shop.svc.cluster.local.: NXDOMAIN',
      'A example.com.svc.cluster.local.: NXDOMAIN',
      'A example.com.cluster.local.: NXDOMAIN',
      'A example.com.: asked outside the cluster, no answer known',
      '',
    ],
  ],
  [
    'policy Default does not ask the cluster',
    'backend.shop.svc.cluster.local',
    { dnsPolicy: 'Default' },
    ['A backend.shop.svc.cluster.local.: asked outside the cluster, no answer known', ''],
  ],
  [
    'an alias to the outside',
    'outside',
    {},
    ['A outside.shop.svc.cluster.local.: CNAME api.example.com.', 'api.example.com.'],
  ],
  [
    'a port',
    '_dns._udp.backend',
    {},
    [
      'SRV _dns._udp.backend.shop.svc.cluster.local.: port 53 of backend.shop.svc.cluster.local.',
      backend,
      '10.96.0.20 53',
    ],
  ],
  [
    'no such port',
    '_none._tcp.backend.shop.svc.cluster.local',
    {},
    ['SRV _none._tcp.backend.shop.svc.cluster.local.: NXDOMAIN'].concat(
      inCluster.map(
        (domain) => `SRV _none._tcp.backend.shop.svc.cluster.local.${domain}.: NXDOMAIN`,
      ),
      '',
    ),
  ],
])('%s: %s', (_, name, spec, words) => expect(asked(name, spec)).toEqual(words));

test('both types are asked of each name, and one of them is enough', () => {
  expect(asked('backend', {}, ['A', 'AAAA'])).toEqual([
    backend,
    'AAAA backend.shop.svc.cluster.local.: NODATA',
    '10.96.0.20',
  ]);
  expect(asked('dual', {}, ['A', 'AAAA']).at(-1)).toBe('10.96.0.21 fd00:10:96::21');
});

test('a name without the type asked for is sought on in the search list', () => {
  expect(asked('backend', {}, ['AAAA'])).toEqual([
    'AAAA backend.shop.svc.cluster.local.: NODATA',
    'AAAA backend.svc.cluster.local.: NXDOMAIN',
    'AAAA backend.cluster.local.: NXDOMAIN',
    'AAAA backend.: asked outside the cluster, no answer known',
    '',
  ]);
});

test('in any cluster every Service is found by its full name, from any namespace', () => {
  const endings = ['', '.svc', '.svc.cluster.local', '.svc.cluster.local.'];
  fc.assert(
    fc.property(cluster(), fc.constantFrom(...endings), (objects, ending) => {
      const any = completeCluster(objects, defaultControllerOptions);
      for (const { metadata: from } of any.namespaces) {
        const conf = podResolvConf(any, pod(`${from.name}/caller`));
        for (const { metadata, spec } of any.services) {
          if (spec.type === 'ExternalName' || spec.clusterIP === 'None') continue;
          const name = `${metadata.name}.${metadata.namespace}${ending}`;
          const { records } = resolveName(any, { conf, name, types: ['A', 'AAAA'] });
          expect(records.map(({ data }) => data).toSorted()).toEqual(
            [...spec.clusterIPs].toSorted(),
          );
        }
      }
    }),
    { numRuns: 30 },
  );
});
