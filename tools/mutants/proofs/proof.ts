// How it is written down that mutants cannot be told from what is right.

/**
 * Why; how the text goes on from there, in one line, or nothing if that is the same for all such
 * changes of the file; what stands there, and what instead, as a report prints it.
 */
export type Proof = readonly [why: string, context: string, ...changes: string[]];

/** By path of the source. */
export type Proofs = Readonly<Record<string, readonly Proof[]>>;

export const readsZeros = 'at address 0 there is nothing but zeros: data begin at 1024';
