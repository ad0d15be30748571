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

  test('egress is refused where it starts: the other node is never asked', async () => {
    const network = await start(isolate('Egress', 'client'));
    const there = send(network, dial(client, '10.244.2.7', 8080));
    expect(describeWay(there)).toEqual([
      'node-a: pod/default/client > null',
      'drop policy-denied-egress by node-a',
    ]);
    expect(network.started.map(({ node }) => node)).toEqual(['node-a']);
  });

  test('ingress is refused where it ends, and replies are admitted at both', async () => {
    const refusing = await start(isolate('Ingress', 'web'));
    expect(describeWay(send(refusing, dial(client, '10.96.0.80'))).at(-1)).toBe(
      'drop policy-denied-ingress by node-b',
    );
    const oneWay = await start(isolate('Ingress', 'client'), isolate('Egress', 'web'));
    const there = send(oneWay, dial(client, '10.96.0.80'));
    expect(describeWay(answer(oneWay, there)).at(-1)).toBe('node-a pod/default/client');
    expect(describeWay(send(oneWay, dial('10.244.2.7', client))).at(-1)).toBe(
      'drop policy-denied-egress by node-b',
    );
  });

  test('through a second node, masqueraded, and back as from what was dialled', async () => {
    const network = await start();
    const there = send(network, dial(stranger, '192.168.0.2', 30080));
    expect(describeWay(there)).toEqual([
      'node-a: uplink > uplink',
      'node-b: uplink > pod/default/web',
      'node-b pod/default/web',
    ]);
    expect(arrived(there).source).toBe('192.168.0.2');
    const back = answer(network, there);
    expect(describeWay(back).at(-1)).toBe('outside');
    expect(arrived(back)).toMatchObject({
      source: '192.168.0.2',
      sourcePort: 30080,
      destination: stranger,
      destinationPort: 40000,
    });
  });

  test("a node's refusal travels back to the sender", async () => {
    const network = await start();
    const there = send(network, dial('192.168.0.2', '192.168.0.4', 30081));
    expect(describeWay(there).at(-1)).toBe('reply reject-no-endpoints by node-c');
    expect(describeWay(there.answer!)).toEqual(['node-a: uplink > host', 'node-a host']);
    const fromOutside = send(network, dial(stranger, '192.168.0.4', 30081));
    expect(describeWay(fromOutside.answer!)).toEqual(['outside']);
  });

  test('from node to node, and out of the cluster', async () => {
    const network = await start();
    expect(describeWay(send(network, dial('192.168.0.2', '192.168.0.4', 22)))).toEqual([
      'node-a: host > uplink',
      'node-c: uplink > host',
      'node-c host',
    ]);
    expect(describeWay(send(network, dial(client, '198.51.100.1')))).toEqual([
      'node-a: pod/default/client > uplink',
      'outside',
    ]);
  });

  test("an address in a node's pod range that no pod has is looked for at that node", async () => {
    const network = await start();
    expect(describeWay(send(network, dial(client, '10.244.3.99')))).toEqual([
      'node-a: pod/default/client > uplink',
      'node-c: uplink > uplink',
      'outside',
    ]);
  });

  test('what is for nobody enters by the first node, or by the one that is named', async () => {
    const network = await start();
    const nodesOf = ({ hops }: Journey): string[] => hops.map(({ node }) => node);
    expect(nodesOf(send(network, dial(stranger, '10.96.0.80')))).toEqual(['node-a', 'node-b']);
    const via = send(network, dial(stranger, '10.96.0.80'), { via: 'node-c', at: outside });
    expect(nodesOf(via)).toEqual(['node-c', 'node-b']);
    expect(() => send(network, dial(stranger, '10.96.0.80'), { via: 'node-x' })).toThrow(
      'no Node is named node-x',
    );
  });

  test('loopback is of the node that is named', async () => {
    const network = await start();
    expect(network.find('127.0.0.1')).toEqual({ node: 'node-a', port: 'host' });
    expect(network.find('127.0.0.1', 'node-b')).toEqual({ node: 'node-b', port: 'host' });
  });
});

describe('changes', () => {
  test('reach every node that runs, and those that start later', async () => {
    const network = await start();
    const refused = 'drop policy-denied-ingress by node-b';
    expect(send(network, dial(client, '10.244.2.7')).verdict).toBe('forward');
    network.cluster.apply(isolate('Ingress', 'web'));
    const again = { ...dial(client, '10.244.2.7'), sourcePort: 40001 };
    expect(describeWay(send(network, again)).at(-1)).toBe(refused);
    expect(describeWay(send(network, dial('192.168.0.4', '10.244.2.7'))).at(-1)).toBe(refused);
    network.cluster.delete([
      { kind: 'NetworkPolicy', namespace: 'default', name: 'no-ingress-web' },
    ]);
    expect(send(network, again).verdict).toBe('forward');
  });

  test('a closed network keeps what it knew', async () => {
    const network = await start();
    send(network, dial(client, '10.244.2.7'));
    network.close();
    network.cluster.apply(isolate('Ingress', 'web'));
    expect(send(network, dial(client, '10.244.2.7', 81)).verdict).toBe('forward');
  });
});

test('a node of many is small, and follows its own maps only', async () => {
  const network = await start();
  send(network, dial(client, '10.244.2.7'));
  const [started] = network.started;
  const whole = await network.cluster.dataplane({ node: 'node-a' });
  const sizeOf = (dataplane: typeof whole) => dataplane.instance.memory.buffer.byteLength;
  expect(sizeOf(started!) * 10).toBeLessThan(sizeOf(whole));
});
