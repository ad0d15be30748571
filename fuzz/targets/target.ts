// A fuzz target: something random, and what must hold of it.

import type * as fc from 'fast-check';

export interface Target {
  readonly name: string;
  /** What must hold, in a sentence. */
  readonly claim: string;
  /** What its properties have gone through so far, beside runs: `1,000,000 packets`. */
  readonly amount?: () => string;
  /** A fresh property; it throws an error that tells the story of the failure. */
  property(): fc.IRawProperty<unknown, true>;
}
