// The dataplane as something that can be judged: objects and packet fields in, outcome as fields out. Knows how to drive
// an instance, not what is right.

import { codeOf } from '../../host/abi/enum.ts';
import { compileNode } from '../../host/compile/compile-node.ts';
import type { Compiled, NodeConfig } from '../../host/compile/desired.ts';
import { emptyNumbering } from '../../host/compile/numbering.ts';
import type { ClusterState } from '../../host/controllers/state.ts';
import { Instance } from '../../host/dataplane/instance.ts';
import type { LinkType } from '../../host/net/packet-layout.ts';
import { hasValidChecksums } from '../../host/net/packet-layout.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { decodePacket, encodePacket } from '../../host/net/packet.ts';
import { applyPlan } from '../../host/reconcile/apply.ts';
import { plan } from '../../host/reconcile/plan.ts';
import type { Outcome } from '../model/judge.ts';
import type { Where } from '../model/model.ts';

/** Small, so that a new instance costs little. */
const capacity = {
  vectorPackets: 64,
  blockBytes: 65536,
  traceSteps: 64,
  ports: 64,
  prefixes: 256,
  frontends: 64,
  services: 32,
  endpoints: 256,
  affinities: 64,
  identities: 64,
  policies: 256,
  portSets: 64,
  connections4: 1024,
  connections6: 1024,
  fragments: 16,
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

/** One node's dataplane. */
export class NodeUnderTest {
  readonly instance: Instance;
  readonly #node: string;
  readonly #config: NodeConfig;
  #compiled: Compiled | null = null;

  static async create(node: string, config: NodeConfig): Promise<NodeUnderTest> {
    const seeds = { seedLow: config.seed >>> 0, seedHigh: 0 };
    const instance = await Instance.create({ capacity: { ...capacity, ...seeds } });
    return new NodeUnderTest(node, config, instance);
  }

  private constructor(node: string, config: NodeConfig, instance: Instance) {
    this.#node = node;
    this.#config = config;
    this.instance = instance;
  }

  /** Compiles a cluster and brings the instance there. */
  update(state: ClusterState): void {
    const { desired = {}, numbering = emptyNumbering } = this.#compiled ?? {};
    const compiled = compileNode(state, this.#node, this.#config, numbering);
    applyPlan(this.instance, plan(desired, compiled.desired));
    this.#compiled = compiled;
  }

  /** Sends one packet and reads what became of it. */
  send(packet: PacketFields, where: Where, link: LinkType = 'raw'): Sent {
    const [sent] = this.sendAll([{ frame: encodePacket(packet, link), link, ...where }]);
    return sent!;
  }

  /** Sends frames in one vector; there must be room for them. */
  sendAll(arrivals: readonly ArrivingFrame[]): Sent[] {
    const { vector } = this.instance;
    vector.clear();
    for (const { frame, port, timeMs, link } of arrivals) {
      vector.add(frame, { port: this.#portNumber(port), timeMs, link });
    }
    vector.run();
    return arrivals.map(({ link }, index) => this.#read(index, link));
  }

  #read(index: number, link: LinkType): Sent {
    const { verdict, reason, outPort, service, frame } = this.instance.vector.outcome(index);
    const { names } = this.#compiled!;
    const known = names.services.get(service);
    const packet = frame.length === 0 ? null : decodePacket(frame, link);
    const outcome: Outcome = {
      verdict: codeOf('Verdict', verdict) as Outcome['verdict'],
      reason: reason === 0 ? null : codeOf('Reason', reason),
      port: outPort === 0 ? null : (names.ports.get(outPort) ?? `unknown port ${outPort}`),
      packet,
      service: known === undefined ? null : { namespace: known.namespace, name: known.name },
    };
    return { outcome, frame: frame.slice(), isSound: hasValidChecksums(frame, link) };
  }

  #portNumber(name: string): number {
    const ports = this.#compiled?.names.ports ?? new Map<number, string>();
    for (const [number, known] of ports) if (known === name) return number;
    return 0;
  }
}
