// All nodes of a cluster joined by a wire: starts a node's dataplane when the first packet comes to
// it, and sends packets through all that they meet. Knows no maps.

import { compileNode, defaultNodeConfig } from '../compile/compile-node.ts';
import type { Compiled, Predecessor } from '../compile/compile-node.ts';
import type { Capacity } from '../abi/abi.gen.ts';
import type { NodeConfig } from '../compile/desired.ts';
import { isLoopback } from '../compile/routes.ts';
import { embeddedModule } from '../dataplane/embedded.ts';
import { Atlas, type NetworkPort } from './atlas.ts';
import { smallCapacity } from './capacity.ts';
import type { Cluster, Dataplane } from './cluster.ts';
import { travel, type Departure, type Hop, type Journey } from './journey.ts';
import type { PacketPlace } from './process.ts';

export interface NetworkOptions {
  /** Every node's; each has the addresses of its own Node. */
  readonly config?: Partial<Omit<NodeConfig, 'nodeAddresses'>>;
  /** Sizes of every node; by default twice what the node needs when it starts, and little more. */
  readonly capacity?: Partial<Capacity>;
}

/**
 * All nodes of a cluster, joined by a wire: a routed pod network without encapsulation. A packet
 * goes through the dataplane of every node on its way, each with connections of its own.
 */
export class Network {
  readonly cluster: Cluster;
  readonly #config: NodeConfig;
  readonly #capacity: Partial<Capacity>;
  readonly #module: WebAssembly.Module;
  readonly #dataplanes = new Map<string, Dataplane>();
  #atlas: Atlas | null = null;
  /** Compiled for no node in particular. */
  #nobody: Compiled | undefined;

  /** All nodes of a cluster; each one's dataplane starts when the first packet comes to it. */
  static async create(cluster: Cluster, options: NetworkOptions = {}): Promise<Network> {
    return new Network(await embeddedModule(), cluster, options);
  }

  private constructor(module: WebAssembly.Module, cluster: Cluster, options: NetworkOptions) {
    const { config, capacity = {} } = options;
    this.cluster = cluster;
    this.#module = module;
    this.#config = { ...defaultNodeConfig, ...config };
    this.#capacity = capacity;
  }

  /** The nodes that a packet has come to so far. */
  get started(): readonly Dataplane[] {
    return [...this.#dataplanes.values()];
  }

  /** The dataplane of a node, started if need be. Throws InputError for a node that is none. */
  dataplane(name: string): Dataplane {
    const node = this.cluster.nodeName(name);
    const known = this.#dataplanes.get(node);
    if (known !== undefined) return known;
    const dataplane = this.cluster.startNode(this.#module, {
      node,
      config: this.#config,
      capacity: this.#capacity,
      leastCapacity: smallCapacity,
      before: this.#shared(),
    });
    this.#dataplanes.set(node, dataplane);
    return dataplane;
  }

  /**
   * Where packets with this source start: its pod's port, its node's `host`, else outside. Loopback
   * is every node's: that of `via` is meant, or the first one's.
   */
  find(address: string, via?: string): NetworkPort {
    return isLoopback(address)
      ? { node: this.cluster.nodeName(via), port: 'host' }
      : this.#currentAtlas().find(address);
  }

  /**
   * Sends a frame from a port of a node, or from outside, and follows it to its end; the frame is
   * not changed. Its receiver's answer is sent by another call, `at` where this one arrived. A
   * fragment that a node holds ends there; those that it lets go later are told of in the outcome
   * of the hop that released them, and are not followed further.
   */
  send(frame: Uint8Array, departure: Departure): Journey {
    const atlas = this.#currentAtlas();
    const route = (address: string): string | null => atlas.findNode(address);
    const entry = (via: string | undefined): string => this.cluster.nodeName(via);
    const pass = this.#pass.bind(this);
    return travel({ route, entry, pass }, frame, departure);
  }

  /** Stops following the cluster. */
  close(): void {
    for (const dataplane of this.#dataplanes.values()) dataplane.close();
  }

  #pass(
    node: string,
    frame: Uint8Array,
    { trace, ...place }: PacketPlace & { readonly trace: boolean },
  ): Pick<Hop, 'outcome' | 'steps'> {
    const dataplane = this.dataplane(node);
    if (trace) return dataplane.trace(frame, place);
    return { outcome: dataplane.process(frame, place), steps: [] };
  }

  #currentAtlas(): Atlas {
    const { state } = this.cluster;
    if (this.#atlas?.state !== state) this.#atlas = new Atlas(state);
    return this.#atlas;
  }

  /** What nodes share is made once: each follows on the node that nobody is. */
  #shared(): Predecessor {
    const { state } = this.cluster;
    if (this.#nobody?.parts.inputs.state !== state) {
      this.#nobody = compileNode(state, '', this.#config, this.#nobody);
    }
    const { numbering, parts } = this.#nobody;
    return { numbering, sibling: parts };
  }
}
