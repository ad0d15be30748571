// Fragments that came before the first one of their datagram, in the order in which they came. A
// frame stays where its caller put it until the call ends; what is still held then is copied, once.
// What leaves does so from where it lies, and its place is used again by a later call: so limits
// do not depend on where one vector ends and the next begins.

import { Fragment, FragmentFlag } from "../abi/fragment";
import { PacketDescriptor } from "../abi/packet-descriptor";
import { allocate } from "../table/arena";
import { Slots, freeSlot, openSlots, takeSlot } from "../table/slots";

const ALIGNMENT: u32 = 16;
const NEVER: u64 = ~0;

/** One of them; its descriptor lies behind it. */
@unmanaged
@final
class Held {
  expiresAtMs: u64;
  /** Of its datagram. */
  serial: u32;
  /** The one that came next, or 0. */
  next: u32;
  /** The frame is still in the caller's memory. */
  isBorrowed: bool;
  zero0: u8;
  zero1: u16;
  zero2: u32;
}

if (offsetof<Held>() % 8 != 0) ERROR("a descriptor lies behind each");

const STRIDE: usize = offsetof<Held>() + offsetof<PacketDescriptor>();

let slots = changetype<Slots>(0);
let entries: usize = 0;
/** The first and the last that came; 0 = none. */
let first: u32 = 0;
let last: u32 = 0;
/** Bytes of all frames that are held. */
let heldBytes: u32 = 0;
let limitBytes: u32 = 0;
/** None of them ends before this. */
let earliestMs: u64 = NEVER;
let numbers: u32 = 0;

/** Copied frames: from `frames` to `top`. */
let frames: usize = 0;
let top: usize = 0;
/** Some frames between them have left. */
let hasGaps: bool = false;

let released: usize = 0;

/** How many have left since the call began. */
export let releasedPackets: u32 = 0;

/** Makes room; returns where the descriptors of those that leave will be. */
export function openHeld(heldFragments: u32, bytes: u32, vectorPackets: u32): usize {
  slots = openSlots(heldFragments);
  entries = allocate((<u64>heldFragments + 1) * STRIDE);
  released = allocate((<u64>heldFragments + vectorPackets) * offsetof<PacketDescriptor>());
  limitBytes = bytes;
  // What left during a call is still read after it, beside what is held then.
  frames = allocate((<u64>bytes) << 1);
  top = frames;
  return released;
}

/** A call begins: what left in the last one has been read. */
export function beginCall(): void {
  releasedPackets = 0;
  if (!hasGaps) return;
  hasGaps = false;
  top = frames;
  for (let number = first; number != 0; number = heldAt(number).next) keepFrame(heldAt(number));
}

/** A call ends: the caller's memory is the caller's again. */
export function endCall(): void {
  for (let number = first; number != 0; number = heldAt(number).next) {
    const held = heldAt(number);
    if (held.isBorrowed) keepFrame(held);
    held.isBorrowed = false;
  }
}

/** Holds the packet for its datagram; false when there is no room. */
export function hold(descriptor: PacketDescriptor, record: Fragment): bool {
  const bytes = spaceOf(descriptor);
  if (bytes > limitBytes - heldBytes) return false;
  const number = takeSlot(slots);
  if (number == 0) return false;
  heldBytes += bytes;
  descriptor.held = ++numbers;
  const held = heldAt(number);
  held.expiresAtMs = record.expiresAtMs;
  held.serial = record.serial;
  held.next = 0;
  held.isBorrowed = true;
  memory.copy(descriptorOf(held), changetype<usize>(descriptor), offsetof<PacketDescriptor>());
  if (last == 0) first = number;
  else heldAt(last).next = number;
  last = number;
  earliestMs = min(earliestMs, record.expiresAtMs);
  record.flags |= <u8>FragmentFlag.Awaited;
  return true;
}

/**
 * Takes out the next held fragment of datagram `serial`, to leave behind packet `after` of the
 * vector; null when there is none.
 */
export function takeNextOf(serial: u32, after: u32): PacketDescriptor | null {
  return takeNext(serial, 0, after);
}

/** Takes out the next one whose time is over, likewise. */
export function takeNextExpired(nowMs: u64, after: u32): PacketDescriptor | null {
  if (earliestMs > nowMs) return null;
  const expired = takeNext(0, nowMs, after);
  if (expired == null) findEarliest();
  return expired;
}

/** Of datagram `serial`; of any whose time is over, if that is 0. */
function takeNext(serial: u32, nowMs: u64, after: u32): PacketDescriptor | null {
  let before: u32 = 0;
  for (let number = first; number != 0; number = heldAt(number).next) {
    const held = heldAt(number);
    if (serial != 0 ? held.serial == serial : held.expiresAtMs <= nowMs) {
      unlink(before, number);
      return release(held, number, after);
    }
    before = number;
  }
  return null;
}

function unlink(before: u32, number: u32): void {
  const next = heldAt(number).next;
  if (before == 0) first = next;
  else heldAt(before).next = next;
  if (last == number) last = before;
}

function release(held: Held, number: u32, after: u32): PacketDescriptor {
  const at = released + <usize>releasedPackets * offsetof<PacketDescriptor>();
  releasedPackets++;
  memory.copy(at, descriptorOf(held), offsetof<PacketDescriptor>());
  const descriptor = changetype<PacketDescriptor>(at);
  descriptor.after = after;
  heldBytes -= spaceOf(descriptor);
  hasGaps = hasGaps || !held.isBorrowed;
  freeSlot(slots, number);
  return descriptor;
}

function findEarliest(): void {
  earliestMs = NEVER;
  for (let number = first; number != 0; number = heldAt(number).next) {
    earliestMs = min(earliestMs, heldAt(number).expiresAtMs);
  }
}

/** Copies, or moves down, a frame to the end of those that are copied. */
function keepFrame(held: Held): void {
  const descriptor = changetype<PacketDescriptor>(descriptorOf(held));
  memory.copy(top, descriptor.address, descriptor.lengthBytes);
  descriptor.address = <u32>top;
  top += spaceOf(descriptor);
}

function spaceOf(descriptor: PacketDescriptor): u32 {
  return (descriptor.lengthBytes + (ALIGNMENT - 1)) & ~(ALIGNMENT - 1);
}

function heldAt(number: u32): Held {
  return changetype<Held>(entries + <usize>number * STRIDE);
}

function descriptorOf(held: Held): usize {
  return changetype<usize>(held) + offsetof<Held>();
}
