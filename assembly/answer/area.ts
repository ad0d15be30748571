// Where answers are written: a place of its own for each packet of the vector.

import { allocate } from "../table/arena";

/** Room for one answer: the smallest IPv6 MTU and a link header with two VLAN tags. */
const ANSWER_BYTES: u32 = 1344;

/** Where the answer to the current packet goes. */
export let answerAt: usize = 0;

let answers: usize = 0;

/** Makes room for one answer a packet; returns its address. */
export function openAnswers(vectorPackets: u32): usize {
  answers = allocate(<u64>vectorPackets * ANSWER_BYTES);
  return answers;
}

/** Says which packet of the vector is being worked on. */
export function answerFor(number: u32): void {
  answerAt = answers + <usize>number * ANSWER_BYTES;
}
