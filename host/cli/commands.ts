// Every command there is, in the order in which --help lists them.

import type { Command } from './command.ts';
import { benchCommand } from './commands/bench.ts';
import { demoCommand } from './commands/demo.ts';
import { diffCommand } from './commands/diff.ts';
import { explainCommand } from './commands/explain.ts';
import { fuzzCommand } from './commands/fuzz.ts';
import { getCommand } from './commands/get.ts';
import { lintCommand } from './commands/lint.ts';
import { mapCommand } from './commands/map.ts';
import { matrixCommand } from './commands/matrix.ts';
import { replayCommand } from './commands/replay.ts';
import { reportCommand } from './commands/report.ts';
import { testCommand } from './commands/test.ts';
import { traceCommand } from './commands/trace.ts';

export const commands: readonly Command[] = [
  traceCommand,
  explainCommand,
  matrixCommand,
  diffCommand,
  lintCommand,
  testCommand,
  replayCommand,
  reportCommand,
  getCommand,
  mapCommand,
  benchCommand,
  fuzzCommand,
  demoCommand,
];
