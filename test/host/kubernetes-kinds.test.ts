// What each kind becomes: defaults, normal forms, warnings.

import { describe, expect, it } from 'vitest';
import { readObject } from '../../host/kubernetes/read.ts';
import type { KubernetesObject, NetworkPolicy, Service } from '../../host/kubernetes/types.ts';
import { formatProblem } from '../../host/problem.ts';

type Kind = KubernetesObject['kind'];
type ObjectOf<K extends Kind> = KubernetesObject extends infer O
  ? O extends { kind: infer Kinds }
    ? K extends Kinds
      ? O
      : never
    : never
  : never;

const versions: Partial<Record<Kind, string>> = {
  NetworkPolicy: 'networking.k8s.io/v1',
  EndpointSlice: 'discovery.k8s.io/v1',
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  Job: 'batch/v1',
};

/** One object of a kind from its fields; metadata is filled in. */
function read<K extends Kind>(kind: K, fields: object): ObjectOf<K> & { warnings: string[] } {
  const apiVersion = versions[kind] ?? 'v1';
  const result = readObject({ apiVersion, kind, metadata: { name: 'x' }, ...fields }, 'f');
  const warnings = result.warnings.map(formatProblem);
  return { ...(result.objects[0] as ObjectOf<K>), warnings };
}

describe('metadata', () => {
  it('fills in the namespace of namespaced kinds only', () => {
    expect(read('Pod', {}).metadata.namespace).toBe('default');
    expect(read('Node', {}).metadata.namespace).toBe('');
  });

  it('reads what matters and drops the rest', () => {
    const metadata = {
      generateName: 'web-',
      labels: null,
      annotations: { a: 'b c' },
      deletionTimestamp: '2026-01-01T00:00:00Z',
      ownerReferences: [
        { kind: 'Node', name: 'n' },
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d4', controller: true, uid: 'x' },
      ],
      managedFields: [{ manager: 'kubectl' }],
      uid: 'u',
    };
    expect(read('Pod', { metadata }).metadata).toEqual({
      name: 'web-0',
      namespace: 'default',
      labels: {},
      annotations: { a: 'b c' },
      deletionTimestamp: '2026-01-01T00:00:00Z',
      controlledBy: 'ReplicaSet/web-5d4',
    });
  });

  it('labels a namespace with its name', () => {
    const metadata = { name: 'prod', labels: { 'kubernetes.io/metadata.name': 'forged' } };
    expect(read('Namespace', { metadata }).metadata.labels).toEqual({
      'kubernetes.io/metadata.name': 'prod',
    });
  });
});

describe('Service', () => {
  const spec = (fields: object): Service['spec'] =>
    read('Service', { spec: { ports: [{ port: 80 }], ...fields } }).spec;

  it('has defaults', () => {
    expect(spec({})).toEqual({
      type: 'ClusterIP',
      clusterIPs: [],
      ipFamilies: [],
      ports: [{ name: '', protocol: 'TCP', port: 80, targetPort: 80 }],
      externalIPs: [],
      internalTrafficPolicy: 'Cluster',
      loadBalancerSourceRanges: [],
      publishNotReadyAddresses: false,
      sessionAffinity: 'None',
    });
    expect(spec({ type: 'LoadBalancer' })).toMatchObject({
      externalTrafficPolicy: 'Cluster',
      allocateLoadBalancerNodePorts: true,
    });
    expect(spec({ type: 'NodePort' }).externalTrafficPolicy).toBe('Cluster');
    expect(spec({ externalIPs: ['1.2.3.4'] }).externalTrafficPolicy).toBe('Cluster');
    expect(spec({ sessionAffinity: 'ClientIP' }).sessionAffinityTimeout).toBe(10800);
    expect(spec({ type: 'ExternalName', externalName: 'db.example.com.' })).not.toHaveProperty(
      'internalTrafficPolicy',
    );
  });

  it.each([0, '', null])('takes targetPort %j for the port', (targetPort) =>
    expect(spec({ ports: [{ port: 80, targetPort, nodePort: 0 }] }).ports).toEqual([
      { name: '', protocol: 'TCP', port: 80, targetPort: 80 },
    ]),
  );

  it('normalises addresses, old spellings too', () => {
    const object = read('Service', {
      spec: {
        type: 'LoadBalancer',
        ports: [{ port: 80 }],
        clusterIP: '010.0.0.1',
        clusterIPs: ['010.0.0.1', 'FD00::0001'],
        loadBalancerSourceRanges: [' 10.1.2.3/8 ', '010.0.0.0/016'],
        externalIPs: ['1.2.3.004'],
      },
      status: {
        loadBalancer: {
          ingress: [{ ip: '1.2.3.4' }, { hostname: 'h' }, { ip: '1.2.3.5', ipMode: 'Proxy' }],
        },
      },
    });
    expect(object.spec).toMatchObject({
      clusterIP: '10.0.0.1',
      clusterIPs: ['10.0.0.1', 'fd00::1'],
      loadBalancerSourceRanges: ['10.0.0.0/8', '10.0.0.0/16'],
      externalIPs: ['1.2.3.4'],
    });
    expect(object.status.ingress).toEqual([
      { ip: '1.2.3.4', ipMode: 'VIP' },
      { hostname: 'h' },
      { ip: '1.2.3.5', ipMode: 'Proxy' },
    ]);
    expect(object.warnings).toEqual([
      'f: spec.clusterIP: old spelling of an address, read as 10.0.0.1',
      'f: spec.clusterIPs[0]: old spelling of an address, read as 10.0.0.1',
      'f: spec.loadBalancerSourceRanges[0]: bits are set beyond the length of the block, read as ' +
        '10.0.0.0/8',
      'f: spec.externalIPs[0]: old spelling of an address, read as 1.2.3.4',
    ]);
  });

  it('warns of what kube-proxy ignores and an API server refuses', () => {
    const local = read('Service', {
      spec: { ports: [{ port: 80 }], externalTrafficPolicy: 'Local' },
    });
    expect(local.spec).not.toHaveProperty('externalTrafficPolicy');
    expect(local.warnings).toEqual([
      'f: spec.externalTrafficPolicy: may only be set for externally-accessible services; it is ' +
        'ignored',
    ]);
    const name = read('Service', {
      spec: { type: 'ExternalName', externalName: 'a', clusterIP: '10.0.0.1', selecter: {} },
    });
    expect(name.spec.clusterIPs).toEqual([]);
    expect(name.warnings).toEqual([
      'f: spec.selecter: unknown field; it is ignored',
      "f: spec.clusterIP: may not be set when `type` is 'ExternalName'; it is ignored",
    ]);
  });
});

describe('NetworkPolicy', () => {
  const spec = (fields: object): NetworkPolicy['spec'] =>
    read('NetworkPolicy', { spec: fields }).spec;

  it.each<[object, string[]]>([
    [{}, ['Ingress']],
    [{ policyTypes: [] }, ['Ingress']],
    [{ egress: [] }, ['Ingress']],
    [{ egress: [{}] }, ['Ingress', 'Egress']],
    [{ policyTypes: ['Egress'], ingress: [{}] }, ['Egress']],
  ])('%j has the types %j', (fields, types) => expect(spec(fields).policyTypes).toEqual(types));

  it('tells absent selectors from empty ones', () => {
    expect(spec({})).not.toHaveProperty('podSelector');
    expect(spec({ podSelector: null })).not.toHaveProperty('podSelector');
    expect(spec({ podSelector: {} }).podSelector).toEqual({});
    const [rule] = spec({ ingress: [{ from: [{ namespaceSelector: {} }] }] }).ingress;
    expect(rule).toEqual({
      peers: [{ namespaceSelector: {} }],
      ports: [],
      path: 'spec.ingress[0]',
    });
  });

  it('reads rules, an empty one included', () => {
    const rule = {
      to: [{ ipBlock: { cidr: '10.1.2.3/8', except: ['10.2.0.0/16'] } }],
      ports: [{}, { port: 'http' }, { port: 1, endPort: 1, protocol: 'SCTP' }],
    };
    expect(spec({ egress: [null, rule] }).egress).toEqual([
      { peers: [], ports: [], path: 'spec.egress[0]' },
      {
        peers: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.2.0.0/16'] } }],
        ports: [
          { protocol: 'TCP' },
          { protocol: 'TCP', port: 'http' },
          { protocol: 'SCTP', port: 1, endPort: 1 },
        ],
        path: 'spec.egress[1]',
      },
    ]);
  });

  it('warns of slips that would open a rule', () => {
    const { warnings } = read('NetworkPolicy', { spec: { ingress: [{ form: [] }] } });
    expect(warnings).toEqual(['f: spec.ingress[0].form: unknown field; it is ignored']);
  });
});

describe('nodes', () => {
  it('reads CPU and conditions where they are written', () => {
    const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }];
    const status = { allocatable: { cpu: 4, memory: '1Gi' }, conditions };
    expect(read('Node', { status }).status).toEqual({
      addresses: [],
      allocatable: { cpu: '4' },
      conditions: [{ type: 'Ready', status: 'True' }],
    });
    expect(read('Node', { status: {} }).status).toEqual({ addresses: [] });
    expect(() => read('Node', { status: { allocatable: { cpu: 'four' } } })).toThrow(
      'status.allocatable.cpu: Invalid value: "four": must be a quantity; a number such as 4',
    );
  });
});

describe('pods and workloads', () => {
  it('reads how names are resolved, in pods and templates alike', () => {
    const options = [{ name: 'ndots', value: '2' }, { name: 'edns0' }];
    const dnsConfig = { nameservers: ['FD00::1'], searches: ['a.example.'], options };
    const spec = { dnsPolicy: 'None', dnsConfig };
    const expected = { ...spec, dnsConfig: { ...dnsConfig, nameservers: ['fd00::1'] } };
    expect(read('Pod', { spec }).spec).toMatchObject(expected);
    const selector = { matchLabels: { a: 'b' } };
    const template = { metadata: { labels: { a: 'b' } }, spec };
    const { spec: made } = read('Deployment', { spec: { selector, template } });
    expect(made.template.spec).toMatchObject(expected);
    expect(read('Pod', { spec: { dnsConfig: {} } }).spec).toMatchObject({
      dnsConfig: { nameservers: [], searches: [], options: [] },
    });
  });

  it('reads ports, addresses and conditions', () => {
    const ports = [
      { containerPort: 80, name: 'http' },
      { containerPort: 53, protocol: 'UDP', hostPort: 0 },
    ];
    const object = read('Pod', {
      spec: { nodeName: 'n', containers: [{ name: 'c', image: 'x', ports }], volumes: [] },
      status: {
        phase: 'Running',
        podIP: '10.0.0.1',
        podIPs: [{ ip: '10.0.0.1' }, { ip: 'FD00::1' }],
        conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null }],
      },
    });
    expect(object.spec).toEqual({
      nodeName: 'n',
      hostNetwork: false,
      containers: [
        {
          name: 'c',
          ports: [
            { name: 'http', containerPort: 80, protocol: 'TCP' },
            { containerPort: 53, protocol: 'UDP' },
          ],
        },
      ],
      initContainers: [],
    });
    expect(object.status).toEqual({
      phase: 'Running',
      podIPs: ['10.0.0.1', 'fd00::1'],
      conditions: [{ type: 'Ready', status: 'True' }],
    });
    expect(read('Pod', { status: { podIP: '10.0.0.9' } }).status.podIPs).toEqual(['10.0.0.9']);
  });

  it('gives host-network ports their host port', () => {
    const spec = { hostNetwork: true, containers: [{ ports: [{ containerPort: 80 }] }] };
    expect(read('Pod', { spec }).spec.containers[0]?.ports[0]?.hostPort).toBe(80);
  });

  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c' }] } };
  const selector = { matchLabels: { app: 'x' } };

  it.each<[Kind, object, number | undefined]>([
    ['Deployment', {}, 1],
    ['Deployment', { replicas: 0 }, 0],
    ['StatefulSet', { replicas: 3, serviceName: 's' }, 3],
    ['DaemonSet', { replicas: 3 }, undefined],
    ['Job', {}, 1],
    ['Job', { parallelism: 4, completions: 2 }, 2],
    ['Job', { parallelism: 4, suspend: true }, 0],
  ])('%s %j has %j replicas', (kind, fields, replicas) => {
    const object = read(kind as 'Deployment', { spec: { selector, template, ...fields } });
    expect(object.spec.replicas).toBe(replicas);
    expect(object.spec.template.metadata.labels).toEqual({ app: 'x' });
  });

  it('counts no pods for a Job that is over', () => {
    const status = { conditions: [{ type: 'Complete', status: 'True' }] };
    expect(read('Job', { spec: { template }, status }).spec.replicas).toBe(0);
  });
});

describe('endpoints and nodes', () => {
  it('reads a slice, with unset conditions left unset', () => {
    const object = read('EndpointSlice', {
      addressType: 'IPv4',
      ports: [{ port: 8080 }, { name: 'b', port: null }, { name: 'c', port: 0, protocol: 'UDP' }],
      endpoints: [
        {
          addresses: ['10.0.0.1'],
          conditions: { ready: true, serving: null },
          nodeName: 'n',
          zone: 'z',
          hints: { forZones: [{ name: 'z' }] },
          targetRef: { kind: 'Pod', namespace: 'ns', name: 'p' },
        },
        { addresses: [] },
      ],
    });
    expect(object.ports).toEqual([
      { name: '', protocol: 'TCP', port: 8080 },
      { name: 'b', protocol: 'TCP' },
      { name: 'c', protocol: 'UDP' },
    ]);
    expect(object.endpoints).toEqual([
      {
        addresses: ['10.0.0.1'],
        conditions: { ready: true },
        nodeName: 'n',
        zone: 'z',
        hints: { forZones: ['z'], forNodes: [] },
        targetPod: 'ns/p',
      },
      { addresses: [], conditions: {}, hints: { forZones: [], forNodes: [] } },
    ]);
    expect(object.warnings).toHaveLength(1);
  });

  it('reads Endpoints', () => {
    const subset = { addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] };
    expect(read('Endpoints', { subsets: [subset] }).subsets).toEqual([
      {
        addresses: [{ ip: '10.0.0.1' }],
        notReadyAddresses: [],
        ports: [{ name: '', protocol: 'TCP', port: 80 }],
      },
    ]);
  });

  it('reads a Node', () => {
    const node = read('Node', {
      spec: { podCIDR: '10.244.0.0/24' },
      status: {
        addresses: [
          { type: 'InternalIP', address: 'FD00::1' },
          { type: 'Hostname', address: 'N' },
        ],
      },
    });
    expect(node.spec.podCIDRs).toEqual(['10.244.0.0/24']);
    expect(node.status.addresses).toEqual([
      { type: 'InternalIP', address: 'fd00::1' },
      { type: 'Hostname', address: 'N' },
    ]);
  });
});
