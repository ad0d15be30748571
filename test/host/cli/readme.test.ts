// What the README and the guides show is what happens: every command line in them is run, and so is
// the README's program. `UPDATE_README=1 npx vitest run test/host/cli/readme.test.ts` writes the
// outputs anew.

import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { afterAll, describe, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

const pages = new Map(
  ['README.md', 'docs/reviewing.md'].map((file) => [file, readFileSync(file, 'utf8')]),
);
const isUpdate = process.env['UPDATE_README'] === '1';
const calls = [...pages].flatMap(([file, text]) =>
  [...text.matchAll(/```console\n\$ npx podplane (.+)\n([^]*?)```/g)].map(
    ([whole, line, output]) => [line!, { file, output: output!, whole }] as const,
  ),
);

afterAll(async () => {
  if (!isUpdate) return;
  for (const [file, text] of pages) {
    writeFileSync(file, await format(text, { parser: 'markdown', singleQuote: true }));
  }
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

test('there is something to run', () => expect(calls.length).toBeGreaterThanOrEqual(10));

describe('commands', () => {
  test.each(calls)('podplane %s', async (line, { file, output, whole }) => {
    const got = await outputOf(line);
    if (!isUpdate) return expect(got).toBe(output);
    const block = `\`\`\`console\n$ npx podplane ${line}\n${got}\`\`\``;
    pages.set(
      file,
      pages.get(file)!.replace(whole, () => block),
    );
  });
});

test('the program', async () => {
  const [, program, output] = /```js\n([^]*?)```\n+```\n([^]*?)```/.exec(pages.get('README.md')!)!;
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
