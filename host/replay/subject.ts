// What a replay needs of a dataplane: a vector to fill, its ports by name and by address, and its
// counters. Dataplane of host/cluster has this shape.

import type { Counters, FrontendKey } from '../abi/abi.gen.ts';
import type { RawOutcome, Release, VectorEntry } from '../dataplane/vector.ts';

/** One node's dataplane. */
export interface ReplaySubject {
  /** Number of a port; throws RangeError if there is none of this name. */
  port(name: string): number;
  portName(port: number): string;
  /** Name of the port by which a packet with this source enters. */
  portOf(address: string): string;
  map(name: 'frontends'): { entries(): Iterable<readonly [FrontendKey, unknown]> };
  map(name: 'counters'): { lookUp(key: number): Counters | undefined };
  readonly instance: {
    readonly vector: ReplayVector;
    sweep(nowMs: number, limit: number): number;
  };
}

/** Packets that are processed together. */
export interface ReplayVector {
  clear(): void;
  /** Whether a frame of this length still fits. */
  hasRoom(lengthBytes: number): boolean;
  add(frame: Uint8Array, entry: VectorEntry): number;
  run(): void;
  outcome(index: number): RawOutcome;
  /** Held fragments that left in the last run. */
  released(): readonly Release[];
}
