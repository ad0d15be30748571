// What the README shows is what happens: every command line in it is run, and so is its program.
// `UPDATE_README=1 npx vitest run test/host/cli/readme.test.ts` writes the outputs anew.

import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { afterAll, describe, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

const file = 'README.md';
let readme = readFileSync(file, 'utf8');
const isUpdate = process.env['UPDATE_README'] === '1';
const calls = [...readme.matchAll(/```console\n\$ npx podplane (.+)\n([^]*?)```/g)];

afterAll(async () => {
  if (isUpdate)
    writeFileSync(file, await format(readme, { parser: 'markdown', singleQuote: true }));
});

/** Words of a command line: blanks separate, double quotes hold together. */
function splitWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

/** The output, or its last lines where the command line ends in `| tail -n`. */
async function outputOf(line: string): Promise<string> {
  const [command, tail] = line.split(' | tail -') as [string, string?];
  const { out } = await runCli(splitWords(command));
  if (tail === undefined) return out;
  return `${out.trimEnd().split('\n').slice(-Number(tail)).join('\n')}\n`;
}

test('there is something to run', () => expect(calls.length).toBeGreaterThanOrEqual(4));

describe('commands', () => {
  test.each(calls.map(([whole, line, output]) => [line!, output!, whole!] as const))(
    'podplane %s',
    async (line, output, whole) => {
      const got = await outputOf(line);
      if (isUpdate)
        readme = readme.replace(whole, () => `\`\`\`console\n$ npx podplane ${line}\n${got}\`\`\``);
      else expect(got).toBe(output);
    },
  );
});

test('the program', async () => {
  const [, program, output] = /```js\n([^]*?)```\n+```\n([^]*?)```/.exec(readme)!;
  const body = program!.replace(
    /^import \{ (.+) \} from 'podplane';$/m,
    'const { $1 } = podplane;',
  );
  expect(body).not.toBe(program);
  const printed: string[] = [];
  const console = { log: (...values: unknown[]) => printed.push(values.join(' ')) };
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  const podplane = await import('../../../host/index.ts');
  await new AsyncFunction('podplane', 'console', body)(podplane, console);
  expect(`${printed.join('\n')}\n`).toBe(output);
});
