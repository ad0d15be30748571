// Workloads that no policy selects for ingress: whoever has their address may talk to them. Asks
// the dataplane.

import type { Pod } from '../../kubernetes/types.ts';
import { groupBy } from '../group-by.ts';
import { groupEnds, type EndGroup } from '../reach/groups.ts';
import type { Reach } from '../reach/reach.ts';
import { findSelecting } from '../reach/selected-by.ts';
import { findingOf, listNames, type LintFinding } from './finding.ts';

/** One finding for each workload, or one for all of a namespace. */
export function findUncovered(reach: Reach): LintFinding[] {
  const { state } = reach.dataplane.cluster;
  const isOpen = ({ ends }: EndGroup) =>
    [...new Set(ends.map(({ address }) => reach.classOf(address)!))].some(
      (each) => findSelecting(reach, each, 'ingress').length === 0,
    );
  const workloads = groupEnds(reach.ends, 'workload', state).filter(({ namespace }) => namespace);
  return [...groupBy(workloads, ({ namespace }) => namespace)].flatMap(([namespace, groups]) => {
    const open = groups.filter(isOpen);
    const home = state.namespaces.find(({ metadata }) => metadata.name === namespace);
    if (home !== undefined && open.length === groups.length) {
      const names = listNames(open.map(({ name }) => name));
      const message = `no policy selects its pods for ingress: ${names}`;
      const cure = 'a policy with an empty podSelector and no rules is a default to start from';
      return [findingOf('no-policy', home, { message, cure })];
    }
    return open.map((group) => {
      const message = 'no policy selects its pods for ingress';
      const object = objectOf(group, reach) ?? group.ends[0]!.pod!;
      return findingOf('no-policy', object, { message, cure: 'select them, or say why not' });
    });
  });
}

function objectOf({ kind, namespace, ends }: EndGroup, reach: Reach) {
  const pod: Pod = ends[0]!.pod!;
  const made = pod.metadata.madeFrom ?? pod.metadata.controlledBy;
  return reach.dataplane.cluster.state.workloads.find(
    ({ kind: each, metadata }) =>
      each === kind && metadata.namespace === namespace && `${kind}/${metadata.name}` === made,
  );
}
