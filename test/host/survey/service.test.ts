// What is said of a Service: for each front-end and class of source the fate, the endpoints, the
// masquerade, and the field that decided.

import { describe, expect, test } from 'vitest';
import { explainService, type ServiceReport, type SurveyOptions } from '../../../host/index.ts';
import type { SourceReport } from '../../../host/index.ts';
import { serviceNamed, town } from './town.ts';

async function explain(name: string, options: SurveyOptions = {}): Promise<ServiceReport> {
  const cluster = town();
  return explainService(cluster, serviceNamed(cluster, name), { node: 'a', ...options });
}

/** The report of one class of source at a front-end, which is told by its address. */
function find({ frontends }: ServiceReport, address: string, name: string): SourceReport {
  const door = frontends.find((candidate) => candidate.address === address);
  return door!.sources.find((source) => source.class === name)!;
}

/** `about field` of every decision. */
const fields = ({ decidedBy }: SourceReport) =>
  decidedBy.map(({ about, field }) => `${about} ${field}`);

const here = '10.244.1.5:8080';
const there = '10.244.2.5:8080';

describe('externalTrafficPolicy Local with ranges, in nftables mode', () => {
  test('outside is held to the ranges at the load balancer’s address', async () => {
    const outside = find(await explain('web'), '192.0.2.80', 'outside');
    expect(outside).toMatchObject({ verdict: 'drop', reason: 'source-range', endpoints: [] });
    expect(fields(outside)).toEqual(['verdict spec.loadBalancerSourceRanges']);
    expect(outside.decidedBy[0]?.source).toEqual({ file: 'town.yaml', line: expect.any(Number) });
  });

  test('inside the ranges the endpoints of this node serve, and the source stays', async () => {
    const inside = find(await explain('web'), '192.0.2.80', 'outside-in-range');
    expect(inside).toMatchObject({ verdict: 'forward', set: 'local', endpoints: [here] });
    expect(inside.masquerade).toBe(false);
    expect(fields(inside)).toEqual([
      'endpoints spec.externalTrafficPolicy: Local',
      'endpoints conditions.ready',
    ]);
  });

  test('the policy binds neither pods nor this node', async () => {
    const report = await explain('web');
    const pod = find(report, '192.168.0.2', 'pod-here');
    expect(pod).toMatchObject({ set: 'cluster', endpoints: [here, there], masquerade: false });
    const node = find(report, '192.168.0.2', 'node');
    expect(node).toMatchObject({ set: 'cluster', endpoints: [here, there], masquerade: true });
    expect(fields(node)).toContain('masquerade spec.externalTrafficPolicy: Local');
  });

  test('on a node without endpoints outside is dropped, and the policy is to blame', async () => {
    const cluster = town();
    cluster.delete([{ kind: 'EndpointSlice', namespace: 'default', name: 'web-1' }]);
    cluster.apply({
      objects: town().objects.flatMap((object) =>
        object.kind === 'EndpointSlice' && object.metadata.name === 'web-1'
          ? [{ ...object, endpoints: object.endpoints.filter(({ nodeName }) => nodeName === 'b') }]
          : [],
      ),
      skipped: [],
      warnings: [],
    });
    const report = await explainService(cluster, serviceNamed(cluster, 'web'), { node: 'a' });
    const outside = find(report, '192.168.0.2', 'outside');
    expect(outside).toMatchObject({ verdict: 'drop', reason: 'no-local-endpoints' });
    expect(fields(outside)[0]).toBe('verdict spec.externalTrafficPolicy: Local');
  });

  test('an endpoint that meets itself is masqueraded', async () => {
    const self = find(await explain('web'), '10.96.0.10', 'endpoint-here');
    expect(self).toMatchObject({ object: 'pod default/web-0', masquerade: true });
    expect(fields(self)).toContain('masquerade endpoint address');
  });
});

test('modes and settings are named where they decide', async () => {
  const nftables = find(await explain('web'), '192.168.9.2', 'outside');
  expect(nftables).toMatchObject({ verdict: 'local', set: null });
  expect(fields(nftables)).toEqual(['verdict config.mode: nftables, nodePortAddresses: []']);
  const config = { mode: 'iptables', masqueradeAll: true } as const;
  const iptables = await explain('web', { config });
  expect(find(iptables, '192.168.9.2', 'outside')).toMatchObject({ endpoints: [here] });
  expect(fields(find(iptables, '10.96.0.10', 'pod-here'))).toContain(
    'masquerade config.masqueradeAll: true',
  );
});

test('in ipvs mode pods draw from the list of everybody', async () => {
  const report = await explain('web', { config: { mode: 'ipvs' } });
  expect(find(report, '192.168.0.2', 'pod-here').endpoints).toEqual([here]);
});

test('without endpoints everybody is refused', async () => {
  const report = await explain('empty');
  const pod = find(report, '10.96.0.11', 'pod-here');
  expect(pod).toMatchObject({ verdict: 'reply', reason: 'reject-no-endpoints' });
  expect(fields(pod)).toEqual(['verdict endpoints: []']);
});

test('hints are named where they leave endpoints out', async () => {
  const pod = find(await explain('near'), '10.96.0.12', 'pod-here');
  expect(pod.endpoints).toEqual([here]);
  expect(fields(pod)).toContain('endpoints hints.forZones');
});

test('a survey leaves no dataplane behind that follows the cluster', async () => {
  const cluster = town();
  const service = serviceNamed(cluster, 'web');
  const before = await explainService(cluster, service, { node: 'a' });
  cluster.delete([{ kind: 'Service', namespace: 'default', name: 'near' }]);
  expect(await explainService(cluster, service, { node: 'a' })).toEqual(before);
});
