// The whole of compilation: cluster and node -> what every map should hold, and what the numbers in
// them stand for. Pure: equal inputs give equal bytes. What the last compilation made of objects
// that have not changed is used again. Knows nothing of what the maps hold now.

import type { ClusterState } from '../controllers/state.ts';
import type { DesiredState, Names, NodeConfig } from './desired.ts';
import { dummyAddresses } from './dummy-addresses.ts';
import { nameAddresses } from './names.ts';
import { compileNodePart, type NodePart } from './node-part.ts';
import { haveSamePods, viewNode, type NodeView } from './node-view.ts';
import { emptyNumbering, listNumbered, NumberingDraft, type Numbering } from './numbering.ts';
import { compilePolicyPart, type PolicyPart } from './policy-part.ts';
import { compileServicePart, emptyServicePart, type ServicePart } from './service-part.ts';
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
  readonly parts?: CompiledParts;
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
  const same = compareInputs(before.parts?.inputs, inputs);
  const old = before.parts;
  const known = same.node ? old?.node : undefined;
  const view: NodeView = known
    ? { ...known.view, state, numbers }
    : viewNode({ ...inputs, numbers });
  const node = known ?? compileNodePart(view);
  const policy = (same.policy ? old?.policy : undefined) ?? compilePolicyPart(view);
  const services = compileServicePart(
    view,
    old?.services ?? emptyServicePart,
    same.place && old ? old.inputs.state : null,
  );
  const parts = { inputs, node, policy, services };
  const numbering = numbers.finish();
  return {
    desired: { ...node.desired, ...services.desired, ...policy.desired },
    names: new CompiledNames(parts, numbering),
    numbering,
    parts,
  };
}

/** Which parts come out as they did before. */
interface Sameness {
  /** All that groups of Services ask about the node. */
  readonly place: boolean;
  readonly node: boolean;
  readonly policy: boolean;
}

function compareInputs(before: CompileInputs | undefined, after: CompileInputs): Sameness {
  if (before === undefined) return { place: false, node: false, policy: false };
  const [old, now] = [before.state, after.state];
  const place =
    before.name === after.name &&
    before.config === after.config &&
    old.nodes === now.nodes &&
    old.serviceCIDRs.join() === now.serviceCIDRs.join();
  const hasSamePods = haveSamePods(old.pods, now.pods);
  return {
    place,
    node:
      place &&
      hasSamePods &&
      old.podCIDRs.join() === now.podCIDRs.join() &&
      leaveNodeAsItIs(after.config, old, now),
    policy:
      before.name === after.name &&
      hasSamePods &&
      old.namespaces === now.namespaces &&
      old.policies === now.policies,
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
  readonly blocks: Names['blocks'];
  readonly portOf: Names['portOf'];
  readonly isolatedBy: Names['isolatedBy'];
  readonly admittedBy: Names['admittedBy'];
  readonly #state: ClusterState;
  #addresses: Names['addresses'] | null = null;

  constructor({ inputs, node, policy, services }: CompiledParts, numbering: Numbering) {
    this.#state = inputs.state;
    this.ports = node.names.ports;
    this.portOf = node.names.portOf;
    this.services = services.names;
    this.serviceKeys = listNumbered(numbering, 'services');
    this.identities = policy.names.identities;
    this.blocks = policy.names.blocks;
    this.isolatedBy = policy.names.isolatedBy;
    this.admittedBy = policy.names.admittedBy;
  }

  get addresses(): Names['addresses'] {
    this.#addresses ??= nameAddresses(this.#state);
    return this.#addresses;
  }
}
