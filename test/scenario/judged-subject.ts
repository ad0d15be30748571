// The dataplane as the subject of a scenario with the reference model beside it: every packet
// that the scenario sends is also judged by the model, which takes over the dataplane's choices. In
// a whole cluster each node on the way is judged by a model of that node.

import { Model } from '../../fuzz/model/model.ts';
import { defaultModelSettings } from '../../fuzz/model/world.ts';
import type { KubernetesObject, ObjectReference } from '../../host/kubernetes/types.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { subjectOf } from '../../host/scenario/dataplane-subject.ts';
import type { Scenario } from '../../host/scenario/scenario.ts';
import type {
  Position,
  Sending,
  Subject,
  SubjectHop,
  SubjectOutcome,
} from '../../host/scenario/subject.ts';
import { World } from '../../host/scenario/world.ts';

export class JudgedSubject implements Subject {
  readonly name = 'dataplane, judged by the model';
  /** What the model would not accept, packet by packet. */
  readonly differences: string[] = [];
  readonly #scenario: Scenario;
  readonly #subject: Subject;
  readonly #world: World;
  /** By node. */
  readonly #models = new Map<string, Model>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#subject = subjectOf(scenario);
    this.#world = new World(scenario);
  }

  async apply(objects: readonly KubernetesObject[]): Promise<void> {
    await this.#subject.apply(objects);
    this.#world.apply(objects);
    this.#update();
  }

  async delete(references: readonly ObjectReference[]): Promise<void> {
    await this.#subject.delete(references);
    this.#world.delete(references);
    this.#update();
  }

  send(packet: PacketFields, sending: Sending): SubjectOutcome {
    const outcome = this.#subject.send(packet, sending);
    const { path, wayBack = [] } = outcome;
    const alone = { node: this.#world.book.node, port: sending.port, packet, outcome };
    for (const hop of [...(path ?? [alone]), ...wayBack]) this.#judge(hop, sending);
    return outcome;
  }

  locate(address: string): Position {
    return this.#subject.locate(address);
  }

  #judge({ node, port, packet, outcome }: SubjectHop, { timeMs }: Sending): void {
    for (const difference of this.#modelOf(node).judge(packet, { port, timeMs }, outcome)) {
      this.differences.push(`${node}: ${packet.source} > ${packet.destination}: ${difference}`);
    }
  }

  /** A node that no packet has come to remembers nothing: its model may start then. */
  #modelOf(node: string): Model {
    const { config, nodeAddresses } = this.#scenario;
    const own = nodeAddresses && { nodeAddresses };
    const settings = { ...defaultModelSettings, ...config, ...own };
    const complete = () => this.#world.book.state;
    const model = this.#models.get(node) ?? new Model({ node, settings, complete });
    this.#models.set(node, model);
    return model;
  }

  #update(): void {
    for (const model of this.#models.values()) model.update(this.#world.book.state);
  }
}
