// A scenario as data: a cluster, a node, flows and what is expected of them. Knows neither YAML
// nor any subject.

import type { NodeConfig } from '../compile/desired.ts';
import type { Family, KubernetesObject, Labels, ObjectReference } from '../kubernetes/types.ts';

/** Where a step was written, for problems that show only when it runs. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Field path of the step: `spec.flows[2]`. */
  readonly path: string;
}

/** `spec.config`: the node's settings, and whether controllers fill in what is missing. */
export interface ScenarioConfig extends Partial<NodeConfig> {
  readonly controllers: boolean;
}

/** What a flow is expected to do; an absent field is not checked. */
export interface Expectation {
  readonly verdict?: 'forward' | 'local' | 'reply' | 'drop' | 'reject' | 'pass';
  readonly reason?: string | null;
  /** `address:port`, canonical: only these, and each of them. */
  readonly endpoints?: readonly string[];
  /** Only these, not necessarily all. */
  readonly endpointsAnyOf?: readonly string[];
  readonly masquerade?: boolean;
  readonly reply?: ReplyResult;
  /** In a whole cluster: the node that decides, which is the last one on the way. */
  readonly node?: string;
}

/**
 * How the endpoint's answer came back: `ok` to the client's port and address, from what the client
 * dialled; `lost` not at all; `mistranslated` with another address, port or way out.
 */
export type ReplyResult = 'ok' | 'lost' | 'mistranslated';

export interface Flow {
  readonly type: 'flow';
  readonly place: Place;
  readonly name: string;
  /** Virtual time. */
  readonly atMs: number;
  /** Absent on flows that answer another. */
  readonly from?: string;
  readonly to?: string;
  /** First connection's; the others follow upwards. */
  readonly sourcePort?: number;
  readonly port?: number | string;
  /** IP protocol number; ICMP stands for ICMPv6 where the addresses are IPv6. */
  readonly protocol: number;
  readonly family?: Family;
  /** Name of the flow whose connections these packets answer. */
  readonly answers?: string;
  readonly connections: number;
  /** In a whole cluster: the node that takes what outside sends to an address of no node or pod. */
  readonly via?: string;
  readonly expect: Expectation;
}

export interface Change {
  readonly type: 'change';
  readonly place: Place;
  readonly atMs: number;
  readonly apply: readonly KubernetesObject[];
  readonly delete: readonly ObjectReference[];
}

/** What `spec.node` says for all nodes, each with its own dataplane. */
export const wholeCluster = '*';

export interface Scenario {
  readonly name: string;
  readonly file: string;
  /** Of no meaning to a run: for whoever sorts scenarios. */
  readonly annotations: Labels;
  /** Absent: the only Node, else the first by name; `wholeCluster`: all of them. */
  readonly node?: string;
  /** Every address local to the node; absent: the Node's own. */
  readonly nodeAddresses?: readonly string[];
  readonly config: ScenarioConfig;
  /** Paths of files and folders as written, relative to the scenario's own file. */
  readonly manifests: readonly string[];
  readonly objects: readonly KubernetesObject[];
  /** In the order in which they run. */
  readonly steps: readonly (Flow | Change)[];
}
