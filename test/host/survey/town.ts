// A small cluster for the tests of this folder: two nodes, a Service of every kind of front-end
// with policy Local, one guarded by ranges, one without endpoints, one with hints.

import { Cluster } from '../../../host/index.ts';

const pod = (name: string, node: string, address: string) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name} } }
spec: { nodeName: ${node}, containers: [{ name: c, image: c }] }
status: { phase: Running, podIP: ${address} }
`;

const node = (name: string, address: string, cidr: string) => `apiVersion: v1
kind: Node
metadata: { name: ${name}, labels: { topology.kubernetes.io/zone: zone-${name} } }
spec: { podCIDR: ${cidr} }
status:
  addresses:
    - { type: InternalIP, address: 192.168.0.${address} }
    - { type: ExternalIP, address: 192.168.9.${address} }
`;

/** An endpoint in the flow style of YAML; `more` are its further fields. */
export const endpoint = (address: string, nodeName: string, more = '') =>
  `  - { addresses: [${address}], nodeName: ${nodeName}${more} }`;

/** The EndpointSlice of a Service. */
export const slice = (service: string, endpoints: readonly string[], port = 8080) =>
  `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${service}-1, labels: { kubernetes.io/service-name: ${service} } }
addressType: IPv4
ports: [{ name: '', protocol: TCP, port: ${port} }]
endpoints:${endpoints.length === 0 ? ' []' : `\n${endpoints.join('\n')}`}
`;

/** Ready here and there, draining here. */
const webEndpoints = [
  endpoint('10.244.1.5', 'a'),
  endpoint('10.244.1.6', 'a', ', conditions: { ready: false, serving: true, terminating: true }'),
  endpoint('10.244.2.5', 'b'),
];

const documents = [
  node('a', '2', '10.244.1.0/24'),
  node('b', '3', '10.244.2.0/24'),
  pod('web-0', 'a', '10.244.1.5'),
  pod('web-1', 'a', '10.244.1.6'),
  pod('web-2', 'b', '10.244.2.5'),
  pod('client', 'a', '10.244.1.9'),
  pod('guest', 'b', '10.244.2.9'),
  `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: LoadBalancer
  clusterIP: 10.96.0.10
  externalTrafficPolicy: Local
  healthCheckNodePort: 32000
  loadBalancerSourceRanges: [198.51.100.0/24]
  ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }]
status: { loadBalancer: { ingress: [{ ip: 192.0.2.80 }] } }
`,
  slice('web', webEndpoints),
  `apiVersion: v1
kind: Service
metadata: { name: empty }
spec: { clusterIP: 10.96.0.11, externalIPs: [192.0.2.81], ports: [{ port: 80 }] }
`,
  slice('empty', []),
  `apiVersion: v1
kind: Service
metadata: { name: near }
spec:
  clusterIP: 10.96.0.12
  externalIPs: [192.0.2.82]
  sessionAffinity: ClientIP
  ports: [{ port: 80 }]
`,
  slice('near', [
    endpoint('10.244.1.5', 'a', ', hints: { forZones: [{ name: zone-a }] }'),
    endpoint('10.244.2.5', 'b', ', hints: { forZones: [{ name: zone-b }] }'),
  ]),
];

/** The cluster as text. */
export const manifests = documents.join('---\n');

/** The cluster, read from a file of this name. */
export const town = (): Cluster => Cluster.from(manifests, { file: 'town.yaml' });

/** The Service of this name in namespace default. */
export function serviceNamed({ state }: Cluster, name: string) {
  return state.services.find(({ metadata }) => metadata.name === name)!;
}
