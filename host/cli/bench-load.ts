// The load of the benchmark: a cluster, and connections from its clients to its Services.
// Everything derives from numbers, so every run meets the same packets.

import { Cluster, type Dataplane } from '../cluster/cluster.ts';
import { decodePacket, encodePacket, TcpFlag } from '../net/packet.ts';
import { answerTo } from '../scenario/probe.ts';

const serviceCount = 100;
const endpointsPerService = 10;
const clientPorts = 50_000;
const ethernet = 'ethernet';

export interface BenchPacket {
  readonly frame: Uint8Array;
  readonly port: number;
}

/**
 * A node with a client pod, and Services whose endpoints are elsewhere. Room for so many
 * connections.
 */
export function startBench(connections: number): Promise<Dataplane> {
  const services = Array.from({ length: serviceCount }, (_, index) => serviceManifests(index));
  const manifests = [nodeManifest, podManifest, ...services].join('\n---\n');
  return Cluster.from(manifests, { file: 'bench' }).dataplane({
    capacity: { connections4: connections, vectorPackets: 256, blockBytes: 1 << 20 },
  });
}

/** The three packets by which connection `number` is established, in order. */
export function openConnection(dataplane: Dataplane, number: number): void {
  const ends = endsOf(number);
  const client = dataplane.port('pod/default/client');
  const syn = { ...ends, protocol: 6, tcpFlags: TcpFlag.Syn, sequence: 1 };
  const [forwarded] = run(dataplane, [{ frame: encodePacket(syn, ethernet), port: client }]);
  const answer = reverse(forwarded!);
  run(dataplane, [{ frame: answer, port: dataplane.port('uplink') }]);
  run(dataplane, [establishedPacket(dataplane, number)]);
}

/** The client's next packet on connection `number`: an ACK without payload, 54 bytes. */
export function establishedPacket(dataplane: Dataplane, number: number): BenchPacket {
  const flags = { tcpFlags: TcpFlag.Ack, sequence: 2, acknowledgement: 2 };
  const packet = { ...endsOf(number), protocol: 6, ...flags };
  return { frame: encodePacket(packet, ethernet), port: dataplane.port('pod/default/client') };
}

/** The first packet of connection `number`. */
export function openingPacketOf(dataplane: Dataplane, number: number): BenchPacket {
  const packet = { ...endsOf(number), protocol: 6, tcpFlags: TcpFlag.Syn, sequence: 1 };
  return { frame: encodePacket(packet, ethernet), port: dataplane.port('pod/default/client') };
}

/** Client and Service of connection `number`. */
export function endsOf(number: number) {
  return {
    source: `10.244.0.${10 + (Math.floor(number / clientPorts) % 200)}`,
    sourcePort: 10_000 + (number % clientPorts),
    destination: `10.96.1.${(number % serviceCount) + 1}`,
    destinationPort: 80,
  };
}

function run(dataplane: Dataplane, packets: readonly BenchPacket[]): Uint8Array[] {
  const { vector } = dataplane.instance;
  vector.clear();
  for (const { frame, port } of packets) vector.add(frame, { port, timeMs: 0 });
  vector.run();
  return packets.map((_, index) => vector.outcome(index).frame.slice());
}

/** The SYN-ACK to a SYN as it left. */
function reverse(syn: Uint8Array): Uint8Array {
  const packet = decodePacket(syn, ethernet);
  if (packet === null) throw new Error('a connection of the benchmark was not forwarded');
  return encodePacket(answerTo(packet), ethernet);
}

const nodeManifest = `apiVersion: v1
kind: Node
metadata: { name: node-a }
spec: { podCIDR: 10.244.0.0/24 }
status: { addresses: [{ type: InternalIP, address: 192.168.0.2 }] }`;

const podManifest = `apiVersion: v1
kind: Pod
metadata: { name: client }
spec: { nodeName: node-a, containers: [{ name: client, image: client }] }
status: { phase: Running, podIP: 10.244.0.9 }`;

function serviceManifests(index: number): string {
  const addresses = Array.from({ length: endpointsPerService }, (_, endpoint) => {
    return `{ addresses: [10.${100 + endpoint}.1.${index + 1}], conditions: { ready: true } }`;
  });
  return `apiVersion: v1
kind: Service
metadata: { name: service-${index} }
spec: { clusterIP: 10.96.1.${index + 1}, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: service-${index}, labels: { kubernetes.io/service-name: service-${index} } }
addressType: IPv4
ports: [{ name: '', port: 8080, protocol: TCP }]
endpoints: [${addresses.join(', ')}]`;
}
