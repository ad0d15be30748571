// What a scenario runs on: anything that takes objects and packets and says what became of each
// packet. The dataplane is one subject, the reference model another, a real node could be a
// third.

import type { KubernetesObject, ObjectReference } from '../kubernetes/types.ts';
import type { PacketFields } from '../net/packet.ts';

/** Where a packet enters or leaves. */
export interface Position {
  /** `pod/ns/name`, `host` or `uplink`. */
  readonly port: string;
  /** In a whole cluster the node that the port is of; absent outside of all nodes. */
  readonly node?: string;
}

/** Where and when a packet is sent. */
export interface Sending extends Position {
  readonly timeMs: number;
  /** In a whole cluster: the node that takes what outside sends to an address of no node or pod. */
  readonly via?: string;
}

/** What became of one packet. */
export interface SubjectOutcome {
  readonly verdict: 'forward' | 'local' | 'reply' | 'drop' | 'hold';
  /** Kebab-case code; null for a plain forward or delivery. */
  readonly reason: string | null;
  /** The port it leaves by; null when nothing leaves. */
  readonly port: string | null;
  /** In a whole cluster the node of that port; absent outside of all nodes. */
  readonly node?: string;
  /** The packet as it leaves, or the answer; null when nothing leaves. */
  readonly packet: PacketFields | null;
  /** The Service that translated or refused it. */
  readonly service: { readonly namespace: string; readonly name: string } | null;
  /** In a whole cluster every node on the way; the last one decided. */
  readonly path?: readonly SubjectHop[];
  /** In a whole cluster: the nodes on the way back of an answer that a node gave itself. */
  readonly wayBack?: readonly SubjectHop[];
}

/** What one node of a whole cluster made of a packet. */
export interface SubjectHop {
  readonly node: string;
  /** The port it came in by, and as what. */
  readonly port: string;
  readonly packet: PacketFields;
  readonly outcome: SubjectOutcome;
}

/** One node under test, or the nodes of a whole cluster. */
export interface Subject {
  readonly name: string;
  /** Adds objects, or replaces those of the same kind, namespace and name. All or nothing. */
  apply(objects: readonly KubernetesObject[]): Promise<void>;
  delete(references: readonly ObjectReference[]): Promise<void>;
  send(packet: PacketFields, sending: Sending): SubjectOutcome;
  /** Where a packet with this source address enters. */
  locate(address: string): Position;
}
