// The whole of compilation: cluster and node -> what every map should hold, and what the numbers in
// them stand for. Pure: equal inputs give equal bytes. Knows nothing of what the maps hold now.

import type { ClusterState } from '../controllers/state.ts';
import { balancingOf } from './balancing.ts';
import type { Compiled, DesiredState, Names, NodeConfig } from './desired.ts';
import { encodeMap } from './entries.ts';
import { compileFrontends, compileServiceAddresses, compileSourceRanges } from './frontends.ts';
import { collectIsolations, findSplittingBlocks, type Isolation } from './grants.ts';
import { classifyPods, compileIdentities, type IdentityClass } from './identities.ts';
import { compileLocalities, nodeDetector } from './localities.ts';
import { nameAddresses, nameIsolations } from './names.ts';
import { viewNode, type NodeView } from './node-view.ts';
import { NumberingDraft, type Numbering } from './numbering.ts';
import { PeerIndex } from './peers.ts';
import {
  compileIsolations,
  compilePolicies,
  compilePortSets,
  explainAdmission,
  type CompiledPolicies,
} from './policies.ts';
import { nameBlocks } from './blocks.ts';
import { compilePortClasses } from './port-classes.ts';
import { compilePorts, compileRoutes, locateSources, namePorts } from './routes.ts';
import { backServices, type BackedPort } from './service-backing.ts';
import { compileEndpoints, compileMaglev, compileServices, nameServices } from './services.ts';
import { compileConfig, compileTimeouts } from './settings.ts';

/** kube-proxy's defaults in nftables mode; Service and pod CIDRs are those of the cluster. */
export const defaultNodeConfig: NodeConfig = {
  mode: 'nftables',
  masqueradeAll: false,
  nodePortAddresses: [],
  localhostNodePorts: true,
  serviceCIDRs: [],
  seed: 1,
};

/**
 * Compiles the cluster for one node. `numbering` is that of the last compilation for this node, or
 * `emptyNumbering`; it is not changed, the new one is in the result.
 */
export function compileNode(
  state: ClusterState,
  node: string,
  config: NodeConfig,
  numbering: Numbering,
): Compiled {
  const numbers = new NumberingDraft(numbering);
  const view = viewNode({ state, name: node, config, numbers });
  const services = backServices(view);
  const classes = classifyPods(view, findSplittingBlocks(state.policies));
  const peers = new PeerIndex(classes, state.namespaces);
  const isolations = collectIsolations(state.policies, classes, peers);
  const policies = compileIsolations(isolations, numbers);
  const desired = {
    ...encodeNode(view),
    ...encodeServices(view, services),
    identities: encodeMap('identities', compileIdentities(classes)),
    ...encodePolicies(policies, numbers),
  };
  const names = nameEverything(view, { services, classes, isolations, policies });
  return { desired, names, numbering: numbers.finish() };
}

function encodeNode(view: NodeView): DesiredState {
  const detector = nodeDetector(view);
  return {
    config: encodeMap('config', compileConfig(view, detector)),
    timeouts: encodeMap('timeouts', compileTimeouts()),
    ports: encodeMap('ports', compilePorts(view)),
    routes: encodeMap('routes', compileRoutes(view)),
    localities: encodeMap('localities', compileLocalities(view, detector)),
  };
}

function encodeServices(view: NodeView, services: readonly BackedPort[]): DesiredState {
  const balancing = balancingOf(view.config);
  return {
    frontends: encodeMap('frontends', compileFrontends(view, services)),
    services: encodeMap('services', compileServices(services, balancing)),
    endpoints: encodeMap('endpoints', compileEndpoints(services)),
    maglev: encodeMap('maglev', compileMaglev(services, balancing)),
    'source-ranges': encodeMap('source-ranges', compileSourceRanges(view, services)),
    'service-addresses': encodeMap('service-addresses', compileServiceAddresses(view, services)),
  };
}

function encodePolicies(policies: CompiledPolicies, numbers: NumberingDraft): DesiredState {
  return {
    blocks: encodeMap('blocks', policies.blocks.entries),
    'port-classes': compilePortClasses(policies.portClasses),
    'port-sets': encodeMap('port-sets', compilePortSets(policies, numbers)),
    policies: encodeMap('policies', compilePolicies(policies, numbers)),
  };
}

interface Parts {
  readonly services: readonly BackedPort[];
  readonly classes: readonly IdentityClass[];
  readonly isolations: readonly Isolation[];
  readonly policies: CompiledPolicies;
}

function nameEverything(view: NodeView, parts: Parts): Names {
  return {
    ports: namePorts(view),
    services: nameServices(parts.services),
    identities: new Map(parts.classes.map(({ number, pods }) => [number, [...pods]])),
    blocks: nameBlocks(parts.policies.blocks),
    addresses: nameAddresses(view.state),
    portOf: locateSources(view),
    isolatedBy: nameIsolations(parts.isolations),
    admittedBy: explainAdmission(parts.policies),
  };
}
