// How a proof is written: one sentence, how the line goes on from there, and one or more changes
// as a report prints them.

export type Proof = readonly [why: string, context: string, ...changes: string[]];

/** By path of the source. */
export type Proofs = Readonly<Record<string, readonly Proof[]>>;
