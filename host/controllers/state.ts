// What a cluster is once its API server and controllers are through with the manifests, and the
// settings they work by. Holds no packet logic. The ranges are those of a `kind` cluster, as far as
// `kind` has them.

import type {
  EndpointSlice,
  Family,
  Namespace,
  NetworkPolicy,
  Node,
  Pod,
  Service,
  Source,
  TierPolicy,
  Workload,
} from '../kubernetes/types.ts';

/** Something skipped or assumed, for people; never an error. */
export interface Note {
  /** `Service/default/web`; '' when it concerns the cluster. */
  readonly object: string;
  readonly message: string;
  readonly source?: Source;
}

/** Every array is sorted by namespace, then name. */
export interface ClusterState {
  readonly nodes: readonly Node[];
  readonly namespaces: readonly Namespace[];
  readonly pods: readonly Pod[];
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly policies: readonly NetworkPolicy[];
  /** By name and kind: not in the order of their tiers and priorities. */
  readonly tierPolicies: readonly TierPolicy[];
  /** Of the cluster's families only, the primary family first. */
  readonly serviceCIDRs: readonly string[];
  /** The cluster's own, then ranges of Nodes outside them. */
  readonly podCIDRs: readonly string[];
  readonly notes: readonly Note[];
}

export interface ControllerOptions {
  /** False: nothing is filled in, only what is written counts. */
  readonly controllers: boolean;
  readonly serviceCIDRs: readonly string[];
  /** Nodes get a /24 (IPv6: /64) each. */
  readonly podCIDRs: readonly string[];
  readonly loadBalancerCIDRs: readonly string[];
  readonly nodeCIDRs: readonly string[];
  /** Primary first. Absent: IPv4, and IPv6 as well if an object speaks of it. */
  readonly families?: readonly Family[];
  /** Nodes that exist even if no object names them. */
  readonly nodeNames?: readonly string[];
}

/**
 * Load-balancer addresses come from ranges reserved for documentation (RFC 5737, RFC 3849): no
 * cloud stands behind them.
 */
export const defaultControllerOptions: ControllerOptions = {
  controllers: true,
  serviceCIDRs: ['10.96.0.0/16', 'fd00:10:96::/112'],
  podCIDRs: ['10.244.0.0/16', 'fd00:10:244::/48'],
  loadBalancerCIDRs: ['198.51.100.0/24', '2001:db8:1b::/64'],
  nodeCIDRs: ['192.168.0.0/24', 'fd00:192:168::/64'],
};
