// Writes the dataplane with counters, and how they are found in memory and where in the sources
// each stands. Runs in the root of the repository.

import { writeFileSync } from 'node:fs';
import { compileCounted } from './compile.ts';
import { countedPoints, countedWasm } from './files.ts';
import { counterMark } from './instrument.ts';

const { wasm, points } = await compileCounted('.');
writeFileSync(countedWasm, wasm);
writeFileSync(countedPoints, JSON.stringify({ mark: counterMark, points }));
