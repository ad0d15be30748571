// What is asked: which flows of a list the policies of a cluster deny on one node.

import type { ClusterState } from '../../host/controllers/state.ts';

/** Bit i stands for flow i. */
export type FlowSet = bigint;

export type Side = 'ingress' | 'egress';

export interface PolicyFlow {
  readonly source: string;
  readonly destination: string;
  /** IP protocol number. */
  readonly protocol: number;
  /** Destination port; null for protocols without ports. */
  readonly port: number | null;
}

/** What the policy APIs leave open. */
export interface OpenPoints {
  readonly toOwnNode: 'judge' | 'allow';
  readonly fromOwnNode: 'allow' | 'after-admin';
  readonly icmp: 'rules' | 'essential';
  readonly baseline: 'direction' | 'pod';
  readonly sidecarPortNames: boolean;
  readonly domainNames: Readonly<Record<string, readonly string[]>>;
}

/** All flows at once, as one node of a cluster sees them. */
export interface Question {
  readonly state: ClusterState;
  readonly node: string;
  readonly openPoints: OpenPoints;
  readonly flows: readonly PolicyFlow[];
}
