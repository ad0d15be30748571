// What a parameter problem is about: the checks of options leave it here, answers point at it.

import { Reason } from "../abi/verdict";

/**
 * Where the sender is told that the problem is, in bytes from the IP header, after a check that
 * refused the packet; 0 = the sender is not told.
 */
export let problemAt: u32 = 0;

/** Notes where the problem is, and gives back the reason. */
export function noteProblem(reason: Reason, at: u32): Reason {
  problemAt = at;
  return reason;
}
