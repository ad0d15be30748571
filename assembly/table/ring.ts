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
  /** Where lost records go. */
  lost: usize;
}

/** Makes room for `capacity` records. */
export function openRing(recordBytes: u32, capacity: u32): Ring {
  assert((recordBytes & 7) == 0, "records are whole words");
  const ring = changetype<Ring>(allocate(offsetof<Ring>()));
  ring.records = allocate(<u64>capacity * recordBytes);
  ring.lost = allocate(recordBytes);
  ring.recordBytes = recordBytes;
  ring.capacity = capacity;
  return ring;
}

/** Address of the next record, zeroed. */
export function appendRecord(ring: Ring): usize {
  const number = ring.written++;
  const lost = number >= ring.capacity;
  const record = lost ? ring.lost : ring.records + <usize>number * ring.recordBytes;
  clearWords(record, ring.recordBytes);
  return record;
}
