// Many nodes in one process: what it takes to start the dataplane of each, and what one endpoint's
// change costs when all of them follow.

import { Cluster } from '../cluster/cluster.ts';
import { Network } from '../cluster/network.ts';
import type { PlainManifest } from '../cluster/written-objects.ts';
import { encodePacket, TcpFlag } from '../net/packet.ts';
import { listItem, podAddress, type ListSizes } from './bench-objects.ts';
import { medianOf } from './bench-parts.ts';
import { StepLog, type BenchStep } from './bench-steps.ts';
import type { Terminal } from './terminal.ts';

export interface NodesReport {
  readonly nodes: number;
  readonly pods: number;
  readonly services: number;
  readonly steps: readonly BenchStep[];
  /** Nodes on which a packet to a Service was forwarded. */
  readonly answered: number;
  /** `Cluster.apply` of a slice of which one endpoint has changed, on all nodes: median. */
  readonly changeMilliseconds: number;
}

const podsPerNode = 1;
const services = 200;
const changeRounds = 11;

export async function measureNodes(nodes: number, terminal: Terminal): Promise<NodesReport> {
  const pods = nodes * podsPerNode;
  const sizes: ListSizes = { nodes, services, endpointsPerService: 4, pods, policies: 100 };
  const log = new StepLog(terminal);
  const cluster = await log.time('complete', () => Cluster.from(listObjects(sizes)));
  const network = await Network.create(cluster);
  await log.time(`start ${nodes} dataplanes`, () => {
    for (let number = 0; number < nodes; number++) network.dataplane(`node-${number}`);
  });
  const answered = await log.time('one packet on each', () => dialEverywhere(network, nodes));
  const costs = Array.from({ length: changeRounds }, (_, round) => {
    const slice = [listItem('slice', 7, sizes, round % 2 === 0)];
    const start = terminal.now();
    cluster.apply(slice);
    return terminal.now() - start;
  });
  const changeMilliseconds = medianOf(costs);
  return { nodes, pods, services, steps: log.steps, answered, changeMilliseconds };
}

function listObjects(sizes: ListSizes): PlainManifest[] {
  const all = (kind: Parameters<typeof listItem>[0], count: number) =>
    Array.from({ length: count }, (_, number) => listItem(kind, number, sizes));
  return [
    ...all('node', sizes.nodes),
    ...all('service', sizes.services),
    ...all('slice', sizes.services),
    ...all('pod', sizes.pods),
    ...all('policy', sizes.policies),
  ];
}

/** The first pod of each node dials the first Service; it has the node's number. */
function dialEverywhere(network: Network, nodes: number): number {
  let answered = 0;
  for (let number = 0; number < nodes; number++) {
    const dataplane = network.dataplane(`node-${number}`);
    const source = podAddress(number);
    const ends = { source, sourcePort: 40_000, destination: '10.96.0.0', destinationPort: 80 };
    const frame = encodePacket({ ...ends, protocol: 6, tcpFlags: TcpFlag.Syn }, 'ethernet');
    const { verdict } = dataplane.process(frame, { port: dataplane.portOf(source) });
    if (verdict === 'forward') answered++;
  }
  return answered;
}
