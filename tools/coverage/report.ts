// Prints what the tests visited of the dataplane, in the root of the repository, after a run with
// `vitest-config.ts`. Parameter: the percentage below which the exit code is 1.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readCountedPoints, visitedFolder } from './files.ts';
import { summarise } from './summary.ts';
import { addVisited } from './visits.ts';

const { points } = readCountedPoints();
const visited = new Uint8Array(points.length);
for (const name of readdirSync(visitedFolder)) {
  addVisited(visited, readFileSync(join(visitedFolder, name)));
}
const { lines, percent } = summarise(points, visited);
for (const line of lines) console.log(line);
const wanted = Number(process.argv[2] ?? 0);
if (percent < wanted) {
  console.error(`expected at least ${wanted} %`);
  process.exitCode = 1;
}
