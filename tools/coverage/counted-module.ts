// Stands for host/dataplane/module.gen.ts in a coverage run: the module with counters.

import { readFileSync } from 'node:fs';
import { countedWasm } from './files.ts';

export const moduleBase64 = readFileSync(countedWasm).toString('base64');
