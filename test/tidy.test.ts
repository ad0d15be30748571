// The house rules that a machine can check: sizes, names, floors, circles, dead files. There is no
// list of exceptions; generated files (`.gen.ts`) are exempt from style only.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findCycle, reachable } from './tidy/import-graph.ts';
import type { Graph } from './tidy/import-graph.ts';
import { analyse, readSourceFiles } from './tidy/source-file.ts';
import type { SourceFile } from './tidy/source-file.ts';

const root = join(import.meta.dirname, '..');
const files = readSourceFiles(root, ['assembly', 'host', 'fuzz', 'tools', 'test']);
const written = files.filter(({ path }) => !path.endsWith('.gen.ts'));
const graph: Graph = new Map(
  files.map(({ path, imports }) => [path, imports.flatMap(({ target }) => target ?? [])]),
);

const LINE_COLUMNS = 100;
const FILE_LINES = 400;
const FUNCTION_LINES = 60;
const PARAMETERS = 4;

/** Imports go down; the folders of one line are peers. */
const assemblyFloors = [
  ['abi'],
  ['trap'],
  ['wire', 'table'],
  ['packet'],
  ['service', 'policy', 'conntrack', 'nat', 'route', 'fragment', 'answer'],
  ['pipeline', 'control'],
  ['program'],
  ['index'],
];
const hostFloors = [
  ['problem'],
  ['abi', 'net'],
  ['kubernetes', 'dataplane', 'pcap'],
  ['controllers'],
  ['compile', 'dns'],
  ['reconcile'],
  ['cluster'],
  ['scenario', 'replay'],
  ['survey'],
  ['index', 'browser', 'files', 'node'],
  ['cli'],
];

/** Lists what is wrong as `file:line: what`, so that one run shows all of it. */
function expectNone(problems: readonly string[]): void {
  expect(problems, problems.join('\n')).toEqual([]);
}

/** One problem for each line that `find` objects to. */
function problemsByLine(find: (line: string) => string | null): string[] {
  return written.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => {
      const problem = find(line);
      return problem === null ? [] : [`${path}:${index + 1}: ${problem}`];
    }),
  );
}

function functionProblems(
  find: (shape: SourceFile['functions'][number]) => string | null,
): string[] {
  return written.flatMap(({ path, functions }) =>
    functions.flatMap((shape) => {
      const problem = find(shape);
      return problem === null ? [] : [`${path}:${shape.line}: ${shape.name}: ${problem}`];
    }),
  );
}

describe('sizes', () => {
  test(`lines of ${LINE_COLUMNS} columns`, () => {
    expectNone(
      problemsByLine((line) => (line.length > LINE_COLUMNS ? `${line.length} columns` : null)),
    );
  });

  test(`files of ${FILE_LINES} lines`, () => {
    const long = written.filter(({ lines }) => lines.length - 1 > FILE_LINES);
    expectNone(long.map(({ path, lines }) => `${path}: ${lines.length - 1} lines`));
  });

  test(`functions of ${FUNCTION_LINES} lines`, () => {
    expectNone(
      functionProblems(({ lengthLines }) =>
        lengthLines > FUNCTION_LINES ? `${lengthLines} lines` : null,
      ),
    );
  });

  test(`${PARAMETERS} parameters`, () => {
    expectNone(
      functionProblems(({ parameters }) =>
        parameters > PARAMETERS ? `${parameters} parameters` : null,
      ),
    );
  });

  test('are measured in what TypeScript and AssemblyScript can write', () => {
    const { functions, names } = analyse(
      'assembly/sample.ts',
      '// Text with { and function f() {.\n@inline\n' +
        'export function first(a: u32, b: u32): void {\n}\n' +
        'class Second {\n  third(): string {\n    return `}${"{"}`;\n  }\n}\n',
    );
    expect(functions).toEqual([
      { name: 'first', line: 3, lengthLines: 2, parameters: 2 },
      { name: 'third', line: 6, lengthLines: 3, parameters: 0 },
    ]);
    expect(names).toEqual(['first', 'a', 'b', 'Second', 'third']);
  });
});

describe('names and comments', () => {
  const vague = /^(utils?|helpers?|manager|common|misc)$/;
  /** As verbs these say nothing; what is done has a name. */
  const vagueVerb = /^(handle|do)$/;
  const wordsOf = (name: string): string[] =>
    name.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/).map((word) => word.toLowerCase());

  test('no vague words in names', () => {
    const problems = written.flatMap(({ path, names }) =>
      [...names, path]
        .filter((name) => {
          const words = wordsOf(name);
          return vagueVerb.test(words[0] ?? '') || words.some((word) => vague.test(word));
        })
        .map((name) => `${path}: ${name}`),
    );
    expectNone(problems);
  });

  test('files and folders in kebab-case', () => {
    const kebab = /^([a-z0-9]+(-[a-z0-9]+)*\/)+[a-z0-9]+(-[a-z0-9]+)*(\.(test|gen))?\.(ts|mjs)$/;
    expectNone(files.map(({ path }) => path).filter((path) => !kebab.test(path)));
  });

  test('every file opens with a comment', () => {
    const silent = files.filter(({ text }) => !/^(#!.*\n)?(\/\/ |\/\*)/.test(text));
    expectNone(silent.map(({ path }) => path));
  });

  test('nothing left to do, and no rule switched off', () => {
    // Written with brackets, so that this line passes its own test.
    const banned = /TOD[O]|FIXM[E]|XX[X]|@ts-[i]gnore|@ts-expec[t]|@ts-noc[h]eck|lint-disa[b]le/;
    expectNone(problemsByLine((line) => banned.exec(line)?.[0] ?? null));
  });
});

describe('imports', () => {
  test('name the file with its extension, except in AssemblyScript', () => {
    const problems = files.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => target !== null && !graph.has(target))
        .map(({ specifier }) => `${path}: ${specifier} is no file`),
    );
    expectNone(problems.filter((problem) => !problem.includes('/dist/')));
  });

  test('never go round in a circle', () => {
    expect(findCycle(graph)?.join(' -> ') ?? null).toBeNull();
    expect(
      findCycle(new Map([...'abc'].map((node, index) => [node, ['bca'[index] ?? '']]))),
    ).toEqual(['a', 'b', 'c', 'a']);
  });

  test.each([
    ['assembly', assemblyFloors],
    ['host', hostFloors],
  ])('go downwards in %s', (folder, floors) => {
    const floorOf = (path: string): number =>
      floors.findIndex((rooms) => rooms.includes(roomOf(path)));
    const problems = files
      .filter(({ path }) => path.startsWith(`${folder}/`))
      .flatMap(({ path, imports }) =>
        imports.flatMap(({ target }) => {
          if (floorOf(path) < 0) return [`${path}: ${roomOf(path)} has no floor`];
          if (target === null || roomOf(target) === roomOf(path)) return [];
          const isInside = target.startsWith(`${folder}/`);
          // Peers of the host may use each other one way; stages of the dataplane never do.
          const above = floorOf(target) - floorOf(path);
          const isDownwards = folder === 'host' ? above <= 0 : above < 0;
          return isInside && isDownwards ? [] : [`${path}: imports ${target}`];
        }),
      );
    expectNone(problems);
  });

  test('folders of the host never need each other', () => {
    const rooms = new Map<string, string[]>();
    for (const { path, imports } of files.filter((file) => file.path.startsWith('host/'))) {
      const others = imports.flatMap(({ target }) => (target ? [roomOf(target)] : []));
      const known = rooms.get(roomOf(path)) ?? [];
      rooms.set(roomOf(path), [...known, ...others.filter((room) => room !== roomOf(path))]);
    }
    expect(findCycle(rooms)?.join(' -> ') ?? null).toBeNull();
  });

  test('of the model are the objects and the addresses only', () => {
    const allowed = /^(fuzz\/model|host\/(kubernetes|net|controllers))\/|^host\/problem\.ts$/;
    const problems = files
      .filter(({ path }) => path.startsWith('fuzz/model/'))
      .flatMap(({ path, imports }) =>
        imports.flatMap(({ target }) =>
          target === null || allowed.test(target) ? [] : [`${path}: imports ${target}`],
        ),
      );
    expectNone(problems);
  });

  test('of Node stay out of what browsers load', () => {
    const nodeOnly = files.filter(
      ({ path, imports }) =>
        path.startsWith('host/') && imports.some(({ specifier }) => specifier.startsWith('node:')),
    );
    const allowed = /^host\/(node\.ts|files\/|cli\/|replay\/[a-z-]*worker[a-z-]*\.ts)/;
    expectNone(nodeOnly.map(({ path }) => path).filter((path) => !allowed.test(path)));
    const loaded = reachable(graph, ['host/index.ts', 'host/browser.ts']);
    expectNone(nodeOnly.map(({ path }) => path).filter((path) => loaded.has(path)));
  });

  test('reach every file from an entry or a test', () => {
    const scripts = ['package.json', '.ci/run', 'tools/setup.mjs'].map((name) =>
      readFileSync(join(root, name), 'utf8'),
    );
    const isEntry = ({ path }: SourceFile): boolean =>
      /^(host\/(index|node|browser|cli\/main)|fuzz\/(index|main)|assembly\/index)\.ts$/.test(
        path,
      ) ||
      path.endsWith('.test.ts') ||
      (/^(tools|test)\//.test(path) && scripts.some((text) => text.includes(stemOf(path))));
    const reached = reachable(
      graph,
      files.filter(isEntry).map(({ path }) => path),
    );
    expectNone(files.map(({ path }) => path).filter((path) => !reached.has(path)));
  });
});

/** The folder below assembly or host, or the name of a file there. */
function roomOf(path: string): string {
  return stemOf(path.split('/')[1] ?? '');
}

function stemOf(path: string): string {
  return path.replace(/\.\w+$/, '');
}
