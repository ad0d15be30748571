// A packet's way through a cluster: through the dataplane of every node that it meets, and over the
// wire between them. Decides nothing about packets: it asks each node, and carries on what leaves.

import { decodePacket } from '../net/packet.ts';
import { outside, type NetworkPort } from './atlas.ts';
import type { ExplainedStep } from './explain.ts';
import type { Outcome } from './outcome.ts';
import type { PacketPlace } from './process.ts';

/** Where, when and how a packet sets out. */
export interface Departure {
  /** Where it starts; `outside` for a sender beyond the nodes. */
  readonly at: NetworkPort;
  /** Milliseconds since an epoch of the caller's choice; 0 unless given. All nodes share it. */
  readonly timeMs?: number;
  /** What the first byte of the frame is; `ethernet` unless given. */
  readonly link?: 'ethernet' | 'raw';
  /**
   * The node that takes a packet from outside to an address of no node or pod, such as a load
   * balancer's; the first by name unless given.
   */
  readonly via?: string;
  /** Whether every step is explained. */
  readonly trace?: boolean;
}

/** One node on the way. */
export interface Hop {
  readonly node: string;
  /** Name of the port by which the packet came in. */
  readonly enters: string;
  /** As it came in. */
  readonly frame: Uint8Array;
  readonly outcome: Outcome;
  /** Empty unless a trace was asked for. */
  readonly steps: readonly ExplainedStep[];
}

/** The whole way of one packet. */
export interface Journey {
  /** Of the last node: `forward` and `local` mean that the packet arrived. */
  readonly verdict: Outcome['verdict'];
  readonly reason: string | null;
  /** The node that decided: the last one. Null where none had to be asked. */
  readonly node: string | null;
  /** In the order of the way. */
  readonly hops: readonly Hop[];
  /** Where it arrived, null if it did not; its receiver's answer starts here. */
  readonly arrivedAt: NetworkPort | null;
  /** As it arrived; empty if it did not. */
  readonly frame: Uint8Array;
  /** Verdict `reply`: the way of that answer back to the sender; else null. */
  readonly answer: Journey | null;
}

/** What a journey asks of a cluster. */
export interface Terrain {
  /** The node that packets to an address go to over the wire; null for none. */
  route(address: string): string | null;
  /** The node that takes a packet from outside whose destination is nowhere. */
  entry(via: string | undefined): string;
  /** Runs a frame through a node. */
  pass(
    node: string,
    frame: Uint8Array,
    place: PacketPlace & { readonly trace: boolean },
  ): Pick<Hop, 'outcome' | 'steps'>;
}

/** Sends a frame on its way and follows it to its end. The frame given is not changed. */
export function travel(terrain: Terrain, frame: Uint8Array, departure: Departure): Journey {
  const { at, via } = departure;
  const node = at.node ?? nodeFor(terrain, frame, departure) ?? terrain.entry(via);
  return follow(terrain, { frame, node, enters: at.port }, departure);
}

/** A frame that comes in at a node. */
type Arriving = Pick<Hop, 'frame' | 'node' | 'enters'>;

/**
 * From node to node. It comes to an end because every hop takes one off the time to live, and a
 * node is never given back what it has just sent.
 */
function follow(terrain: Terrain, first: Arriving, departure: Departure): Journey {
  const { timeMs = 0, link = 'ethernet', trace = false } = departure;
  const hops: Hop[] = [];
  let arriving = first;
  for (;;) {
    const { node, frame, enters } = arriving;
    const place = { port: enters, timeMs, link, trace };
    const { outcome, steps } = terrain.pass(node, frame, place);
    const hop = { ...arriving, outcome, steps };
    hops.push(hop);
    const next = nextNode(terrain, hop, departure);
    if (next === null) return conclude(terrain, hops, departure);
    arriving = { frame: outcome.frame, node: next, enters: 'uplink' };
  }
}

/** The node that gets what leaves by the uplink; null if that is the end of the way. */
function nextNode(terrain: Terrain, { node, outcome }: Hop, departure: Departure): string | null {
  if (outcome.verdict !== 'forward' || outcome.port !== 'uplink') return null;
  const next = nodeFor(terrain, outcome.frame, departure);
  return next === node ? null : next;
}

function nodeFor(terrain: Terrain, frame: Uint8Array, { link }: Departure): string | null {
  const packet = decodePacket(frame, link ?? 'ethernet');
  return packet === null ? null : terrain.route(packet.destination);
}

function conclude(terrain: Terrain, hops: readonly Hop[], departure: Departure): Journey {
  const { node, outcome } = hops.at(-1)!;
  const { verdict, reason, port, frame } = outcome;
  const isReply = verdict === 'reply';
  return {
    verdict,
    reason,
    node,
    hops,
    arrivedAt: isReply || port === null ? null : portBehind(node, port),
    frame: isReply ? frame.subarray(0, 0) : frame,
    answer: isReply ? carryAnswer(terrain, hops.at(-1)!, departure) : null,
  };
}

/** What is at the far end of a node's port, when no other node is. */
function portBehind(node: string, port: string): NetworkPort {
  return port === 'uplink' ? outside : { node, port };
}

/** A node's own answer leaves by the port that the packet came in by. */
function carryAnswer(terrain: Terrain, { node, outcome }: Hop, departure: Departure): Journey {
  const { frame, port } = outcome;
  const next = port === 'uplink' ? nodeFor(terrain, frame, departure) : null;
  if (next !== null && next !== node) {
    return follow(terrain, { frame, node: next, enters: 'uplink' }, departure);
  }
  const arrivedAt = portBehind(node, port ?? 'host');
  const verdict = arrivedAt.port === 'host' ? 'local' : 'forward';
  return { verdict, reason: null, node: null, hops: [], arrivedAt, frame, answer: null };
}
