// Turns words of a command line into a call of a command, by the table. What it cannot place it
// refuses with the nearest name that it knows.

import { parseArgs } from 'node:util';
import { nearestName } from '../scenario/nearest.ts';
import { Options, UsageError, type Command, type OptionSpec } from './command.ts';

/** Options of every command. */
export const globalOptions: Readonly<Record<string, OptionSpec>> = {
  help: { type: 'boolean', short: 'h', help: 'show this help' },
  quiet: { type: 'boolean', short: 'q', help: 'neither notes nor progress' },
};

export interface ParsedArguments {
  readonly arguments: readonly string[];
  readonly options: Options;
}

/** The command of this name. Throws UsageError. */
export function findCommand(commands: readonly Command[], name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const names = commands.map((command) => command.name);
  const nearest = nearestName(name, names);
  const cure = nearest === null ? `one of ${names.join(', ')}` : `did you mean "${nearest}"?`;
  throw new UsageError(`unknown command "${name}"`, cure);
}

/** The options and positional arguments of a command. Throws UsageError. */
export function parseArguments(command: Command, words: readonly string[]): ParsedArguments {
  const specs = { ...command.options, ...globalOptions };
  const { values, positionals } = split(specs, words);
  for (const [name, value] of Object.entries(values)) requireChoice(name, specs[name]!, value);
  if (values['help'] !== true) requireCount(command, positionals);
  return { arguments: positionals, options: new Options(values) };
}

function split(
  specs: Readonly<Record<string, OptionSpec>>,
  words: readonly string[],
): { values: Record<string, unknown>; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short !== undefined && { short }), ...(multiple && { multiple }) },
    ]),
  );
  try {
    return parseArgs({ args: [...words], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw explain(error, Object.keys(specs));
  }
}

function explain(error: unknown, names: readonly string[]): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const given = /'(-{1,2}[^'=]*)/.exec(error.message)?.[1] ?? '';
    const nearest = nearestName(given.replace(/^-+/, ''), names);
    const cure = nearest === null ? '--help lists the options' : `did you mean "--${nearest}"?`;
    return new UsageError(`unknown option "${given}"`, cure);
  }
  const isUsage = String(error.code).startsWith('ERR_PARSE_ARGS');
  return isUsage ? new UsageError(error.message.split('\n')[0]!.replace(/\.$/, '')) : error;
}

function requireChoice(name: string, { choices }: OptionSpec, value: unknown): void {
  for (const text of [value].flat()) {
    if (choices === undefined || typeof text !== 'string' || choices.includes(text)) continue;
    throw new UsageError(`--${name}: unknown value "${text}"`, `one of ${choices.join(', ')}`);
  }
}

function requireCount(command: Command, positionals: readonly string[]): void {
  const { least, most } = command.argumentCount;
  const usage = `podplane ${command.name} ${command.arguments}`.trimEnd();
  if (positionals.length < least) throw new UsageError('an argument is missing', usage);
  if (positionals.length > most) {
    throw new UsageError(`unexpected argument "${positionals[most]}"`, usage);
  }
}
