// A small cluster for tests of who reaches whom: two nodes, a web tier, a database that is guarded,
// and a name server. Policies are the tests' own.

import { Cluster } from '../../../host/index.ts';

const workload = (
  namespace: string,
  name: string,
  ports: string,
  replicas = 1,
) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: c, image: c, ports: [${ports}] }] }
`;

const service = (namespace: string, name: string, ports: string, more = '') => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { selector: { app: ${name} }, ports: [${ports}]${more} }
`;

const node = (name: string, number: number) => `apiVersion: v1
kind: Node
metadata: { name: ${name} }
spec: { podCIDR: 10.244.${number}.0/24 }
status: { addresses: [{ type: InternalIP, address: 192.168.0.${number} }] }
`;

const namespace = (name: string) => `apiVersion: v1
kind: Namespace
metadata: { name: ${name} }
`;

const objects = [
  node('node-a', 2),
  node('node-b', 3),
  namespace('shop'),
  namespace('data'),
  namespace('kube-system'),
  workload('shop', 'web', '{ name: http, containerPort: 8080 }', 2),
  workload('shop', 'job', ''),
  workload(
    'data',
    'db',
    '{ name: sql, containerPort: 5432 }, { name: stats, containerPort: 9187 }',
  ),
  workload('kube-system', 'dns', '{ name: dns, containerPort: 53, protocol: UDP }'),
  service('shop', 'web', '{ name: http, port: 80, targetPort: http }', ', type: NodePort'),
  service('data', 'db', '{ name: sql, port: 3306, targetPort: sql }'),
  service(
    'kube-system',
    'dns',
    '{ port: 53, targetPort: dns, protocol: UDP }',
    ', clusterIP: 10.96.0.10',
  ),
];

/** A NetworkPolicy; `spec` in the flow style of YAML, without its braces. */
export const policy = (key: string, spec: string) => {
  const [space, name] = key.split('/');
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: ${space} }
spec: { ${spec} }
`;
};

/** A ClusterNetworkPolicy of the Admin tier; `spec` in the flow style of YAML. */
export const tierPolicy = (
  name: string,
  spec: string,
) => `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: ${name} }
spec: { tier: Admin, ${spec} }
`;

/** The manifests with these policies. */
export const manifestsWith = (...policies: readonly string[]): string =>
  [...objects, ...policies].join('---\n');

/** The cluster, read from a file of this name. */
export const block = (...policies: readonly string[]): Cluster =>
  Cluster.from(manifestsWith(...policies), { file: 'block.yaml' });

/** Only the web tier may use the database. */
export const guarded = policy(
  'data/guard',
  'podSelector: { matchLabels: { app: db } }, ingress: [{ from: [{ namespaceSelector: { ' +
    'matchLabels: { kubernetes.io/metadata.name: shop } }, podSelector: { matchLabels: { ' +
    'app: web } } }], ports: [{ port: sql }] }]',
);
