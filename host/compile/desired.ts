// The plain result of compilation: what every map should hold, as bytes, and what every number in
// them stands for.

import type { MapName } from '../abi/abi.gen.ts';
import type { Source } from '../kubernetes/types.ts';
import type { PersistentMap } from './persistent-map.ts';

/**
 * Entries of one map: key bytes, one character a byte (latin1), to value bytes. Array maps: key is
 * a u32, little-endian.
 */
export type DesiredMap = PersistentMap<string, Uint8Array>;

/** Maps that the host writes; a map that is absent is left alone. */
export type DesiredState = Partial<Record<MapName, DesiredMap>>;

/** What a service number stands for. */
export interface ServiceName {
  namespace: string;
  name: string;
  /** Port name, '' if it has none. */
  portName: string;
  port: number;
  protocol: 'TCP' | 'UDP' | 'SCTP';
  family: 4 | 6;
  source?: Source;
}

/** One rule of one policy, or, with the path of what selects the pod, the policy itself. */
export interface RuleName {
  /** `NetworkPolicy` where it is absent. */
  kind?: 'ClusterNetworkPolicy' | 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy';
  /** '' for policies of the whole cluster. */
  namespace: string;
  policy: string;
  /** `spec.ingress[0]`. */
  path: string;
  /** Only of the admin tiers. */
  tier?: 'Admin' | 'Baseline';
  priority?: number;
  /** Name that the rule itself has, and what it does. */
  rule?: string;
  action?: 'Accept' | 'Deny' | 'Pass';
  source?: Source;
}

/** What the numbers in the maps stand for: only for people, never for a verdict. */
export interface Names {
  /** Port number -> `uplink`, `host`, `pod/ns/name`. */
  readonly ports: ReadonlyMap<number, string>;
  readonly services: Pick<ReadonlyMap<number, ServiceName>, 'get'>;
  /**
   * What each service number was given out for -> the number: a Service port, or in ipvs mode one
   * front-end of it. The same text on this node whatever else is in the cluster.
   */
  readonly serviceKeys: Iterable<readonly [key: string, number: number]>;
  /** Identity -> its pods, `ns/name`. */
  readonly identities: Pick<ReadonlyMap<number, readonly string[]>, 'get'>;
  /** Ruleset -> the policies that it consists of. */
  readonly rulesets: Pick<ReadonlyMap<number, readonly RuleName[]>, 'get'>;
  /** Address in canonical spelling -> `pod ns/name`, `node name`, `service ns/name`. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Number of the port by which a packet with this source enters the node. */
  portOf(address: string): number;
  /** What each rule of a ruleset says about one connection. */
  explainRuleset(question: PolicyQuestion): PolicyExplanation;
}

/** One end of a connection, as one ruleset sees it. */
export interface PolicyQuestion {
  /** Key of map `rulesets`. */
  readonly ruleset: number;
  /** Address of the other end, in canonical spelling. */
  readonly peer: string;
  /** Address of the destination: its pod is where port names are looked up. */
  readonly destination: string;
  /** IP protocol number. */
  readonly protocol: number;
  /** Destination port; 0 for protocols without ports. */
  readonly port: number;
}

/** One rule, and which of its two halves fit. */
export interface RuleFit {
  readonly rule: RuleName;
  readonly fitsPeer: boolean;
  readonly fitsPort: boolean;
  /** Why the peer fits, or what the rule asks of it: `by its labels`, `by its address in …`. */
  readonly because: 'any' | 'labels' | 'address' | null;
  /** CIDR that fits, where `because` is `address`. */
  readonly cidr?: string;
  /** Rank of the rule in its tier, as in map `port-rulings`; 0 for NetworkPolicy. */
  readonly rank: number;
}

/** A policy that selects the end, and its rules of that direction in order. */
export interface PolicyFit {
  readonly policy: RuleName;
  readonly rules: readonly RuleFit[];
}

/** Admin tier first, then NetworkPolicy, then Baseline; tiers by priority. */
export interface PolicyExplanation {
  readonly policies: readonly PolicyFit[];
}

/** A node's settings, from the command line, a scenario's `config` or the embedder. */
export interface NodeConfig {
  mode: 'nftables' | 'iptables' | 'ipvs';
  /** ipvs mode: by its name in Linux; `rr` unless given. */
  scheduler?: string;
  /** The other modes: how an endpoint is chosen; `random`, as kube-proxy does, unless given. */
  balancing?: 'random' | 'maglev';
  /** Whose time-outs and habits connections have; `kube-proxy`, on Linux, unless given. */
  profile?: 'kube-proxy' | 'cilium' | 'calico';
  /** A TCP segment outside the window is not invalid; only Linux calls it so, unless given. */
  beLiberal?: boolean;
  /** TCP connections are picked up in the middle; true unless given. */
  loose?: boolean;
  masqueradeAll: boolean;
  /**
   * The source port of what is masqueraded: `random`, as kube-proxy asks for, unless given, or kept
   * while it is free towards the same destination.
   */
  masqueradePorts?: 'random' | 'keep-if-free';
  /** Absent: ClusterCIDR with the pod CIDRs that the controllers used. */
  detectLocal?: {
    mode: 'ClusterCIDR' | 'NodeCIDR' | 'Interface' | 'None';
    cidrs?: readonly string[];
  };
  nodePortAddresses: readonly string[];
  localhostNodePorts: boolean;
  serviceCIDRs: readonly string[];
  /** Every address local to the node; absent: the Node's own. */
  nodeAddresses?: readonly string[];
  /**
   * Longest packet in bytes that leaves by a port: `uplink`, `pods`, or one pod's `pod/ns/name`;
   * 1500 unless given.
   */
  mtu?: Readonly<Record<string, number>>;
  /** ICMP errors that the node sends, by packet time; any number unless given. */
  icmpErrors?: {
    /** On average. */
    perSecond: number;
    /** After a pause. */
    atOnce: number;
  };
  seed: number;
  /** What the policy APIs leave open; absent fields have the majority's behaviour. */
  policy?: Partial<PolicyOptions>;
}

/** Who does what: docs/decisions/0020-policy-open-points.md. */
export interface PolicyOptions {
  /** What a change of policy does to connections it no longer admits. */
  liveConnections: 'keep' | 'revalidate';
  /** A pod that reaches itself through a Service, under NetworkPolicy. */
  selfThroughService: 'allow' | 'judge';
  /** A pod that talks to its own node. */
  toOwnNode: 'judge' | 'allow';
  /** The own node that talks to a pod: before all policy, or unless the Admin tier denies it. */
  fromOwnNode: 'allow' | 'after-admin';
  /** ICMP passes by rules without ports only; or echo requests and errors always do. */
  icmp: 'rules' | 'essential';
  /** The source that policy sees of a connection that this node masquerades. */
  masqueradedSource: 'original' | 'node';
  /** The Baseline tier is left out where a NetworkPolicy selects the pod: for that direction. */
  baseline: 'direction' | 'pod';
  /** Whether ports of sidecars are found by name. */
  sidecarPortNames: boolean;
  /** Addresses of domain names; others have none that is known. */
  domainNames: Readonly<Record<string, readonly string[]>>;
}
