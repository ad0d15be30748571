// Fixed loads, each of which asks one thing of the packet path, for counting what it takes.

import { FrameTemplate } from '../../host/cli/bench-frames.ts';
import { TrafficSender } from '../../host/cli/bench-connections.ts';
import { compileTraffic, type Traffic, type TrafficKind } from '../../host/cli/bench-traffic.ts';
import { Reason } from '../../host/abi/abi.gen.ts';
import { Instance } from '../../host/dataplane/instance.ts';
import { applyPlan } from '../../host/reconcile/apply.ts';
import { cutPacket } from '../../fuzz/arbitrary/pieces.ts';
import { sumOf, type CountingModule } from './counting.ts';

/** Operations a packet, by load. */
export type OperationCounts = Record<string, number>;

/** A node under load, whose connections are open. */
interface Bench {
  readonly counting: CountingModule;
  readonly traffic: Traffic;
  readonly instance: Instance;
  readonly sender: TrafficSender;
}

const connections = 512;
const services = 100;
const policies = 20;
const deniedPort = 9;
const payloadBytes = 64;
const paths: readonly TrafficKind['path'][] = ['pod to pod', 'ClusterIP', 'masqueraded node port'];

/** Counts every load in both families. */
export async function countLoads(counting: CountingModule): Promise<OperationCounts> {
  const counts: OperationCounts = {};
  for (const family of [4, 6] as const) {
    for (const path of paths) {
      const bench = await openBench(counting, { path, family, services, policies });
      const name = `IPv${family}, ${path}`;
      counts[`${name}, established`] = countEstablished(bench, connections);
      counts[`${name}, new`] = countNew(bench);
      if (path !== 'pod to pod') continue;
      counts[`${name}, established, one at a time`] = countEstablished(bench, 1);
      counts[`${name}, denied by policy`] = countDenied(bench);
      counts[`${name}, in two fragments`] = countFragments(bench);
    }
  }
  return counts;
}

/** Operations by function: of packets of established connections, of packets that open one. */
export async function profileLoads(
  counting: CountingModule,
): Promise<Record<'established' | 'opening', Map<string, number>>> {
  const bench = await openBench(counting, { path: 'ClusterIP', family: 4, services, policies });
  sendEstablished(bench, connections);
  const established = counting.take();
  sendNew(bench);
  return { established, opening: counting.take() };
}

async function openBench(counting: CountingModule, kind: TrafficKind): Promise<Bench> {
  const traffic = compileTraffic(kind);
  const { module, watcher } = counting;
  const capacity = traffic.capacityFor(4 * connections);
  const instance = await Instance.create({ module, watcher, capacity });
  applyPlan(instance, traffic.operations);
  const sender = new TrafficSender(instance, traffic);
  sender.open(0, connections);
  return { counting, traffic, instance, sender };
}

function countEstablished(bench: Bench, atOnce: number): number {
  sendEstablished(bench, atOnce);
  return perPacket(sumOf(bench.counting.take()), connections);
}

function sendEstablished({ counting, traffic, sender }: Bench, atOnce: number): void {
  const template = traffic.establishedOf(payloadBytes);
  const packets = Array.from({ length: connections }, (_, connection) => ({
    connection,
    template,
  }));
  counting.take();
  for (let at = 0; at < connections; at += atOnce) {
    sender.digest(packets.slice(at, at + atOnce).values(), Math.min(atOnce, connections - at));
  }
}

function countNew(bench: Bench): number {
  sendNew(bench);
  return perPacket(sumOf(bench.counting.take()), connections);
}

function sendNew({ counting, traffic, sender }: Bench): void {
  const template = traffic.openingOf(0);
  const packets = Array.from({ length: connections }, (_, index) => ({
    connection: connections + index,
    template,
  }));
  counting.take();
  sender.digest(packets.values(), connections);
}

function countDenied(bench: Bench): number {
  const { traffic } = bench;
  const template = traffic.openingOf(0);
  const frames = Array.from({ length: connections }, (_, connection) => {
    const ends = { ...traffic.endsOf(connection), destinationPort: deniedPort };
    return { frame: frameOf(template, ends), port: traffic.portOf(connection) };
  });
  return countFrames(bench, frames, Reason.PolicyDeniedEgress);
}

/** Each packet as two frames; counted is the whole. */
function countFragments(bench: Bench): number {
  const { traffic } = bench;
  const template = traffic.establishedOf(payloadBytes);
  const frames = Array.from({ length: connections }, (_, connection) => {
    const whole = frameOf(template, traffic.endsOf(connection));
    const how = { units: [6], order: [], identification: connection };
    const pieces = cutPacket(whole.subarray(ethernetBytes), how);
    return pieces.map((frame) => ({ frame, port: traffic.portOf(connection) }));
  });
  return countFrames(bench, frames.flat(), Reason.None) * 2;
}

const ethernetBytes = 14;

function frameOf(template: FrameTemplate, ends: Parameters<FrameTemplate['write']>[0]): Uint8Array {
  const frame = new DataView(new ArrayBuffer(template.lengthBytes));
  template.write(ends, frame, 0);
  return new Uint8Array(frame.buffer);
}

/** Throws Error unless every frame fares as expected. */
function countFrames(
  { counting, instance: { vector } }: Bench,
  frames: readonly { readonly frame: Uint8Array; readonly port: number }[],
  expected: number,
): number {
  counting.take();
  for (let at = 0; at < frames.length; at += vector.capacity) {
    vector.clear();
    for (const { frame, port } of frames.slice(at, at + vector.capacity)) {
      const link = frame[ethernetBytes - 2] === 0x08 || frame[ethernetBytes - 2] === 0x86;
      vector.add(frame, { port, timeMs: 0, link: link ? 'ethernet' : 'raw' });
    }
    vector.run();
    for (let index = 0; index < vector.count; index++) {
      const { reason } = vector.peek(index);
      if (reason !== expected) throw new Error(`a packet of the load has reason ${reason}`);
    }
  }
  return perPacket(sumOf(counting.take()), frames.length);
}

function perPacket(operations: number, packets: number): number {
  return Math.round((operations / packets) * 10) / 10;
}
