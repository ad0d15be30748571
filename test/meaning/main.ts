// `npm run coverage:meaning`: plays stories with a fixed seed, and says what of all that can happen
// to a packet did happen. What never did is named, and the exit code is 1.

import { readFileSync } from 'node:fs';
import { randomNumbers } from '../../fuzz/arbitrary/random.ts';
import { runGuided } from '../../fuzz/guided/main.ts';
import { runFuzz } from '../../fuzz/main.ts';
import { enums } from '../../host/abi/abi.gen.ts';
import { readGuidedFiles } from '../../host/cli/guided-files.ts';
import { countedWasm, readCountedPoints } from '../../tools/coverage/files.ts';
import { Visits } from '../../tools/coverage/visits.ts';
import { Census } from './census.ts';
import { expectCells, reachCells } from './cells.ts';
import { expectDoors, reachDoors } from './doors.ts';
import { goToExtremes } from './extremes.ts';
import { operateOnMaps } from './map-operations.ts';
import { expectSteps, reachMember, reachStep } from './steps.ts';
import { watchInstances } from './watch.ts';

const seed = 1;
const mapOperations = 20_000;
/** Runs of each target. */
const runs: Readonly<Record<string, number>> = {
  courses: 2400,
  doors: 240,
  story: 80,
  profiles: 40,
  balance: 120,
  'cluster-nftables': 60,
  'cluster-iptables': 40,
  'cluster-ipvs': 40,
  policy: 30,
  frame: 120,
  fragments: 40,
};
const guidedRuns: Readonly<Record<string, number>> = { frame: 4000, quoted: 1000, fragments: 1000 };

const { mark, points } = readCountedPoints();
const visits = new Visits(mark, points.length);
const census = new Census();
expectSteps(census);
expectCells(census, points);
expectDoors(census);
census.expect(
  'MapStatus',
  enums.MapStatus.map(({ code }) => code),
);

const counted = new WebAssembly.Module(readFileSync(countedWasm));
watchInstances(counted, {
  instance: (instance) => visits.watch(instance),
  packet(packet, serviceOf) {
    for (const step of packet.steps) reachStep(census, step);
    reachDoors(census, packet, serviceOf);
  },
  reason: (reason) => reachMember(census, 'Reason', reason),
  mapStatus: (status) => reachMember(census, 'MapStatus', status),
});

let failures = 0;
for (const [target, count] of Object.entries(runs)) {
  const startMs = performance.now();
  const report = await runFuzz({ targets: [target], seed, runs: count, print: console.log });
  failures += report.failures.length;
  console.log(`  ${Math.round(performance.now() - startMs)} ms`);
}
for (const [target, count] of Object.entries(guidedRuns)) {
  const settings = { targets: [target], seed, runs: count, print: console.log };
  const [report] = runGuided({ ...readGuidedFiles(), ...settings });
  failures += report!.failures.length;
}
await goToExtremes();
operateOnMaps(counted, randomNumbers(seed), mapOperations);
reachCells(census, points, visits.read());

for (const line of census.lines) console.log(line);
for (const name of census.missing) console.error(`never reached: ${name}`);
process.exitCode = failures + census.missing.length > 0 ? 1 : 0;
