// One node's dataplane as the subject of a scenario: its packets go through the Wasm module as raw
// IP.

import { Cluster, type Dataplane } from '../cluster/cluster.ts';
import type { KubernetesObject, ObjectReference } from '../kubernetes/types.ts';
import { encodePacket, type PacketFields } from '../net/packet.ts';
import { NetworkSubject } from './network-subject.ts';
import { nodeSettings } from './read-config.ts';
import type { Scenario } from './scenario.ts';
import type { Position, Sending, Subject, SubjectOutcome } from './subject.ts';
import { asSubjectOutcome, link } from './subject-outcome.ts';
import { controllerOptionsOf, isWholeCluster, nodeOf } from './world.ts';

/** The dataplanes that a scenario is about: one node's, or those of the whole cluster. */
export function subjectOf(scenario: Scenario): Subject {
  return isWholeCluster(scenario) ? new NetworkSubject(scenario) : new DataplaneSubject(scenario);
}

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

  send(packet: PacketFields, { port, timeMs }: Sending): SubjectOutcome {
    const frame = encodePacket(packet, link);
    return asSubjectOutcome(this.#running.process(frame, { port, timeMs, link }));
  }

  locate(address: string): Position {
    return { port: this.#running.portOf(address) };
  }

  get #running(): Dataplane {
    if (this.#dataplane === null) throw new Error('objects are applied before packets are sent');
    return this.#dataplane;
  }

  #start(): Promise<Dataplane> {
    const settings = nodeSettings(this.#scenario.config);
    const { nodeAddresses } = this.#scenario;
    return this.#cluster.dataplane({
      node: nodeOf(this.#scenario, this.#cluster.state),
      config: { ...settings, ...(nodeAddresses && { nodeAddresses }) },
    });
  }
}
