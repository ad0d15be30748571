// Which entries of a fixed array are taken: numbers from 1 to the capacity, handed out and given
// back in constant time.

import { allocate } from "./arena";

const TAKEN: u32 = 0xffffffff;

/** Free and taken numbers of one array. */
@unmanaged
@final
export class Slots {
  /** For each number: TAKEN, or the next free one. */
  links: usize;
  capacity: u32;
  used: u32;
  /** First free number that was handed out before, or 0. */
  free: u32;
  /** Numbers from here on were never handed out. */
  fresh: u32;
}

/** Makes `capacity` free numbers. */
export function openSlots(capacity: u32): Slots {
  const slots = changetype<Slots>(allocate(offsetof<Slots>()));
  slots.links = allocate((<u64>capacity + 1) << 2);
  slots.capacity = capacity;
  slots.fresh = 1;
  return slots;
}

/** A free number, now taken, or 0 when all are. */
export function takeSlot(slots: Slots): u32 {
  let slot = slots.free;
  if (slot != 0) slots.free = load<u32>(slots.links + ((<usize>slot) << 2));
  else if (slots.fresh <= slots.capacity) slot = slots.fresh++;
  else return 0;
  slots.used++;
  store<u32>(slots.links + ((<usize>slot) << 2), TAKEN);
  return slot;
}

/** Gives back a taken number. */
export function freeSlot(slots: Slots, slot: u32): void {
  assert(isTaken(slots, slot), "a slot is given back twice");
  store<u32>(slots.links + ((<usize>slot) << 2), slots.free);
  slots.free = slot;
  slots.used--;
}

/** True when the number is handed out. */
export function isTaken(slots: Slots, slot: u32): bool {
  return slot < slots.fresh && load<u32>(slots.links + ((<usize>slot) << 2)) == TAKEN;
}

/**
 * The number after `slot` among those that were ever handed out; behind the last comes the first.
 */
export function slotAfter(slots: Slots, slot: u32): u32 {
  return slot + 1 < slots.fresh ? slot + 1 : 1;
}

/** The first taken number after `slot`, or 0. */
export function nextTaken(slots: Slots, slot: u32): u32 {
  for (slot++; slot < slots.fresh; slot++) if (isTaken(slots, slot)) return slot;
  return 0;
}
