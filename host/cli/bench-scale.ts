// A large cluster: what it takes to read, complete, compile and load it, and what a change of one
// object costs then. Everything derives from numbers, so every run meets the same cluster.

import { Cluster, type Dataplane } from '../cluster/cluster.ts';
import { capacityFor } from '../cluster/capacity.ts';
import { compileNode, defaultNodeConfig } from '../compile/compile-node.ts';
import { Instance } from '../dataplane/instance.ts';
import { readManifests } from '../kubernetes/read.ts';
import { encodePacket, TcpFlag } from '../net/packet.ts';
import { applyPlan } from '../reconcile/apply.ts';
import { plan } from '../reconcile/plan.ts';
import { medianOf } from './bench-parts.ts';
import { StepLog, type BenchStep } from './bench-steps.ts';
import type { Terminal } from './terminal.ts';

const endpointsPerService = 10;
const podsOfSelected = 10;
const updateRounds = 51;
const node = 'node-a';

export interface ScaleUpdate {
  readonly name: string;
  /** Median of the rounds, of `Cluster.apply` with one running dataplane. */
  readonly milliseconds: number;
  /** How many times cheaper than to complete and compile everything. */
  readonly ratio: number;
}

export interface ScaleReport {
  readonly services: number;
  readonly endpoints: number;
  readonly steps: readonly BenchStep[];
  readonly wasmBytes: number;
  /** Services to which a first packet was forwarded. */
  readonly answered: number;
  readonly updates: readonly ScaleUpdate[];
}

/** Measures a cluster of so many Services with ten endpoints each. */
export async function measureScale(services: number, terminal: Terminal): Promise<ScaleReport> {
  const log = new StepLog(terminal);
  const text = printCluster(services);
  const read = await log.time('read', () => readManifests(text, 'bench'));
  const cluster = await log.time('complete', () => Cluster.from(read));
  const config = { ...defaultNodeConfig };
  const { desired } = await log.time('compile', () => compileNode(cluster.state, node, config));
  const capacity = capacityFor(desired, config);
  const instance = await Instance.create({ capacity });
  await log.time('load', () => applyPlan(instance, plan({}, desired)));
  const dataplane = await cluster.dataplane({ node });
  const answered = await log.time('one packet to each Service', () =>
    dialEach(dataplane, services),
  );
  const costOf = (wanted: string) =>
    log.steps.find(({ name }) => name === wanted)?.milliseconds ?? 0;
  const whole = costOf('complete') + costOf('compile');
  return {
    services,
    endpoints: services * endpointsPerService,
    steps: log.steps,
    wasmBytes: dataplane.instance.memory.buffer.byteLength,
    answered,
    updates: measureUpdates(cluster, { whole, terminal }),
  };
}

function measureUpdates(
  cluster: Cluster,
  { whole, terminal }: { readonly whole: number; readonly terminal: Terminal },
): ScaleUpdate[] {
  const cases: readonly (readonly [string, (round: number) => object])[] = [
    ['readiness of one endpoint of an EndpointSlice', (round) => slice(7, round % 2 === 0)],
    ['readiness of one Pod', (round) => pod(3, round % 2 === 0)],
    ['session affinity of one Service', (round) => service(7, round % 2 === 0)],
  ];
  return cases.map(([name, objectOf]) => {
    const costs = Array.from({ length: updateRounds }, (_, round) => {
      const manifest = [objectOf(round)] as Parameters<Cluster['apply']>[0];
      const start = terminal.now();
      cluster.apply(manifest);
      return terminal.now() - start;
    });
    const milliseconds = medianOf(costs);
    return { name, milliseconds, ratio: whole / milliseconds };
  });
}

function dialEach(dataplane: Dataplane, services: number): number {
  const place = { port: 'pod/default/client' };
  let answered = 0;
  for (let number = 0; number < services; number++) {
    const ends = { source: '10.244.0.9', sourcePort: 40_000, destination: clusterIP(number) };
    const packet = { ...ends, destinationPort: 80, protocol: 6, tcpFlags: TcpFlag.Syn };
    const { verdict } = dataplane.process(encodePacket(packet, 'ethernet'), place);
    if (verdict === 'forward') answered++;
  }
  return answered;
}

/** Documents, each of which is JSON. */
function printCluster(services: number): string {
  const numbers = Array.from({ length: services }, (_, number) => number);
  const pods = Array.from({ length: podsOfSelected }, (_, number) => pod(number, true));
  const items = [
    nodeManifest,
    clientManifest,
    selectingService,
    ...pods,
    ...numbers.map((number) => service(number, false)),
    ...numbers.map((number) => slice(number, true)),
  ];
  return items.map((item) => JSON.stringify(item)).join('\n---\n');
}

function clusterIP(number: number): string {
  return `10.96.${1 + (number >>> 8)}.${number & 255}`;
}

const nodeManifest = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: node },
  spec: { podCIDR: '10.244.0.0/24' },
  status: { addresses: [{ type: 'InternalIP', address: '192.168.0.2' }] },
};

const clientManifest = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'client' },
  spec: { nodeName: node, containers: [{ name: 'client', image: 'client' }] },
  status: { phase: 'Running', podIP: '10.244.0.9' },
};

const selectingService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'selecting' },
  spec: { clusterIP: '10.96.0.10', selector: { app: 'selected' }, ports: [{ port: 80 }] },
};

function pod(number: number, isReady: boolean) {
  return {
    ...clientManifest,
    metadata: { name: `selected-${number}`, labels: { app: 'selected' } },
    status: {
      phase: 'Running',
      podIP: `10.244.0.${20 + number}`,
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
    },
  };
}

function service(number: number, isSticky: boolean) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `service-${number}` },
    spec: {
      clusterIP: clusterIP(number),
      sessionAffinity: isSticky ? 'ClientIP' : 'None',
      ports: [{ port: 80, targetPort: 8080 }],
    },
  };
}

function slice(number: number, isReady: boolean) {
  const endpoints = Array.from({ length: endpointsPerService }, (_, endpoint) => ({
    addresses: [`10.${100 + endpoint}.${number >>> 8}.${number & 255}`],
    conditions: { ready: isReady || endpoint > 0 },
  }));
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `service-${number}`,
      labels: { 'kubernetes.io/service-name': `service-${number}` },
    },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints,
  };
}
