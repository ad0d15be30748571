// How mutants are written in the two languages, switched and noted, and the module that a changed
// source imports for it. In the Wasm all numbers stand in memory behind a mark, so that they are
// found without another export.

import type { Numbered, Writing } from './schemata.ts';

/** Stands in memory before a byte for each mutant that was noted, and the state behind them. */
export const memoryMark = 'mutants of this module:';
/** Where the state is, behind the bytes of mutants: number of the active one, then what is left. */
export const activeBytes = 4;

export const assemblyModule = 'assembly/mutants';
export const hostModule = 'host/mutants.ts';

const round = 'spendRound(); ';
const assembly = { round, hasTexts: false };
const host = { round, hasTexts: true, head: hostHead, element: refuseElement };

/** AssemblyScript, of which one mutant runs. */
export const assemblySwitched: Writing = {
  ...assembly,
  expression: choose,
  statement: chooseStatement,
  element: (first, index, right) => `elementOf(${first}, <u32>(${index}), ${right})`,
  head: (root) => `import { isMutant, elementOf, spendRound } from "${root}${assemblyModule}"; `,
};

/** AssemblyScript that runs as it is and notes what would have differed. */
export const assemblyNoted: Writing = {
  ...assembly,
  expression: (mutants, right) => `(${noteAll(mutants, compareInPlace).join(', ')}, ${right})`,
  statement: (mutants, right) => `{ ${noteAll(mutants, compareInPlace).join('; ')}; ${right} }`,
  element: (first, index, right) => `(noteMutant(${first} + <u32>(${index}), true), ${right})`,
  head: (root) => `import { noteMutant, spendRound } from "${root}${assemblyModule}"; `,
};

/** TypeScript, of which one mutant runs. */
export const hostSwitched: Writing = {
  ...host,
  expression: choose,
  statement: chooseStatement,
};

/** TypeScript that runs as it is and notes what would have differed. */
export const hostNoted: Writing = {
  ...host,
  expression: (mutants, right) => `(${noteAll(mutants, compareInFunctions).join(', ')}, ${right})`,
  statement: (mutants, right) => `{ ${noteAll(mutants, compareInFunctions).join('; ')}; ${right} }`,
};

function choose(mutants: readonly Numbered[], right: string): string {
  const wrong = mutants.map(({ number, text }) => `isMutant(${number}) ? (${text}) : `);
  return `(${wrong.join('')}${right})`;
}

function chooseStatement(mutants: readonly Numbered[], right: string): string {
  const wrong = mutants.map(({ number, text }) => `if (isMutant(${number})) { ${text} } else `);
  return `{ ${wrong.join('')}{ ${right} } }`;
}

function noteAll(
  mutants: readonly Numbered[],
  compare: (compared: readonly [string, string]) => string,
): string[] {
  return mutants.map(({ number, compared }) => {
    return `noteMutant(${number}, ${compared === null ? 'true' : compare(compared)})`;
  });
}

function compareInPlace([wrong, right]: readonly [string, string]): string {
  return `(${wrong}) != (${right})`;
}

/** What is wrong may throw. */
function compareInFunctions([wrong, right]: readonly [string, string]): string {
  return `isOther(() => (${wrong}), () => (${right}))`;
}

function hostHead(root: string): string {
  return `import { isMutant, isOther, noteMutant, spendRound } from '${root}${hostModule}'; `;
}

function refuseElement(): never {
  throw new Error('tables of constants are of AssemblyScript');
}
