// Runs the program as a shell would, without a process: words in; exit code and both streams out.

import { expect } from 'vitest';
import { runProgram } from '../../../host/cli/run.ts';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Where the program believes it is: by default no terminal. */
export interface CliSetting {
  readonly isTerminal?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

export async function runCli(
  words: readonly string[],
  { isTerminal = false, environment = {} }: CliSetting = {},
): Promise<CliResult> {
  let out = '';
  let err = '';
  const code = await runProgram(words, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    isOutTerminal: isTerminal,
    isErrTerminal: isTerminal,
    environment,
    now: () => performance.now(),
  });
  return { code, out, err };
}

/** What a command prints that succeeds. */
export async function printed(...words: string[]): Promise<string> {
  const { code, out } = await runCli([...words, '-q']);
  expect(code).toBe(0);
  return out;
}

/** The cells of a table's lines. */
export const cells = (out: string): string[][] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {3,}/));
