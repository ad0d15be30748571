// The reference model as a subject: it judges itself, which shows that whatever it decides it also
// accepts; and over a pipe it stands in for a dataplane that is always right.

import { Cluster } from '../../host/cluster/cluster.ts';
import type { KubernetesObject, ObjectReference } from '../../host/kubernetes/types.ts';
import { decodePacket, encodePacket } from '../../host/net/packet.ts';
import { Model } from '../model/model.ts';
import { everything } from './claims.ts';
import type { Answer, Arrival, NodeSettings, Subject, SubjectSource } from './subject.ts';

class ModelSubject implements Subject {
  readonly #cluster = new Cluster({ controllers: false });
  readonly #model: Model;
  #timeMs = 0;

  constructor({ node, config }: NodeSettings) {
    this.#model = new Model({ node, settings: config, complete: () => this.#cluster.state });
  }

  apply(objects: readonly KubernetesObject[]): void {
    this.#cluster.apply(objects);
    this.#model.update(this.#cluster.state);
  }

  delete(references: readonly ObjectReference[]): void {
    this.#cluster.delete(references);
    this.#model.update(this.#cluster.state);
  }

  advance(timeMs: number): void {
    this.#timeMs = timeMs;
  }

  send(arrivals: readonly Arrival[]): Answer[] {
    return arrivals.map(({ frame, port }) => {
      const packet = decodePacket(frame, 'raw');
      if (packet === null) throw new RangeError('the model reads whole packets only');
      const outcome = this.#model.send(packet, { port, timeMs: this.#timeMs });
      const left = outcome.packet === null ? new Uint8Array() : encodePacket(outcome.packet, 'raw');
      const { verdict, reason, service } = outcome;
      return { verdict, port: outcome.port, frame: left, reason, service };
    });
  }

  dump(): string {
    return '';
  }

  close(): void {}
}

export const modelSubjects: SubjectSource = {
  name: 'the model',
  claims: everything,
  start: (settings) => new ModelSubject(settings),
  close: () => {},
};
