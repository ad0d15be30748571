// The cluster whose names the tests of this folder ask for: a Service of each kind.

import { completeCluster } from '../../../host/controllers/complete.ts';
import { defaultControllerOptions, type ClusterState } from '../../../host/controllers/state.ts';
import { readManifests } from '../../../host/kubernetes/read.ts';

export const manifests = `
kind: List
apiVersion: v1
items:
- { apiVersion: v1, kind: Node, metadata: { name: node-a },
    status: { addresses: [{ type: InternalIP, address: 192.168.0.2 }] } }
- { apiVersion: v1, kind: Namespace, metadata: { name: empty } }
- apiVersion: v1
  kind: Service
  metadata: { name: backend, namespace: shop }
  spec:
    clusterIP: 10.96.0.20
    selector: { app: backend }
    ports: [{ name: http, port: 80, targetPort: 8080 }, { name: dns, port: 53, protocol: UDP }]
- apiVersion: v1
  kind: Service
  metadata: { name: dual, namespace: shop }
  spec:
    clusterIP: 10.96.0.21
    clusterIPs: [10.96.0.21, 'fd00:10:96::21']
    ipFamilyPolicy: RequireDualStack
    ports: [{ port: 80 }]
- apiVersion: v1
  kind: Service
  metadata: { name: web, namespace: shop }
  spec: { clusterIP: None, selector: { app: web }, ports: [{ name: http, port: 8080 }] }
- apiVersion: v1
  kind: Service
  metadata: { name: early, namespace: shop }
  spec: { clusterIP: None, publishNotReadyAddresses: true, selector: { app: web },
          ports: [{ name: http, port: 8080 }] }
- apiVersion: v1
  kind: Service
  metadata: { name: portless, namespace: shop }
  spec: { clusterIP: None, selector: { app: web } }
- apiVersion: v1
  kind: Service
  metadata: { name: nobody, namespace: shop }
  spec: { clusterIP: None, selector: { app: nobody }, ports: [{ port: 80 }] }
${alias('outside', 'api.example.com')}
${alias('inside', 'backend.shop.svc.cluster.local')}
${alias('twice', 'inside.shop.svc.cluster.local.')}
${alias('nowhere', 'missing.shop.svc.cluster.local')}
${alias('circle', 'circle.shop.svc.cluster.local')}
${alias('ping', 'pong.shop.svc.cluster.local')}
${alias('pong', 'ping.shop.svc.cluster.local')}
${alias('number', '203.0.113.9')}
${Array.from({ length: 10 }, (_, at) => alias(`hop-${at}`, hop(at + 1))).join('\n')}
${pod('web-0', 'shop', '10.244.1.5', '{ app: web }', '{ hostname: web-0, subdomain: web }')}
${pod('web-1', 'shop', '10.244.1.6', '{ app: web }')}
${pod('late', 'shop', '10.244.1.7', '{ app: web }', '{}', 'False')}
${pod('backend-0', 'shop', '10.244.1.8', '{ app: backend }')}
${pod('six', 'shop', 'fd00:10:244::5', '{ app: six }')}
`;

function alias(name: string, externalName: string): string {
  return `- { apiVersion: v1, kind: Service, metadata: { name: ${name}, namespace: shop },
    spec: { type: ExternalName, externalName: ${externalName} } }`;
}

/** The tenth leads to a ClusterIP, so that a chain of any length up to ten can be asked for. */
function hop(at: number): string {
  return `${at === 10 ? 'backend' : `hop-${at}`}.shop.svc.cluster.local`;
}

// Four parts of a pod and, where it is not, its readiness.
function pod(...fields: [string, string, string, string, string?, string?]): string {
  const [name, namespace, address, labels, names = '{}', ready = 'True'] = fields;
  return `- apiVersion: v1
  kind: Pod
  metadata: { name: ${name}, namespace: ${namespace}, labels: ${labels} }
  spec: { nodeName: node-a, containers: [{ name: c }], ${names.slice(1, -1)} }
  status:
    podIP: '${address}'
    conditions: [{ type: Ready, status: '${ready}' }]`;
}

export function stateOf(text: string): ClusterState {
  return completeCluster(readManifests(text, 'f').objects, defaultControllerOptions);
}
