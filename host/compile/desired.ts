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

/** One rule of one policy. */
export interface RuleName {
  namespace: string;
  policy: string;
  /** `spec.ingress[0]`. */
  path: string;
  source?: Source;
}

/** What the numbers in the maps stand for: only for people, never for a verdict. */
export interface Names {
  /** Port number -> `uplink`, `host`, `pod/ns/name`. */
  readonly ports: ReadonlyMap<number, string>;
  readonly services: Pick<ReadonlyMap<number, ServiceName>, 'get'>;
  /** Identity -> its pods, `ns/name`. */
  readonly identities: ReadonlyMap<number, readonly string[]>;
  /** Block class -> the CIDRs that contain it. */
  readonly blocks: ReadonlyMap<number, readonly string[]>;
  /** Address in canonical spelling -> `pod ns/name`, `node name`, `service ns/name`. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Number of the port by which a packet with this source enters the node. */
  portOf(address: string): number;
  /** Policies that isolate an identity. direction: 0 ingress, 1 egress. */
  isolatedBy(identity: number, direction: number): readonly RuleName[];
  /** Rules that put this port class into this entry of map `policies`. */
  admittedBy(entry: PolicyEntryName): readonly RuleName[];
}

/** One port class in one entry of map `policies`. */
export interface PolicyEntryName {
  readonly subject: number;
  /** A Direction. */
  readonly direction: number;
  /** A PeerKind. */
  readonly peerKind: number;
  readonly peer: number;
  readonly portClass: number;
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
  seed: number;
}
