// The dataplane as something that can be judged: objects and packet fields in, outcome as fields
// out. Knows how to drive it through its public classes, not what is right.

import { Cluster } from '../../host/cluster/cluster.ts';
import type { Dataplane } from '../../host/cluster/cluster.ts';
import { readOutcome } from '../../host/cluster/outcome.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';
import type { ClusterState } from '../../host/controllers/state.ts';
import type { KubernetesObject, ObjectReference } from '../../host/kubernetes/types.ts';
import type { LinkType } from '../../host/net/packet-layout.ts';
import { hasValidChecksums } from '../../host/net/packet-layout.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { decodePacket, encodePacket } from '../../host/net/packet.ts';
import type { Outcome } from '../model/judge.ts';
import type { Where } from '../model/model.ts';

/** Small, so that a new instance costs little. */
const capacity = {
  vectorPackets: 64,
  blockBytes: 65536,
  traceSteps: 64,
  ports: 64,
  prefixes: 256,
  frontends: 256,
  services: 256,
  endpoints: 1024,
  affinities: 64,
  identities: 64,
  policies: 256,
  portSets: 64,
  connections4: 1024,
  connections6: 1024,
  fragments: 16,
  maglevSlots: 32_768,
};

/** A frame where it comes in. */
export interface ArrivingFrame extends Where {
  readonly frame: Uint8Array;
  readonly link: LinkType;
}

export interface Sent {
  readonly outcome: Outcome;
  /** What left, empty if nothing did. */
  readonly frame: Uint8Array;
  /** What left is a whole packet with right checksums. */
  readonly isSound: boolean;
}

/** One node's dataplane in a cluster of whole objects: nothing is filled in. */
export class NodeUnderTest {
  readonly dataplane: Dataplane;

  static async create(
    objects: readonly KubernetesObject[],
    { node, config }: { node: string; config: NodeConfig },
  ): Promise<NodeUnderTest> {
    const cluster = Cluster.from(objects, { controllers: false });
    return new NodeUnderTest(await cluster.dataplane({ node, config, capacity }));
  }

  private constructor(dataplane: Dataplane) {
    this.dataplane = dataplane;
  }

  get state(): ClusterState {
    return this.dataplane.cluster.state;
  }

  apply(object: KubernetesObject): void {
    this.dataplane.cluster.apply([object]);
  }

  delete(reference: ObjectReference): void {
    this.dataplane.cluster.delete([reference]);
  }

  /** Sends one packet and reads what became of it. */
  send(packet: PacketFields, where: Where, link: LinkType = 'raw'): Sent {
    const [sent] = this.sendAll([{ frame: encodePacket(packet, link), link, ...where }]);
    return sent!;
  }

  /** Sends frames in one vector; there must be room for them. */
  sendAll(arrivals: readonly ArrivingFrame[]): Sent[] {
    const { vector } = this.dataplane.instance;
    vector.clear();
    for (const { frame, port, timeMs, link } of arrivals) {
      vector.add(frame, { port: this.#portNumber(port), timeMs, link });
    }
    vector.run();
    return arrivals.map(({ link }, index) => this.#read(index, link));
  }

  #read(index: number, link: LinkType): Sent {
    const { names, instance } = this.dataplane;
    const { frame, ...outcome } = readOutcome(instance.vector.outcome(index), names);
    const { verdict, reason, port, service } = outcome;
    const packet = frame.length === 0 ? null : decodePacket(frame, link);
    const isSound = hasValidChecksums(frame, link);
    return { outcome: { verdict, reason, port, service, packet }, frame, isSound };
  }

  /** 0, which no port has, for one that is gone. */
  #portNumber(name: string): number {
    for (const [number, known] of this.dataplane.names.ports) if (known === name) return number;
    return 0;
  }
}
