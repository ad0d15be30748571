// A node on a module with counters, which begins every input from the same state: memory is put
// back, and what memory does not hold, by a fresh instance. Knows nothing of what inputs mean.

import { Cluster } from '../../host/cluster/cluster.ts';
import { compileNode, defaultNodeConfig } from '../../host/compile/compile-node.ts';
import type { Names } from '../../host/compile/desired.ts';
import type { Capacity } from '../../host/abi/abi.gen.ts';
import { Instance } from '../../host/dataplane/instance.ts';
import { applyPlan } from '../../host/reconcile/apply.ts';
import { plan } from '../../host/reconcile/plan.ts';
import { subjectNode } from '../arbitrary/cluster.ts';
import { sampleObjects } from '../targets/sample-cluster.ts';

/** The dataplane, compiled with a counter at every statement and conditional operand. */
export interface CountedModule {
  readonly module: WebAssembly.Module;
  /** Stands in memory before the counters, of which each is a byte. */
  readonly mark: string;
  /** Where each counter stands in the sources. */
  readonly points: readonly { readonly path: string }[];
}

/** As small as can be: all of memory is put back for each input. */
export const fuzzedCapacity: Partial<Capacity> = {
  vectorPackets: 1,
  blockBytes: 16_384,
  traceSteps: 1,
  ports: 16,
  prefixes: 128,
  frontends: 64,
  services: 32,
  endpoints: 64,
  affinities: 8,
  identities: 16,
  policies: 16,
  portSets: 16,
  rulesets: 8,
  connections4: 32,
  connections6: 32,
  fragments: 8,
  heldFragments: 16,
  heldBytes: 4096,
  maglevSlots: 16,
};

/** One node of the sample cluster. */
export class CountedNode {
  readonly names: Names;
  readonly #counted: CountedModule;
  readonly #countersAt: number;
  /** Points whose code keeps something in globals: of ordinary packets none is visited. */
  readonly #lasting: readonly number[];
  /** Memory at the beginning of every input. */
  readonly #memory: Uint8Array;
  #instance: Instance;
  #bytes: Uint8Array;

  /**
   * `converse` sends ordinary packets, no fragments: it shows which code they take. Their
   * connections are there in the beginning if `remembers`.
   */
  constructor(counted: CountedModule, converse: (node: CountedNode) => void, remembers: boolean) {
    this.#counted = counted;
    const { state } = Cluster.from(sampleObjects, { controllers: false });
    const { desired, names } = compileNode(state, subjectNode, defaultNodeConfig);
    this.names = names;
    this.#instance = Instance.of(counted.module, fuzzedCapacity);
    this.#bytes = bytesOf(this.#instance);
    this.#countersAt = findCounters(this.#bytes, counted.mark);
    applyPlan(this.#instance, plan({}, desired));
    this.counters.fill(0);
    const silent = this.#bytes.slice();
    converse(this);
    this.#lasting = [...counted.points.keys()].filter((point) => {
      const isOfFragments = counted.points[point]!.path.startsWith('assembly/fragment/');
      return isOfFragments && this.counters[point] === 0;
    });
    this.counters.fill(0);
    this.#memory = remembers ? this.#bytes.slice() : silent;
  }

  get instance(): Instance {
    return this.#instance;
  }

  /** How often each point was visited since `reset`, at most 255; a view. */
  get counters(): Uint8Array {
    const { points } = this.#counted;
    return this.#bytes.subarray(this.#countersAt, this.#countersAt + points.length);
  }

  /** Back to the beginning, whatever happened. */
  reset(): void {
    const { counters } = this;
    if (this.#instance.poisoned !== null || this.#lasting.some((point) => counters[point] !== 0)) {
      this.#instance = Instance.of(this.#counted.module, fuzzedCapacity);
      this.#bytes = bytesOf(this.#instance);
    }
    this.#bytes.set(this.#memory);
  }
}

function bytesOf({ memory }: Instance): Uint8Array {
  return new Uint8Array(memory.buffer);
}

/** Throws RangeError for a module without counters. */
function findCounters(bytes: Uint8Array, mark: string): number {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 1 << 20));
  const at = text.indexOf(mark);
  if (at < 0) throw new RangeError('the module has no counters');
  return at + mark.length;
}
