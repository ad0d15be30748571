// The trace: each stage writes what it decided, when it decides, if somebody asked. Callers write
// `if (isTracing) …`, so that a packet nobody asked about pays for one test a stage.

import { Trace, TraceStep } from "../abi/trace-step";
import { Ring, appendRecord, openRing } from "../table/ring";

/** True while the current packet is traced. */
export let isTracing: bool = false;

let ring = changetype<Ring>(0);
let packetNumber: u32 = 0;

/** Makes room for so many steps. */
export function openTrace(capacity: u32): void {
  ring = openRing(offsetof<TraceStep>(), capacity);
}

/** Where the steps are, and how many were written. */
export function traceRing(): Ring {
  return ring;
}

/** Turns tracing on or off for packet number `packet` of the vector. */
export function traceFor(packet: u32, wanted: bool): void {
  isTracing = wanted;
  packetNumber = packet;
}

/**
 * Writes a step and gives it back, so that the caller can fill in an address. Arguments: see Trace.
 */
export function trace(code: Trace, first: u32 = 0, second: u32 = 0, third: u32 = 0): TraceStep {
  const step = changetype<TraceStep>(appendRecord(ring));
  step.code = <u16>code;
  step.packet = packetNumber;
  step.first = first;
  step.second = second;
  step.third = third;
  return step;
}
