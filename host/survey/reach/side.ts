// One of two sets of manifests that are compared: asked on its own, divided as both divide the
// world.

import type { Cluster } from '../../cluster/cluster.ts';
import type { NodeConfig } from '../../compile/desired.ts';
import { classGroups } from './connections.ts';
import { groupEnds, type ClassedGroup, type Grouping } from './groups.ts';
import { Reach } from './reach.ts';

export interface Side {
  readonly reach: Reach;
  /** By name. */
  readonly groups: ReadonlyMap<string, ClassedGroup>;
}

/** Starts one side of a comparison with another cluster. */
export async function openSide(
  cluster: Cluster,
  other: Cluster,
  { by, config }: { readonly by: Grouping; readonly config?: Partial<NodeConfig> },
): Promise<Side> {
  const reach = await Reach.of(cluster, config, other);
  const groups = classGroups(reach, groupEnds(reach.ends, by, cluster.state));
  return { reach, groups: new Map(groups.map((group) => [group.name, group])) };
}
