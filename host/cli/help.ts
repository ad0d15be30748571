// The text of --help, from the table.

import { formatColumns } from './columns.ts';
import type { Command, Example, OptionSpec } from './command.ts';
import { globalOptions } from './parse-arguments.ts';

/** What `podplane --help` prints. */
export function formatOverview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [`  ${name}`, summary]);
  return [
    'The Kubernetes service dataplane: manifests and packets in, verdicts and reasons out.',
    '',
    'Usage: podplane <command> [options]',
    '',
    'Commands:',
    formatColumns([], rows),
    '',
    '`podplane <command> --help` shows options and examples; `podplane --version` the version.',
    'Exit codes: 0 fine, 1 an expectation failed or a difference was found, 2 bad usage or',
    'bad input, 3 a bug.',
  ].join('\n');
}

/** What `podplane <command> --help` prints. */
export async function formatHelp(command: Command): Promise<string> {
  const sections = (await command.sections?.()) ?? [];
  return [
    `${command.summary}.`,
    '',
    `Usage: ${usageOf(command)}`,
    '',
    'Options:',
    formatColumns([], Object.entries({ ...command.options, ...globalOptions }).map(optionRow)),
    '',
    ...sections.flatMap(({ title, rows }) => [
      `${title}:`,
      formatColumns([], rows.map(indented)),
      '',
    ]),
    'Examples:',
    formatExamples(command.examples),
  ].join('\n');
}

/** `podplane trace [options]`. */
export function usageOf({ name, arguments: positional }: Command): string {
  return ['podplane', name, positional, '[options]'].filter((part) => part !== '').join(' ');
}

/** Name and meaning of an option, as a row of a table. */
export function optionRow([name, spec]: [string, OptionSpec]): [string, string] {
  const short = spec.short === undefined ? '    ' : `-${spec.short}, `;
  const value =
    spec.type === 'boolean' ? '' : ` <${spec.value ?? spec.choices?.join('|') ?? 'text'}>`;
  const repeatable = spec.multiple ? ' (repeatable)' : '';
  return [`  ${short}--${name}${value}`, spec.help + repeatable];
}

function indented([name = '', ...rest]: readonly string[]): string[] {
  return [`  ${name}`, ...rest];
}

function formatExamples(examples: readonly Example[]): string {
  return examples.map(({ command, does }) => `  # ${does}\n  ${command}`).join('\n\n');
}
