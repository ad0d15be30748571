// Points of policy that the APIs leave open or that implementations see differently: each is a
// setting of the node, with what most do as its default. Who does what is told in
// docs/decisions/0020-policy-open-points.md.

import type { NodeConfig, PolicyOptions } from './desired.ts';

export const defaultPolicyOptions: PolicyOptions = {
  liveConnections: 'keep',
  selfThroughService: 'allow',
  toOwnNode: 'judge',
  fromOwnNode: 'allow',
  icmp: 'rules',
  masqueradedSource: 'original',
  baseline: 'direction',
  sidecarPortNames: true,
  domainNames: {},
};

/** The node's settings, with defaults for those it leaves out. */
export function policyOptionsOf({ policy }: NodeConfig): PolicyOptions {
  return { ...defaultPolicyOptions, ...policy };
}
