// The load of one comparison: the same connections, and their packets in the same order, for
// everybody. TCP from pods to ClusterIPs, frames of 64 bytes, with policies that select the pods.

import type { Capacity } from '../../host/abi/abi.gen.ts';
import type { LoadPacket } from '../../host/cli/bench-connections.ts';
import { compileTraffic, type Traffic } from '../../host/cli/bench-traffic.ts';
import { PacketFile } from './script.ts';
import type { Phase } from './subject.ts';

/** Together with Ethernet, IPv4 and TCP headers 64 bytes. */
const payloadBytes = 10;
export const services = 10_000;
export const policies = 100;

export interface Load {
  readonly traffic: Traffic;
  readonly capacity: Capacity;
  readonly connections: number;
  /** Numbers of connections, in the order in which their packets are sent. */
  readonly order: Uint32Array;
  /** The packets without end, from the first. */
  packetsOf(phase: Phase): Generator<LoadPacket>;
}

/** Compiled once for all sizes. */
export function compileLoad(): Traffic {
  return compileTraffic({ path: 'ClusterIP', family: 4, services, policies });
}

export function loadOf(traffic: Traffic, connections: number): Load {
  const order = shuffled(connections);
  const templates = {
    established: traffic.establishedOf(payloadBytes),
    opening: traffic.openingOf(0),
  };
  return {
    ...{ traffic, connections, order },
    capacity: traffic.capacityFor(connections + 1),
    *packetsOf(phase) {
      const template = templates[phase];
      for (;;) for (const connection of order) yield { connection, template };
    },
  };
}

/** One packet of each connection, for programs that read files. */
export function writePackets(load: Load, phase: Phase, path: string): void {
  const file = new PacketFile(load.connections);
  const packets = load.packetsOf(phase);
  const frame = new DataView(new ArrayBuffer(64));
  for (let count = 0; count < load.connections; count++) {
    const { connection, template } = packets.next().value as LoadPacket;
    template.write(load.traffic.endsOf(connection), frame, 0);
    const bytes = new Uint8Array(frame.buffer, 0, template.lengthBytes);
    file.add(bytes, load.traffic.portOf(connection));
  }
  file.write(path);
}

/** All numbers below the count, in an order without pattern (Fisher and Yates; xorshift32). */
function shuffled(count: number): Uint32Array {
  const numbers = Uint32Array.from({ length: count }, (_, index) => index);
  let state = 0x9e3779b9;
  for (let last = count - 1; last > 0; last--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const other = (state >>> 0) % (last + 1);
    [numbers[last], numbers[other]] = [numbers[other]!, numbers[last]!];
  }
  return numbers;
}
