// The dataplane as something that can be judged: objects and packet fields in, outcome as fields
// out. Knows how to drive it through its public classes, not what is right.

import type { Capacity } from '../../host/abi/abi.gen.ts';
import { Cluster } from '../../host/cluster/cluster.ts';
import type { Dataplane } from '../../host/cluster/cluster.ts';
import { readOutcome } from '../../host/cluster/outcome.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';
import type { ClusterState } from '../../host/controllers/state.ts';
import type { KubernetesObject, ObjectReference } from '../../host/kubernetes/types.ts';
import type { RawOutcome } from '../../host/dataplane/outcome.ts';
import type { LinkType } from '../../host/net/packet-layout.ts';
import { hasValidChecksums } from '../../host/net/packet-layout.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { decodePacket, encodePacket } from '../../host/net/packet.ts';
import type { Outcome } from '../model/judge.ts';
import type { Where } from '../model/model.ts';

/** Small, so that a new instance costs little. */
const defaultCapacity: Partial<Capacity> = {
  vectorPackets: 64,
  blockBytes: 65536,
  traceSteps: 64,
  ports: 64,
  prefixes: 256,
  frontends: 256,
  services: 2048,
  endpoints: 1024,
  affinities: 64,
  identities: 64,
  policies: 256,
  portSets: 256,
  rulesets: 64,
  connections4: 1024,
  connections6: 1024,
  fragments: 16,
  heldFragments: 256,
  heldBytes: 65_536,
  maglevSlots: 32_768,
};

/** With scheduler `mh`, where every virtual server of the largest cluster has tables. */
const maglevSlotsOfServers = 524_288;

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
  /** A fragment that is held, and the same one when it leaves: its number; otherwise 0. */
  readonly held: number;
  /** Fragments that were held and left behind this packet, or were dropped. */
  readonly released: readonly Sent[];
}

export interface NodeSettings {
  readonly node: string;
  readonly config: NodeConfig;
  readonly capacity?: Partial<Capacity>;
}

function capacityOf({ scheduler }: NodeConfig): Partial<Capacity> {
  if (scheduler !== 'mh') return defaultCapacity;
  return { ...defaultCapacity, maglevSlots: maglevSlotsOfServers };
}

/** One node's dataplane in a cluster of whole objects: nothing is filled in. */
export class NodeUnderTest {
  readonly dataplane: Dataplane;

  static async create(
    objects: readonly KubernetesObject[],
    { node, config, capacity = capacityOf(config) }: NodeSettings,
  ): Promise<NodeUnderTest> {
    const cluster = Cluster.from(objects, { controllers: false });
    const start = () => cluster.dataplane({ node, config, capacity });
    return new NodeUnderTest(await start(), start);
  }

  readonly #start: () => Promise<Dataplane>;

  private constructor(dataplane: Dataplane, start: () => Promise<Dataplane>) {
    this.dataplane = dataplane;
    this.#start = start;
  }

  /** Another instance that goes on from a snapshot of this one, which ends. */
  async restored(): Promise<NodeUnderTest> {
    const snapshot = this.dataplane.snapshot();
    this.dataplane.close();
    const next = await this.#start();
    next.restore(snapshot);
    return new NodeUnderTest(next, this.#start);
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
    const released = vector.released();
    return arrivals.map(({ link }, index) => ({
      ...this.#read(vector.outcome(index), link),
      released: released
        .filter(({ after }) => after === index)
        .map((release) => this.#read(release, link)),
    }));
  }

  /** Held frames are read as those of the packet that let them go: of one kind of link. */
  #read(raw: RawOutcome, link: LinkType): Sent {
    const { frame, ...outcome } = readOutcome(raw, this.dataplane.names);
    const { verdict, reason, port, service } = outcome;
    const packet = frame.length === 0 ? null : decodePacket(frame, link);
    const isSound = hasValidChecksums(frame, link);
    const { held } = raw;
    return {
      outcome: { verdict, reason, port, service, packet },
      frame,
      isSound,
      held,
      released: [],
    };
  }

  /** 0, which no port has, for one that is gone. */
  #portNumber(name: string): number {
    for (const [number, known] of this.dataplane.names.ports) if (known === name) return number;
    return 0;
  }
}
