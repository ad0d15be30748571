// Where everything that crosses the boundary is. `layout()` gives the address of a Layout; its
// first three fields are valid at once, the others after `initialise`.

import { Milliseconds } from "./alias";

/** How `initialise` ended. */
export enum InitialiseStatus {
  Ok,
  /** A capacity is 0 or too large. */
  BadCapacity,
  /** The memory cannot grow to the size that the capacities need. */
  OutOfMemory,
  /** The instance was initialised before. */
  Twice,
}

//   ┌ 0 ───────┬ 4 ───┬ 8 ────┬ 12 ─┬ 16 ───┬ 20 ─────────┬ 24 ─────┬ 28 ───┬ 32 ─────┐
//   │ capacity │ trap │ clock │ key │ value │ descriptors │ choices │ block │ answers │
//   └──────────┴──────┴───────┴─────┴───────┴─────────────┴─────────┴───────┴─────────┘
//   ┌ 36 ───┬ 40 ────────┬ 44 ─────────┬ 48 ──────┬ 52 ─────────────┐ 56
//   │ trace │ traceSteps │ memoryBytes │ released │ releasedPackets │
//   └───────┴────────────┴─────────────┴──────────┴─────────────────┘
/** Addresses of the areas, in bytes from the start of memory. */
@unmanaged @final
export class Layout {
  /** A Capacity, filled by the host before `initialise`. */
  capacity: u32;
  /** A TrapRecord. */
  trap: u32;
  /** A Clock, filled by the host before `sweep`. */
  clock: u32;
  /** Key of a map operation, 64 bytes. */
  key: u32;
  /** Value of a map operation, 128 bytes. */
  value: u32;
  /** Capacity.vectorPackets x PacketDescriptor. */
  descriptors: u32;
  /** Capacity.vectorPackets x Choice. */
  choices: u32;
  /** Packet memory of Capacity.blockBytes. */
  block: u32;
  /** Answers made by the dataplane; valid until the next `process`. */
  answers: u32;
  /** Capacity.traceSteps x TraceStep, cleared by each `process`. */
  trace: u32;
  /** Steps written by the last `process`; those beyond the capacity are lost. */
  traceSteps: u32;
  /** Bytes of memory in use. */
  memoryBytes: u32;
  /**
   * (Capacity.heldFragments + Capacity.vectorPackets) x PacketDescriptor: what became of fragments
   * that were held, in the order in which they left. Valid, with their frames, until the next
   * `process`.
   */
  released: u32;
  /** How many the last `process` wrote there. */
  releasedPackets: u32;
}

//   ┌ 0 ────┐ 8
//   │ nowMs │
//   └───────┘
/** Time for `sweep`. */
@unmanaged @final
export class Clock {
  nowMs: Milliseconds;
}

//   ┌ 0 ──────┬ 4 ───┬ 8 ───┬ 12 ────┐ 16
//   │ message │ file │ line │ column │
//   └─────────┴──────┴──────┴────────┘
/** What the instance says before it traps. */
@unmanaged @final
export class TrapRecord {
  /** AssemblyScript string, or 0. */
  message: u32;
  /** AssemblyScript string, or 0. */
  file: u32;
  line: u32;
  column: u32;
}
