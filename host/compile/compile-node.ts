// The whole of compilation: cluster and node -> what every map should hold, and what the numbers in
// them stand for. Pure: equal inputs give equal bytes. What the last compilation made of objects
// that have not changed is used again. Knows nothing of what the maps hold now.

import type { ClusterState } from '../controllers/state.ts';
import type { DesiredState, Names, NodeConfig } from './desired.ts';
import { dummyAddresses } from './dummy-addresses.ts';
import type { Pod } from '../kubernetes/types.ts';
import { nameAddresses } from './names.ts';
import { compileNodePart, type NodePart } from './node-part.ts';
import { findPods, haveSamePods, viewNode, type NodeView } from './node-view.ts';
import { emptyNumbering, listNumbered, NumberingDraft, type Numbering } from './numbering.ts';
import { compilePolicyPart, type PolicyPart } from './policy-part.ts';
import { findPlaced } from './placed-services.ts';
import { compileServicePart, emptyServicePart } from './service-part.ts';
import type { FollowedServices, ServicePart } from './service-part.ts';
import { isAnySticky } from './settings.ts';

/** kube-proxy's defaults in nftables mode; Service and pod CIDRs are those of the cluster. */
export const defaultNodeConfig: NodeConfig = {
  mode: 'nftables',
  masqueradeAll: false,
  nodePortAddresses: [],
  localhostNodePorts: true,
  serviceCIDRs: [],
  seed: 1,
};

/** The result of one compilation. */
export interface Compiled {
  readonly desired: DesiredState;
  readonly names: Names;
  readonly numbering: Numbering;
  /** What the next compilation for the same node may use again. */
  readonly parts: CompiledParts;
}

/** What was compiled, and of what. */
export interface CompiledParts {
  readonly inputs: CompileInputs;
  readonly node: NodePart;
  readonly policy: PolicyPart;
  readonly services: ServicePart;
}

interface CompileInputs {
  readonly state: ClusterState;
  readonly name: string;
  readonly config: NodeConfig;
}

/** What a compilation follows on: without `parts` it starts afresh, but keeps the numbers. */
export interface Predecessor {
  readonly numbering: Numbering;
  /** Of the same node. */
  readonly parts?: CompiledParts;
  /**
   * Of another node in the same state, numbered alike: used where there are no `parts`, for
   * whatever is the same on both.
   */
  readonly sibling?: CompiledParts;
}

/** Nothing was compiled yet. */
export const noPredecessor: Predecessor = { numbering: emptyNumbering };

/**
 * Compiles the cluster for one node. `before` is the result of the last compilation for this node,
 * or `noPredecessor`; it is not changed, and no entry of the result depends on its parts.
 */
export function compileNode(
  state: ClusterState,
  name: string,
  config: NodeConfig,
  before: Predecessor = noPredecessor,
): Compiled {
  const inputs = { state, name, config };
  const numbers = new NumberingDraft(before.numbering);
  const old = before.parts;
  const isSameName = old?.inputs.name === name;
  const knownPods = isSameName && { all: old.inputs.state.pods, here: old.node.view.pods };
  const pods = findPods(name, state.pods, knownPods || undefined);
  const kept = old === undefined ? nothingKept : findKept(old, inputs, pods);
  const view = viewNode({ ...inputs, numbers, pods });
  const node = kept.node ?? compileNodePart(view);
  const policy = kept.policy ?? compilePolicyPart(view, (old ?? before.sibling)?.policy);
  const services = compileServicePart(view, followedServices(view, kept, before));
  const parts = { inputs, node, policy, services };
  const numbering = numbers.finish();
  return {
    desired: { ...node.desired, ...services.desired, ...policy.desired },
    names: new CompiledNames(parts, numbering),
    numbering,
    parts,
  };
}

/** What the part of the Services follows on: this node's own, a sibling's, or nothing. */
function followedServices(
  view: NodeView,
  { seen }: Kept,
  { parts, sibling }: Predecessor,
): FollowedServices {
  if (parts !== undefined) return { part: parts.services, seen };
  if (sibling?.inputs.state !== view.state || sibling.inputs.config !== view.config) {
    return { part: emptyServicePart, seen: null };
  }
  const { services: part, node } = sibling;
  return { part, seen: view.state, ask: findPlaced(part.groups, [view, node.view]) };
}

/** What comes out as it did before. */
interface Kept {
  readonly node: NodePart | null;
  readonly policy: PolicyPart | null;
  /** The objects of groups of Services; null if what these ask about the node changed. */
  readonly seen: ClusterState | null;
}

const nothingKept: Kept = { node: null, policy: null, seen: null };

function findKept(parts: CompiledParts, after: CompileInputs, pods: readonly Pod[]): Kept {
  const before = parts.inputs;
  const [old, now] = [before.state, after.state];
  const isSamePlace =
    before.name === after.name && before.config === after.config && old.nodes === now.nodes;
  const isSameForServices = isSamePlace && old.serviceCIDRs.join() === now.serviceCIDRs.join();
  const isSameNode =
    isSameForServices &&
    haveSamePods(parts.node.view.pods, pods) &&
    old.podCIDRs.join() === now.podCIDRs.join() &&
    leaveNodeAsItIs(after.config, old, now);
  const isSamePolicy =
    isSamePlace &&
    haveSamePods(old.pods, now.pods) &&
    old.namespaces === now.namespaces &&
    old.policies === now.policies &&
    old.tierPolicies === now.tierPolicies;
  return {
    node: isSameNode ? parts.node : null,
    policy: isSamePolicy ? parts.policy : null,
    seen: isSameForServices ? old : null,
  };
}

/**
 * Only in ipvs mode does the node itself depend on Services: it has their addresses, and counts
 * connections more exactly where one has session affinity.
 */
function leaveNodeAsItIs(config: NodeConfig, before: ClusterState, after: ClusterState): boolean {
  if (config.mode !== 'ipvs' || before.services === after.services) return true;
  const textOf = (state: ClusterState) => dummyAddresses({ config, addresses: [], state }).join();
  return isAnySticky(before) === isAnySticky(after) && textOf(before) === textOf(after);
}

/** Addresses are named when somebody asks: that looks at every object. */
class CompiledNames implements Names {
  readonly ports: Names['ports'];
  readonly services: Names['services'];
  readonly serviceKeys: Names['serviceKeys'];
  readonly identities: Names['identities'];
  readonly rulesets: Names['rulesets'];
  readonly portOf: Names['portOf'];
  readonly explainRuleset: Names['explainRuleset'];
  readonly #state: ClusterState;
  #addresses: Names['addresses'] | null = null;

  constructor({ inputs, node, policy, services }: CompiledParts, numbering: Numbering) {
    this.#state = inputs.state;
    this.ports = node.names.ports;
    this.portOf = node.names.portOf;
    this.services = services.names;
    this.serviceKeys = listNumbered(numbering, 'services');
    this.identities = policy.names.identities;
    this.rulesets = policy.names.rulesets;
    this.explainRuleset = policy.names.explainRuleset;
  }

  get addresses(): Names['addresses'] {
    this.#addresses ??= nameAddresses(this.#state);
    return this.#addresses;
  }
}
