// Which connections are let through between any two ends of a cluster. The dataplane is asked once
// for all ends that fare alike, with a packet for each run of ports. Judges nothing itself.

import type { Cluster, Dataplane } from '../../cluster/cluster.ts';
import type { NodeConfig } from '../../compile/desired.ts';
import { listEnds, type End } from './ends.ts';
import { startOneNode } from './one-node.ts';
import { cutPorts, protocolOfRun, runsTowards, type PortRun } from './port-runs.ts';
import { Interview, type Question } from './questions.ts';

/** Ends that fare alike. */
export interface EndClass {
  readonly number: number;
  readonly ends: readonly End[];
  /** As destination: every port, in runs. */
  readonly runs: readonly PortRun[];
}

/** What is open between two classes: for each run of the destination, whether it is. */
export type Open = readonly boolean[];

export class Reach {
  readonly dataplane: Dataplane;
  readonly classes: readonly EndClass[];
  readonly interview: Interview;
  readonly #answers = new Map<number, Open>();
  readonly #ports = new Map<string, number>();
  readonly #classOf = new Map<string, EndClass>();

  /** A cluster to be asked, on its own or beside another one. Close it when it has been. */
  static async of(
    cluster: Cluster,
    config: Partial<NodeConfig> = {},
    other?: Cluster,
  ): Promise<Reach> {
    return new Reach(await startOneNode(cluster, config), other);
  }

  private constructor(dataplane: Dataplane, other?: Cluster) {
    this.dataplane = dataplane;
    this.interview = new Interview(dataplane);
    const cuts = cutPorts(dataplane.cluster.state);
    const byText = new Map<string, End[]>();
    for (const end of listEnds(dataplane, other?.state)) {
      const known = byText.get(end.alike);
      if (known === undefined) byText.set(end.alike, [end]);
      else known.push(end);
    }
    this.classes = [...byText.values()].map((ends, number) => {
      return { number, ends, runs: runsTowards(cuts, ends[0]!.offered) };
    });
    for (const each of this.classes) {
      for (const { address } of each.ends) this.#classOf.set(address, each);
    }
  }

  /** Class of an end by its address. */
  classOf(address: string): EndClass | undefined {
    return this.#classOf.get(address);
  }

  /** Every end, in the order of the classes. */
  get ends(): End[] {
    return this.classes.flatMap(({ ends }) => ends);
  }

  /** Asks for all these pairs at once; `between` answers them from then on. */
  askAll(pairs: Iterable<readonly [from: EndClass, to: EndClass]>): void {
    const asked: { key: number; count: number }[] = [];
    const questions: Question[] = [];
    for (const [from, to] of pairs) {
      const key = this.#keyOf(from, to);
      const ends = pickEnds(from, to);
      if (ends === null || this.#answers.has(key)) continue;
      this.#answers.set(key, []);
      asked.push({ key, count: to.runs.length });
      questions.push(...to.runs.map((run) => this.questionFor(ends, run)));
    }
    const answers = this.interview.ask(questions);
    let next = 0;
    for (const { key, count } of asked) {
      this.#answers.set(key, answers.slice(next, next + count));
      next += count;
    }
  }

  /** What is open between two classes; null where no two ends can talk: one end, other families. */
  between(from: EndClass, to: EndClass): Open | null {
    if (pickEnds(from, to) === null) return null;
    this.askAll([[from, to]]);
    return this.#answers.get(this.#keyOf(from, to))!;
  }

  /** The packet that asks for one run of ports. */
  questionFor({ source, destination }: Pair, run: PortRun): Question {
    return {
      source: source.address,
      destination: destination.address,
      protocol: protocolOfRun(run),
      port: run.first,
      entersBy: this.portOf(source.address),
    };
  }

  /** Number of the port by which packets of an end enter. */
  portOf(address: string): number {
    let port = this.#ports.get(address);
    if (port === undefined) this.#ports.set(address, (port = this.dataplane.names.portOf(address)));
    return port;
  }

  close(): void {
    this.dataplane.close();
  }

  #keyOf(from: EndClass, to: EndClass): number {
    return from.number * this.classes.length + to.number;
  }
}

/** Two ends of different addresses. */
export interface Pair {
  readonly source: End;
  readonly destination: End;
}

/** One of each class; null where there are no two that can talk and that policies concern. */
export function pickEnds(from: EndClass, to: EndClass): Pair | null {
  const source = from.ends[0]!;
  const destination = from === to ? to.ends[1] : to.ends[0];
  if (destination === undefined || source.family !== destination.family) return null;
  if (source.kind !== 'pod' && destination.kind !== 'pod') return null;
  return { source, destination };
}
