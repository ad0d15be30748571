// Who is tried in what: the targets that were asked for, each with its property of the subject.

import { openCommand } from './subject/open-command.ts';
import type { SubjectSource } from './subject/subject.ts';
import { SubjectError } from './subject/subject.ts';
import type { Trial } from './search.ts';
import type { Target } from './targets/target.ts';
import { targets } from './targets/targets.ts';

/** Starts the subject of a command; null for our own dataplane. Throws RangeError. */
export async function openSubjects(
  subject: string | SubjectSource | undefined,
  answerTimeoutMs: number,
): Promise<SubjectSource | null> {
  if (typeof subject !== 'string') return subject ?? null;
  try {
    return await openCommand(subject, answerTimeoutMs);
  } catch (error) {
    if (!(error instanceof SubjectError)) throw error;
    throw new RangeError(`the subject ${subject}: ${error.message}`);
  }
}

/** Those of these names, or all that are for the subject but the canary. Throws RangeError. */
export function chosenTrials(
  names: readonly string[] | undefined,
  subjects: SubjectSource | null,
): Trial[] {
  const known = targets.map(({ name }) => name);
  if (names === undefined) {
    const usual = targets.filter(({ name }) => name !== 'canary');
    return usual.map((target) => trialOf(target, subjects)).filter((trial) => trial !== null);
  }
  return names.map((name) => {
    const target = targets.find((candidate) => candidate.name === name);
    if (target === undefined) {
      throw new RangeError(`there is no target ${name}; there are ${known.join(', ')}`);
    }
    const trial = trialOf(target, subjects);
    if (trial !== null) return trial;
    const why = target.propertyOf ? 'it claims too little' : "it is about podplane's own dataplane";
    throw new RangeError(`target ${name} is not for ${subjects!.name}: ${why}`);
  });
}

/** Null for a target that is not for these subjects. */
function trialOf(target: Target, subjects: SubjectSource | null): Trial | null {
  const property = subjects === null ? target.property() : (target.propertyOf?.(subjects) ?? null);
  return property === null ? null : { target, property };
}
