// `npm run measure -- NAME…`: runs the measurements of docs/performance.md, or those that are
// named, and writes their tables there, each with the command that makes it.

import { spawnSync } from 'node:child_process';
import { tabulate, writeMarked } from './marked-text.js';
import { root } from './root.js';

/** A measurement: what is run, and what of its report becomes the table. */
interface Measurement {
  readonly command: string;
  readonly script: string;
  readonly parameters: readonly string[];
  readonly table: (report: Report) => string;
}

/** As `-o json` prints it; each table knows its own fields. */
interface Report {
  readonly machine: string;
  readonly [field: string]: unknown;
}

type Row = Readonly<Record<string, string | number>>;

const document = 'docs/performance.md';
const cli = 'dist/host/cli/main.js';
const native = 'build/runs/tools/native/main.js';

const measurements: Readonly<Record<string, Measurement>> = {
  native: {
    command: 'npm run native',
    script: native,
    parameters: [],
    table: ({ rows }) =>
      tabulateRows(rows as Row[], {
        connections: count,
        phase: text,
        name: text,
        nanoseconds: (value) => fixed(value, 1),
        least: (value) => fixed(value, 1),
        ratio: (value) => fixed(value, 2),
      }),
  },
  matrix: bench('--matrix', ({ rows }) =>
    tabulateRows(rows as Row[], {
      ...{ path: text, family: (value) => `IPv${value}`, policies: count, connections: count },
      ...{ established64: whole, establishedImix: whole, new64: whole },
      ...{ mixed64: whole, mixedImix: whole },
    }),
  ),
  operations: {
    command: 'npm run operations',
    script: 'build/runs/test/operations/profile.js',
    parameters: [],
    table: ({ rows }) =>
      tabulateRows(rows as Row[], {
        source: text,
        established: (value) => `${fixed(value, 1)} %`,
        opening: (value) => `${fixed(value, 1)} %`,
      }),
  },
  replay: bench('--replay', ({ rows, outside }) =>
    [
      tabulateRows(rows as Row[], {
        ...{ name: text, nanosecondsPerPacket: whole, dataplaneNanoseconds: whole },
        ratio: (value) => fixed(value, 2),
      }),
      `${whole(Number(outside) * 100)} % of the time of verdicts is neither reading nor dataplane.`,
    ].join('\n\n'),
  ),
  scale: bench('--scale', ({ steps, updates }) =>
    [
      tabulateSteps(steps as Row[]),
      tabulateRows(updates as Row[], { name: text, milliseconds: (value) => fixed(value, 2) }),
    ].join('\n\n'),
  ),
  'list-json': bench('--scale --list json', tabulateList),
  'list-yaml': bench('--scale --list yaml', tabulateList),
  nodes: bench('--scale --nodes 1000', ({ steps, changeMilliseconds }) =>
    [
      tabulateSteps(steps as Row[]),
      `One endpoint's change, on all nodes: ${fixed(changeMilliseconds, 1)} ms.`,
    ].join('\n\n'),
  ),
  connections: bench('--scale --flows 8000000', ({ steps, wasmBytes, nanosecondsPerPacket }) =>
    [
      tabulateSteps(steps as Row[]),
      `Memory of the module: ${mebibytes(wasmBytes)}.`,
      `A packet of any of them: ${whole(nanosecondsPerPacket)} ns.`,
    ].join('\n\n'),
  ),
};

const names = process.argv.slice(2);
for (const name of names.length > 0 ? names : Object.keys(measurements)) {
  const measurement = measurements[name];
  if (measurement === undefined) {
    throw new RangeError(`${name}: expected one of ${Object.keys(measurements).join(', ')}`);
  }
  const report = run(measurement);
  const head = `\`${measurement.command}\` on ${report.machine}:`;
  writeMarked(document, { [name]: `${head}\n\n${measurement.table(report)}` });
}

function bench(words: string, table: Measurement['table']): Measurement {
  const parameters = ['bench', ...words.split(' ')];
  return { command: `npm run bench -- ${words}`, script: cli, parameters, table };
}

function run({ script, parameters, command }: Measurement): Report {
  console.error(command);
  const words = [script, ...parameters, '-o', 'json'];
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 } as const;
  const { status, stdout, error } = spawnSync(process.execPath, words, {
    ...options,
    stdio: [...stdio],
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
  return JSON.parse(stdout) as Report;
}

function tabulateList({ fileBytes, steps, changeMilliseconds }: Report): string {
  return [
    `A file of ${mebibytes(fileBytes)}.`,
    tabulateSteps(steps as Row[]),
    `One endpoint's change: ${fixed(changeMilliseconds, 2)} ms.`,
  ].join('\n\n');
}

function tabulateSteps(steps: readonly Row[]): string {
  return tabulateRows(steps, {
    ...{ name: text, milliseconds: whole, residentBytes: mebibytes, peakBytes: mebibytes },
  });
}

/** A column for each field, headed by its name in words. */
function tabulateRows(
  rows: readonly Row[],
  formats: Readonly<Record<string, (value: unknown) => string>>,
): string {
  const fields = Object.entries(formats);
  const heads = fields.map(([field]) => inWords(field));
  return tabulate(
    heads,
    rows.map((row) => fields.map(([field, format]) => format(row[field]))),
  );
}

/** `residentBytes` as `resident`, `new64` as `new 64`. */
function inWords(field: string): string {
  return field
    .replace(/Bytes$/, '')
    .replaceAll(/([a-z])([A-Z0-9])/g, '$1 $2')
    .toLowerCase();
}

function text(value: unknown): string {
  return String(value);
}

function count(value: unknown): string {
  return Number(value).toLocaleString('en');
}

function fixed(value: unknown, digits: number): string {
  return Number(value).toFixed(digits);
}

function whole(value: unknown): string {
  return count(Math.round(Number(value)));
}

function mebibytes(value: unknown): string {
  return `${whole(Number(value) / 2 ** 20)} MiB`;
}
