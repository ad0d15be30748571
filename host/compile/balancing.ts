// How new connections get their endpoints: by mode, by ipvs scheduler, or by what the embedder
// asks for outside ipvs mode. Knows no Services.
// Sources: pkg/proxy/ipvs/proxier.go; Linux net/netfilter/ipvs/ip_vs_*.c.

import { Balancing } from '../abi/abi.gen.ts';
import { InputError } from '../problem.ts';
import type { NodeConfig } from './desired.ts';

/** The schedulers by their names in Linux. */
export const schedulers: Readonly<Record<string, Balancing>> = {
  rr: Balancing.RoundRobin,
  wrr: Balancing.WeightedRoundRobin,
  lc: Balancing.LeastConnections,
  wlc: Balancing.WeightedLeastConnections,
  lblc: Balancing.LocalityLeastConnections,
  lblcr: Balancing.LocalityWithReplication,
  sh: Balancing.SourceHash,
  dh: Balancing.DestinationHash,
  sed: Balancing.ShortestDelay,
  nq: Balancing.NeverQueue,
  mh: Balancing.MaglevHash,
};

const defaultScheduler = 'rr';

/** Those that go by how many connections there are. */
const byCounts: ReadonlySet<Balancing> = new Set(
  ['lc', 'wlc', 'lblc', 'lblcr', 'sed', 'nq'].map((name) => schedulers[name]!),
);

/** What a node balances by; throws InputError for a scheduler that is none. */
export function balancingOf({ mode, scheduler, balancing }: NodeConfig): Balancing {
  if (mode !== 'ipvs') return balancing === 'maglev' ? Balancing.Maglev : Balancing.Random;
  const found = Object.entries(schedulers).find(
    ([name]) => name === (scheduler ?? defaultScheduler),
  );
  if (found !== undefined) return found[1];
  const message = `ipvs has no scheduler ${scheduler}`;
  const expected = `one of ${Object.keys(schedulers).join(', ')}`;
  throw new InputError([{ file: 'config', path: 'scheduler', message, expected }]);
}

/** Whether endpoints are looked up in a Maglev table. */
export function usesTables(balancing: Balancing): boolean {
  return balancing === Balancing.Maglev || balancing === Balancing.MaglevHash;
}

/** Whether a choice depends on the connections there are. */
export function goesByCounts(balancing: Balancing): boolean {
  return byCounts.has(balancing);
}
