// Writing to a file descriptor until all bytes are there.

import { writeSync } from 'node:fs';

/** Writes all bytes at the descriptor's position. */
export function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(descriptor, bytes, done, bytes.length - done);
  }
}
