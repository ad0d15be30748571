// Runs in every test file of a coverage run: watches the instances that are made, and adds what
// they visited to what earlier files of the process did.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { readCountedPoints, visitedFolder } from './files.ts';
import { addVisited, Visits } from './visits.ts';

const { mark, points } = readCountedPoints();
const visits = new Visits(mark, points.length);

WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(made, parameters) {
    const instance = Reflect.construct(made, parameters) as WebAssembly.Instance;
    visits.watch(instance);
    return instance;
  },
});

afterAll(() => {
  const file = join(visitedFolder, `${process.pid}-${process.env.VITEST_POOL_ID}.bin`);
  const visited = visits.read();
  if (existsSync(file)) addVisited(visited, readFileSync(file));
  mkdirSync(visitedFolder, { recursive: true });
  writeFileSync(file, visited);
});
