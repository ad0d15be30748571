// Plays a story on the dataplane and lets the model judge every packet. What happened is written
// down as it goes, so that a failure reads as a story too.

import type { NodeConfig } from '../../host/compile/desired.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import type { KubernetesObject, ObjectReference } from '../../host/kubernetes/types.ts';
import { objectKey } from '../../host/kubernetes/types.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import type { Opening, Step, Story } from '../arbitrary/story.ts';
import { subjectNode } from '../arbitrary/cluster.ts';
import { Chunk, association } from '../arbitrary/sctp.ts';
import type { Outcome } from '../model/judge.ts';
import { Model } from '../model/model.ts';
import { isError } from '../model/translation.ts';
import { NodeUnderTest } from './node-under-test.ts';
import { turnRound } from './turn-round.ts';

/** What a play came to. */
export interface Play {
  /** One line for each step. */
  readonly log: readonly string[];
  /** In what the dataplane's last packet was wrong; empty if nothing was. */
  readonly wrong: readonly string[];
  /** As it was then. */
  readonly node: NodeUnderTest;
}

interface Left {
  readonly packet: PacketFields;
  readonly port: string;
}

/** A story in progress. */
interface Stage {
  readonly node: NodeUnderTest;
  readonly model: Model;
  readonly log: string[];
  /** Packets that left, latest first. */
  readonly left: Left[];
  nowMs: number;
}

/** Plays until a packet is judged wrong, or to the end. */
export async function playStory(
  { objects, steps }: Story,
  config: NodeConfig = defaultNodeConfig,
): Promise<Play> {
  const node = await NodeUnderTest.create(objects, { node: subjectNode, config });
  const model = new Model({ node: subjectNode, settings: config, complete: () => node.state });
  const stage: Stage = { node, model, log: [], left: [], nowMs: 1_000_000 };
  for (const step of steps) {
    const wrong = play(stage, step);
    if (wrong.length > 0) return { log: stage.log, wrong, node };
  }
  return { log: stage.log, wrong: [], node };
}

function play(stage: Stage, step: Step): string[] {
  switch (step.kind) {
    case 'send':
      return send(stage, openingPacket(step.opening), stage.model.portOf(step.opening.source));
    case 'reply':
    case 'complain': {
      const left = stage.left[step.back % Math.max(1, stage.left.length)];
      if (left === undefined) return [];
      const packet =
        step.kind === 'reply' ? turnRound(left.packet, step.tcpFlags) : error(left, step);
      return packet === null ? [] : send(stage, packet, left.port);
    }
    case 'wait':
      stage.nowMs += step.ms;
      stage.log.push(`wait ${step.ms} ms`);
      return [];
    case 'apply':
      stage.log.push(`apply ${keyOf(step.object)}`);
      stage.node.apply(step.object);
      stage.model.update(stage.node.state);
      return [];
    case 'delete': {
      // Nodes and namespaces stay: nothing happens without them.
      const { objects } = stage.node.dataplane.cluster;
      const movable = objects.filter(({ kind }) => kind !== 'Node' && kind !== 'Namespace');
      const gone = movable[step.position % Math.max(1, movable.length)];
      if (gone === undefined) return [];
      stage.log.push(`delete ${keyOf(gone)}`);
      stage.node.delete(referenceOf(gone));
      stage.model.update(stage.node.state);
      return [];
    }
  }
}

function send(stage: Stage, packet: PacketFields, port: string): string[] {
  const where = { port, timeMs: stage.nowMs };
  const { outcome, isSound } = stage.node.send(packet, where);
  const wrong = stage.model.judge(packet, where, outcome);
  if (!isSound && !holdsSctp(outcome.packet)) wrong.push('a checksum is wrong');
  stage.log.push(`${port}: ${describe(packet)} => ${describeOutcome(outcome)}`);
  if (outcome.packet !== null && outcome.port !== null) {
    stage.left.unshift({ packet: outcome.packet, port: outcome.port });
  }
  return wrong;
}

/** SCTP's CRC32c covers the ports, and leaves as it came: docs/decisions/0009. */
export function holdsSctp(packet: PacketFields | null): boolean {
  return packet === null || packet.protocol === Ip.Sctp || packet.quoted?.protocol === Ip.Sctp;
}

function openingPacket({ protocol, tcpFlags, ...ends }: Opening): PacketFields {
  const { source, destination, sourcePort, destinationPort, ttl } = ends;
  const addresses = { source, destination, ttl };
  const ports = { sourcePort, destinationPort };
  if (protocol === Ip.Tcp) return { ...addresses, protocol, ...ports, tcpFlags };
  if (protocol === Ip.Sctp) return { ...addresses, ...ports, ...association(Chunk.Init) };
  if (protocol !== Ip.Icmp) return { ...addresses, protocol, ...ports };
  const isIPv6 = source.includes(':');
  return {
    ...addresses,
    protocol: isIPv6 ? Ip.Icmpv6 : Ip.Icmp,
    icmpType: isIPv6 ? 128 : 8,
    icmpIdentifier: sourcePort,
  };
}

const router = { 4: '192.0.2.1', 6: '2001:db8:ffff::1' };

/** An error about a packet, back to where it came from. */
function error({ packet }: Left, step: Step & { kind: 'complain' }): PacketFields | null {
  if (isError(packet)) return null;
  const isIPv6 = packet.source.includes(':');
  const [icmpType, icmpCode] = isIPv6
    ? step.isTooBig
      ? [2, 0]
      : [1, 4]
    : step.isTooBig
      ? [3, 4]
      : [3, 3];
  return {
    source: step.isRouter ? router[isIPv6 ? 6 : 4] : packet.destination,
    destination: packet.source,
    protocol: isIPv6 ? Ip.Icmpv6 : Ip.Icmp,
    icmpType,
    icmpCode,
    icmpRest: step.isTooBig ? 1400 : 0,
    quoted: packet,
  };
}

function referenceOf({ kind, metadata }: KubernetesObject): ObjectReference {
  return { kind, namespace: metadata.namespace, name: metadata.name };
}

function keyOf(object: KubernetesObject): string {
  return objectKey(referenceOf(object));
}

function describe({ source, destination, protocol, ...rest }: PacketFields): string {
  const { sourcePort = rest.icmpIdentifier ?? '', destinationPort = '', tcpFlags, icmpType } = rest;
  const kind = tcpFlags === undefined ? (icmpType ?? '') : `flags ${tcpFlags}`;
  const quoted = rest.quoted === undefined ? '' : ` quoting (${describe(rest.quoted)})`;
  const ends = `${source} ${sourcePort} > ${destination} ${destinationPort}`;
  return `${ends} protocol ${protocol} ${kind} ttl ${rest.ttl ?? 64}${quoted}`;
}

function describeOutcome({ verdict, reason, port, packet }: Outcome): string {
  const leaving = packet === null ? '' : `, ${port}: ${describe(packet)}`;
  return `${verdict}${reason === null ? '' : ` (${reason})`}${leaving}`;
}
