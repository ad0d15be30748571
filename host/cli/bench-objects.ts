// Objects of a large cluster as an API server has them, each known by its kind and number, with the
// fields that packets do not depend on, too: they make up most of what has to be read.

import type { PlainManifest } from '../cluster/written-objects.ts';

export interface ListSizes {
  readonly nodes: number;
  readonly services: number;
  readonly endpointsPerService: number;
  readonly pods: number;
  readonly policies: number;
}

export type ListedKind = 'node' | 'service' | 'slice' | 'pod' | 'policy';

const namespaces = 500;
const created = '2026-01-01T00:00:00Z';

/** `isChanged`: one of a slice's endpoints is not ready. */
export function listItem(
  kind: ListedKind,
  number: number,
  sizes: ListSizes,
  isChanged = false,
): PlainManifest {
  switch (kind) {
    case 'node':
      return nodeOf(number);
    case 'service':
      return serviceOf(number);
    case 'slice':
      return sliceOf(number, sizes, isChanged);
    case 'pod':
      return podOf(number, sizes);
    case 'policy':
      return policyOf(number, sizes);
  }
}

function metadataOf(name: string, number: number, labels: Record<string, string>): object {
  const digits = number.toString(16).padStart(12, '0');
  return {
    ...{ name, namespace: namespaceOf(number), labels, creationTimestamp: created },
    ...{ resourceVersion: `${1_000_000 + number}`, uid: `7d0a5b9e-2f6c-4c1a-9b1e-${digits}` },
  };
}

function namespaceOf(number: number): string {
  return `ns-${number % namespaces}`;
}

function nodeOf(number: number): PlainManifest {
  const address = `172.16.${number >>> 8}.${number & 255}`;
  return {
    ...{ apiVersion: 'v1', kind: 'Node' },
    ...{ metadata: { name: `node-${number}`, creationTimestamp: created } },
    spec: { podCIDR: `10.${number >>> 12}.${(number >>> 4) & 255}.${(number & 15) * 16}/28` },
    status: { addresses: [{ type: 'InternalIP', address }] },
  } as PlainManifest;
}

function serviceOf(number: number): PlainManifest {
  const clusterIP = `10.96.${(number >>> 8) & 255}.${number & 255}`;
  return {
    ...{ apiVersion: 'v1', kind: 'Service' },
    metadata: metadataOf(`service-${number}`, number, { app: `app-${number}` }),
    spec: {
      ...{ clusterIP, clusterIPs: [clusterIP], type: 'ClusterIP', sessionAffinity: 'None' },
      ...{ internalTrafficPolicy: 'Cluster', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' },
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
    },
    status: { loadBalancer: {} },
  } as PlainManifest;
}

function sliceOf(number: number, sizes: ListSizes, isChanged: boolean): PlainManifest {
  const endpoints = Array.from({ length: sizes.endpointsPerService }, (_, index) => {
    const endpoint = number * sizes.endpointsPerService + index;
    const ready = !(isChanged && index === 0);
    return {
      addresses: [podAddress(endpoint)],
      conditions: { ready, serving: ready, terminating: false },
      nodeName: nodeNameOf(endpoint, sizes),
    };
  });
  const labels = { 'kubernetes.io/service-name': `service-${number}` };
  return {
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
    metadata: metadataOf(`service-${number}-abcde`, number, labels),
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints,
  } as PlainManifest;
}

function podOf(number: number, sizes: ListSizes): PlainManifest {
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: created };
  const container = {
    ...{ name: 'main', image: `registry.example/app-${number % 1000}:1.0.0` },
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
  };
  const podIP = podAddress(number);
  return {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: metadataOf(`pod-${number}`, number, {
      app: `app-${number % sizes.services}`,
      tier: `tier-${number % 3}`,
    }),
    spec: {
      ...{
        nodeName: nodeNameOf(number, sizes),
        containers: [container],
        dnsPolicy: 'ClusterFirst',
      },
      ...{ restartPolicy: 'Always', serviceAccountName: 'default', enableServiceLinks: true },
    },
    status: { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions: [ready] },
  } as PlainManifest;
}

function policyOf(number: number, sizes: ListSizes): PlainManifest {
  const from = [
    { podSelector: { matchLabels: { tier: `tier-${number % 3}` } } },
    { ipBlock: { cidr: `192.168.${number & 255}.0/24` } },
  ];
  return {
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
    metadata: metadataOf(`policy-${number}`, number, {}),
    spec: {
      podSelector: { matchLabels: { app: `app-${number % sizes.services}` } },
      policyTypes: ['Ingress'],
      ingress: [{ from, ports: [{ protocol: 'TCP', port: 8080 }] }],
    },
  } as PlainManifest;
}

function nodeNameOf(number: number, { nodes }: ListSizes): string {
  return `node-${number % nodes}`;
}

/** Address of a pod, and of the endpoint of the same number. */
export function podAddress(number: number): string {
  return `10.${128 + (number >>> 16)}.${(number >>> 8) & 255}.${number & 255}`;
}
