// Mutants that no test can tell from what is right, each with the proof. It may only shrink: a
// report fails when one of them is killed, or is there no more.

import { compile } from './proofs/compile.js';
import { compileServices } from './proofs/compile-services.js';
import { conntrack } from './proofs/conntrack.js';
import { controllers } from './proofs/controllers.js';
import { others } from './proofs/others.js';
import { packet } from './proofs/packet.js';
import { pipeline } from './proofs/pipeline.js';
import { policyAndService } from './proofs/policy-and-service.js';
import { table } from './proofs/table.js';
import { wire } from './proofs/wire.js';
import type { Mutant } from './schemata.js';

export interface Equivalent {
  readonly path: string;
  /** How the text goes on from there, in one line. */
  readonly context: string;
  /** What stands there, and what instead, as a report prints it. */
  readonly change: string;
  readonly why: string;
}

const packetPath = [conntrack, others, packet, pipeline, policyAndService, table, wire];
const host = [compile, compileServices, controllers];

export const equivalents: readonly Equivalent[] = [...packetPath, ...host]
  .flatMap((proofs) => Object.entries(proofs))
  .flatMap(([path, list]) =>
    list.flatMap(([why, context, ...changes]) =>
      changes.map((change) => ({ path, context, change, why })),
    ),
  );

/** Whether an entry is about a mutant. */
export function isAbout({ path, context, change }: Equivalent, mutant: Mutant): boolean {
  return mutant.path === path && mutant.change === change && mutant.context.startsWith(context);
}
