// `npm run operations`: which sources the operations of a packet are in, for established
// connections and for new ones, TCP to a ClusterIP. Counted in the build without optimisation,
// whose functions are those of the sources: parts of the whole hold, its sum does not. `-o json`
// for programs.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatColumns } from '../../host/cli/columns.ts';
import { describeMachine } from '../../host/cli/machine.ts';
import { openCounting, sumOf } from './counting.ts';
import { profileLoads } from './loads.ts';

interface ProfileRow {
  readonly source: string;
  /** Parts of all operations of a packet, in percent. */
  readonly established: number;
  readonly opening: number;
}

/** Sources with less than this of either are summed up. */
const leastPercent = 1;

const { values: options } = parseArgs({
  options: { output: { type: 'string', short: 'o', default: 'table' } },
});
const profile = await profileLoads(openCounting(readFileSync('build/debug.wat', 'utf8')));
const rows = listRows(sharesOf(profile.established), sharesOf(profile.opening));
if (options.output === 'json') {
  console.log(JSON.stringify({ version: 1, machine: describeMachine(), rows }, null, 2));
} else {
  const cells = rows.map(({ source, established, opening }) => [
    ...[source, established.toFixed(1), opening.toFixed(1)],
  ]);
  console.log(formatColumns(['SOURCE', 'ESTABLISHED %', 'NEW %'], cells));
}

/** Percent by source: a function is called `assembly/nat/rewrite/rewritePacket`. */
function sharesOf(counts: ReadonlyMap<string, number>): Map<string, number> {
  const shares = new Map<string, number>();
  const total = sumOf(counts);
  for (const [name, count] of counts) {
    const [source = name] = /^(start:)?assembly\/[^/]+\/[^/#]+/.exec(name) ?? [];
    shares.set(source, (shares.get(source) ?? 0) + (count * 100) / total);
  }
  return shares;
}

function listRows(
  established: ReadonlyMap<string, number>,
  opening: ReadonlyMap<string, number>,
): ProfileRow[] {
  const rowOf = (source: string): ProfileRow => ({
    source,
    established: established.get(source) ?? 0,
    opening: opening.get(source) ?? 0,
  });
  const all = [...new Set([...established.keys(), ...opening.keys()])].map(rowOf);
  const isLarge = (row: ProfileRow): boolean =>
    row.established >= leastPercent || row.opening >= leastPercent;
  const rest = all.filter((row) => !isLarge(row));
  const sum = (field: 'established' | 'opening'): number =>
    rest.reduce((total, row) => total + row[field], 0);
  const others = { source: 'others', established: sum('established'), opening: sum('opening') };
  const sorted = all.filter(isLarge).toSorted((a, b) => b.established - a.established);
  return [...sorted, others];
}
