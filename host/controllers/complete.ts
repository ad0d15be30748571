// What an API server and its controllers would have made of the manifests: a pure function of the
// objects, the options and the state before. The order of the manifests does not matter. Holds no
// packet logic.

import type { KubernetesObject, Node, Pod } from '../kubernetes/types.ts';
import { parseAddress } from '../net/address.ts';
import { formatPrefix, parsePrefix, prefixContains, type Prefix } from '../net/prefix.ts';
import { InputError } from '../problem.ts';
import { withKnown } from './changes.ts';
import { completeSlices } from './endpoint-slices.ts';
import { addClusterNote, type Findings } from './findings.ts';
import { followState, rememberState } from './follow.ts';
import { indexPrevious, type Inputs } from './inputs.ts';
import { completeNamespaces } from './namespaces.ts';
import { completeNodes } from './nodes.ts';
import { completePods } from './pods.ts';
import { chooseRanges } from './ranges.ts';
import { completeServices } from './services.ts';
import type { ClusterState, ControllerOptions } from './state.ts';
import { groupObjects, nameOf, type WrittenObjects } from './written.ts';

/** What a completion begins with. */
type Given = Omit<Inputs, 'previous'>;

/**
 * The cluster that the objects make up. What `previous` had assigned stays as it is where nothing
 * speaks against it. Throws InputError with everything that an API server would refuse: addresses
 * and node ports taken twice or out of range, families that the cluster lacks, ranges that are used
 * up.
 */
export function completeCluster(
  objects: readonly KubernetesObject[],
  options: ControllerOptions,
  previous?: ClusterState,
): ClusterState {
  const findings: Findings = { notes: [], problems: [] };
  return completeWritten(groupObjects(objects, findings), options, previous, findings);
}

/** As `completeCluster`, of objects that are grouped already. */
export function completeWritten(
  written: WrittenObjects,
  options: ControllerOptions,
  previous: ClusterState | undefined,
  findings: Findings = { notes: [], problems: [] },
): ClusterState {
  const isQuiet = findings.notes.length === 0;
  const follower = previous && isQuiet ? followState(written, options, previous) : null;
  if (follower !== null) return follower;
  const ranges = chooseRanges(written, options);
  const given = { written, options, ranges, findings };
  const state = options.controllers ? completed(given, previous) : asWritten(given);
  if (findings.problems.length > 0) throw new InputError(findings.problems);
  return state;
}

/** What comes out as it was is the same object as before, and a whole list the same list. */
function completed(given: Given, previous: ClusterState | undefined): ClusterState {
  const inputs: Inputs = { ...given, previous: indexPrevious(previous) };
  const { written, options, findings } = inputs;
  const nodes = completeNodes(inputs);
  const pods = completePods(nodes, inputs);
  const services = completeServices(inputs);
  noteOutside(pods, nodes, inputs);
  const known = findings.notes.length;
  const slices = completeSlices({ nodes, pods, services }, written, findings);
  const namespaces = completeNamespaces(written);
  const state = {
    ...asWritten(inputs),
    nodes: withKnown(previous?.nodes ?? [], nodes),
    namespaces: withKnown(previous?.namespaces ?? [], namespaces),
    pods: withKnown(previous?.pods ?? [], pods),
    services: withKnown(previous?.services ?? [], services),
    slices: withKnown(previous?.slices ?? [], slices),
    podCIDRs: withNodeRanges(inputs.ranges.pod, nodes).map(formatPrefix),
  };
  rememberState(state, { written, options }, findings.notes.slice(known));
  return state;
}

function asWritten({ written, ranges, findings }: Given): ClusterState {
  const { nodes, namespaces, pods, workloads, services, slices, policies, tierPolicies } = written;
  return {
    nodes,
    namespaces,
    pods,
    workloads,
    services,
    slices,
    policies,
    tierPolicies,
    serviceCIDRs: ranges.service.map(formatPrefix),
    podCIDRs: withNodeRanges(ranges.pod, nodes).map(formatPrefix),
    notes: findings.notes,
  };
}

/** The cluster's pod ranges, and after them those of Nodes that lie elsewhere. */
function withNodeRanges(clusterRanges: readonly Prefix[], nodes: readonly Node[]): Prefix[] {
  const ranges = [...clusterRanges];
  for (const { spec } of nodes) {
    for (const text of spec.podCIDRs) {
      const range = parsePrefix(text);
      if (range !== null && !isInside(range.bytes, ranges)) ranges.push(range);
    }
  }
  return ranges;
}

function isInside(address: Uint8Array | null, ranges: readonly Prefix[]): boolean {
  return address !== null && ranges.some((range) => prefixContains(range, address));
}

/**
 * A pod outside the ranges is taken for an outside client by the default detector of local traffic:
 * worth knowing.
 */
function noteOutside(pods: readonly Pod[], nodes: readonly Node[], inputs: Inputs): void {
  const { ranges, findings } = inputs;
  const rangesOf = new Map(
    nodes.map(({ metadata, spec }) => [
      metadata.name,
      [...ranges.pod, ...spec.podCIDRs.map(parsePrefix).filter((range) => range !== null)],
    ]),
  );
  const outside = pods.filter(({ spec, status }) => {
    if (spec.hostNetwork) return false;
    const allowed = rangesOf.get(spec.nodeName ?? '') ?? ranges.pod;
    return status.podIPs.some((text) => !isInside(parseAddress(text), allowed));
  });
  const [first] = outside;
  if (first === undefined) return;
  addClusterNote(
    findings,
    `${outside.length} of ${pods.length} pods, ${nameOf(first.metadata)} first, have an address ` +
      `outside the pod CIDRs ${ranges.pod.map(formatPrefix).join(', ')} and those of their Node`,
  );
}
