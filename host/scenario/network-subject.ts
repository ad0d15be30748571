// All nodes of a cluster as the subject of a scenario: every packet goes through the dataplane of
// each node that it meets.

import { Cluster } from '../cluster/cluster.ts';
import type { NetworkPort } from '../cluster/atlas.ts';
import type { Hop, Journey } from '../cluster/journey.ts';
import { Network } from '../cluster/network.ts';
import type { KubernetesObject, ObjectReference } from '../kubernetes/types.ts';
import { decodePacket, encodePacket, type PacketFields } from '../net/packet.ts';
import { nodeSettings } from './read-config.ts';
import type { Scenario } from './scenario.ts';
import type { Position, Sending, Subject, SubjectHop, SubjectOutcome } from './subject.ts';
import { asSubjectOutcome, link } from './subject-outcome.ts';
import { controllerOptionsOf } from './world.ts';

export class NetworkSubject implements Subject {
  readonly name = 'dataplanes of the whole cluster';
  readonly #scenario: Scenario;
  readonly #cluster: Cluster;
  #network: Network | null = null;

  /** A subject without objects, with the settings of a scenario. */
  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#cluster = new Cluster(controllerOptionsOf(scenario));
  }

  async apply(objects: readonly KubernetesObject[]): Promise<void> {
    this.#cluster.apply(objects);
    const config = nodeSettings(this.#scenario.config);
    this.#network ??= await Network.create(this.#cluster, { config });
  }

  async delete(references: readonly ObjectReference[]): Promise<void> {
    this.#cluster.delete(references);
  }

  send(packet: PacketFields, { port, node, ...rest }: Sending): SubjectOutcome {
    const departure = { at: { node: node ?? null, port }, link, ...rest } as const;
    return outcomeOf(this.#running.send(encodePacket(packet, link), departure));
  }

  locate(address: string): Position {
    return positionOf(this.#running.find(address));
  }

  get #running(): Network {
    if (this.#network === null) throw new Error('objects are applied before packets are sent');
    return this.#network;
  }
}

/** The packet is what arrived in the end, an answer of a node at the sender included. */
function outcomeOf({ verdict, reason, hops, ...journey }: Journey): SubjectOutcome {
  const { arrivedAt, frame } = journey.answer ?? journey;
  const path = hops.map(readHop);
  const wayBack = journey.answer?.hops.map(readHop) ?? [];
  return {
    verdict,
    reason,
    service: path.find(({ outcome }) => outcome.service !== null)?.outcome.service ?? null,
    packet: arrivedAt === null ? null : decodePacket(frame, link),
    ...(arrivedAt === null ? { port: null } : positionOf(arrivedAt)),
    path,
    wayBack,
  };
}

function positionOf({ node, port }: NetworkPort): Position {
  return { port, ...(node !== null && { node }) };
}

function readHop({ node, enters, frame, outcome }: Hop): SubjectHop {
  const packet = decodePacket(frame, link)!;
  return { node, port: enters, packet, outcome: asSubjectOutcome(outcome) };
}
