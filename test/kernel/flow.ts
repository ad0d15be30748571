// A story on its way: its addresses, what each end has sent and received, and the packets of its
// next step. Follows what the kernel sent, so that answers go back to where it translated from.

import type { Family } from '../../host/kubernetes/types.ts';
import { isIcmpError } from '../../host/net/packet-layout.ts';
import { decodePacket, TcpFlag } from '../../host/net/packet.ts';
import { links, nodeAddress, remotePod, services, transports, type ByFamily } from './cluster.ts';
import { envelop, fragment, harm } from './shape.ts';
import type { Caller, Door, Side, Step, Story } from './step.ts';
import { writeContent, type Ends } from './write.ts';

/** Where packets of the node's own stack are. */
export const HOST = 'host';

/** Of packets that the node makes; no story sends with it, nor with one more. */
export const NODE_TTL = 64;

/** A packet, from the IP header on, at a port of the node. */
export interface PlacedPacket {
  readonly place: string;
  readonly packet: Uint8Array;
}

export interface Flow {
  readonly story: Story;
  readonly number: number;
  /** As the caller writes them. */
  readonly near: Ends;
  readonly nearPlace: string;
  /** As the server sees them, once something reached it. */
  far: Ends;
  farPlace: string;
  /** Next sequence number of each side. */
  readonly next: Record<Side, number>;
  /** The last packet that each side received. */
  readonly received: Record<Side, Uint8Array | null>;
  /** One of its packets came in pieces. */
  hadPieces: boolean;
  /** Kernel and dataplane went apart: steps that follow would say nothing. */
  isOver: boolean;
}

const farOf = (name: string): ByFamily => links.find(({ port }) => port.endsWith(name))!.far;
const firstServer = 'pod/default/web-1';

/** Begins a story; flows of different numbers share no tuple. */
export function beginFlow(story: Story, number: number): Flow {
  const { family, protocol } = story;
  const caller = locateCaller(story.caller, family, number);
  const to = locateDoor(story.door, family, protocol);
  const sourcePort = 1024 + (number % 64_000);
  const near = { source: caller.address, sourcePort, ...to };
  const server = farOf('web-1')[family];
  const port = transports.find((transport) => transport.number === protocol)?.targetPort ?? 0;
  return {
    ...{ story, number, near, nearPlace: caller.place },
    far: { ...near, destination: server, destinationPort: port },
    farPlace: firstServer,
    next: { ...story.initial },
    received: { caller: null, server: null },
    hadPieces: false,
    isOver: false,
  };
}

function locateCaller(caller: Caller, family: Family, number: number) {
  if (caller === 'pod')
    return { place: 'pod/default/client-1', address: farOf('client-1')[family] };
  if (caller === 'endpoint') return { place: firstServer, address: farOf('web-1')[family] };
  if (caller === 'remote-pod') return { place: 'uplink', address: remotePod[family] };
  const host = 1 + (number % 200);
  return { place: 'uplink', address: family === 4 ? `203.0.113.${host}` : `2001:db8:7::${host}` };
}

function locateDoor(door: Door, family: Family, protocol: number) {
  const index = Math.max(
    0,
    transports.findIndex(({ number }) => number === protocol),
  );
  const { port, targetPort } = transports[index]!;
  if ('service' in door) {
    const service = services[door.service as keyof typeof services];
    if (door.kind === 'node-port') {
      return { destination: nodeAddress[family], destinationPort: service.nodePort + index };
    }
    const addresses = {
      'cluster-ip': service.clusterIP,
      ingress: service.ingress,
      'external-ip': service.externalIP,
    };
    return { destination: addresses[door.kind][family], destinationPort: port };
  }
  const places: Readonly<Record<typeof door.kind, ByFamily>> = {
    pod: farOf('web-2'),
    'remote-pod': remotePod,
    outside: { 4: '203.0.113.200', 6: '2001:db8:7::200' },
    node: nodeAddress,
    'unserved-port': services.web.clusterIP,
    unallocated: { 4: '10.96.0.99', 6: 'fd00:10:96::99' },
  };
  const isUnserved = door.kind === 'unserved-port' || door.kind === 'node';
  return { destination: places[door.kind][family], destinationPort: isUnserved ? 7 : targetPort };
}

/** The packets of a step as they come in, in order; empty if the sender cannot speak. */
export function send(flow: Flow, step: Step, tag: number): PlacedPacket[] {
  const isCaller = step.from === 'caller';
  const place = isCaller ? flow.nearPlace : flow.farPlace;
  const { near, far } = flow;
  const ends = isCaller ? near : mirror(far);
  const plain = place === HOST ? null : writeContent(step, ends, flow);
  if (plain === null) return [];
  advance(flow, step);
  const { envelope, cut, damage } = step;
  const whole = envelop(plain, envelope, tag);
  const packets = cut === undefined ? [whole] : fragment(whole, cut, tag);
  flow.hadPieces ||= packets.length > 1;
  const harmed = damage === undefined ? packets : packets.map((packet) => harm(packet, damage));
  return harmed.map((packet) => ({ place, packet }));
}

function mirror({ source, sourcePort, destination, destinationPort }: Ends): Ends {
  return {
    source: destination,
    sourcePort: destinationPort,
    destination: source,
    destinationPort: sourcePort,
  };
}

/** A segment in its place moves the sender's sequence number on. */
function advance({ next }: Flow, { from, content }: Step): void {
  if (content.kind !== 'segment' || content.sequence !== 0) return;
  const { Syn, Fin } = TcpFlag;
  const control = (content.flags & Syn ? 1 : 0) + (content.flags & Fin ? 1 : 0);
  next[from] = (next[from] + content.payloadBytes + control) >>> 0;
}

/** Notes what the node made of a step: who received it, and what the flow looks like there. */
export function learn(flow: Flow, { from }: Step, left: readonly PlacedPacket[]): void {
  for (const { place, packet } of left) {
    const fields = decodePacket(packet, 'raw');
    if (fields === null || fields.ttl === NODE_TTL) continue;
    flow.received[from === 'caller' ? 'server' : 'caller'] = packet;
    const { source, destination, sourcePort = 0, destinationPort = 0, icmpType } = fields;
    const isError = icmpType !== undefined && isIcmpError(fields.protocol, icmpType);
    // An invalid packet leaves as it came, and says nothing about where the flow leads.
    const isUnchanged = destination === flow.near.destination && 'service' in flow.story.door;
    if (from === 'server' || isError || isUnchanged) continue;
    flow.far = { source, sourcePort, destination, destinationPort };
    flow.farPlace = place;
  }
}
