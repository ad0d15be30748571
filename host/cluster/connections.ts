// Live connections and counters in names instead of numbers. Knows no packets.

import type { Connection, Counters, FlowKey6 } from '../abi/abi.gen.ts';
import { codeOf, codesOfBits } from '../abi/enum.ts';
import { decode, sizeOf } from '../abi/struct.ts';
import type { Names, ServiceName } from '../compile/desired.ts';
import type { Instance } from '../dataplane/instance.ts';
import { icmpCounterpart } from '../net/packet-layout.ts';
import { protocolName } from '../net/protocol.ts';

const noCounts = new Uint8Array(sizeOf('Counters'));

/** One direction of a connection. Port 0: the protocol has none; ICMP: the identifier. */
export interface Tuple {
  /** ICMP only. */
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

export interface ConnectionView {
  readonly protocol: string;
  /** As the first packet came in. */
  readonly original: Tuple;
  /** As answers come in: what differs from the mirror of `original` is translated. */
  readonly reply: Tuple;
  readonly state: string;
  /** `seen-reply`, `assured`, `destination-translated`, `source-translated`. */
  readonly flags: readonly string[];
  readonly service: ServiceName | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly originalPackets: number;
  readonly originalBytes: number;
  readonly replyPackets: number;
  readonly replyBytes: number;
  /** Names of the ports that each direction leaves by; null before its first packet. */
  readonly originalPort: string | null;
  readonly replyPort: string | null;
}

/** Totals, and packets by reason; reasons that never occurred are left out. */
export interface CounterView {
  readonly totals: Counters;
  readonly reasons: Readonly<Record<string, number>>;
}

/** A destination that ran out of masquerade ports. */
export interface ExhaustionView {
  /** After translation: the endpoint. */
  readonly destination: string;
  /** 0 for protocols without ports. */
  readonly destinationPort: number;
  readonly protocol: string;
  /** Packets that would have opened a connection. */
  readonly packets: number;
  /** When the last of them came. */
  readonly lastMs: number;
}

/** Every destination that ever ran out of masquerade ports, the worst first. */
export function listExhaustions(instance: Instance): ExhaustionView[] {
  return [...instance.map('exhaustions').entries()]
    .map(([{ destination, port, protocol }, { packets, lastMs }]) => ({
      destination,
      destinationPort: port,
      protocol: protocolName(protocol),
      packets,
      lastMs,
    }))
    .toSorted((a, b) => b.packets - a.packets);
}

/** Every live connection, oldest first. */
export function listConnections(instance: Instance, names: Names): ConnectionView[] {
  return [...instance.map('connections').entries()]
    .map(([key, value]) => viewConnection(key, value, names))
    .toSorted((a, b) => a.createdAtMs - b.createdAtMs);
}

/** What the instance counted since it was made. */
export function readCounters(instance: Instance): CounterView {
  // An entry of zeroes is absent.
  const totals = instance.map('counters').lookUp(0) ?? decode('Counters', noCounts);
  const counted = [...instance.map('reasons').entries()].filter(([, { packets }]) => packets > 0);
  const reasons = counted.map(([reason, { packets }]) => [codeOf('Reason', reason), packets]);
  return { totals, reasons: Object.fromEntries(reasons) };
}

function viewConnection(key: FlowKey6, value: Connection, names: Names): ConnectionView {
  const { source, sourcePort, destination, destinationPort, protocol, icmpType, icmpCode } = key;
  const answer = icmpCounterpart(protocol, icmpType);
  const kind = (type: number | null) => (type === null ? {} : { icmpType: type, icmpCode });
  return {
    protocol: protocolName(protocol),
    original: {
      source,
      sourcePort,
      destination,
      destinationPort,
      ...kind(answer === null ? null : icmpType),
    },
    reply: {
      ...kind(answer),
      source: value.replySource,
      sourcePort: value.replySourcePort,
      destination: value.replyDestination,
      destinationPort: value.replyDestinationPort,
    },
    state: codeOf('ConnectionState', value.state),
    flags: codesOfBits('ConnectionFlag', value.flags),
    service: names.services.get(value.service) ?? null,
    createdAtMs: value.createdAtMs,
    expiresAtMs: value.expiresAtMs,
    originalPackets: value.originalPackets,
    originalBytes: value.originalBytes,
    replyPackets: value.replyPackets,
    replyBytes: value.replyBytes,
    originalPort: names.ports.get(value.originalPort) ?? null,
    replyPort: names.ports.get(value.replyPort) ?? null,
  };
}
