// Plays a story on a subject and lets the model judge every packet. What happened is written down
// as it goes, so that a failure reads as a story too.

import { Cluster } from '../../host/cluster/cluster.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';
import type { KubernetesObject, ObjectReference } from '../../host/kubernetes/types.ts';
import { hasValidChecksums, Ip } from '../../host/net/packet-layout.ts';
import { SctpChunk, TcpFlag, decodePacket, encodePacket } from '../../host/net/packet.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { subjectNode } from '../arbitrary/cluster.ts';
import { association } from '../arbitrary/sctp.ts';
import type { Opening, Step, Story } from '../arbitrary/story.ts';
import { Model } from '../model/model.ts';
import { isError } from '../model/translation.ts';
import type { Answer, Subject } from '../subject/subject.ts';
import { SubjectError } from '../subject/subject.ts';
import { WasmSubject } from '../subject/wasm-subject.ts';
import { tellChange, tellPacket } from './story-log.ts';
import { turnRound } from './turn-round.ts';

/** What a play came to. */
export interface Play {
  /** What happened, step by step: lines for people. */
  readonly log: readonly string[];
  /** In what the subject's last packet was wrong; empty if nothing was. */
  readonly wrong: readonly string[];
}

/** On what a story is played. */
export interface Cast {
  readonly subject: Subject;
  /** Packets that it takes at a time at most; one unless given. */
  readonly vectorPackets?: number;
}

/** A packet, and the port that it comes in or left by. */
interface Placed {
  readonly packet: PacketFields;
  readonly port: string;
}

/** A story in progress. */
interface Stage extends Required<Cast> {
  /** The objects as they should be by now, and what the model sees of them. */
  readonly cluster: Cluster;
  readonly model: Model;
  /** Written only when somebody reads it. */
  readonly log: (() => string)[];
  /** Packets on their way to the subject: fewer than `vectorPackets`. */
  readonly waiting: Placed[];
  /** Packets that left, latest first. */
  readonly left: Placed[];
  nowMs: number;
}

const startMs = 1_000_000;

/** Plays until a packet is judged wrong, or to the end; the subject is closed by who started it. */
export async function playStory(
  { objects, steps }: Story,
  config: NodeConfig = defaultNodeConfig,
  { subject, vectorPackets = 1 }: Cast = startWasm(config),
): Promise<Play> {
  const cluster = Cluster.from(objects, { controllers: false });
  const model = new Model({ node: subjectNode, settings: config, complete: () => cluster.state });
  const rest = { log: [], waiting: [], left: [], nowMs: startMs };
  const stage: Stage = { subject, vectorPackets, cluster, model, ...rest };
  const wrong: string[] = [];
  try {
    await subject.apply(objects);
    await subject.advance(startMs);
    for (const step of steps) {
      if (wrong.length === 0) wrong.push(...(await play(stage, step)));
    }
    if (wrong.length === 0) wrong.push(...(await sendWaiting(stage)));
  } catch (breakdown) {
    if (!(breakdown instanceof SubjectError)) throw breakdown;
    wrong.push(describeBreakdown(breakdown));
  }
  return {
    wrong,
    get log() {
      return stage.log.map((entry) => entry());
    },
  };
}

export function describeBreakdown({ message }: SubjectError): string {
  return `the subject does not answer as it should: ${message}`;
}

function startWasm(config: NodeConfig): Cast {
  return { subject: new WasmSubject({ node: subjectNode, config }) };
}

async function play(stage: Stage, step: Step): Promise<string[]> {
  if (step.kind === 'send') {
    const { opening } = step;
    return send(stage, {
      packet: openingPacket(opening),
      port: opening.isForeign ? 'uplink' : stage.model.portOf(opening.source),
    });
  }
  // Everything else follows on what has become of the packets before.
  const wrong = await sendWaiting(stage);
  if (wrong.length > 0) return wrong;
  if (step.kind === 'reply' || step.kind === 'complain') {
    const packet = reaction(stage, step);
    return packet === null ? [] : send(stage, packet);
  }
  await change(stage, step);
  return [];
}

/** What changes no packet but the world: time, objects. */
async function change(
  stage: Stage,
  step: Step & { readonly kind: 'wait' | 'apply' | 'delete' },
): Promise<void> {
  const { subject, cluster, model, log } = stage;
  switch (step.kind) {
    case 'wait':
      stage.nowMs += step.ms;
      log.push(() => `wait ${step.ms} ms`);
      return subject.advance(stage.nowMs);
    case 'apply':
      log.push(() => tellChange('apply', step.object));
      cluster.apply([step.object]);
      model.update(cluster.state);
      return subject.apply([step.object]);
    case 'delete': {
      // Nodes and namespaces stay: nothing happens without them.
      const { objects } = cluster;
      const movable = objects.filter(({ kind }) => kind !== 'Node' && kind !== 'Namespace');
      const gone = movable[step.position % Math.max(1, movable.length)];
      if (gone === undefined) return;
      log.push(() => tellChange('delete', gone));
      cluster.delete([gone]);
      model.update(cluster.state);
      return subject.delete([referenceOf(gone)]);
    }
  }
}

/** What somebody does about a packet that left. */
function reaction(
  { left }: Stage,
  step: Step & { readonly kind: 'reply' | 'complain' },
): Placed | null {
  const seen = left[step.back % Math.max(1, left.length)];
  if (seen === undefined) return null;
  const packet =
    step.kind === 'complain'
      ? error(seen.packet, step)
      : turnRound(seen.packet, step.tcpFlags ?? politeFlags(seen.packet), step.chunk);
  return packet === null ? null : { packet, port: seen.port };
}

/** Sends a packet, or keeps it until there are as many as go at once. */
async function send(stage: Stage, placed: Placed): Promise<string[]> {
  stage.waiting.push(placed);
  return stage.waiting.length < stage.vectorPackets ? [] : sendWaiting(stage);
}

async function sendWaiting(stage: Stage): Promise<string[]> {
  const sent = stage.waiting.splice(0);
  if (sent.length === 0) return [];
  const arrivals = sent.map(({ packet, port }) => ({ frame: encodePacket(packet, 'raw'), port }));
  stage.log.push(() => arrivals.map((arrival) => tellPacket(arrival, null)).join('\n'));
  const answers = await stage.subject.send(arrivals);
  stage.log.pop();
  for (const [index, placed] of sent.entries()) {
    const given = answers[index]!;
    stage.log.push(() => tellPacket(arrivals[index]!, given));
    const wrong = judge(stage, placed, given);
    if (wrong.length > 0) return wrong;
  }
  return [];
}

function judge({ model, nowMs, left }: Stage, { packet, port }: Placed, given: Answer): string[] {
  const { frame, ...told } = given;
  const leaving = frame.length === 0 ? null : decodePacket(frame, 'raw');
  const wrong = model.judge(packet, { port, timeMs: nowMs }, { ...told, packet: leaving });
  if (frame.length > 0 && leaving === null) wrong.push('what left is no whole packet');
  if (!holdsSctp(leaving) && !hasValidChecksums(frame, 'raw')) wrong.push('a checksum is wrong');
  if (leaving !== null && told.port !== null) left.unshift({ packet: leaving, port: told.port });
  return wrong;
}

/** SCTP's CRC32c covers the ports, and leaves as it came: docs/decisions/0009. */
export function holdsSctp(packet: PacketFields | null): boolean {
  return packet === null || packet.protocol === Ip.Sctp || packet.quoted?.protocol === Ip.Sctp;
}

function openingPacket({ protocol, tcpFlags, chunk, ...ends }: Opening): PacketFields {
  const { source, destination, sourcePort, destinationPort, ttl } = ends;
  const addresses = { source, destination, ttl };
  const ports = { sourcePort, destinationPort };
  if (protocol === Ip.Tcp) return { ...addresses, protocol, ...ports, tcpFlags };
  if (protocol === Ip.Sctp) {
    return { ...addresses, ...ports, ...association(chunk ?? SctpChunk.Init) };
  }
  if (protocol !== Ip.Icmp) return { ...addresses, protocol, ...ports };
  const isIPv6 = source.includes(':');
  return {
    ...addresses,
    protocol: isIPv6 ? Ip.Icmpv6 : Ip.Icmp,
    icmpType: isIPv6 ? 128 : 8,
    icmpIdentifier: sourcePort,
  };
}

/** The flags with which TCP goes on after a segment. */
function politeFlags({ tcpFlags }: PacketFields): number {
  return tcpFlags === TcpFlag.Syn ? TcpFlag.Syn | TcpFlag.Ack : TcpFlag.Ack;
}

const router = { 4: '192.0.2.1', 6: '2001:db8:ffff::1' };

/** An error about a packet, back to where it came from. */
function error(packet: PacketFields, step: Step & { kind: 'complain' }): PacketFields | null {
  if (isError(packet)) return null;
  const isIPv6 = packet.source.includes(':');
  const [icmpType, icmpCode] = errorTypes(isIPv6, step);
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

/** Packet too big, redirect or port unreachable. */
function errorTypes(
  isIPv6: boolean,
  { isTooBig, isRedirect = false }: Step & { kind: 'complain' },
): readonly [number, number] {
  if (isIPv6) return isTooBig ? [2, 0] : [1, 4];
  if (isRedirect) return [5, 1];
  return isTooBig ? [3, 4] : [3, 3];
}

function referenceOf({ kind, metadata }: KubernetesObject): ObjectReference {
  return { kind, namespace: metadata.namespace, name: metadata.name };
}
