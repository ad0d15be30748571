// One connection from outside to a node port, seen by dataplane and model at once: every packet is
// judged, and what both remember of the connection is compared.

import { subjectNode } from '../arbitrary/cluster.ts';
import type { ConnectionState } from '../model/tracking.ts';
import { Model } from '../model/model.ts';
import { NodeUnderTest, type Sent } from '../subject/node-under-test.ts';
import { memoryOfEntry, memoryOfModel, type ProtocolMemory } from './protocol-memory.ts';
import { sampleObjects } from './sample-cluster.ts';
import { codeOf } from '../../host/abi/enum.ts';
import { ConnectionFlag } from '../../host/abi/abi.gen.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';

/** What is remembered of the connection while it lives. */
export interface Remembered {
  readonly state: ConnectionState;
  readonly isAnswered: boolean;
  readonly isAssured: boolean;
  readonly expiresAtMs: number;
  readonly memory: ProtocolMemory;
}

const nodePorts: Readonly<Record<number, number>> = { [Ip.Udp]: 30053 };

export class Talk {
  readonly node: NodeUnderTest;
  readonly model: Model;
  readonly log: string[] = [];
  timeMs = 0;
  readonly #request: PacketFields;
  #answer: { packet: PacketFields; port: string } | null = null;

  static async begin(protocol: number, settings: Partial<NodeConfig> = {}): Promise<Talk> {
    const config = { ...defaultNodeConfig, ...settings };
    const node = await NodeUnderTest.create(sampleObjects, { node: subjectNode, config });
    const complete = () => node.state;
    return new Talk(node, new Model({ node: subjectNode, settings: config, complete }), protocol);
  }

  private constructor(node: NodeUnderTest, model: Model, protocol: number) {
    this.node = node;
    this.model = model;
    this.#request = {
      source: '203.0.113.7',
      destination: '192.168.0.2',
      protocol,
      sourcePort: 40_000,
      destinationPort: nodePorts[protocol] ?? 30_080,
    };
  }

  /** Packets that tracking called invalid so far. */
  get invalid(): number {
    return this.node.dataplane.instance.map('counters').lookUp(0)?.invalid ?? 0;
  }

  /**
   * Sends one packet; an answer before there is anything to answer is sent as a request. Throws if
   * model and dataplane disagree, about it or about what they remember afterwards. Another frame in
   * its vector changes nothing but the lane that it may take.
   */
  send(isReply: boolean, fields: Partial<PacketFields>, isAccompanied = false): void {
    const answer = isReply ? this.#answer : null;
    const packet = { ...(answer?.packet ?? this.#request), ...fields };
    const where = { port: answer?.port ?? 'uplink', timeMs: this.timeMs };
    const arrival = { frame: encodePacket(packet, 'raw'), link: 'raw', ...where } as const;
    const company = isAccompanied ? [{ ...arrival, frame: new Uint8Array(1) }] : [];
    const [{ outcome }] = this.node.sendAll([arrival, ...company]) as [Sent];
    const wrong = this.model.judge(packet, where, outcome);
    const told = JSON.stringify(fields, (_, value) =>
      ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value,
    );
    this.log.push(`${this.timeMs} ${answer ? 'answer' : 'request'} ${told} => ${outcome.verdict}`);
    if (wrong.length > 0) throw new Error([...this.log, ...wrong].join('\n'));
    if (answer === null && outcome.packet !== null && outcome.verdict === 'forward') {
      const { source, sourcePort, destination, destinationPort, protocol } = outcome.packet;
      const ends = { source: destination, destination: source, protocol };
      const ports = { sourcePort: destinationPort!, destinationPort: sourcePort! };
      this.#answer = { packet: { ...ends, ...ports }, port: outcome.port! };
    }
    const [known, right] = [this.remembered(), this.expected()].map((all) => JSON.stringify(all));
    if (known !== right) {
      throw new Error([...this.log, `remembered: expected ${right}, got ${known}`].join('\n'));
    }
  }

  sweep(): void {
    this.log.push(`${this.timeMs} sweep`);
    this.node.dataplane.instance.sweep(this.timeMs, 0xffff_ffff);
    this.model.sweep(this.timeMs);
  }

  /** What the dataplane remembers. */
  remembered(): Remembered[] {
    const { instance } = this.node.dataplane;
    const all = [...instance.map('connections').entries()].map(([key, connection]) => ({
      state: stateName(connection.state),
      isAnswered: (connection.flags & ConnectionFlag.SeenReply) !== 0,
      isAssured: (connection.flags & ConnectionFlag.Assured) !== 0,
      expiresAtMs: connection.expiresAtMs,
      memory: memoryOfEntry(key.protocol, connection),
    }));
    return this.#living(all);
  }

  /** What the model remembers. */
  expected(): Remembered[] {
    const all = this.model.connections.map((connection) => {
      const { state, isAnswered, isAssured, expiresAtMs } = connection;
      return { state, isAnswered, isAssured, expiresAtMs, memory: memoryOfModel(connection) };
    });
    return this.#living(all);
  }

  /** In an order of their own: once it is over, either end may open another connection. */
  #living(all: readonly Remembered[]): Remembered[] {
    const living = all.filter(({ expiresAtMs }) => this.timeMs < expiresAtMs);
    return living.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  }
}

function stateName(state: number): ConnectionState {
  return codeOf('ConnectionState', state).replace('syn-sent2', 'syn-sent-2') as ConnectionState;
}
