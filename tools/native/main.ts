// `npm run native`: what a packet costs the dataplane, and what it costs others that do the same,
// in rounds that take turns, with the same packets in the same order. Parameters: `--connections
// 1000,100000,1000000`, `--rounds 7`, `-o json`. Contestants that this machine cannot run are left
// out, with what is missing.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../../host/cli/machine.ts';
import { formatColumns } from '../../host/cli/columns.ts';
import { buildKernelPrograms, buildTwin } from './build.ts';
import { compareAll, type Row } from './compare.ts';
import { openContestants, type NativePrograms } from './contestants.ts';
import { compileLoad, loadOf, policies, services } from './load.ts';
import {
  describeKernel,
  findMissingForKernel,
  findMissingForTwin,
  versionOf,
} from './toolchain.ts';

const { values: options } = parseArgs({
  options: {
    connections: { type: 'string', default: '1000,100000,1000000' },
    rounds: { type: 'string', default: '7' },
    output: { type: 'string', short: 'o', default: 'table' },
  },
});
const print = (line: string): void => console.error(line);
const programs: NativePrograms = {
  twin: builtUnless(findMissingForTwin(), 'native twin', buildTwin),
  kernel: builtUnless(findMissingForKernel(), 'eBPF', buildKernelPrograms),
};
const rows: Row[] = [];
const traffic = compileLoad();
for (const connections of options.connections.split(',').map(Number)) {
  rows.push(...(await measure(connections)));
}
report();

/** Null, and a line that says why, where something is missing. */
function builtUnless<T>(missing: readonly string[], name: string, build: () => T): T | null {
  if (missing.length === 0) return build();
  print(`${name} is left out; this machine lacks ${missing.join('; ')}`);
  return null;
}

async function measure(connections: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'podplane-native-'));
  try {
    const subjects = await openContestants(loadOf(traffic, connections), programs, folder);
    const found = await compareAll(subjects, {
      connections,
      rounds: Number(options.rounds),
      print,
    });
    for (const subject of subjects) subject.close();
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function report(): void {
  const machine = describeMachine();
  const versions = {
    clang: versionOf('clang') ?? 'no clang',
    wasm2c: `wasm2c ${versionOf('wasm2c') ?? 'is not there'}`,
    kernel: describeKernel(),
  };
  if (options.output === 'json') {
    console.log(JSON.stringify({ version: 1, machine, versions, rows }, null, 2));
    return;
  }
  const count = (number: number): string => number.toLocaleString('en');
  console.log(machine);
  console.log(Object.values(versions).join(', '));
  console.log(`TCP to ${count(services)} ClusterIPs, ${policies} policies, frames of 64 bytes`);
  const cells = rows.map(({ connections, phase, name, nanoseconds, least, ratio }) => [
    ...[count(connections), phase, name, nanoseconds.toFixed(1), least.toFixed(1)],
    ratio.toFixed(2),
  ]);
  console.log(formatColumns(['CONNECTIONS', 'PHASE', 'WHO', 'NS/PACKET', 'LEAST', 'RATIO'], cells));
}
