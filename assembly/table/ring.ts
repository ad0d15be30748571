// Records written one after the other until the room is used up; those beyond it are counted and
// lost.

import { allocate } from "./arena";
import { clearWords } from "./words";

/** A row of records. */
@unmanaged
@final
export class Ring {
  records: usize;
  recordBytes: u32;
  capacity: u32;
  /** Records written, lost ones included. */
  written: u32;
}

/** Makes room for `capacity` records. */
export function openRing(recordBytes: u32, capacity: u32): Ring {
  assert((recordBytes & 7) == 0, "records are whole words");
  const ring = changetype<Ring>(allocate(offsetof<Ring>()));
  // Lost records go behind the last one, each to the same place.
  ring.records = allocate((<u64>capacity + 1) * recordBytes);
  ring.recordBytes = recordBytes;
  ring.capacity = capacity;
  return ring;
}

/** Address of the next record, zeroed. */
export function appendRecord(ring: Ring): usize {
  const number = min(ring.written++, ring.capacity);
  const record = ring.records + <usize>number * ring.recordBytes;
  clearWords(record, ring.recordBytes);
  return record;
}
