// One packet's way through a node, in the order of the rules: martians, known connections, Service,
// policy, route and hop, masquerade. Each step answers from the objects; nothing is remembered here
// but what `remember` says at the end.

import { familyOf } from '../../host/net/address.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import type { Affinity } from './affinities.ts';
import { keepAffinity } from './affinities.ts';
import { chooseEndpoints } from './choose.ts';
import type { Connection, Found } from './connections.ts';
import { findConnection, freeReply, invert, othersLive, tupleOf } from './connections.ts';
import type { Dial } from './frontends.ts';
import { isMartianDestination } from './frontends.ts';
import type { Expected, Outcome } from './judge.ts';
import type { Flow } from './flow.ts';
import { judgePolicies } from './policies.ts';
import type { ChoiceMemory } from './schedulers.ts';
import type { ServiceDecision, ServicePortReference } from './services.ts';
import { decideService } from './services.ts';
import type { OwnError } from './translation.ts';
import {
  answerTo,
  errorTuple,
  isError,
  lengthOf,
  leavingTuple,
  mayBeToldOf,
  translateError,
  translatedSides,
  withTuple,
} from './translation.ts';
import type { Tracked } from './tracking.ts';
import { follow, lifeSeconds, openingOf } from './tracking.ts';
import type { World } from './world.ts';
import {
  hasPort,
  isAggregate,
  isForwardable,
  isMartianSource,
  isNodeAddress,
  mtuOf,
  policySettings,
  portTo,
  primaryAddress,
} from './world.ts';

/** What a node remembers from packet to packet. */
export interface Memory {
  connections: readonly Connection[];
  affinities: readonly Affinity[];
  choices: ChoiceMemory;
}

/** A packet where it comes in, and the choices of whoever is judged. */
export interface Arrival {
  readonly packet: PacketFields;
  /** `host`, `uplink` or `pod/namespace/name`. */
  readonly port: string;
  readonly timeMs: number;
  /** Which of the legal endpoints to take. */
  readonly endpoint: number;
  /** Which masquerade port to take, if it is free. */
  readonly sourcePort: number | null;
}

/** A decision, and what is remembered if it is the one that was taken. */
export interface Decision {
  readonly outcome: Expected;
  /** How many endpoints were legal; 0 where none was to be chosen. */
  readonly endpoints: number;
  remember(): void;
}

/** A new connection whose destination is settled, its source not yet. */
interface Opening {
  readonly arrival: Arrival;
  readonly tracked: Tracked;
  readonly service: ServicePortReference | null;
  readonly isSticky: boolean;
  readonly translated: PacketFields;
  readonly isMasqueraded: boolean;
}

/** Decides one packet. */
export function decide(world: World, memory: Memory, arrival: Arrival): Decision {
  const { packet, port, timeMs } = arrival;
  if (!hasPort(world, port)) return settled(drop('unknown-port'));
  if (isError(packet)) return report(world, memory, arrival);
  const found = findConnection(memory.connections, tupleOf(packet), asOfMs(world, timeMs));
  if (found === null) return open(world, memory, arrival);
  const { verdict, after } = follow(found, packet, timeMs, world.settings);
  if (verdict === 'reopens') return reopen(world, memory, arrival);
  const remember = () => {
    Object.assign(found.connection, after);
    if (verdict !== 'ends') return;
    memory.connections = memory.connections.filter((connection) => connection !== found.connection);
  };
  if (verdict === 'invalid') {
    return { ...passInvalid(world, arrival, 'conntrack-invalid'), remember };
  }
  // Connection tracking comes before policy: what is refused has moved the state on.
  const denial = judgeAgain(world, found);
  if (denial !== null) {
    const outcome = { ...drop(denial), ...serviceOf(found) };
    return { outcome, endpoints: 0, remember };
  }
  return { ...settled(passKnown(world, arrival, found)), remember };
}

/** The time by which connections are looked up: where only a sweep ends them, all are live. */
function asOfMs({ settings }: World, timeMs: number): number {
  return (settings.profile ?? 'kube-proxy') === 'kube-proxy' ? timeMs : -Infinity;
}

/** The old connection is forgotten, whatever becomes of the new one. */
function reopen(world: World, memory: Memory, arrival: Arrival): Decision {
  const decision = open(world, memory, arrival);
  const remember = () => {
    const { packet, timeMs } = arrival;
    const live = othersLive(memory.connections, tupleOf(packet), asOfMs(world, timeMs));
    memory.connections = live;
    decision.remember();
  };
  return { ...decision, remember };
}

/** Where the settings ask for it, what is sent on a connection is held to the policies of now. */
function judgeAgain(world: World, { connection, direction }: Found): string | null {
  const { original, reply } = connection;
  const isKept = policySettings(world).liveConnections === 'keep';
  if (isKept || direction === 'reply') return null;
  const hasPorts = [Ip.Tcp, Ip.Udp, Ip.Sctp].some((protocol) => protocol === original.protocol);
  return judgePolicies(world, {
    source: original.source,
    destination: reply.source,
    protocol: original.protocol,
    destinationPort: hasPorts ? reply.sourcePort : null,
    isThroughService: original.destination !== reply.source,
    isMasqueraded: original.source !== reply.destination,
    isEssentialIcmp: original.protocol === Ip.Icmp || original.protocol === Ip.Icmpv6,
  });
}

/** A packet of a known connection: no Service, no policy, but routed like any other. */
function passKnown(world: World, arrival: Arrival, found: Found): Expected {
  const translated = withTuple(arrival.packet, leavingTuple(found));
  const dialled = translatedSides(found).destination ? arrival.packet.destination : null;
  const outcome = isMartian(world, arrival)
    ? drop('martian-source')
    : hop(world, arrival, { translated, dialled });
  return { ...outcome, ...serviceOf(found) };
}

/** What a known connection says of its Service. */
function serviceOf({
  connection: { service },
}: Found): Pick<Expected, 'service' | 'mayForgetService'> {
  return { service, mayForgetService: true };
}

function isMartian(world: World, { packet, port }: Arrival): boolean {
  return isMartianSource(world, packet.source, port);
}

/** An ICMP error goes the way of the connection whose packet it quotes. */
function report(world: World, memory: Memory, arrival: Arrival): Decision {
  const tuple = errorTuple(arrival.packet);
  const found = tuple && findConnection(memory.connections, tuple, asOfMs(world, arrival.timeMs));
  if (!found) return passInvalid(world, arrival, 'icmp-unrelated');
  const sides = translatedSides(found);
  if (isRedirect(arrival.packet) && (sides.source || sides.destination)) {
    return settled({ ...drop('redirect-translated'), ...serviceOf(found) });
  }
  const translated = translateError(arrival.packet, found);
  const outcome = isMartian(world, arrival)
    ? drop('martian-source')
    : hop(world, arrival, { translated, dialled: null });
  return settled({ ...outcome, ...serviceOf(found) });
}

function isRedirect({ protocol, icmpType }: PacketFields): boolean {
  return protocol === Ip.Icmp && icmpType === 5;
}

/**
 * What belongs to no connection and opens none: iptables mode does not forward it, nftables mode
 * lets it pass.
 */
function passInvalid(world: World, arrival: Arrival, reason: string): Decision {
  if (isMartian(world, arrival)) return settled(drop('martian-source'));
  if (isMartianDestination(world, dialOf(arrival.packet), arrival.port)) {
    return settled(drop('martian-destination'));
  }
  const denial = judgePolicies(world, flowOf(arrival.packet));
  if (denial !== null) return settled(drop(denial));
  const outcome = hop(world, arrival, { translated: arrival.packet, dialled: null });
  // In the forward hook: what cannot leave was answered before.
  const isForwarded = arrival.port !== 'host' && outcome.verdict === 'forward';
  const isDropped = world.settings.mode === 'iptables' && isForwarded;
  return settled(isDropped ? drop(reason) : outcome);
}

/** A packet that opens a connection, if anything may. */
function open(world: World, memory: Memory, arrival: Arrival): Decision {
  const { packet } = arrival;
  const tracked = openingOf(packet, world.settings);
  if (tracked === null) return passInvalid(world, arrival, 'conntrack-invalid');
  if (isMartian(world, arrival)) return settled(drop('martian-source'));
  const dial = dialOf(packet);
  const decision = decideService(world, dial);
  if (decision.kind !== 'offered' && isMartianDestination(world, dial, arrival.port)) {
    return settled(drop('martian-destination'));
  }
  if (decision.kind === 'refused') return settled(refuse(world, arrival, decision));
  if (decision.kind === 'offered')
    return openService(world, memory, { arrival, tracked }, decision);
  const unserved = { service: null, isSticky: false, translated: packet, isMasqueraded: false };
  return admit(world, memory, { arrival, tracked, ...unserved });
}

function dialOf({ source, destination, protocol, destinationPort = 0 }: PacketFields): Dial {
  return { source, destination, protocol, destinationPort };
}

function openService(
  world: World,
  memory: Memory,
  { arrival, tracked }: Pick<Opening, 'arrival' | 'tracked'>,
  offer: ServiceDecision & { kind: 'offered' },
): Decision {
  const { packet, timeMs } = arrival;
  const { key, service, affinityMs } = offer;
  const client = packet.source;
  const asOf = asOfMs(world, timeMs);
  const connections = othersLive(memory.connections, tupleOf(packet), asOf);
  const { affinities, choices } = memory;
  const { settings } = world;
  const choosing = { settings, offer, packet, timeMs, connections, affinities, choices };
  const { legal, after } = chooseEndpoints(choosing);
  const endpoint = legal[arrival.endpoint % legal.length]!;
  const translated = {
    ...packet,
    destination: endpoint.address,
    destinationPort: endpoint.port,
  };
  const isOfferedToItself = endpoint.address === client;
  const isHairpin = isOfferedToItself && (endpoint.isLocal || world.settings.mode === 'iptables');
  const isMasqueraded = offer.isMasqueraded || isHairpin;
  const { outcome, remember } = admit(world, memory, {
    arrival,
    tracked,
    service,
    isSticky: affinityMs !== null,
    translated,
    isMasqueraded,
  });
  return {
    outcome,
    endpoints: legal.length,
    remember: () => {
      remember();
      // Of a packet that went nowhere nobody can tell which of several endpoints it got.
      const isSeen = outcome.verdict === 'forward' || outcome.verdict === 'local';
      const isCertain = isSeen || legal.length === 1;
      if (isCertain) memory.choices = after(endpoint);
      if (affinityMs === null) return;
      const expiresAtMs = timeMs + affinityMs;
      for (const possible of isCertain ? [endpoint] : legal) {
        const kept = { key, client, endpoint: possible, expiresAtMs, isCertain };
        memory.affinities = keepAffinity(memory.affinities, kept);
      }
    },
  };
}

/** Refusals that Linux has before routing: they do not ask for a hop. */
const beforeRouting: readonly string[] = ['source-range'];

/**
 * A packet to be forwarded is refused behind routing, so it needs a hop. A reject comes from the
 * node's own address and quotes the packet untranslated, its hop counted if it was forwarded.
 */
function refuse(
  world: World,
  { packet, port }: Arrival,
  { reason, isAnswered, service }: ServiceDecision & { kind: 'refused' },
): Outcome {
  const source = primaryAddress(world, familyOf(packet.source));
  const isForwarded = port !== 'host' && !isNodeAddress(world, packet.destination);
  if (isForwarded && (packet.ttl ?? 64) <= 1 && !beforeRouting.includes(reason)) {
    const kind = 'time-exceeded';
    return { ...answerOnTheWay(packet, port, { kind, source }), service };
  }
  if (!isAnswered || source === null) return { ...drop(reason), service };
  const quoted = isForwarded ? { ...packet, ttl: (packet.ttl ?? 64) - 1 } : packet;
  const answer = answerTo(quoted, { kind: 'port-unreachable', source });
  return { verdict: 'reply', reason, port, packet: answer, service };
}

/** Policy, route and hop, then masquerade. */
function admit(world: World, memory: Memory, opening: Opening): Decision {
  const { arrival, tracked, service, isSticky, translated, isMasqueraded } = opening;
  const { packet, timeMs, sourcePort } = arrival;
  const isThroughService = service !== null;
  const flow = { ...flowOf(translated), isThroughService, isMasqueraded };
  const denial = judgePolicies(world, flow);
  if (denial !== null) return settled({ ...drop(denial), service });
  const dialled = service === null ? null : packet.destination;
  const sent = hop(world, arrival, { translated, dialled });
  if (sent.packet === null || sent.verdict === 'reply') return settled({ ...sent, service });
  // Masquerade happens on the way out: what the node keeps for itself keeps its source.
  const isRewritten = isMasqueraded && sent.verdict === 'forward';
  const source = isRewritten ? primaryAddress(world, familyOf(packet.source)) : packet.source;
  if (source === null) return settled({ ...drop('no-masquerade-address'), service });
  const original = tupleOf(packet);
  const live = othersLive(memory.connections, original, asOfMs(world, timeMs));
  const wanted = { ...invert(tupleOf(translated)), destination: source };
  const isKept = !isRewritten || world.settings.masqueradePorts === 'keep-if-free';
  const reply = freeReply(live, wanted, { isKept, preferredPort: sourcePort });
  if (reply === null) return settled({ ...drop('masquerade-ports-exhausted'), service });
  const outcome = { ...sent, service, packet: withTuple(sent.packet, invert(reply)) };
  const remember = () => {
    const own = { original, reply, service, isServiceGone: false, isSticky, createdAtMs: timeMs };
    const seconds = lifeSeconds(tracked, packet.protocol, { ...world.settings, isStream: false });
    const entry = { ...tracked, ...own, expiresAtMs: timeMs + 1000 * seconds };
    memory.connections = [...live, entry];
  };
  return { outcome, endpoints: 0, remember };
}

function flowOf(packet: PacketFields): Flow {
  const { source, destination, protocol, destinationPort = null, icmpType } = packet;
  const isEcho = icmpType !== undefined && icmpType === (protocol === Ip.Icmp ? 8 : 128);
  const isEssentialIcmp = isEcho || isError(packet);
  return { source, destination, protocol, destinationPort, isEssentialIcmp };
}

/** A packet whose destination is settled. */
interface Leaving {
  readonly translated: PacketFields;
  /** What it was sent to, if that was translated: an answer then comes from there. */
  readonly dialled: string | null;
}

/** Route and hop; what the node itself sends makes no hop. */
function hop(world: World, { packet, port: from }: Arrival, leaving: Leaving): Outcome {
  const { translated, dialled } = leaving;
  const port = portTo(world, translated.destination);
  const leaves = { reason: null, port, packet: translated, service: null };
  if (port === 'host') return { ...leaves, verdict: 'local' };
  if (!isForwardable(translated.destination)) return drop('not-forwardable');
  const { ttl = 64 } = translated;
  if (from === 'host') return { ...leaves, verdict: 'forward' };
  const mtu = mtuOf(world, port);
  const isTooBig = isTooBigFor(world, translated, mtu);
  if (ttl > 1 && !isTooBig) {
    return { ...leaves, verdict: 'forward', packet: { ...translated, ttl: ttl - 1 } };
  }
  const kind = ttl > 1 ? 'packet-too-big' : 'time-exceeded';
  const source = dialled ?? primaryAddress(world, familyOf(packet.source));
  return answerOnTheWay(packet, from, { kind, source, rest: ttl > 1 ? mtu : 0 });
}

/** What the sender of a packet hears that may not go on; nothing if nobody can tell it. */
function answerOnTheWay(
  packet: PacketFields,
  port: string,
  { source, ...error }: Omit<OwnError, 'source'> & { readonly source: string | null },
): Outcome {
  if (source === null || !mayBeToldOf(packet)) return drop(error.kind);
  const answer = answerTo(packet, { ...error, source });
  return { verdict: 'reply', reason: error.kind, port, packet: answer, service: null };
}

/** Too long for a port, not to be cut, and no aggregate of an offload. */
function isTooBigFor(world: World, packet: PacketFields, mtu: number): boolean {
  const bytes = lengthOf(packet);
  const mayBeCut = familyOf(packet.source) === 4 && packet.dontFragment !== true;
  return bytes > mtu && !mayBeCut && !isAggregate(world, bytes);
}

function settled(outcome: Expected): Decision {
  return { outcome, endpoints: 0, remember: () => {} };
}

function drop(reason: string): Outcome {
  return { verdict: 'drop', reason, port: null, packet: null, service: null };
}
