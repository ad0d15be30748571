// The dataplane as the subject of a scenario with the reference model beside it: every packet that the scenario sends is
// also judged by the model, which takes over the dataplane's choices.

import { Model } from '../../fuzz/model/model.ts';
import { completeCluster } from '../../host/controllers/complete.ts';
import type { KubernetesObject, ObjectReference } from '../../host/kubernetes/types.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { DataplaneSubject } from '../../host/scenario/dataplane-subject.ts';
import type { Scenario } from '../../host/scenario/scenario.ts';
import type { Subject, SubjectOutcome } from '../../host/scenario/subject.ts';
import { controllerOptionsOf, nodeOf } from '../../host/scenario/world.ts';
import { defaultModelSettings } from '../../fuzz/model/world.ts';

export class JudgedSubject implements Subject {
  readonly name = 'dataplane, judged by the model';
  /** What the model would not accept, packet by packet. */
  readonly differences: string[] = [];
  readonly #dataplane: DataplaneSubject;
  readonly #model: Model;

  constructor(scenario: Scenario) {
    const options = controllerOptionsOf(scenario);
    const { nodeAddresses } = scenario;
    this.#dataplane = new DataplaneSubject(scenario);
    this.#model = new Model({
      node: nodeOf(scenario, completeCluster(scenario.objects, options)),
      settings: {
        ...defaultModelSettings,
        ...scenario.config,
        ...(nodeAddresses && { nodeAddresses }),
      },
      complete: (objects, previous) => completeCluster(objects, options, previous),
    });
  }

  async apply(objects: readonly KubernetesObject[]): Promise<void> {
    await this.#dataplane.apply(objects);
    await this.#model.apply(objects);
  }

  async delete(references: readonly ObjectReference[]): Promise<void> {
    await this.#dataplane.delete(references);
    await this.#model.delete(references);
  }

  send(packet: PacketFields, where: { port: string; timeMs: number }): SubjectOutcome {
    const outcome = this.#dataplane.send(packet, where);
    for (const difference of this.#model.judge(packet, where, outcome)) {
      this.differences.push(`${packet.source} > ${packet.destination}: ${difference}`);
    }
    return outcome;
  }

  portOf(address: string): string {
    return this.#dataplane.portOf(address);
  }
}
