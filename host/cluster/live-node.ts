// One node's instance and what was compiled for it: takes a new cluster state completely or not at
// all. Knows no frames.

import type { Capacity, Config, MapName } from '../abi/abi.gen.ts';
import { decode, encode } from '../abi/struct.ts';
import { compileNode, type Compiled, type Predecessor } from '../compile/compile-node.ts';
import type { DesiredState, Names, NodeConfig } from '../compile/desired.ts';
import { findDepartures, findGone, findServing } from '../compile/departures.ts';
import { encodeMap } from '../compile/entries.ts';
import type { ClusterState } from '../controllers/state.ts';
import { Instance } from '../dataplane/instance.ts';
import { applyPlan } from '../reconcile/apply.ts';
import { forgetAbandoned, forgetAffinities, forgetConnections } from '../reconcile/forget.ts';
import { plan } from '../reconcile/plan.ts';
import { capacityFor } from './capacity.ts';

/**
 * Maps that policy is judged by: when one changes, connections that were admitted are of an older
 * revision.
 */
const policyMaps: readonly MapName[] = [
  'identities',
  'rulesets',
  'policies',
  'policy-blocks',
  'port-rulings',
  'port-names',
  'localities',
];

/** Maps that say where packets go: a connection is routed anew when one of them changed. */
const routeMaps: readonly MapName[] = ['ports', 'routes', 'localities'];

export interface LiveNodeOptions {
  readonly node: string;
  readonly config: NodeConfig;
  readonly capacity?: Partial<Capacity>;
  /** Sizes that it has at least; the default ones unless given. */
  readonly leastCapacity?: Readonly<Capacity>;
  /** What its first compilation follows on; nothing unless given. */
  readonly before?: Predecessor;
}

/** What a node would become. */
interface Successor {
  readonly compiled: Compiled;
  readonly revisions: Revisions;
}

/** How often what connections remember has changed; they start at 1. */
type Revisions = Pick<Config, 'policyRevision' | 'routeRevision'>;

/** A node that runs. */
export class LiveNode {
  readonly name: string;
  readonly config: NodeConfig;
  readonly instance: Instance;
  #current: Successor;

  /** Compiles the state, sizes an instance of the module for it and fills its maps. */
  static start(
    module: WebAssembly.Module,
    state: ClusterState,
    options: LiveNodeOptions,
  ): LiveNode {
    const { node, config, capacity: given, leastCapacity: least } = options;
    const compiled = compileNode(state, node, config, options.before);
    const sizes = { seed: config.seed, ...(given && { given }), ...(least && { least }) };
    const instance = Instance.of(module, capacityFor(compiled.desired, sizes));
    const current = withRevisions(compiled, { policyRevision: 1, routeRevision: 1 });
    applyPlan(instance, plan({}, current.compiled.desired));
    return new LiveNode(options, instance, current);
  }

  private constructor({ node, config }: LiveNodeOptions, instance: Instance, current: Successor) {
    this.name = node;
    this.config = config;
    this.instance = instance;
    this.#current = current;
  }

  /** What the numbers in the maps stand for now. */
  get names(): Names {
    return this.#current.compiled.names;
  }

  /** Compiles a new state; nothing changes yet. */
  prepare(state: ClusterState): Successor {
    const { compiled: old, revisions } = this.#current;
    const compiled = compileNode(state, this.name, this.config, old);
    const changed = (names: readonly MapName[]) =>
      plan(pickMaps(old.desired, names), pickMaps(compiled.desired, names)).length > 0 ? 1 : 0;
    return withRevisions(compiled, {
      policyRevision: revisions.policyRevision + changed(policyMaps),
      routeRevision: revisions.routeRevision + changed(routeMaps),
    });
  }

  /**
   * Changes the maps to what was prepared, all of them or none; returns what brings the old ones
   * back.
   */
  adopt(successor: Successor): () => void {
    const predecessor = this.#current;
    const before = predecessor.compiled.desired;
    const after = successor.compiled.desired;
    applyPlan(this.instance, plan(before, after));
    this.#current = successor;
    return () => {
      applyPlan(this.instance, plan(after, before));
      this.#current = predecessor;
    };
  }

  /** Forgets what packets left behind that the present state, adopted for good, has made untrue. */
  forget(): void {
    const { services } = this.#current.compiled.parts;
    forgetAffinities(this.instance, findDepartures(services));
    const { profile = 'kube-proxy' } = this.config;
    if (profile === 'kube-proxy') forgetConnections(this.instance, findServing(services));
    else forgetAbandoned(this.instance, findGone(services), profile === 'calico' ? 'UDP' : null);
  }
}

/**
 * Brings a new state to all nodes that are sound, or to none of them; throws what the node that
 * refused it threw.
 */
export function updateNodes(nodes: Iterable<LiveNode>, state: ClusterState): void {
  const sound = [...nodes].filter(({ instance }) => instance.poisoned === null);
  const prepared = sound.map((node) => ({ node, successor: node.prepare(state) }));
  const revert: (() => void)[] = [];
  try {
    for (const { node, successor } of prepared) revert.push(node.adopt(successor));
  } catch (error) {
    for (const bringBack of revert.toReversed()) bringBack();
    throw error;
  }
  for (const { node } of prepared) node.forget();
}

function pickMaps(desired: DesiredState, names: readonly MapName[]): DesiredState {
  return Object.fromEntries(names.map((name) => [name, desired[name] ?? encodeMap(name, [])]));
}

function withRevisions(compiled: Compiled, revisions: Revisions): Successor {
  const revised = [...(compiled.desired.config ?? [])].map(([key, value]) => {
    const config = { ...decode('Config', value), ...revisions };
    return [key, encode('Config', config)] as const;
  });
  const config = compiled.desired.config?.with(revised) ?? encodeMap('config', []);
  return { compiled: { ...compiled, desired: { ...compiled.desired, config } }, revisions };
}
