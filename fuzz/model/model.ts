// The reference model: objects in, verdict out. It decides each packet from the objects as they
// are, in another style than the dataplane: nothing is compiled. Where several outcomes are right
// it accepts any, and holds the chooser to it.

import type { ClusterState } from '../../host/controllers/state.ts';
import type { KubernetesObject, ObjectReference } from '../../host/kubernetes/types.ts';
import { objectKey } from '../../host/kubernetes/types.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { withGoneServices, withoutAbandoned } from './abandoned-connections.ts';
import type { Connection } from './connections.ts';
import type { Decision, Memory } from './decide.ts';
import { decide } from './decide.ts';
import type { Outcome, Told } from './judge.ts';
import { compareOutcomes } from './judge.ts';
import { noChoices } from './schedulers.ts';
import { isStillOffered } from './services.ts';
import { withoutStale } from './stale-connections.ts';
import type { ModelSettings, World } from './world.ts';
import { portTo } from './world.ts';

export interface Where {
  /** `host`, `uplink` or `pod/namespace/name`. */
  readonly port: string;
  readonly timeMs: number;
}

/**
 * Turns objects into a completed cluster, as controllers would; `previous` keeps what was assigned
 * before.
 */
export type Complete = (
  objects: readonly KubernetesObject[],
  previous: ClusterState | undefined,
) => ClusterState;

export interface ModelOptions {
  readonly node: string;
  readonly settings: ModelSettings;
  readonly complete: Complete;
}

/** One node's dataplane, as the rules have it. */
export class Model {
  readonly name = 'model';
  readonly #options: ModelOptions;
  #objects: readonly KubernetesObject[] = [];
  #world: World;
  readonly #memory: Memory = { connections: [], affinities: [], choices: noChoices };

  constructor(options: ModelOptions) {
    this.#options = options;
    this.#world = this.#see(options.complete([], undefined));
  }

  get world(): World {
    return this.#world;
  }

  apply(objects: readonly KubernetesObject[]): Promise<void> {
    const replaced = new Set(objects.map(keyOf));
    this.#become([...this.#objects.filter((object) => !replaced.has(keyOf(object))), ...objects]);
    return Promise.resolve();
  }

  delete(references: readonly ObjectReference[]): Promise<void> {
    const gone = new Set(references.map(objectKey));
    this.#become(this.#objects.filter((object) => !gone.has(keyOf(object))));
    return Promise.resolve();
  }

  /** Takes a completed cluster as it is. */
  update(state: ClusterState): void {
    const before = this.#world;
    this.#world = this.#see(state);
    const { connections } = this.#memory;
    const isLinux = (this.#world.settings.profile ?? 'kube-proxy') === 'kube-proxy';
    const live = isLinux
      ? withoutStale(connections, before, this.#world)
      : withoutAbandoned(connections, this.#world);
    this.#memory.connections = withGoneServices(live, this.#world);
    // The affinities of an endpoint go with it; if it comes back, it starts with none.
    this.#memory.affinities = this.#memory.affinities.filter(({ key, endpoint }) =>
      isStillOffered(this.#world, key, endpoint),
    );
  }

  /** Every connection that is remembered. */
  get connections(): readonly Connection[] {
    return this.#memory.connections;
  }

  /** Takes out the connections whose time is over. */
  sweep(nowMs: number): void {
    const { connections } = this.#memory;
    this.#memory.connections = connections.filter(({ expiresAtMs }) => nowMs < expiresAtMs);
  }

  /** The port that a packet with this source comes in by: where packets to it would go out. */
  portOf(address: string): string {
    return portTo(this.#world, address);
  }

  /** Decides one packet by choices of its own: the first legal endpoint, the first free port. */
  send(packet: PacketFields, where: Where): Outcome {
    const arrival = { ...where, packet, endpoint: 0, sourcePort: null };
    const decision = decide(this.#world, this.#memory, arrival);
    decision.remember();
    return decision.outcome;
  }

  /**
   * Says how an outcome differs from the nearest right one, field by field; empty if it is right.
   * The choices behind the outcome are taken over, and later packets are held to them.
   */
  judge(packet: PacketFields, where: Where, actual: Told): string[] {
    const sourcePort = actual.packet?.sourcePort ?? actual.packet?.icmpIdentifier ?? null;
    let nearest: { differences: string[]; decision: Decision } | null = null;
    let legal = 1;
    for (let endpoint = 0; endpoint < legal; endpoint++) {
      const arrival = { ...where, packet, endpoint, sourcePort };
      const decision = decide(this.#world, this.#memory, arrival);
      const differences = compareOutcomes(decision.outcome, actual);
      if (nearest === null || differences.length < nearest.differences.length) {
        nearest = { differences, decision };
      }
      legal = differences.length === 0 ? 0 : decision.endpoints;
    }
    nearest!.decision.remember();
    return nearest!.differences;
  }

  #see(state: ClusterState): World {
    return { state, node: this.#options.node, settings: this.#options.settings };
  }

  #become(objects: readonly KubernetesObject[]): void {
    this.update(this.#options.complete(objects, this.#world.state));
    this.#objects = objects;
  }
}

function keyOf({ kind, metadata }: KubernetesObject): string {
  return objectKey({ kind, namespace: metadata.namespace, name: metadata.name });
}
