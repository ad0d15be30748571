// Differences between the kernel and the dataplane that are known and wanted, each with its reason.
// Everything else is a fault of one of them.

import type { StepDifference } from './compare.ts';
import type { PlacedPacket } from './flow.ts';

/** A step as both sides saw it. */
export interface Observation {
  readonly difference: StepDifference;
  readonly entered: readonly PlacedPacket[];
  readonly kernel: readonly PlacedPacket[];
}

/** The reason why a difference is no fault; null if there is none. */
export function explain({ difference }: Observation): string | null {
  const { fields, onlyKernel, onlyPodplane } = difference;
  if (onlyKernel.length + onlyPodplane.length > 0) return null;
  // docs/decisions/0009: whoever sends the packet computes it.
  if (fields.every(({ field }) => field === 'sctp.checksum')) return 'sctp-checksum';
  return null;
}
