// What a change of Services leaves behind in the tables that packets fill.
// Sources of the expectations: pkg/proxy/conntrack/cleanup_test.go; pkg/proxy/nftables/proxier.go.

import { describe, expect, test } from 'vitest';
import {
  compileNode,
  defaultNodeConfig,
  type Compiled,
} from '../../../host/compile/compile-node.ts';
import { findDepartures, findGone, findServing } from '../../../host/compile/departures.ts';
import type { EndpointSlice, Service } from '../../../host/kubernetes/types.ts';
import { clusterOf, serviceOf, sliceOf, type EndpointInput } from './cluster-state.ts';

const config = { ...defaultNodeConfig };
type Parts = readonly [services: readonly Service[], slices: readonly EndpointSlice[]];

function compiled([services, slices]: Parts, before?: Compiled): Compiled {
  return compileNode(clusterOf({ services, slices }), 'node-a', config, before);
}

/** What an update says of its Services. */
function updated(before: Parts, after: Parts) {
  return compiled(after, compiled(before)).parts.services;
}

const [one, two] = [{ ip: '10.244.0.1' }, { ip: '10.244.0.2' }];
const gone = { conditions: { ready: false, serving: false } };
const sticky = serviceOf({ sessionAffinity: 'ClientIP' });
const brief = serviceOf({ sessionAffinity: 'ClientIP', sessionAffinityTimeout: 1 });
const plain = serviceOf({});
const udpPort = { name: 'dns', protocol: 'UDP' as const, port: 53 };
const udp = (fields: Parameters<typeof serviceOf>[0] = {}) =>
  serviceOf({ ports: [udpPort], ...fields });
const sliced = (
  endpoints: readonly EndpointInput[],
  ports: EndpointSlice['ports'] = [{ name: '', protocol: 'TCP', port: 8080 }],
) => [sliceOf(endpoints, { ports })];
const dns = (endpoints: readonly EndpointInput[], name = 'web') => {
  return sliceOf(endpoints, {
    name: `${name}-1`,
    service: name,
    ports: [{ ...udpPort, port: 5353 }],
  });
};
const told = (map: ReadonlyMap<number, ReadonlySet<string>>) =>
  [...map].map(([number, sockets]) => [number, [...sockets]]);

describe('clients that hold to an endpoint', () => {
  type Case = [
    string,
    Service,
    readonly EndpointInput[],
    Service,
    readonly EndpointInput[],
    object,
  ];

  test.each<Case>([
    ['that left', sticky, [one, two], sticky, [two], [[1, ['10.244.0.1 8080']]]],
    ['that left, held for a second', brief, [one], brief, [two], [[1, ['10.244.0.1 8080']]]],
    ['that stayed', sticky, [one], sticky, [one, two], []],
    [
      'that is not offered any more',
      sticky,
      [one, two],
      sticky,
      [{ ...one, ...gone }, two],
      [[1, ['10.244.0.1 8080']]],
    ],
    ['of a Service without affinity', plain, [one, two], plain, [two], []],
    ['of a Service that had none', plain, [one, two], sticky, [two], []],
    [
      'of a Service that has none any more',
      sticky,
      [one],
      plain,
      [one],
      [[1, ['10.244.0.1 8080']]],
    ],
  ])('%s', (_, before, from, ...rest) => {
    const [after, to, expected] = rest;
    const part = updated([[before], sliced(from)], [[after], sliced(to)]);
    expect(told(findDepartures(part))).toEqual(expected);
  });

  test('of a Service that is gone', () => {
    expect(told(findDepartures(updated([[sticky], sliced([one])], [[], sliced([one])])))).toEqual([
      [1, ['10.244.0.1 8080']],
    ]);
  });
});

describe('endpoints that no slice lists', () => {
  test('are those that left, not those that only do not serve', () => {
    const part = updated([[plain], sliced([one, two])], [[plain], sliced([{ ...one, ...gone }])]);
    expect(told(findGone(part))).toEqual([[1, ['10.244.0.2 8080']]]);
    expect(
      told(findGone(updated([[plain], sliced([one])], [[plain], sliced([one, two])]))),
    ).toEqual([]);
  });

  test('are at another port', () => {
    const part = updated(
      [[plain], sliced([one])],
      [[plain], sliced([one], [{ name: '', protocol: 'TCP', port: 9090 }])],
    );
    expect(told(findGone(part))).toEqual([[1, ['10.244.0.1 8080']]]);
  });

  test('mean nothing where there is no Service', () => {
    expect(told(findGone(updated([[], sliced([one])], [[], []])))).toEqual([]);
  });
});

describe('where UDP connections may go on to', () => {
  const serving = (before: Parts, after: Parts) => {
    const found = findServing(updated(before, after));
    if (found === null) return null;
    const list = (map: ReadonlyMap<string, ReadonlySet<string>>) =>
      [...map].map(([key, sockets]) => `${key}: ${[...sockets].join()}`).toSorted();
    return [[...found.families], list(found.bySocket), list(found.byNodePort)];
  };
  const door = udp({
    type: 'LoadBalancer',
    externalIPs: ['203.0.113.9'],
    ingress: [{ ip: '198.51.100.1' }],
    ports: [{ ...udpPort, nodePort: 30053 }],
  });

  test('is said where the endpoints of a Service with a UDP port change', () => {
    const expected = [
      [4],
      ['10.96.0.10 53', '198.51.100.1 53', '203.0.113.9 53'].map(
        (key) => `${key}: 10.244.0.1 5353`,
      ),
      ['4 30053: 10.244.0.1 5353'],
    ];
    expect(serving([[door], [dns([two])]], [[door], [dns([one])]])).toEqual(expected);
    expect(
      serving([[door], [dns([one, two])]], [[door], [dns([one, { ...two, ...gone }])]]),
    ).toEqual(expected);
  });

  test('and nowhere else', () => {
    expect(serving([[plain], sliced([two])], [[plain], sliced([one])])).toBeNull();
    expect(serving([[door], [dns([one])]], [[udp()], [dns([one])]])).toBeNull();
    expect(serving([[door], []], [[door], []])).toBeNull();
  });

  test('TCP at the same address and number is another matter', () => {
    const tcpPort = { name: 'dns-tcp', protocol: 'TCP' as const, port: 53 };
    const both = udp({ ports: [tcpPort, udpPort] });
    const tcp = sliceOf([two], { name: 'web-2', ports: [{ ...tcpPort, port: 5354 }] });
    const [, bySocket] = serving([[both], [tcp]], [[both], [dns([one]), tcp]])!;
    expect(bySocket).toEqual(['10.96.0.10 53: 10.244.0.1 5353']);
  });

  test('is not asked where slices only come in another order', () => {
    const other = { name: 'other', protocol: 'UDP' as const, port: 54 };
    const service = udp({ ports: [udpPort, other] });
    const ports = [udpPort, other];
    const slices = (listed: typeof ports) => [sliceOf([one], { ports: listed })];
    expect(serving([[service], slices(ports)], [[service], slices(ports.toReversed())])).toBeNull();
  });

  test('leaves out what nothing serves', () => {
    expect(serving([[door], [dns([one])]], [[door], [dns([{ ...one, ...gone }])]])).toEqual([
      [4],
      [],
      [],
    ]);
  });

  test('a Service without a node port has none', () => {
    const [, bySocket, byNodePort] = serving([[udp()], []], [[udp()], [dns([one])]])!;
    expect([bySocket, byNodePort]).toEqual([['10.96.0.10 53: 10.244.0.1 5353'], []]);
  });

  test('of two Services at one address the first by name is asked', () => {
    const names = ['b', 'e', 'h', 'k', 'p'];
    const services = names.map((name, at) => {
      return udp({ name, clusterIP: `10.96.0.${at + 1}`, externalIPs: ['203.0.113.9'] });
    });
    const slices = names.map((name, at) => dns([{ ip: `10.244.1.${at + 1}` }], name));
    const after = [slices[0]!, dns([two], 'e'), ...slices.slice(2)];
    const found = serving([services, slices], [services, after])!;
    expect(found[1]).toContain('203.0.113.9 53: 10.244.1.1 5353');
  });

  test('one family does not speak for the other', () => {
    const both = udp({ clusterIPs: ['10.96.0.10', 'fd10::10'] });
    const six = (ip: string) =>
      sliceOf([{ ip }], {
        name: 'web-6',
        addressType: 'IPv6',
        ports: [{ ...udpPort, port: 5353 }],
      });
    const [families] = serving(
      [[both], [dns([one]), six('fd00::1')]],
      [[both], [dns([one]), six('fd00::2')]],
    )!;
    expect(families).toEqual([6]);
    const [other] = serving(
      [[both], [dns([one]), six('fd00::1')]],
      [[both], [dns([two]), six('fd00::1')]],
    )!;
    expect(other).toEqual([4]);
  });
});
