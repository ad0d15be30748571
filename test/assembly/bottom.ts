// The bottom of memory, which is nobody's: what is not found reads zeros there.

import type { Instance } from '../../host/dataplane/instance.ts';

const bottomBytes = 1024;

/** Whether it is zero; a module with counters has them there. */
export function isClear({ memory }: Instance): boolean {
  return new Uint8Array(memory.buffer, 0, bottomBytes).every((byte) => byte === 0);
}
