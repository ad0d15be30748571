// The Kubernetes objects that podplane reads, and of each the fields that matter to a packet.
// Spelling and meaning are the API's (k8s.io/api core/v1, apps/v1, batch/v1, discovery/v1,
// networking/v1) and of the policies of the whole cluster (policy.networking.k8s.io/v1alpha2 and
// v1alpha1). Unknown fields are dropped on reading.

export type Labels = Readonly<Record<string, string>>;
export type Protocol = 'TCP' | 'UDP' | 'SCTP';
export type Family = 4 | 6;

/** Where an object was written. */
export interface Source {
  readonly file: string;
  /** 1-based line of the object's first key. */
  readonly line: number;
}

export interface Meta {
  name: string;
  /** `default` when absent on a namespaced kind; '' on Namespace and Node. */
  namespace: string;
  labels: Labels;
  annotations: Labels;
  /** Set while the object is being deleted. */
  deletionTimestamp?: string;
  /** The owner that manages the object (`ReplicaSet/web-5d4`), from `ownerReferences`. */
  controlledBy?: string;
  /** Present when podplane made the object: the object it was made from, `Deployment/web`. */
  madeFrom?: string;
}

interface Base<K extends string> {
  kind: K;
  metadata: Meta;
  /** Absent on objects made by podplane. */
  source?: Source;
}

/**
 * metav1.LabelSelector. An absent selector and an empty one mean different things: see the field
 * that holds it.
 */
export interface LabelSelector {
  matchLabels?: Labels;
  matchExpressions?: readonly {
    key: string;
    operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    values?: readonly string[];
  }[];
}

export interface Namespace extends Base<'Namespace'> {}

export interface Node extends Base<'Node'> {
  spec: { podCIDRs: readonly string[] };
  status: {
    addresses: readonly { type: string; address: string }[];
    /** A quantity; absent when it is not written. */
    allocatable?: { cpu: string };
    /** Absent when none is written. */
    conditions?: readonly { type: string; status: string }[];
  };
}

export interface ContainerPort {
  name?: string;
  containerPort: number;
  protocol: Protocol;
  hostPort?: number;
}

export interface Container {
  name: string;
  ports: readonly ContainerPort[];
  /** Only of init containers: `Always` makes it a sidecar. */
  restartPolicy?: string;
}

/** core/v1 `PodDNSConfig`: what is added to the settings of the policy. */
export interface PodDNSConfig {
  nameservers: readonly string[];
  searches: readonly string[];
  options: readonly { name: string; value?: string }[];
}

export interface PodSpec {
  nodeName?: string;
  nodeSelector?: Labels;
  hostNetwork: boolean;
  hostname?: string;
  subdomain?: string;
  /** Absent: ClusterFirst. */
  dnsPolicy?: 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default' | 'None';
  dnsConfig?: PodDNSConfig;
  containers: readonly Container[];
  initContainers: readonly Container[];
}

export interface Pod extends Base<'Pod'> {
  spec: PodSpec;
  status: {
    phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
    /** Canonical spelling, at most one per family. */
    podIPs: readonly string[];
    conditions: readonly { type: string; status: string }[];
  };
}

export interface PodTemplate {
  metadata: { labels: Labels; annotations: Labels };
  spec: PodSpec;
}

/** Deployment, ReplicaSet, StatefulSet, DaemonSet and Job: what makes pods. */
export interface Workload extends Base<
  'Deployment' | 'ReplicaSet' | 'StatefulSet' | 'DaemonSet' | 'Job'
> {
  spec: {
    /** Job: parallelism. DaemonSet: absent, one per node. */
    replicas?: number;
    selector?: LabelSelector;
    /** StatefulSet only. */
    serviceName?: string;
    template: PodTemplate;
  };
}

export interface ServicePort {
  /** '' when the only port has no name. */
  name: string;
  protocol: Protocol;
  port: number;
  targetPort: number | string;
  nodePort?: number;
  appProtocol?: string;
}

export interface Service extends Base<'Service'> {
  spec: {
    type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
    /** Absent: none assigned yet. `None`: headless. */
    clusterIP?: string;
    clusterIPs: readonly string[];
    ipFamilies: readonly ('IPv4' | 'IPv6')[];
    ipFamilyPolicy?: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';
    /** Absent or empty: no EndpointSlices are made. */
    selector?: Labels;
    ports: readonly ServicePort[];
    externalName?: string;
    externalIPs: readonly string[];
    externalTrafficPolicy?: 'Cluster' | 'Local';
    internalTrafficPolicy?: 'Cluster' | 'Local';
    sessionAffinity: 'None' | 'ClientIP';
    /** Seconds; present when sessionAffinity is ClientIP. */
    sessionAffinityTimeout?: number;
    loadBalancerIP?: string;
    loadBalancerSourceRanges: readonly string[];
    allocateLoadBalancerNodePorts?: boolean;
    healthCheckNodePort?: number;
    publishNotReadyAddresses: boolean;
    trafficDistribution?: string;
  };
  status: {
    ingress: readonly { ip?: string; hostname?: string; ipMode?: 'VIP' | 'Proxy' }[];
  };
}

export interface SliceEndpoint {
  addresses: readonly string[];
  /** Absent fields are unset, not false. */
  conditions: { ready?: boolean; serving?: boolean; terminating?: boolean };
  hostname?: string;
  nodeName?: string;
  zone?: string;
  hints: { forZones: readonly string[]; forNodes: readonly string[] };
  /** `namespace/name` of the pod, when the reference names one. */
  targetPod?: string;
}

export interface EndpointSlice extends Base<'EndpointSlice'> {
  addressType: 'IPv4' | 'IPv6' | 'FQDN';
  ports: readonly { name?: string; protocol: Protocol; port?: number }[];
  endpoints: readonly SliceEndpoint[];
}

/** The legacy kind; controllers turn it into EndpointSlices. */
export interface Endpoints extends Base<'Endpoints'> {
  subsets: readonly {
    addresses: readonly { ip: string; nodeName?: string; hostname?: string }[];
    notReadyAddresses: readonly { ip: string; nodeName?: string; hostname?: string }[];
    ports: readonly { name: string; protocol: Protocol; port: number }[];
  }[];
}

export interface NetworkPolicyPeer {
  podSelector?: LabelSelector;
  namespaceSelector?: LabelSelector;
  ipBlock?: { cidr: string; except: readonly string[] };
}

export interface NetworkPolicyPort {
  protocol: Protocol;
  /** Absent: every port of the protocol. */
  port?: number | string;
  endPort?: number;
}

export interface NetworkPolicyRule {
  /** Empty: every peer. */
  peers: readonly NetworkPolicyPeer[];
  /** Empty: every port of every protocol. */
  ports: readonly NetworkPolicyPort[];
  /** Path of the rule in the object: `spec.ingress[0]`. */
  path: string;
}

export interface NetworkPolicy extends Base<'NetworkPolicy'> {
  spec: {
    /** Selects pods of the policy's own namespace; absent means all, as does an empty one. */
    podSelector?: LabelSelector;
    /** Defaulted. */
    policyTypes: readonly ('Ingress' | 'Egress')[];
    ingress: readonly NetworkPolicyRule[];
    egress: readonly NetworkPolicyRule[];
  };
}

/** Selects pods: all of some namespaces, or some pods of some namespaces. Both default to all. */
export interface TierPods {
  namespaceSelector: LabelSelector;
  /** Absent: every pod of those namespaces. */
  podSelector?: LabelSelector;
}

/** Exactly one field is set; none: a kind of peer that is not known, and fails closed. */
export interface TierPeer {
  pods?: TierPods;
  /** CIDRs, canonical. Egress only. */
  networks?: readonly string[];
  /** All addresses of the Nodes with these labels. Egress only. */
  nodes?: LabelSelector;
  /** `example.com` or `*.example.com`. Egress only. */
  domainNames?: readonly string[];
}

/** Destination ports: of a protocol, first to last; or a container port's name, of any protocol. */
export type TierPort = { protocol: Protocol; first: number; last: number } | { name: string };

export interface TierRule {
  name: string;
  action: 'Accept' | 'Deny' | 'Pass';
  peers: readonly TierPeer[];
  /** Absent: every protocol, those without ports included. */
  ports?: readonly TierPort[];
  /** Path of the rule in the object: `spec.ingress[0]`. */
  path: string;
}

/** A policy of the whole cluster, before (Admin) or after (Baseline) NetworkPolicy. */
export interface TierPolicy extends Base<
  'ClusterNetworkPolicy' | 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy'
> {
  spec: {
    tier: 'Admin' | 'Baseline';
    /** 0 to 1000, lower first, compared inside the tier. 0 for BaselineAdminNetworkPolicy. */
    priority: number;
    subject: TierPods;
    ingress: readonly TierRule[];
    egress: readonly TierRule[];
  };
}

export type KubernetesObject =
  | Namespace
  | Node
  | Pod
  | Workload
  | Service
  | Endpoints
  | EndpointSlice
  | NetworkPolicy
  | TierPolicy;

export type Kind = KubernetesObject['kind'];

/** What an object is known by: kind, namespace ('' of kinds without) and name. */
export interface ObjectReference {
  kind: string;
  namespace: string;
  name: string;
}

/** `Kind/namespace/name`, or `Kind/name` for kinds without namespace. */
export function objectKey(reference: ObjectReference): string {
  const { kind, namespace, name } = reference;
  return namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}
