// What a replay needs of a dataplane: a vector to fill, its ports by name and by address, and what
// it counts. Dataplane of host/cluster has this shape.

import type {
  Capacity,
  Counters,
  Digest,
  Endpoint,
  EndpointKey,
  Frontend,
  FrontendKey,
  ReasonCount,
} from '../abi/abi.gen.ts';
import type { RawOutcome, Release } from '../dataplane/outcome.ts';
import type { VectorEntry } from '../dataplane/vector.ts';

/** One node's dataplane. */
export interface ReplaySubject {
  /** Number of a port; throws RangeError if there is none of this name. */
  port(name: string): number;
  portName(port: number): string;
  /** Name of the port by which a packet with this source enters. */
  portOf(address: string): string;
  map(name: 'frontends'): { entries(): Iterable<readonly [FrontendKey, Frontend]> };
  map(name: 'endpoints'): { entries(): Iterable<readonly [EndpointKey, Endpoint]> };
  map(name: 'counters'): { lookUp(key: number): Counters | undefined };
  map(name: 'reasons'): { entries(): Iterable<readonly [number, ReasonCount]> };
  map(name: 'digests'): { entries(): Iterable<readonly [number, Digest]> };
  readonly instance: {
    readonly vector: ReplayVector;
    readonly capacity: Pick<Capacity, 'connections4' | 'connections6'>;
    sweep(nowMs: number, limit: number): number;
  };
}

/** Packets that are processed together. */
export interface ReplayVector {
  clear(): void;
  /** Packet memory to read into; see Vector. */
  lend(lengthBytes: number): Uint8Array | null;
  /** Whether a copy of this length still fits. */
  hasRoom(lengthBytes: number): boolean;
  /** The entry may be changed after the call. */
  add(frame: Uint8Array, entry: VectorEntry): number;
  /** As `add`, a frame that was read into packet memory. */
  addInPlace(address: number, lengthBytes: number, entry: VectorEntry): number;
  run(): void;
  /** Adds what became of all packets to map `digests`. */
  digest(): void;
  /** What became of a packet; valid until the next call. */
  peek(index: number): RawOutcome;
  /** Held fragments that left in the last run. */
  released(): readonly Release[];
}
