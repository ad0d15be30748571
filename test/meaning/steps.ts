// What trace steps mean, read from the comments of the boundary: `first = FrontendKind` says that
// the first argument of a step is a member of that enum.

import { enums, type EnumName, type TraceStep } from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import type { Census } from './census.ts';

type Argument = 'first' | 'second' | 'third' | 'fourth' | 'fifth';

interface MeaningOfArgument {
  readonly argument: Argument;
  readonly enumName: EnumName;
}

const pattern = /\b(first|second|third|fourth|fifth) = (\w+)/g;

/** The arguments of each step that are members of enums. */
const meanings: ReadonlyMap<number, readonly MeaningOfArgument[]> = new Map(
  enums.Trace.map(({ value, sentence }) => {
    const told = [...sentence.matchAll(pattern)].map(([, argument, enumName = '']) => {
      return { argument: argument as Argument, enumName: enumName as EnumName };
    });
    return [value, told.filter(({ enumName }) => enumName in enums)];
  }),
);

/** Every step, and every member of every enum that is an argument of one; `None` is no member. */
export function expectSteps(census: Census): void {
  const named = [...meanings.values()].flat().map(({ enumName }) => enumName);
  for (const name of new Set<EnumName>(['Trace', ...named])) {
    const members = enums[name].filter((member) => member.name !== 'None');
    census.expect(
      name,
      members.map(({ code }) => code),
    );
  }
}

export function reachStep(census: Census, step: TraceStep): void {
  census.reach('Trace', codeOf('Trace', step.code));
  for (const { argument, enumName } of meanings.get(step.code) ?? []) {
    reachMember(census, enumName, step[argument]);
  }
}

/** Marks a member of an enum by its value; nothing for `None`. */
export function reachMember(census: Census, enumName: EnumName, value: number): void {
  const member = enums[enumName].find((candidate) => candidate.value === value);
  if (member?.name !== 'None') census.reach(enumName, codeOf(enumName, value));
}
