// What is wrong with a cluster's policies, as far as it can be told from the objects: policies and
// rules that do nothing, ports that nobody listens on, what isolation breaks.

import type { Cluster } from '../cluster/cluster.ts';
import type { NodeConfig } from '../compile/desired.ts';
import { findBroken } from './lint/broken.ts';
import { findCovered } from './lint/covered.ts';
import { findUncovered } from './lint/coverage.ts';
import type { LintFinding } from './lint/finding.ts';
import { findIdle } from './lint/idle.ts';
import { findWrongPorts } from './lint/ports.ts';
import { Selection } from './lint/selection.ts';
import { findIdleTiers } from './lint/tiers.ts';
import { Reach } from './reach/reach.ts';

/** `lint -o json`; version 1. */
export interface LintReport {
  readonly version: 1;
  /** In the order of files and lines. */
  readonly findings: readonly LintFinding[];
  readonly warnings: number;
}

/** Looks for what policies do not do, or should not. */
export async function lintCluster(
  cluster: Cluster,
  config: Partial<NodeConfig> = {},
): Promise<LintReport> {
  const reach = await Reach.of(cluster, config);
  const selection = new Selection(cluster.state);
  const findings = [
    ...findIdle(selection),
    ...findIdleTiers(selection),
    ...findWrongPorts(selection),
    ...findCovered(selection),
    ...findBroken(reach),
    ...findUncovered(reach),
  ].toSorted(byPlace);
  reach.close();
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  return { version: 1, findings, warnings };
}

function byPlace(a: LintFinding, b: LintFinding): number {
  const fileOf = ({ source, object }: LintFinding) => source?.file ?? object;
  const [file, other] = [fileOf(a), fileOf(b)];
  if (file !== other) return file < other ? -1 : 1;
  return (a.source?.line ?? 0) - (b.source?.line ?? 0) || (a.path < b.path ? -1 : 1);
}
