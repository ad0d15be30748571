// The two public classes: a cluster made of manifests, and the dataplane of one of its nodes. They
// know each other, hence one file; what they know of packets and maps is in the modules beside it.

import type { Capacity, MapName } from '../abi/abi.gen.ts';
import { defaultNodeConfig } from '../compile/compile-node.ts';
import type { Names, NodeConfig } from '../compile/desired.ts';
import { completeCluster, completeWritten } from '../controllers/complete.ts';
import {
  defaultControllerOptions,
  type ClusterState,
  type ControllerOptions,
} from '../controllers/state.ts';
import { embeddedModule } from '../dataplane/embedded.ts';
import type { Instance } from '../dataplane/instance.ts';
import type { MapHandle } from '../dataplane/map-handle.ts';
import type { RawOutcome } from '../dataplane/outcome.ts';
import type { SkippedObject } from '../kubernetes/read.ts';
import type { KubernetesObject } from '../kubernetes/types.ts';
import { InputError, type Problem } from '../problem.ts';
import {
  listConnections,
  listExhaustions,
  readCounters,
  type ConnectionView,
  type CounterView,
  type ExhaustionView,
} from './connections.ts';
import type { ExplainedStep } from './explain.ts';
import { LiveNode, updateNodes, type LiveNodeOptions } from './live-node.ts';
import type { Outcome } from './outcome.ts';
import {
  processBatch,
  processOne,
  traceOne,
  type PacketInput,
  type PacketPlace,
} from './process.ts';
import { restoreSnapshot, takeSnapshot, type RestoreReport } from './snapshot.ts';
import {
  readGiven,
  readReferences,
  WrittenObjects,
  type Manifests,
  type References,
} from './written-objects.ts';

/** How missing parts are filled in; what is left out has the default. */
export type ClusterOptions = Partial<ControllerOptions>;

export interface DataplaneOptions {
  /** Name of the Node; by default the only one, else the first by name. */
  readonly node?: string;
  readonly config?: Partial<NodeConfig>;
  /** Sizes; by default twice what the cluster needs now, and never less than `defaultCapacity`. */
  readonly capacity?: Partial<Capacity>;
}

/**
 * Objects as written, completed as a cluster's controllers would, and the dataplanes that follow
 * every change.
 */
export class Cluster {
  readonly #options: ControllerOptions;
  readonly #live = new Set<LiveNode>();
  #written = new WrittenObjects();
  #state: ClusterState;

  /** An empty cluster. */
  constructor(options: ClusterOptions = {}) {
    this.#options = { ...defaultControllerOptions, ...options };
    this.#state = completeCluster([], this.#options);
  }

  /** A cluster of these objects; throws InputError with everything that is wrong with them. */
  static from(manifests: Manifests, options: ClusterOptions & { file?: string } = {}): Cluster {
    const { file, ...rest } = options;
    const cluster = new Cluster(rest);
    cluster.apply(manifests, file === undefined ? {} : { file });
    return cluster;
  }

  /** Everything there is: written objects and what was made of them. */
  get state(): ClusterState {
    return this.#state;
  }

  /** The objects as written. */
  get objects(): readonly KubernetesObject[] {
    return this.#written.list();
  }

  /** Objects of kinds that do not matter to packets. */
  get skipped(): readonly SkippedObject[] {
    return this.#written.skipped;
  }

  /** What is doubtful about the manifests, but no error. */
  get warnings(): readonly Problem[] {
    return this.#written.warnings;
  }

  /**
   * Adds objects, or replaces those of the same kind, namespace and name, and updates every
   * dataplane. All or nothing: throws InputError, or MapError when a dataplane is too small, with
   * cluster and dataplanes as they were.
   */
  apply(manifests: Manifests, options: { readonly file?: string } = {}): void {
    this.#replace(this.#written.with(readGiven(manifests, options.file ?? 'manifests')));
  }

  /**
   * Removes written objects and what was made of them; throws as `apply`, and for an object that
   * was not written.
   */
  delete(references: References): void {
    this.#replace(this.#written.without(readReferences(references)));
  }

  /** The name of a Node, by default the first one's; throws InputError for one that is none. */
  nodeName(wanted?: string): string {
    const names = this.#state.nodes.map(({ metadata }) => metadata.name);
    if (wanted === undefined) return names[0] ?? 'node';
    if (names.length === 0 || names.includes(wanted)) return wanted;
    const expected = `one of ${names.join(', ')}`;
    throw new InputError([{ file: 'node', message: `no Node is named ${wanted}`, expected }]);
  }

  /** Starts the dataplane of one node. It follows the cluster until it is closed. */
  async dataplane(options: DataplaneOptions = {}): Promise<Dataplane> {
    const module = await embeddedModule();
    const { node, config, capacity } = options;
    return this.startNode(module, {
      node: this.nodeName(node),
      config: { ...defaultNodeConfig, ...config },
      ...(capacity && { capacity }),
    });
  }

  /** As `dataplane`, at once, of a module that is compiled, with everything settled. */
  startNode(module: WebAssembly.Module, options: LiveNodeOptions): Dataplane {
    const live = LiveNode.start(module, this.#state, options);
    this.#live.add(live);
    return new Dataplane(this, live, () => this.#live.delete(live));
  }

  #replace(written: WrittenObjects): void {
    const state = completeWritten(written.groups, this.#options, this.#state);
    updateNodes(this.#live, state);
    this.#written = written;
    this.#state = state;
  }
}

/** One node's dataplane. After a trap it is poisoned: every use throws PoisonedError. */
export class Dataplane {
  readonly cluster: Cluster;
  readonly #live: LiveNode;
  readonly #leave: () => void;

  /** The dataplane of a cluster of its own: `Cluster.from(manifests).dataplane(options)`. */
  static create(
    options: DataplaneOptions & ClusterOptions & { readonly manifests: Manifests; file?: string },
  ): Promise<Dataplane> {
    const { manifests, node, config, capacity, ...rest } = options;
    return Cluster.from(manifests, rest).dataplane({
      ...(node !== undefined && { node }),
      ...(config && { config }),
      ...(capacity && { capacity }),
    });
  }

  /** Use `Cluster.dataplane` or `Dataplane.create`. */
  constructor(cluster: Cluster, live: LiveNode, leave: () => void) {
    this.cluster = cluster;
    this.#live = live;
    this.#leave = leave;
  }

  /** Name of its Node. */
  get node(): string {
    return this.#live.name;
  }

  get config(): NodeConfig {
    return this.#live.config;
  }

  /** The Wasm instance beneath: numbers only. */
  get instance(): Instance {
    return this.#live.instance;
  }

  /** What the numbers in maps and outcomes stand for, until the next change. */
  get names(): Names {
    return this.#live.names;
  }

  /**
   * Number of the port of this name: `host`, `uplink`, `pod/<namespace>/<name>`. Throws RangeError
   * with the ports there are.
   */
  port(name: string): number {
    for (const [number, known] of this.names.ports) if (known === name) return number;
    const known = [...this.names.ports.values()].join(', ');
    throw new RangeError(`node ${this.node} has no port ${name}; it has ${known}`);
  }

  /** Name of a port; throws RangeError for a number that is none. */
  portName(number: number): string {
    const name = this.names.ports.get(number);
    if (name === undefined) throw new RangeError(`node ${this.node} has no port ${number}`);
    return name;
  }

  /**
   * Name of the port by which a packet with this source enters: its pod's, `host` for the node's
   * addresses, else `uplink`.
   */
  portOf(address: string): string {
    return this.portName(this.names.portOf(address));
  }

  /** Processes one packet; the frame given is not changed. */
  process(frame: Uint8Array, place: PacketPlace): Outcome {
    return processOne(this, frame, place);
  }

  /**
   * Processes packets in place, in order: a frame that leaves is written over the one that came, an
   * answer is only shown. `decided` is called once for each, with numbers; its frame is a view of
   * memory, valid during the call. Held fragments that leave are only shown, too, behind the packet
   * that let them go and with its index: `held` says which they are.
   */
  processBatch(
    packets: readonly PacketInput[],
    decided?: (index: number, outcome: RawOutcome) => void,
  ): void {
    processBatch(this.instance, packets, decided);
  }

  /** As `process`, with every step explained: the packet counts, and its connection is entered. */
  trace(frame: Uint8Array, place: PacketPlace): { outcome: Outcome; steps: ExplainedStep[] } {
    return traceOne(this, frame, place);
  }

  /** Live connections, oldest first; those whose time is over are listed until they are swept. */
  connections(): ConnectionView[] {
    return listConnections(this.instance, this.names);
  }

  /** Destinations that ran out of masquerade ports, the worst first. */
  exhaustions(): ExhaustionView[] {
    return listExhaustions(this.instance);
  }

  /** Totals, and packets by reason. */
  counters(): CounterView {
    return readCounters(this.instance);
  }

  /** One of the maps, typed. */
  map<N extends MapName>(name: N): MapHandle<N> {
    return this.instance.map(name);
  }

  /**
   * Takes out connections whose time is over, visiting up to `limit` entries; returns how many it
   * took out.
   */
  sweep(nowMs: number, limit = 65_536): number {
    return this.instance.sweep(nowMs, limit);
  }

  /**
   * Live connections and all else that later packets depend on, as bytes: to go on elsewhere, or
   * later.
   */
  snapshot(): Uint8Array {
    return takeSnapshot(this);
  }

  /**
   * Goes on where a snapshot was taken. For a dataplane of the same node that has seen no packet
   * yet; its capacities, and the numbers of its Services and pods, may differ. Throws InputError
   * with the cure, and nothing is restored; `file` is what it calls the snapshot.
   */
  restore(snapshot: Uint8Array, options: { readonly file?: string } = {}): RestoreReport {
    return restoreSnapshot(this, snapshot, options.file);
  }

  /** Stops following the cluster. The dataplane stays usable as it is. */
  close(): void {
    this.#leave();
  }
}
