// What a packet costs on the established path, and one that opens a connection: TCP to a ClusterIP,
// frames of 54 bytes.

import { Instance } from '../dataplane/instance.ts';
import { applyPlan } from '../reconcile/apply.ts';
import { TrafficSender, type LoadPacket } from './bench-connections.ts';
import type { FrameTemplate } from './bench-frames.ts';
import { medianOf } from './bench-parts.ts';
import { compileTraffic, type Traffic } from './bench-traffic.ts';
import type { Terminal } from './terminal.ts';

/** One measured case. */
export interface Measurement {
  readonly name: string;
  /** Connections whose packets are sent in turn. */
  readonly flows: number;
  readonly packets: number;
  readonly frameBytes: number;
  /** Median of the rounds. */
  readonly nanosecondsPerPacket: number;
  readonly millionPacketsPerSecond: number;
}

const services = 100;
const rounds = 5;
/** Between two packets' connections: none is near the last, and all have their turn. */
const step = 7919;

/** Both cases, in rounds of so many packets. */
export async function measurePackets(
  flows: number,
  packets: number,
  terminal: Terminal,
): Promise<Measurement[]> {
  const traffic = compileTraffic({ path: 'ClusterIP', family: 4, services, policies: 0 });
  const now = (): number => terminal.now();
  const established = traffic.establishedOf(0);
  const opening = traffic.openingOf(0);
  const sender = await openSender(traffic, flows);
  terminal.progress(`opening ${flows} connections`);
  sender.open(0, flows);
  const known: number[] = [];
  const fresh: number[] = [];
  for (let round = 0; round < rounds; round++) {
    known.push(sender.time(drawPackets(established, flows, step), packets, now));
    const empty = await openSender(traffic, flows);
    fresh.push(empty.time(drawPackets(opening, flows, 1), flows, now));
  }
  return [
    measured('established, TCP to ClusterIP', known, { flows, packets, template: established }),
    measured('new, TCP to ClusterIP', fresh, { flows, packets: flows, template: opening }),
  ];
}

async function openSender(traffic: Traffic, flows: number): Promise<TrafficSender> {
  const instance = await Instance.create({ capacity: traffic.capacityFor(flows + 1) });
  applyPlan(instance, traffic.operations);
  return new TrafficSender(instance, traffic);
}

/** Packets of all connections in turn, without end. */
function* drawPackets(
  template: FrameTemplate,
  flows: number,
  stride: number,
): Generator<LoadPacket> {
  for (let connection = 0; ; connection = (connection + stride) % flows) {
    yield { connection, template };
  }
}

function measured(
  name: string,
  costs: readonly number[],
  what: { flows: number; packets: number; template: FrameTemplate },
): Measurement {
  const { flows, packets, template } = what;
  const nanosecondsPerPacket = medianOf(costs);
  const frameBytes = template.lengthBytes;
  const millionPacketsPerSecond = 1000 / nanosecondsPerPacket;
  return { name, flows, packets, frameBytes, nanosecondsPerPacket, millionPacketsPerSecond };
}
