// One run of the program: words in, exit code out. Turns every error into the line and the code
// that the contract gives it; never throws.

import { InputError } from '../problem.ts';
import { UsageError, type Command } from './command.ts';
import { commands } from './commands.ts';
import { formatHelp, formatOverview } from './help.ts';
import { findCommand, parseArguments } from './parse-arguments.ts';
import { Terminal, type Streams } from './terminal.ts';
import { version } from './version.ts';

export const ExitCode = { Fine: 0, Different: 1, BadInput: 2, Bug: 3 } as const;

const issues = 'https://github.com/podplane/podplane/issues';

/** Runs the program; the exit code is for the process to return. */
export async function runProgram(words: readonly string[], streams: Streams): Promise<number> {
  const terminal = new Terminal(streams);
  try {
    return await dispatch(words, terminal);
  } catch (error) {
    return report(error, terminal);
  }
}

async function dispatch(words: readonly string[], terminal: Terminal): Promise<number> {
  const [name = '--help', ...rest] = words;
  if (name === '--version') {
    terminal.print(version);
    return ExitCode.Fine;
  }
  if (['--help', '-h', 'help'].includes(name)) {
    const asked = rest[0] === undefined ? null : findCommand(commands, rest[0]);
    terminal.print(asked === null ? formatOverview(commands) : await formatHelp(asked));
    return words.length === 0 ? ExitCode.BadInput : ExitCode.Fine;
  }
  return runCommand(findCommand(commands, name), rest, terminal);
}

async function runCommand(
  command: Command,
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const parsed = parseArguments(command, words);
  if (parsed.options.flag('help')) {
    terminal.print(await formatHelp(command));
    return ExitCode.Fine;
  }
  if (parsed.options.flag('quiet')) terminal.silence();
  return command.run({ ...parsed, terminal });
}

function report(error: unknown, terminal: Terminal): number {
  if (error instanceof InputError) {
    terminal.complain(error.message);
    return ExitCode.BadInput;
  }
  if (error instanceof UsageError) {
    const cure = error.expected === undefined ? '' : `; ${error.expected}`;
    terminal.complain(`podplane: ${error.message}${cure}`);
    return ExitCode.BadInput;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.complain(`podplane ${version}: internal error: ${text}`);
  terminal.complain(`This is a bug. Please report it with the command and its input: ${issues}`);
  return ExitCode.Bug;
}
