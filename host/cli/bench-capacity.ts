// As many connections at once as are asked for: memory for them, what it takes to open them, and
// what a packet costs when all are in use.

import { Instance } from '../dataplane/instance.ts';
import { applyPlan } from '../reconcile/apply.ts';
import { TrafficSender, type LoadPacket } from './bench-connections.ts';
import { StepLog, type BenchStep } from './bench-steps.ts';
import { compileTraffic, scatter, type Traffic } from './bench-traffic.ts';
import type { Terminal } from './terminal.ts';

export interface CapacityReport {
  readonly connections: number;
  readonly steps: readonly BenchStep[];
  readonly wasmBytes: number;
  /** Of a packet of any of them. */
  readonly nanosecondsPerPacket: number;
}

const services = 1000;
const packets = 500_000;

export async function measureCapacity(
  connections: number,
  terminal: Terminal,
): Promise<CapacityReport> {
  const traffic = compileTraffic({ path: 'ClusterIP', family: 4, services, policies: 0 });
  const log = new StepLog(terminal);
  const instance = await log.time('create', () =>
    Instance.create({ capacity: traffic.capacityFor(connections) }),
  );
  applyPlan(instance, traffic.operations);
  const sender = new TrafficSender(instance, traffic);
  await log.time('open', () => sender.open(0, connections));
  const load = drawPackets(traffic, connections);
  const nanosecondsPerPacket = sender.time(load, packets, () => terminal.now());
  const wasmBytes = instance.memory.buffer.byteLength;
  return { connections, steps: log.steps, wasmBytes, nanosecondsPerPacket };
}

function* drawPackets(traffic: Traffic, connections: number): Generator<LoadPacket> {
  const template = traffic.establishedOf(0);
  for (let drawn = 0; ; drawn++) yield { connection: scatter(drawn) % connections, template };
}
