// Packets through several nodes: who gets them, who decides, and how answers come back.

import { describe, expect, test } from 'vitest';
import {
  Cluster,
  decodePacket,
  encodePacket,
  Network,
  outside,
  type Departure,
  type Journey,
  type PacketFields,
} from '../../../host/index.ts';
import { answerTo, openingPacket } from '../../../host/scenario/probe.ts';

const manifests = `apiVersion: v1
kind: Node
metadata: {name: node-a}
spec: {podCIDR: 10.244.1.0/24}
status: {addresses: [{type: InternalIP, address: 192.168.0.2}]}
---
apiVersion: v1
kind: Node
metadata: {name: node-b}
spec: {podCIDR: 10.244.2.0/24}
status: {addresses: [{type: InternalIP, address: 192.168.0.3}]}
---
apiVersion: v1
kind: Node
metadata: {name: node-c}
spec: {podCIDR: 10.244.3.0/24}
status: {addresses: [{type: InternalIP, address: 192.168.0.4}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, labels: {app: client}}
spec: {nodeName: node-a, containers: [{name: c, image: client}]}
status: {podIP: 10.244.1.9}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: node-b, containers: [{name: c, image: web, ports: [{containerPort: 8080}]}]}
status: {podIP: 10.244.2.7}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  clusterIP: 10.96.0.80
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080, nodePort: 30080}]
---
apiVersion: v1
kind: Service
metadata: {name: nobody}
spec:
  type: NodePort
  clusterIP: 10.96.0.81
  selector: {app: nobody}
  ports: [{port: 80, nodePort: 30081}]
`;

const isolate = (direction: 'Ingress' | 'Egress', app: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: no-${direction.toLowerCase()}-${app}}
spec: {podSelector: {matchLabels: {app: ${app}}}, policyTypes: [${direction}]}
`;

const link = 'raw';
const client = '10.244.1.9';
const stranger = '203.0.113.7';

/** `node: in > out` for each hop, then where the packet arrived or why it did not. */
function describeWay({ hops, arrivedAt, verdict, reason, node }: Journey): string[] {
  const end = arrivedAt === null ? `${verdict} ${reason} by ${node}` : whereabouts(arrivedAt);
  return [...hops.map((hop) => `${hop.node}: ${hop.enters} > ${hop.outcome.port}`), end];
}

function whereabouts({ node, port }: { node: string | null; port: string }): string {
  return node === null ? 'outside' : `${node} ${port}`;
}

function send(network: Network, packet: PacketFields, departure: Partial<Departure> = {}): Journey {
  const at = network.find(packet.source);
  return network.send(encodePacket(packet, link), { at, link, ...departure });
}

function dial(source: string, destination: string, destinationPort = 80): PacketFields {
  return openingPacket({ source, destination, protocol: 6, sourcePort: 40000, destinationPort });
}

function arrived({ frame }: Journey): PacketFields {
  return decodePacket(frame, link)!;
}

/** The answer of whoever received it. */
function answer(network: Network, journey: Journey): Journey {
  return send(network, answerTo(arrived(journey)), { at: journey.arrivedAt! });
}

async function start(...policies: string[]): Promise<Network> {
  return Network.create(Cluster.from([manifests, ...policies].join('\n---')));
}

describe('the way', () => {
  test('from pod to pod: out of one node, in at the other, and back', async () => {
    const network = await start();
    const there = send(network, dial(client, '10.244.2.7', 8080));
    expect(describeWay(there)).toEqual([
      'node-a: pod/default/client > uplink',
      'node-b: uplink > pod/default/web',
      'node-b pod/default/web',
    ]);
    const back = answer(network, there);
    expect(describeWay(back)).toEqual([
      'node-b: pod/default/web > uplink',
      'node-a: uplink > pod/default/client',
      'node-a pod/default/client',
    ]);
    expect(network.started.map(({ node }) => node)).toEqual(['node-a', 'node-b']);
  });
});
