// One small cluster for the tests of this folder: a Service with a policy in front of its pods, on
// two nodes.

import { encodePacket, type Dataplane, type Outcome } from '../../../host/index.ts';

export const manifests = `apiVersion: v1
kind: Node
metadata: {name: node-a}
status: {addresses: [{type: InternalIP, address: 192.168.0.2}]}
---
apiVersion: v1
kind: Node
metadata: {name: node-b}
status: {addresses: [{type: InternalIP, address: 192.168.0.3}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  nodeName: node-a
  containers: [{name: c, image: web, ports: [{name: http, containerPort: 8080}]}]
status:
  phase: Running
  podIPs: [{ip: 10.244.0.10}]
  conditions: [{type: Ready, status: "True"}]
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop, labels: {app: client}}
spec: {nodeName: node-a, containers: [{name: c, image: client}]}
status:
  phase: Running
  podIPs: [{ip: 10.244.0.11}]
  conditions: [{type: Ready, status: "True"}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  type: NodePort
  clusterIP: 10.96.0.10
  selector: {app: web}
  ports: [{name: main, port: 80, targetPort: http, nodePort: 30080}]
`;

/** Nobody but pods with label `app: client` gets in. */
export const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: clients, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{podSelector: {matchLabels: {app: client}}}], ports: [{port: http}]}]
`;

export interface Dial {
  source?: string;
  sourcePort?: number;
  destination?: string;
  port?: number;
}

/** A TCP SYN, by default from the client pod to the Service. */
export function synFrame({ source = '10.244.0.11', sourcePort = 40000, ...to }: Dial): Uint8Array {
  const { destination = '10.96.0.10', port = 80 } = to;
  const ports = { sourcePort, destinationPort: port };
  return encodePacket({ source, destination, protocol: 6, tcpFlags: 2, ...ports }, 'ethernet');
}

/** What a dataplane makes of it, entering where its source is. */
export function dial(dataplane: Dataplane, to: Dial, timeMs = 0): Outcome {
  const port = dataplane.portOf(to.source ?? '10.244.0.11');
  return dataplane.process(synFrame(to), { port, timeMs });
}

/** Every entry of every map that the host writes, as text. */
export function dump(dataplane: Dataplane): string[] {
  const names = [
    'config',
    'ports',
    'routes',
    'frontends',
    'services',
    'endpoints',
    'policies',
  ] as const;
  return names
    .flatMap((name) =>
      [...dataplane.map(name).entries()].map((entry) => `${name} ${JSON.stringify(entry)}`),
    )
    .toSorted();
}
