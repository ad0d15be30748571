// Two dataplanes of one node that get the same packets: one is left in peace, the other is swept in
// steps of any size and replaced by a snapshot of itself. Whatever they do with a packet must be
// the same.

import { Cluster, type Dataplane } from '../../host/cluster/cluster.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';
import type { KubernetesObject } from '../../host/kubernetes/types.ts';
import { subjectNode } from '../arbitrary/cluster.ts';

/** Small, so that tables fill up. */
const capacity = {
  vectorPackets: 4,
  blockBytes: 65_536,
  traceSteps: 16,
  ports: 64,
  prefixes: 256,
  frontends: 64,
  services: 2048,
  endpoints: 256,
  affinities: 128,
  identities: 64,
  policies: 256,
  portSets: 64,
  connections4: 192,
  connections6: 96,
  fragments: 16,
  maglevSlots: 32_768,
};

/** What became of a packet. */
export interface TwinOutcome {
  readonly verdict: number;
  readonly reason: number;
  readonly effects: number;
  /** Name of the port it leaves by, '' if nothing leaves. */
  readonly port: string;
  readonly frame: Uint8Array;
}

/** A pair. */
export class Twins {
  readonly cluster: Cluster;
  readonly #config: NodeConfig;
  #calm: Dataplane;
  #restless: Dataplane;
  packets = 0;

  static async create(objects: readonly KubernetesObject[], config: NodeConfig): Promise<Twins> {
    const cluster = Cluster.from(objects, { controllers: false });
    const start = () => cluster.dataplane({ node: subjectNode, config, capacity });
    return new Twins(cluster, config, [await start(), await start()]);
  }

  private constructor(
    cluster: Cluster,
    config: NodeConfig,
    [calm, restless]: readonly [Dataplane, Dataplane],
  ) {
    this.cluster = cluster;
    this.#config = config;
    this.#calm = calm;
    this.#restless = restless;
  }

  /** How many connections of a family there is room for. */
  roomFor(family: 4 | 6): number {
    return family === 4 ? capacity.connections4 : capacity.connections6;
  }

  /** The one that is left in peace: for looking at. */
  get calm(): Dataplane {
    return this.#calm;
  }

  portOf(address: string): string {
    return this.#calm.portOf(address);
  }

  /** Sends a packet through both; throws where they differ. */
  send(frame: Uint8Array, port: string, timeMs: number): TwinOutcome {
    const [calm, restless] = [this.#calm, this.#restless].map((dataplane) =>
      sendThrough(dataplane, frame, { port, timeMs }),
    ) as [TwinOutcome, TwinOutcome];
    this.packets += 1;
    if (describe(calm) !== describe(restless)) {
      throw new Error(`laws 4, 7, 8: the twins differ:\n${describe(calm)}\n${describe(restless)}`);
    }
    return calm;
  }

  /** Sweeps one of them, as far as the limit goes. */
  sweep(nowMs: number, limit: number): void {
    this.#restless.sweep(nowMs, limit);
  }

  /** Replaces one of them by its snapshot. */
  async reload(): Promise<void> {
    const snapshot = this.#restless.snapshot();
    this.#restless.close();
    this.#restless = await this.cluster.dataplane({
      node: subjectNode,
      config: this.#config,
      capacity,
    });
    this.#restless.restore(snapshot);
  }

  /** What the laws about tables say of both, each for itself. */
  findWrong(): string[] {
    return [this.#calm, this.#restless].flatMap((dataplane) => [
      ...findSharedTuples(dataplane),
      ...findMiscount(dataplane),
    ]);
  }
}

function sendThrough(
  dataplane: Dataplane,
  frame: Uint8Array,
  { port, timeMs }: { readonly port: string; readonly timeMs: number },
): TwinOutcome {
  const { vector } = dataplane.instance;
  vector.clear();
  vector.add(frame, { port: numberOf(dataplane, port), timeMs, link: 'raw' });
  vector.run();
  const { verdict, reason, effects, outPort, frame: left } = vector.outcome(0);
  const name = outPort === 0 ? '' : (dataplane.names.ports.get(outPort) ?? `${outPort}?`);
  return { verdict, reason, effects, port: name, frame: left.slice() };
}

/** 0, which no port has, for one that is gone. */
function numberOf({ names }: Dataplane, port: string): number {
  for (const [number, name] of names.ports) if (name === port) return number;
  return 0;
}

function describe({ verdict, reason, effects, port, frame }: TwinOutcome): string {
  return `${verdict} ${reason} ${effects} ${port} ${[...frame].join(' ')}`;
}

/** Law 1: no two connections share a tuple. */
function findSharedTuples(dataplane: Dataplane): string[] {
  const owners = new Map<string, string>();
  const wrong: string[] = [];
  for (const { original, reply, protocol } of dataplane.connections()) {
    const own = `${protocol} ${JSON.stringify(original)}`;
    for (const tuple of [own, `${protocol} ${JSON.stringify(reply)}`]) {
      const owner = owners.get(tuple);
      if (owner !== undefined && owner !== own) wrong.push(`law 1: ${owner} and ${own}: ${tuple}`);
      owners.set(tuple, own);
    }
  }
  return wrong;
}

/** Law 7: what was created and is not gone is there. */
function findMiscount(dataplane: Dataplane): string[] {
  const { connectionsCreated, connectionsRemoved, connectionsExpired, connectionsEvicted } =
    dataplane.counters().totals;
  const gone = connectionsRemoved + connectionsExpired + connectionsEvicted;
  const there = dataplane.connections().length;
  if (connectionsCreated - gone === there) return [];
  return [`law 7: ${connectionsCreated} created, ${gone} gone, ${there} there`];
}
