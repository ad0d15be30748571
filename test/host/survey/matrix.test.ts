// Who reaches whom in a small cluster, cell by cell.

import { describe, expect, test } from 'vitest';
import { surveyMatrix, type MatrixReport } from '../../../host/index.ts';
import { block, guarded, policy } from './block.ts';

/** `from > to: ports (unused) ~`, of connections that have not everything. */
const limited = ({ connections }: MatrixReport) =>
  connections
    .filter(({ ports, isPartial }) => isPartial || ports.join() !== 'any')
    .map(({ from, to, ports, unused, isPartial }) => {
      const rest = unused.length === 0 ? '' : ` (${unused.join()})`;
      return `${from} > ${to}: ${ports.join()}${rest}${isPartial ? ' ~' : ''}`;
    });

const reaches = ({ connections }: MatrixReport, to: string) =>
  connections.filter((each) => each.to === to).map(({ from }) => from);

describe('workloads', () => {
  test('without policies everybody reaches everybody', async () => {
    const report = await surveyMatrix(block());
    expect(report).toMatchObject({ version: 1, by: 'workload' });
    expect(report.from.map(({ name, kind, addresses }) => `${name} ${kind} ${addresses}`)).toEqual([
      'data/db Deployment 1',
      'kube-system/dns Deployment 1',
      'shop/job Deployment 1',
      'shop/web Deployment 2',
      'nodes Nodes 2',
      'outside Outside 1',
    ]);
    expect(limited(report)).toEqual([]);
    // The database has one pod and no connection to itself; web has two.
    expect(reaches(report, 'data/db')).toEqual([
      'kube-system/dns',
      'shop/job',
      'shop/web',
      'nodes',
      'outside',
    ]);
    expect(reaches(report, 'shop/web')).toContain('shop/web');
    expect(reaches(report, 'outside')).not.toContain('nodes');
  });

  test('a guarded database is reached on the port that the rule names', async () => {
    const report = await surveyMatrix(block(guarded));
    expect(limited(report)).toEqual(['shop/web > data/db: TCP 5432']);
    expect(reaches(report, 'data/db')).toEqual(['shop/web']);
  });

  test('ports that are open though nothing listens there are told apart', async () => {
    const ports = '{ port: 5432 }, { port: 6000, endPort: 6010 }, { protocol: UDP }';
    const open = policy('data/open', `podSelector: {}, ingress: [{ ports: [${ports}] }]`);
    const report = await surveyMatrix(block(open), { from: ['outside'], to: ['data/db'] });
    expect(limited(report)).toEqual(['outside > data/db: TCP 5432 (TCP 6000-6010,UDP)']);
  });

  test('blocks are rows and columns of their own, and exceptions too', async () => {
    const peers = '{ ipBlock: { cidr: 198.51.100.0/24, except: [198.51.100.128/25] } }';
    const job = 'podSelector: { matchLabels: { app: job } }';
    const out = `${job}, policyTypes: [Egress], egress: [{ to: [${peers}] }]`;
    const report = await surveyMatrix(block(policy('shop/out', out)), { from: ['shop/job'] });
    expect(report.connections.map(({ to, ports }) => `${to}: ${ports.join()}`)).toEqual([
      '198.51.100.0/24: any',
    ]);
    expect(report.to.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['outside', '198.51.100.0/24', '198.51.100.128/25']),
    );
  });

  test('a block that one node is in divides the nodes', async () => {
    const peers = '{ ipBlock: { cidr: 192.168.0.2/32 } }';
    const report = await surveyMatrix(
      block(policy('data/node', `podSelector: {}, ingress: [{ from: [${peers}] }]`)),
      { to: ['data'] },
    );
    expect(limited(report)).toEqual(['nodes > data/db: any ~']);
  });
});

describe('groupings and filters', () => {
  test('pods by name, namespaces as a whole', async () => {
    const pods = await surveyMatrix(block(guarded), { by: 'pod', to: ['data'] });
    expect(pods.from.filter(({ namespace }) => namespace === 'shop')).toHaveLength(3);
    expect(limited(pods)).toHaveLength(2);
    const spaces = await surveyMatrix(block(guarded), { by: 'namespace' });
    // web may, job may not.
    expect(limited(spaces)).toContain('shop > data: TCP 5432 ~');
  });

  test('ends are chosen by namespace, name, and kind and name', async () => {
    const [from, to] = [['deployment shop/web', 'nodes'], ['data']];
    const report = await surveyMatrix(block(), { from, to });
    expect(report.from.map(({ name }) => name)).toEqual(['shop/web', 'nodes']);
    expect(report.to.map(({ name }) => name)).toEqual(['data/db']);
  });

  test('a name that is none is refused with the nearest one', async () => {
    await expect(surveyMatrix(block(), { from: ['shop/wbe'] })).rejects.toThrow(
      expect.objectContaining({ expected: 'did you mean "shop/web"?' }),
    );
  });

  test('pods of a written ReplicaSet hash are their Deployment’s', async () => {
    const cluster = block();
    cluster.apply(`apiVersion: v1
kind: Pod
metadata:
  name: api-5d4f9-x
  namespace: shop
  ownerReferences: [{ controller: true, kind: ReplicaSet, name: api-5d4f9 }]
spec: { nodeName: node-a, containers: [{ name: c, image: c }] }
status: { phase: Running, podIP: 10.244.2.200 }
`);
    const report = await surveyMatrix(cluster, { from: ['shop/api'] });
    expect(report.from).toEqual([
      { name: 'shop/api', kind: 'Deployment', namespace: 'shop', addresses: 1 },
    ]);
  });
});
