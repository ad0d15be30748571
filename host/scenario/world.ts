// The cluster of a scenario as it is at the present step: which objects there are, and whom
// names stand for. Kept apart from the subject, so that every subject is asked the same packets.

import { completeCluster } from '../controllers/complete.ts';
import {
  defaultControllerOptions,
  type ClusterState,
  type ControllerOptions,
} from '../controllers/state.ts';
import { objectKey, type KubernetesObject, type ObjectReference } from '../kubernetes/types.ts';
import type { AddressBook } from './object-party.ts';
import { wholeCluster, type Scenario } from './scenario.ts';

/**
 * The controllers' settings that a scenario asks for; every subject of the scenario must use them.
 */
export function controllerOptionsOf(scenario: Scenario): ControllerOptions {
  const { node } = scenario;
  const { controllers, serviceCIDRs } = scenario.config;
  return {
    ...defaultControllerOptions,
    controllers,
    ...(serviceCIDRs === undefined ? {} : { serviceCIDRs }),
    ...(node === undefined || isWholeCluster(scenario) ? {} : { nodeNames: [node] }),
  };
}

/** Whether packets go through every node on their way. */
export function isWholeCluster({ node }: Scenario): boolean {
  return node === wholeCluster;
}

/** The node that `node` stands for: the one the scenario names, else the first by name. */
export function nodeOf(scenario: Scenario, state: ClusterState): string {
  const named = isWholeCluster(scenario) ? undefined : scenario.node;
  return named ?? state.nodes[0]?.metadata.name ?? '';
}

export class World {
  readonly #scenario: Scenario;
  readonly #objects = new Map<string, KubernetesObject>();
  #state: ClusterState | undefined;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  apply(objects: readonly KubernetesObject[]): void {
    for (const object of objects) this.#objects.set(keyOf(object), object);
    this.#complete();
  }

  delete(references: readonly ObjectReference[]): void {
    for (const reference of references) this.#objects.delete(objectKey(reference));
    this.#complete();
  }

  /** Whom names stand for at present. */
  get book(): AddressBook {
    const { nodeAddresses } = this.#scenario;
    const state = this.#state ?? this.#complete();
    return { state, node: nodeOf(this.#scenario, state), ...(nodeAddresses && { nodeAddresses }) };
  }

  /** At every step, because what was assigned before stays assigned. */
  #complete(): ClusterState {
    const options = controllerOptionsOf(this.#scenario);
    this.#state = completeCluster([...this.#objects.values()], options, this.#state);
    return this.#state;
  }
}

function keyOf({ kind, metadata }: KubernetesObject): string {
  return objectKey({ kind, namespace: metadata.namespace, name: metadata.name });
}
