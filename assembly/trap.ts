// What happens when an assertion fails: the place is written down for the host, then the instance
// stops for good. Compiled in as `abort`, so that the module imports nothing.

import { TrapRecord } from "./abi/layout";

/** The last words of the instance, all zero until then. */
export const trapRecord: usize = memory.data(16, 8);

/** Records message and place, and traps. Signature: AssemblyScript's `abort`. */
export function trap(message: string | null, file: string | null, line: u32, column: u32): void {
  const record = changetype<TrapRecord>(trapRecord);
  record.message = <u32>changetype<usize>(message);
  record.file = <u32>changetype<usize>(file);
  record.line = line;
  record.column = column;
  unreachable();
}
