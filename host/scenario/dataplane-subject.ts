// The dataplane as the subject of a scenario: its packets go through the Wasm module as raw IP.

import { Cluster, type Dataplane } from '../cluster/cluster.ts';
import type { KubernetesObject, ObjectReference } from '../kubernetes/types.ts';
import { decodePacket, encodePacket, type PacketFields } from '../net/packet.ts';
import type { Scenario } from './scenario.ts';
import type { Subject, SubjectOutcome } from './subject.ts';
import { controllerOptionsOf, nodeOf } from './world.ts';

const link = 'raw';

export class DataplaneSubject implements Subject {
  readonly name = 'dataplane';
  readonly #scenario: Scenario;
  readonly #cluster: Cluster;
  #dataplane: Dataplane | null = null;

  /** A subject without objects, with the node and settings of a scenario. */
  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#cluster = new Cluster(controllerOptionsOf(scenario));
  }

  async apply(objects: readonly KubernetesObject[]): Promise<void> {
    this.#cluster.apply(objects);
    this.#dataplane ??= await this.#start();
  }

  async delete(references: readonly ObjectReference[]): Promise<void> {
    this.#cluster.delete(references);
  }

  send(packet: PacketFields, where: { port: string; timeMs: number }): SubjectOutcome {
    const outcome = this.#running.process(encodePacket(packet, link), { ...where, link });
    const { verdict, reason, port, service, frame } = outcome;
    const leaves = verdict === 'drop' ? null : decodePacket(frame, link);
    return { verdict, reason, port, service, packet: leaves };
  }

  portOf(address: string): string {
    return this.#running.portOf(address);
  }

  get #running(): Dataplane {
    if (this.#dataplane === null) throw new Error('objects are applied before packets are sent');
    return this.#dataplane;
  }

  #start(): Promise<Dataplane> {
    const { controllers: _, ...settings } = this.#scenario.config;
    const { nodeAddresses } = this.#scenario;
    return this.#cluster.dataplane({
      node: nodeOf(this.#scenario, this.#cluster.state),
      config: { ...settings, ...(nodeAddresses && { nodeAddresses }) },
    });
  }
}
