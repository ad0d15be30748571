// The reference pages, made from what they describe: the table of commands, the reasons, the maps.

import { format } from 'prettier';
import { enums, maps, type MapName } from '../../../host/abi/abi.gen.ts';
import type { Command, Section } from '../../../host/cli/command.ts';
import { commands } from '../../../host/cli/commands.ts';
import { optionRow, usageOf } from '../../../host/cli/help.ts';
import { globalOptions } from '../../../host/cli/parse-arguments.ts';
import { lintCodes } from '../../../host/survey/lint/finding.ts';

const generated =
  'This page is generated; `npx vitest run test/host/cli/reference.test.ts -u` writes it anew.';

function formatPage(lines: readonly string[]): Promise<string> {
  return format(lines.join('\n'), { parser: 'markdown', printWidth: 100 });
}

export async function commandsPage(): Promise<string> {
  const sections = await Promise.all(commands.map(commandSection));
  return formatPage([
    '# Commands',
    '',
    generated,
    '',
    'Data goes to standard output, everything else to standard error. Exit codes: 0 fine; 1 an',
    'expectation failed or a difference was found; 2 bad usage or bad input; 3 a bug. Errors read',
    '`file:line:column: path: what is wrong; what was expected`. `NO_COLOR`, or a standard output',
    'that is no terminal, turns colour off.',
    '',
    'Of every command:',
    '',
    ...optionTable(globalOptions),
    '',
    ...sections.flat(),
  ]);
}

async function commandSection(command: Command): Promise<string[]> {
  const more = (await command.sections?.()) ?? [];
  const examples = command.examples.flatMap((example) => [
    `# ${example.does}`,
    example.command,
    '',
  ]);
  const options =
    Object.keys(command.options).length === 0 ? [] : [...optionTable(command.options), ''];
  return [
    `## podplane ${command.name}`,
    '',
    `${command.summary}.`,
    '',
    '```',
    usageOf(command),
    '```',
    '',
    ...options,
    ...more.flatMap(sectionText),
    '```sh',
    ...examples.slice(0, -1),
    '```',
    '',
  ];
}

function sectionText({ title, rows }: Section): string[] {
  const lines = rows.map(([name, text]) => (text === undefined ? name : `\`${name}\`: ${text}`));
  return [`${title}:`, '', ...lines.map((line) => `- ${line}`), ''];
}

function optionTable(options: Command['options']): string[] {
  const rows = Object.entries(options).map(optionRow);
  return [
    '| option | meaning |',
    '| --- | --- |',
    ...rows.map(([name, help]) => `| \`${name.trim().replaceAll('|', '\\|')}\` | ${help} |`),
  ];
}

export function reasonsPage(): Promise<string> {
  const listed = enums.Reason.filter(({ code }) => code !== 'none');
  return formatPage([
    '# Reasons',
    '',
    generated,
    '',
    'Every outcome that is not a plain forward or delivery has one reason: the code in reports,',
    'the name of a counter, the end of a trace. Codes are stable. One that begins with `reject-`',
    'belongs to verdict `reply`: the sender was told.',
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...listed.map(({ code, sentence }) => `| \`${code}\` | ${sentence} |`),
  ]);
}

export function lintPage(): Promise<string> {
  const rows = Object.entries(lintCodes).map(
    ([code, [severity, sentence]]) => `| \`${code}\` | ${severity} | ${sentence} |`,
  );
  return formatPage([
    '# What lint finds',
    '',
    generated,
    '',
    'A warning makes the exit code of `podplane lint` 1. Codes are stable.',
    '',
    '| code | severity | meaning |',
    '| --- | --- | --- |',
    ...rows,
  ]);
}

export function mapsPage(): Promise<string> {
  const rows = (Object.keys(maps) as MapName[]).map((name) => {
    const { id, kind, key, value, doc } = maps[name];
    return `| ${id} | \`${name}\` | ${kind} | ${key} | ${value} | ${doc} |`;
  });
  return formatPage([
    '# Maps',
    '',
    generated,
    '',
    'What a dataplane knows is in maps, as in eBPF. `podplane map dump <name>` prints one,',
    '`dataplane.map(name)` gives it to a program. An array has keys from 0, and an entry of zeroes',
    'is an absent one; a prefix map finds the longest match. The structs are described where they',
    'are defined, in `assembly/abi`.',
    '',
    '| id | name | kind | key | value | what it holds |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ]);
}
