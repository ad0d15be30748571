// The same packets through a dataplane of each mode, and what comes out differently. Compares
// findings; knows no rule of any mode.

import type { Cluster, Dataplane } from '../cluster/cluster.ts';
import { defaultNodeConfig } from '../compile/compile-node.ts';
import type { NodeConfig } from '../compile/desired.ts';
import { listPackets, type SurveyPacket } from './packets.ts';
import { probe, type Finding } from './probe.ts';
import type { SurveyOptions } from './service.ts';
import type { SourceClass } from './sources.ts';

export type Mode = NodeConfig['mode'];

const comparedFields = ['verdict', 'reason', 'masquerade', 'affinity', 'endpoints'] as const;
export type ComparedField = (typeof comparedFields)[number];

/** What became of a packet in one mode. */
export type ModeOutcome = Pick<Finding, ComparedField>;

/** A packet that fares differently. */
export interface ModeDifference {
  /** What the packet shows: a kind of front-end, `unserved port`, `stray RST` … */
  readonly what: string;
  /** `10.96.0.10:80/TCP`. */
  readonly to: string;
  /** `shop/web`; null where no Service is. */
  readonly service: string | null;
  readonly from: { readonly class: SourceClass; readonly address: string; readonly object: string };
  /** Which of the outcomes' fields are not the same in all modes. */
  readonly fields: readonly ComparedField[];
  readonly outcomes: Readonly<Partial<Record<Mode, ModeOutcome>>>;
}

/** `diff -o json`; version 1. */
export interface ModeReport {
  readonly version: 1;
  readonly node: string;
  readonly modes: readonly Mode[];
  /** Packets sent in each mode. */
  readonly packets: number;
  readonly differences: readonly ModeDifference[];
}

/** Compares modes on one node. Throws InputError for a node that is not there. */
export async function compareModes(
  cluster: Cluster,
  modes: readonly Mode[],
  options: SurveyOptions = {},
): Promise<ModeReport> {
  const dataplanes: Dataplane[] = [];
  for (const mode of modes) {
    const config = { ...options.config, mode };
    dataplanes.push(await cluster.dataplane({ ...options, config }));
  }
  const node = dataplanes[0]?.node ?? options.node ?? '';
  const config = { ...defaultNodeConfig, ...options.config };
  const packets = listPackets(cluster, { state: cluster.state, node, config });
  const differences = packets.flatMap((packet) => comparePacket(dataplanes, packet) ?? []);
  for (const dataplane of dataplanes) dataplane.close();
  return { version: 1, node, modes, packets: packets.length, differences };
}

function comparePacket(
  dataplanes: readonly Dataplane[],
  { what, to, service, source, packet }: SurveyPacket,
): ModeDifference | null {
  const outcomes = dataplanes.map((dataplane): [Mode, ModeOutcome] => {
    const found = probe(dataplane, packet, source);
    const { verdict, reason, masquerade, affinity, endpoints } = found;
    return [dataplane.config.mode, { verdict, reason, masquerade, affinity, endpoints }];
  });
  const fields = comparedFields.filter(
    (field) => new Set(outcomes.map(([, outcome]) => JSON.stringify(outcome[field]))).size > 1,
  );
  if (fields.length === 0) return null;
  const { class: name, address, object } = source;
  const from = { class: name, address, object };
  return { what, to, service, from, fields, outcomes: Object.fromEntries(outcomes) };
}
