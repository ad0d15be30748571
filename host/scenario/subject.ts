// What a scenario runs on: anything that takes objects and packets and says what became of each
// packet. The dataplane is one subject, the reference model another, a real node could be a
// third.

import type { KubernetesObject, ObjectReference } from '../kubernetes/types.ts';
import type { PacketFields } from '../net/packet.ts';

/** What became of one packet. */
export interface SubjectOutcome {
  readonly verdict: 'forward' | 'local' | 'reply' | 'drop' | 'hold';
  /** Kebab-case code; null for a plain forward or delivery. */
  readonly reason: string | null;
  /** The port it leaves by; null when nothing leaves. */
  readonly port: string | null;
  /** The packet as it leaves, or the answer; null when nothing leaves. */
  readonly packet: PacketFields | null;
  /** The Service that translated or refused it. */
  readonly service: { readonly namespace: string; readonly name: string } | null;
}

/** One node under test. Ports are spelled `pod/ns/name`, `host` and `uplink`. */
export interface Subject {
  readonly name: string;
  /** Adds objects, or replaces those of the same kind, namespace and name. All or nothing. */
  apply(objects: readonly KubernetesObject[]): Promise<void>;
  delete(references: readonly ObjectReference[]): Promise<void>;
  send(packet: PacketFields, where: { port: string; timeMs: number }): SubjectOutcome;
  /** The port by which a packet with this source address enters the node. */
  portOf(address: string): string;
}
