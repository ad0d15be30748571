// The laws of connections and translation, on random bursts of packets, by the packets alone: what
// leaves is compared with what came, answers with what they answer, and two dataplanes with each
// other. What a packet's fate should be is the model's affair, not asked here.

import { Effect, Reason, Verdict } from '../../host/abi/abi.gen.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';
import { Ip, hasValidChecksums, locatePacket } from '../../host/net/packet-layout.ts';
import { checksumOffset } from '../../host/net/packet-layout.ts';
import { SctpChunk, TcpFlag, decodePacket, encodePacket } from '../../host/net/packet.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { pool, servicePorts, targetPort } from '../arbitrary/cluster.ts';
import type { Campaign, Command } from '../arbitrary/campaign.ts';
import { withoutChecksum } from '../arbitrary/pieces.ts';
import { randomNumbers } from '../arbitrary/random.ts';
import { association } from '../arbitrary/sctp.ts';
import { turnRound } from './turn-round.ts';
import { Twins, type TwinOutcome } from './twins.ts';

const { Syn, Ack } = TcpFlag;
const startMs = 1_000_000;
/** Linux gives a connection this long while something is not acknowledged; here nothing ever is. */
const unacknowledgedMs = 300_000;

/** A TCP connection that works: how each end's packets come in and leave. */
interface Conversation {
  readonly ends: readonly [Passage, Passage];
  lastMs: number;
}

interface Passage {
  readonly packet: PacketFields;
  readonly port: string;
}

/** A campaign in progress. */
interface Field {
  readonly twins: Twins;
  readonly conversations: Conversation[];
  nowMs: number;
}

/** Runs a campaign; returns how many packets it took, and throws where a law is broken. */
export async function runCampaign(
  { objects, commands }: Campaign,
  config: NodeConfig,
): Promise<number> {
  const twins = await Twins.create(objects, config);
  const field: Field = { twins, conversations: [], nowMs: startMs };
  for (const [index, command] of commands.entries()) {
    await carryOut(field, command);
    const wrong = twins.findWrong();
    if (wrong.length > 0) throw new Error(`after command ${index}: ${wrong.join('\n')}`);
  }
  return twins.packets;
}

async function carryOut(field: Field, command: Command): Promise<void> {
  const { twins } = field;
  switch (command.kind) {
    case 'converse':
    case 'continue':
    case 'stray': {
      const draw = randomNumbers(command.seed);
      for (let number = 0; number < command.count; number++) bursts[command.kind](field, draw);
      return;
    }
    case 'fill':
      return fill(field, command.family, randomNumbers(command.seed));
    case 'wait':
      field.nowMs += command.ms;
      return;
    case 'sweep':
      return twins.sweep(field.nowMs, command.limit);
    case 'reload':
      return twins.reload();
    case 'apply':
      return twins.cluster.apply([command.object]);
    case 'delete': {
      const movable = twins.cluster.objects.filter(({ kind }) => !fixed.includes(kind));
      const gone = movable[command.position % Math.max(1, movable.length)];
      if (gone === undefined) return;
      const { namespace, name } = gone.metadata;
      twins.cluster.delete([{ kind: gone.kind, namespace, name }]);
    }
  }
}

/** Nothing happens without them. */
const fixed = ['Node', 'Namespace'];

type Draw = (bound: number) => number;

const bursts = { converse, continue: goOn, stray };

/** Opens a conversation; its answer must come back, and so must all that follows. */
function converse(field: Field, draw: Draw): void {
  const packet = { ...drawOpening(draw, drawFamily(draw)), sequence: 100 };
  if (packet.sourcePort !== undefined) packet.sourcePort |= 0x8000;
  const port = field.twins.portOf(packet.source);
  const there = pass(field, packet, port);
  if (there.packet === null || !isOn(there.outcome)) return;
  if ((there.outcome.effects & (Effect.Created | Effect.ReplyDirection)) !== Effect.Created) return;
  const turned = turnRound(there.packet, Syn | Ack);
  if (turned === null) return;
  const answer = { ...turned, ...answerNumbers };
  const back = pass(field, answer, there.outcome.port);
  expectMirror(packet, back.packet, `law 6: the answer to ${describe(packet)} is lost`);
  if (packet.protocol !== Ip.Tcp) return;
  const acknowledgement = { ...packet, ...nextNumbers, tcpFlags: Ack };
  pass(field, acknowledgement, port);
  pass(field, acknowledgement, port);
  const answering = {
    packet: { ...answer, ...laterNumbers, tcpFlags: Ack },
    port: there.outcome.port,
  };
  const ends = [{ packet: acknowledgement, port }, answering] as const;
  field.conversations.push({ ends, lastMs: field.nowMs });
}

/** Sequence numbers of the handshake, and behind it. */
const answerNumbers = { sequence: 200, acknowledgement: 101 };
const nextNumbers = { sequence: 101, acknowledgement: 201 };
const laterNumbers = { sequence: 201, acknowledgement: 101 };

/** Law 4: what is established keeps its endpoint, whatever was changed since. */
function goOn(field: Field, draw: Draw): void {
  const alive = field.conversations.filter(({ lastMs }) => field.nowMs < lastMs + unacknowledgedMs);
  const conversation = alive[draw(Math.max(1, alive.length))];
  if (conversation === undefined) return;
  const isReply = draw(2);
  const [{ packet, port }, other] = isReply
    ? [conversation.ends[1], conversation.ends[0]]
    : conversation.ends;
  if (!hasPort(field, port)) return;
  const { outcome, packet: left } = pass(field, withPayload(packet, draw), port);
  // Its address has become the node's own (ipvs mode): not a conversation any more.
  if (outcome.reason === Reason.MartianSource) return;
  expectMirror(other.packet, left, `law 4: ${describe(packet)} lost its way`);
  conversation.lastMs = field.nowMs;
}

function hasPort({ twins }: Field, port: string): boolean {
  return [...twins.calm.names.ports.values()].includes(port);
}

/**
 * A packet of any kind; none that could end a conversation: those have the high source ports.
 */
function stray(field: Field, draw: Draw): void {
  const packet = drawOpening(draw, drawFamily(draw));
  if (packet.sourcePort !== undefined) packet.sourcePort &= 0x7fff;
  const flags = packet.protocol === Ip.Tcp ? { tcpFlags: draw(64) } : {};
  pass(field, { ...packet, ...flags, ttl: 1 + draw(3) }, field.twins.portOf(packet.source));
}

/** More openings than there is room; time passes, so that there is an oldest one. */
function fill(field: Field, family: 4 | 6, draw: Draw): void {
  const first = drawOpening(draw, family);
  const port = field.twins.portOf(first.source);
  const count = field.twins.roomFor(family) + 20;
  for (let number = 0; number < count; number++) {
    if (number % 8 === 0) field.nowMs += 1;
    pass(field, { ...first, sourcePort: draw(0x8000) }, port);
  }
}

type Changeable = { -readonly [Name in keyof PacketFields]: PacketFields[Name] };

interface Passed {
  readonly outcome: TwinOutcome;
  readonly packet: PacketFields | null;
}

/** Sends a packet, and holds what leaves to laws 2 and 3. */
function pass({ twins, nowMs }: Field, packet: PacketFields, port: string): Passed {
  const frame = encodePacket(packet, 'raw');
  if (packet.payload !== undefined && packet.payload.length % 4 === 0) withoutChecksum(frame);
  const outcome = twins.send(frame, port, nowMs);
  const left = outcome.frame.length === 0 ? null : decodePacket(outcome.frame, 'raw');
  if (left === null) return { outcome, packet: null };
  const isSctp = packet.protocol === Ip.Sctp;
  if (!isSctp && !hasValidChecksums(outcome.frame, 'raw')) {
    throw new Error(`law 2: ${describe(packet)} left with a wrong checksum`);
  }
  if (isOn(outcome) && !isUntouched(frame, outcome.frame)) {
    throw new Error(`law 3: ${describe(packet)} left with other bytes:\n${[...outcome.frame]}`);
  }
  return { outcome, packet: left };
}

/** Forwarded or delivered. */
function isOn({ verdict }: TwinOutcome): boolean {
  return verdict === Verdict.Forward || verdict === Verdict.Local;
}

/** Law 3: apart from addresses, ports, identifier, hops and checksums all bytes are the same. */
function isUntouched(before: Uint8Array, after: Uint8Array): boolean {
  if (before.length !== after.length) return false;
  const layout = locatePacket(before, 'raw', false)!;
  const rewritable = new Set(layout.family === 4 ? [8, 10, 11] : [7]);
  const addresses = layout.family === 4 ? 12 : 8;
  for (let at = 0; at < (layout.family === 4 ? 8 : 32); at++) rewritable.add(addresses + at);
  const { transportAt: transport, protocol } = layout;
  const isIcmp = protocol === Ip.Icmp || protocol === Ip.Icmpv6;
  const checksum = checksumOffset(protocol);
  const fields = isIcmp ? [2, 3, 4, 5] : [0, 1, 2, 3];
  for (const at of fields) rewritable.add(transport + at);
  if (checksum !== null) rewritable.add(transport + checksum).add(transport + checksum + 1);
  return before.every((byte, at) => byte === after[at] || rewritable.has(at));
}

/** Law 1: what leaves must be the mirror image of what the other end sent. */
function expectMirror(sent: PacketFields, left: PacketFields | null, message: string): void {
  const isMirror =
    left !== null &&
    left.source === sent.destination &&
    left.destination === sent.source &&
    (left.sourcePort ?? 0) === (sent.destinationPort ?? 0) &&
    (left.destinationPort ?? 0) === (sent.sourcePort ?? 0) &&
    (left.icmpIdentifier ?? 0) === (sent.icmpIdentifier ?? 0);
  if (!isMirror) throw new Error(`${message}: ${left === null ? 'nothing' : describe(left)}`);
}

function drawFamily(draw: Draw): 4 | 6 {
  return draw(3) === 0 ? 6 : 4;
}

function drawOpening(draw: Draw, family: 4 | 6): Changeable {
  const from = <T>(values: readonly T[]): T => values[draw(values.length)]!;
  const ends = { source: from(pool[family]), destination: from(pool[family]) };
  const protocol = from([Ip.Tcp, Ip.Tcp, Ip.Udp, Ip.Sctp, Ip.Icmp]);
  if (protocol === Ip.Icmp) {
    const [icmp, icmpType] = family === 4 ? [Ip.Icmp, 8] : [Ip.Icmpv6, 128];
    return withPayload({ ...ends, protocol: icmp, icmpType, icmpIdentifier: draw(65_536) }, draw);
  }
  const sourcePort = draw(65_536);
  const destinationPort = from([...servicePorts, targetPort]);
  const ports = { protocol, sourcePort, destinationPort };
  if (protocol === Ip.Sctp) return { ...ends, ...ports, ...association(SctpChunk.Init) };
  return withPayload({ ...ends, ...ports, ...(protocol === Ip.Tcp && { tcpFlags: Syn }) }, draw);
}

function withPayload(packet: PacketFields, draw: Draw): Changeable {
  return { ...packet, payload: Uint8Array.from({ length: draw(24) }, () => draw(256)) };
}

function describe(packet: PacketFields): string {
  const { source, destination, protocol, sourcePort = '', destinationPort = '' } = packet;
  return `${source} ${sourcePort} > ${destination} ${destinationPort} protocol ${protocol}`;
}
