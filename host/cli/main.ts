#!/usr/bin/env node
// The program `podplane`: binds one run to the process. A reader that has seen enough (EPIPE) is no error.

import { runProgram } from './run.ts';
import type { Streams } from './terminal.ts';

const EX_INTERRUPTED = 130;

const streams: Streams = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isOutTerminal: process.stdout.isTTY,
  isErrTerminal: process.stderr.isTTY,
  environment: process.env,
  now: () => performance.now(),
};

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(process.exitCode ?? 0);
  });
}
process.once('SIGINT', () => process.exit(EX_INTERRUPTED));

process.exitCode = await runProgram(process.argv.slice(2), streams);
