// A node small enough to know by heart, its maps written by hand: one Service in both families, two
// pods, no policy. Tests of the packet path run on it without any manifest.

import { codeOf } from '../../host/abi/enum.ts';
import {
  ConfigFlag,
  FrontendKind,
  LocalityFlag,
  PortKind,
  PortNumber,
  RouteKind,
  ServiceFlag,
} from '../../host/abi/abi.gen.ts';
import type { Capacity } from '../../host/abi/abi.gen.ts';
import { compileTimeouts } from '../../host/compile/tracking.ts';
import { Instance } from '../../host/dataplane/instance.ts';
import type { RawOutcome } from '../../host/dataplane/outcome.ts';
import type { VectorEntry } from '../../host/dataplane/vector.ts';
import { decodePacket, encodePacket } from '../../host/net/packet.ts';
import type { LinkType } from '../../host/net/packet-layout.ts';
import type { PacketFields } from '../../host/net/packet.ts';

export const host = PortNumber.Host;
export const uplink = PortNumber.Uplink;
export const server = 3;
export const client = 4;

/** Addresses of one family. */
export interface Addresses {
  readonly node: string;
  readonly service: string;
  /** In the Service range, nobody's. */
  readonly unallocated: string;
  readonly server: string;
  readonly client: string;
  /** Behind the uplink. */
  readonly outside: string;
}

export const addresses: Readonly<Record<4 | 6, Addresses>> = {
  4: {
    node: '192.168.50.11',
    service: '10.96.0.10',
    unallocated: '10.96.0.99',
    server: '10.244.1.5',
    client: '10.244.1.9',
    outside: '203.0.113.7',
  },
  6: {
    node: 'fd00:50::11',
    service: 'fd00:10:96::10',
    unallocated: 'fd00:10:96::99',
    server: 'fd00:10:244:1::5',
    client: 'fd00:10:244:1::9',
    outside: '2001:db8:7::7',
  },
};

export const servicePort = 80;
export const nodePort = 30080;
export const targetPort = 8080;
const serviceNumber = 1;
const tcp = 6;
const udp = 17;

/** The node, ready. */
export async function makeNode(capacity: Partial<Capacity> = {}): Promise<Instance> {
  const instance = await Instance.create({ capacity });
  const ports = { 1: PortKind.Host, 2: PortKind.Uplink, 3: PortKind.Pod, 4: PortKind.Pod };
  for (const [port, kind] of Object.entries(ports)) instance.map('ports').update(+port, { kind });
  for (const [number, life] of compileTimeouts({})) instance.map('timeouts').update(number, life);
  instance.map('config').update(0, {
    node4: addresses[4].node,
    node6: addresses[6].node,
    flags: ConfigFlag.DetectLocal4 | ConfigFlag.DetectLocal6 | ConfigFlag.LoosePickup,
  });
  for (const family of [4, 6] as const) fillFamily(instance, family);
  const flags = ServiceFlag.Present | ServiceFlag.HasAnyEndpoints;
  instance.map('services').update(serviceNumber, { flags, clusterCount: 1, localCount: 1 });
  instance.map('services').update(serviceNumber + 1, { flags, clusterCount: 1, localCount: 1 });
  instance.map('services').update(serviceNumber + 2, { flags: ServiceFlag.Present });
  return instance;
}

function fillFamily(instance: Instance, family: 4 | 6): void {
  const own = addresses[family];
  const whole = { address: family === 4 ? '0.0.0.0' : '::', lengthBits: family === 4 ? 96 : 0 };
  const toPod = (address: string, port: number) =>
    instance
      .map('routes')
      .update({ address, lengthBits: 128, scope: 0 }, { kind: RouteKind.Forward, port });
  toPod(own.server, server);
  toPod(own.client, client);
  const toNode = { address: own.node, lengthBits: 128, scope: 0 };
  instance.map('routes').update(toNode, { kind: RouteKind.Local, port: host });
  instance.map('routes').update({ ...whole, scope: 0 }, { kind: RouteKind.Forward, port: uplink });
  instance.map('localities').update(toNode, { flags: LocalityFlag.Node });
  for (const address of [own.server, own.client]) {
    const key = { address, lengthBits: 128, scope: 0 };
    instance.map('localities').update(key, { flags: LocalityFlag.Pod });
  }
  fillService(instance, family);
}

function fillService(instance: Instance, family: 4 | 6): void {
  const own = addresses[family];
  const service = family === 4 ? serviceNumber : serviceNumber + 1;
  for (const protocol of [tcp, udp]) {
    const frontends = instance.map('frontends');
    frontends.update(
      { address: own.service, port: servicePort, protocol },
      { service, kind: FrontendKind.ClusterIp },
    );
    frontends.update(
      { address: own.node, port: nodePort, protocol },
      { service, kind: FrontendKind.NodePort },
    );
    frontends.update(
      { address: own.service, port: servicePort + 1, protocol },
      { service: serviceNumber + 2, kind: FrontendKind.ClusterIp },
    );
  }
  const endpoint = { address: own.server, port: targetPort, flags: 1 };
  for (const set of [0, 1]) {
    instance.map('endpoints').update({ service, set, slot: 0 }, endpoint);
  }
  const key = { address: own.service, lengthBits: 128, scope: 0 };
  instance.map('service-addresses').update(key, { kind: 1 });
  const range = { address: family === 4 ? '10.96.0.0' : 'fd00:10:96::', lengthBits: 112, scope: 0 };
  instance.map('service-addresses').update(range, { kind: 2 });
}

/** What became of one packet. */
export interface Sent {
  readonly verdict: string;
  readonly reason: string;
  readonly outPort: number;
  readonly effects: number;
  readonly frame: Uint8Array;
  /** The packet that left, or null. */
  readonly packet: PacketFields | null;
  /** Number of a fragment that is held, or was; otherwise 0. */
  readonly held: number;
}

/** Sends one packet or frame, and copies the outcome. */
export function send(
  instance: Instance,
  what: PacketFields | Uint8Array,
  entry: Partial<VectorEntry> & { port: number },
): Sent {
  const link = entry.link ?? 'ethernet';
  const frame = what instanceof Uint8Array ? what : encodePacket(what, link);
  const { vector } = instance;
  vector.clear();
  vector.add(frame, { timeMs: 0, ...entry });
  vector.run();
  return readSent(vector.outcome(0), link);
}

/** Held fragments that left behind the last packet, or were dropped. */
export function released(instance: Instance): Sent[] {
  return instance.vector.released().map((release) => readSent(release, 'ethernet'));
}

function readSent(outcome: RawOutcome, link: LinkType): Sent {
  const left = outcome.frame.slice();
  return {
    verdict: codeOf('Verdict', outcome.verdict),
    reason: codeOf('Reason', outcome.reason),
    outPort: outcome.outPort,
    effects: outcome.effects,
    frame: left,
    packet: left.length === 0 ? null : decodePacket(left, link),
    held: outcome.held,
  };
}

/**
 * So many bytes at the bottom of memory are zero: what is absent is read there. In a module with
 * counters or mutants these begin sooner than data do otherwise.
 */
export function countClear({ memory }: Instance): number {
  const bottom = new Uint8Array(memory.buffer, 0, 1024);
  const first = bottom.findIndex((byte) => byte !== 0);
  return first < 0 ? bottom.length : first;
}

/** A packet with ends swapped: what the other side answers. */
export function answerTo(packet: PacketFields, changes: Partial<PacketFields> = {}): PacketFields {
  const { source, destination, sourcePort, destinationPort, ...rest } = packet;
  const ports =
    sourcePort === undefined || destinationPort === undefined
      ? {}
      : { sourcePort: destinationPort, destinationPort: sourcePort };
  return { ...rest, source: destination, destination: source, ...ports, ttl: 64, ...changes };
}
