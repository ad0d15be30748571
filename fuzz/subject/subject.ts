// What is under test: one node's dataplane, whosever it is and wherever it runs. Objects and frames
// in, what became of each frame out. Whatever is slow or far away may answer later.

import type { NodeConfig } from '../../host/compile/desired.ts';
import type { KubernetesObject, ObjectReference } from '../../host/kubernetes/types.ts';
import type { ServiceReference } from '../model/services.ts';
import type { Claims } from './claims.ts';

/** At once or later. */
export type Awaitable<T> = T | Promise<T>;

/** A packet as it comes in: from the IP header up. */
export interface Arrival {
  readonly frame: Uint8Array;
  /** `host`, `uplink` or `pod/namespace/name`. */
  readonly port: string;
}

/** What became of a packet. */
export interface Answer {
  readonly verdict: 'forward' | 'local' | 'reply' | 'drop' | 'hold';
  /** The port that it, or the answer to it, leaves by; null if nothing leaves. */
  readonly port: string | null;
  /** What leaves, from the IP header up; empty if nothing does. */
  readonly frame: Uint8Array;
  /** Kebab-case code, null for none; absent: the subject does not say. */
  readonly reason?: string | null;
  /** The Service that decided, null for none; absent: the subject does not say. */
  readonly service?: ServiceReference | null;
}

/**
 * One node, from its first objects to its end. Any method may throw SubjectError, and after that no
 * other is called but `close`.
 */
export interface Subject {
  /** Adds objects, or replaces those of the same kind, namespace and name. All or nothing. */
  apply(objects: readonly KubernetesObject[]): Awaitable<void>;
  delete(references: readonly ObjectReference[]): Awaitable<void>;
  /** It is now that many milliseconds since an epoch; never less than before. */
  advance(timeMs: number): Awaitable<void>;
  /**
   * Packets in the order of their arrival, one of them unless the source has `vectorPackets`; as
   * many answers, in the same order.
   */
  send(arrivals: readonly Arrival[]): Awaitable<readonly Answer[]>;
  /** What it knows of its connections, for people; '' if it does not say. */
  dump(): Awaitable<string>;
  close(): Awaitable<void>;
}

/** Which node a subject is. Nothing is filled in: objects come whole, as from an API server. */
export interface NodeSettings {
  readonly node: string;
  readonly config: NodeConfig;
}

/** Where subjects come from: each story gets one that remembers nothing of the story before. */
export interface SubjectSource {
  readonly name: string;
  readonly claims: Claims;
  /** Packets that it takes at a time at most; one unless given. */
  readonly vectorPackets?: number;
  /** It was silent so often that it is not asked again. */
  readonly isGivenUp?: boolean;
  start(settings: NodeSettings): Awaitable<Subject>;
  close(): Awaitable<void>;
}

/** A subject that does not keep to the interface: it died, is silent, or talks nonsense. */
export class SubjectError extends Error {
  override readonly name = 'SubjectError';
}

/** It did not answer in time. */
export class SilenceError extends SubjectError {}
