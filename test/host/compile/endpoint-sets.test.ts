// The two endpoint sets of a Service port, case by case.
// Source of the expectations: pkg/proxy/topology_test.go.

import { describe, expect, test } from 'vitest';
import { ServiceFlag } from '../../../host/abi/abi.gen.ts';
import type { NodeConfig } from '../../../host/compile/desired.ts';
import type { EndpointSlice, Service } from '../../../host/kubernetes/types.ts';
import { collectEndpoints } from '../../../host/compile/endpoint-sets.ts';
import { clusterOf, nodeOf, serviceOf, sliceOf, type EndpointInput } from './cluster-state.ts';
import { compile, entries } from './compiled-maps.ts';

const zoned = nodeOf('node-a', '192.168.0.2');
zoned.metadata.labels = { 'topology.kubernetes.io/zone': 'z1' };

interface Sets {
  cluster: string[];
  local: string[];
  flags: number;
}

function setsOf(
  service: Service,
  slices: readonly EndpointSlice[],
  config: Partial<NodeConfig> = {},
  number = 1,
): Sets {
  const nodes = [zoned, nodeOf('node-b', '192.168.0.3')];
  const { desired } = compile(clusterOf({ nodes, services: [service], slices }), config);
  const ofSet = (set: number) =>
    entries(desired, 'endpoints')
      .filter(([key]) => key.set === set && key.service === number)
      .toSorted(([a], [b]) => a.slot - b.slot)
      .map(([, { address, port, flags }]) => `${address}:${port}${flags === 1 ? ' local' : ''}`);
  const [, entry] = entries(desired, 'services').find(([key]) => key === number)!;
  expect([entry.clusterCount, entry.localCount]).toEqual([ofSet(0).length, ofSet(1).length]);
  return { cluster: ofSet(0), local: ofSet(1), flags: entry.flags };
}

const here = (ip: string, rest: Partial<EndpointInput> = {}) => ({
  ip,
  nodeName: 'node-a',
  ...rest,
});
const there = (ip: string, rest: Partial<EndpointInput> = {}) => ({
  ip,
  nodeName: 'node-b',
  ...rest,
});
const draining = { conditions: { ready: false, serving: true, terminating: true } };
const unready = { conditions: { ready: false, serving: true } };
const gone = { conditions: { ready: false, serving: false, terminating: true } };
const internalLocal = serviceOf({ internalTrafficPolicy: 'Local' });
const externalLocal = serviceOf({
  type: 'NodePort',
  externalTrafficPolicy: 'Local',
  ports: [{ nodePort: 30080 }],
});
const any = ServiceFlag.Present | ServiceFlag.HasAnyEndpoints;

type Row = [string, Service, EndpointInput[], string[], string[], number];
const one = '10.244.0.1:8080 local';
const two = '10.244.1.2:8080';

test.each<Row>([
  ['conditions unset mean ready', serviceOf({}), [here('10.244.0.1')], [one], [], any],
  ['none', serviceOf({}), [], [], [], ServiceFlag.Present],
  [
    'unready ones never count',
    serviceOf({}),
    [here('10.244.0.1', unready)],
    [],
    [],
    ServiceFlag.Present,
  ],
  [
    'terminating ones not beside ready ones',
    serviceOf({}),
    [here('10.244.0.1', draining), there('10.244.1.2')],
    [two],
    [],
    any,
  ],
  [
    'terminating ones where nothing is ready',
    serviceOf({}),
    [here('10.244.0.1', draining), there('10.244.1.2', unready)],
    [one],
    [],
    any,
  ],
  [
    'gone ones not even then',
    serviceOf({}),
    [here('10.244.0.1', gone)],
    [],
    [],
    ServiceFlag.Present,
  ],
  [
    'no node name is remote',
    externalLocal,
    [{ ip: '10.244.1.2' }],
    [two],
    [],
    any | ServiceFlag.ExternalLocal,
  ],
  [
    'internal Local has no cluster set',
    internalLocal,
    [here('10.244.0.1'), there('10.244.1.2')],
    [],
    [one],
    any | ServiceFlag.InternalLocal,
  ],
  [
    'internal Local, nothing here',
    internalLocal,
    [there('10.244.1.2')],
    [],
    [],
    any | ServiceFlag.InternalLocal,
  ],
  [
    'internal Local, draining elsewhere',
    internalLocal,
    [there('10.244.1.2', draining)],
    [],
    [],
    any | ServiceFlag.InternalLocal,
  ],
  [
    'internal Local, none anywhere',
    internalLocal,
    [there('10.244.1.2', unready)],
    [],
    [],
    ServiceFlag.Present | ServiceFlag.InternalLocal,
  ],
  [
    'internal Local beside one load-balancer address',
    serviceOf({ internalTrafficPolicy: 'Local', ingress: [{ ip: '203.0.113.1' }] }),
    [here('10.244.0.1'), there('10.244.1.2')],
    [one, two],
    [one],
    any | ServiceFlag.InternalLocal,
  ],
  [
    'internal Local beside one external address',
    serviceOf({ internalTrafficPolicy: 'Local', externalIPs: ['203.0.113.1'] }),
    [here('10.244.0.1'), there('10.244.1.2')],
    [one, two],
    [one],
    any | ServiceFlag.InternalLocal,
  ],
  [
    'external Local has both',
    externalLocal,
    [here('10.244.0.1'), there('10.244.1.2')],
    [one, two],
    [one],
    any | ServiceFlag.ExternalLocal,
  ],
  [
    'fallbacks are independent',
    externalLocal,
    [here('10.244.0.1', draining), there('10.244.1.2')],
    [two],
    [one],
    any | ServiceFlag.ExternalLocal,
  ],
  [
    'external Local without external front-end',
    serviceOf({ externalTrafficPolicy: 'Local' }),
    [here('10.244.0.1')],
    [one],
    [],
    any,
  ],
])('endpoint sets: %s', (_, service, endpoints, ...expected) => {
  const [cluster, local, flags] = expected;
  expect(setsOf(service, [sliceOf(endpoints)])).toEqual({ cluster, local, flags });
});

test('endpoint sets: sorted as text of ip:port', () => {
  const ips = ['10.0.1.1', '10.0.1.10', '10.0.1.2'].map((ip) => ({ ip }));
  expect(setsOf(serviceOf({}), [sliceOf(ips)]).cluster).toEqual([
    '10.0.1.10:8080',
    '10.0.1.1:8080',
    '10.0.1.2:8080',
  ]);
});

test('endpoint sets: IPv6 addresses are written and sorted in brackets', () => {
  const slice = sliceOf(
    ['fd00::1', 'fd00::1:5', 'FD00:0::2'].map((ip) => ({ ip })),
    {
      addressType: 'IPv6',
      ports: [{ protocol: 'TCP', port: 30 }],
    },
  );
  const [endpoints] = collectEndpoints([slice], 'node-a').values();
  expect(endpoints!.map(({ text }) => text)).toEqual([
    '[fd00::1:5]:30',
    '[fd00::1]:30',
    '[fd00::2]:30',
  ]);
});

test('endpoint sets: a port without a name is the one of a Service with one port', () => {
  const slice = sliceOf([there('10.244.1.2')], { ports: [{ protocol: 'TCP', port: 8080 }] });
  expect(setsOf(serviceOf({}), [slice]).cluster).toEqual([two]);
});

test('endpoint sets: a name that looks like an address is a name', () => {
  const slice = sliceOf([{ ip: '10.0.1.1' }], { addressType: 'FQDN' });
  expect(collectEndpoints([slice], 'node-a').size).toBe(0);
});

test('endpoint sets: what is no address does not count', () => {
  const odd = sliceOf([{ ip: 'name.example' }, { ip: '10.0.1.1' }]);
  expect(setsOf(serviceOf({}), [odd]).cluster).toEqual(['10.0.1.1:8080']);
});

test('endpoint sets: duplicates: the later one counts unless it is terminating', () => {
  const first = sliceOf([there('10.244.0.1')]);
  const second = sliceOf([here('10.244.0.1')], { name: 'web-2' });
  const leaving = sliceOf([there('10.244.0.1', draining)], { name: 'web-3' });
  expect(setsOf(serviceOf({}), [first, second, leaving]).cluster).toEqual([
    '10.244.0.1:8080 local',
  ]);
});

test.each([
  ['another port name', { ports: [{ name: 'x', protocol: 'TCP' as const, port: 8080 }] }],
  ['another protocol', { ports: [{ name: '', protocol: 'UDP' as const, port: 8080 }] }],
  ['another family', { addressType: 'IPv6' as const }],
  ['names instead of addresses', { addressType: 'FQDN' as const }],
  ['another service', { service: 'api' }],
  ['the headless label', { labels: { 'service.kubernetes.io/headless': '' } }],
  ['no port number', { ports: [{ name: '', protocol: 'TCP' as const }] }],
])('endpoint sets: a slice with %s does not count', (_, input) => {
  expect(setsOf(serviceOf({}), [sliceOf([here('10.244.0.1')], input)]).cluster).toEqual([]);
});

describe('hints', () => {
  const z1 = there('10.244.1.1', { forZones: ['z1'] });
  const z2 = there('10.244.1.2', { forZones: ['z2'] });
  const onNode = there('10.244.1.3', { forZones: ['z2'], forNodes: ['node-a'] });
  const offNode = there('10.244.1.4', { forZones: ['z1'], forNodes: ['node-b'] });
  const plain = there('10.244.1.5');

  test.each<[string, EndpointInput[], string[]]>([
    ['this zone', [z1, z2], ['10.244.1.1:8080']],
    ['no endpoint for this zone: all', [z2], ['10.244.1.2:8080']],
    [
      'one without hint: all',
      [z1, z2, plain],
      ['10.244.1.1:8080', '10.244.1.2:8080', '10.244.1.5:8080'],
    ],
    ['nodes before zones', [onNode, offNode], ['10.244.1.3:8080']],
    ['zones if a node hint is missing', [onNode, z1], ['10.244.1.1:8080']],
    [
      'not for terminating ones',
      [
        { ...z1, ...draining },
        { ...z2, ...draining },
      ],
      ['10.244.1.1:8080', '10.244.1.2:8080'],
    ],
  ])('%s', (_, endpoints, expected) => {
    expect(setsOf(serviceOf({}), [sliceOf(endpoints)]).cluster).toEqual(expected);
  });

  test('a node without a zone takes all, even what is for a zone without a name', () => {
    const [nameless, named] = [there('10.244.1.1', { forZones: [''] }), z2];
    const parts = { services: [serviceOf({})], slices: [sliceOf([nameless, named])] };
    const { desired, parts: made } = compile(clusterOf(parts));
    expect(entries(desired, 'endpoints').map(([, { address }]) => address)).toEqual([
      '10.244.1.1',
      '10.244.1.2',
    ]);
    expect(made.node.view.zone).toBe('');
  });
});

describe('ipvs', () => {
  const remote = [sliceOf([there('10.244.1.2')])];

  test('internal Local with an empty set uses the cluster set, where there is one', () => {
    const service = {
      ...externalLocal,
      spec: { ...externalLocal.spec, internalTrafficPolicy: 'Local' as const },
    };
    expect(setsOf(service, remote, { mode: 'ipvs' }).flags & ServiceFlag.InternalLocal).toBe(0);
    expect(setsOf(internalLocal, remote, { mode: 'ipvs' }).cluster).toEqual([]);
  });

  test('external Local gives pods and the node the same list as everybody', () => {
    const both = [sliceOf([here('10.244.0.1'), there('10.244.1.2')])];
    const { cluster, local } = setsOf(externalLocal, both, { mode: 'ipvs' }, 2);
    expect([cluster, local]).toEqual([[], ['10.244.0.1:8080 local']]);
    expect(setsOf(externalLocal, remote, { mode: 'ipvs' }, 2).local).toEqual(['10.244.1.2:8080']);
    expect(setsOf(externalLocal, both, { mode: 'ipvs' }, 1).cluster).toHaveLength(2);
  });
});

test.each([60, 1])('affinity carries its time, here %i s', (sessionAffinityTimeout) => {
  const service = serviceOf({ sessionAffinity: 'ClientIP', sessionAffinityTimeout });
  const { desired } = compile(clusterOf({ services: [service] }));
  const entry = entries(desired, 'services')[0]![1];
  expect(entry.affinitySeconds).toBe(sessionAffinityTimeout);
  expect(entry.flags & ServiceFlag.Affinity).not.toBe(0);
});
