// A fuzz target: something random, and what must hold of it.

import type * as fc from 'fast-check';
import type { SubjectSource } from '../subject/subject.ts';

export interface Target {
  readonly name: string;
  /** What must hold, in a sentence. */
  readonly claim: string;
  /** Its runs are stories of a cluster. */
  readonly isStory?: true;
  /** What its properties have gone through so far, beside runs: `1,000,000 packets`. */
  readonly amount?: () => string;
  /** A fresh property; it throws an error that tells the story of the failure. */
  property(): fc.IRawProperty<unknown, true>;
  /**
   * The same of another dataplane; null if that claims too little. Absent: the target is about our
   * own.
   */
  readonly propertyOf?: (subjects: SubjectSource) => fc.IRawProperty<unknown, true> | null;
}
