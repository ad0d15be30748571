// The modules that changed sources import: which mutant is active, which would have made a
// difference, and how many rounds of loops are left.

import { memoryMark } from './writings.ts';

/** Enough for every mutant of the packet path; the build fails when it is not. */
export const notedBytes = 1 << 14;

/** A call of the host counts as so many rounds of a loop. */
const roundsOfCall = 500;
/** Rounds that are left when nobody has said how many: all that can be counted. */
const unlimited = [255, 255, 255, 255];

/** For AssemblyScript: all numbers are in memory behind the mark. */
export function assemblySwitch(): string {
  const mark = new TextEncoder().encode(memoryMark);
  const bytes = [...mark, ...new Uint8Array(notedBytes + 4), ...unlimited];
  return `const noted: usize = memory.data<u8>([${bytes.join()}]) + ${mark.length};
const active: usize = noted + ${notedBytes};
const left: usize = active + 4;
export function isMutant(number: u32): bool {
  return load<u32>(active) == number;
}
export function elementOf<T>(first: u32, index: u32, right: T): T {
  return isMutant(first + index) ? <T>(right ^ 1) : right;
}
export function noteMutant(number: u32, isOther: bool): void {
  if (isOther) store<u8>(noted + number, 1);
}
export function spendRound(): void {
  if (load<u32>(left) == 0) unreachable();
  store<u32>(left, load<u32>(left) - 1);
}
export function spendCall(): void {
  if (load<u32>(left) < ${roundsOfCall}) unreachable();
  store<u32>(left, load<u32>(left) - ${roundsOfCall});
}
`;
}

/** What a mutated host shares with whoever runs it. */
export interface HostSwitch {
  active: number;
  roundsLeft: number;
  readonly noted: Set<number>;
}

/** Where that is found. */
export const hostSwitchName = 'podplaneMutants';

/** For the host: all is in one object of the global scope. */
export const hostSwitchSource = `const state = (globalThis.${hostSwitchName} ??= {
  active: 0, roundsLeft: Infinity, noted: new Set(),
});
export function isMutant(number) {
  return state.active === number;
}
export function noteMutant(number, isOther) {
  if (isOther) state.noted.add(number);
}
export function isOther(wrong, right) {
  const expected = right();
  try {
    return !Object.is(wrong(), expected);
  } catch {
    return true;
  }
}
export function spendRound() {
  if (state.roundsLeft-- <= 0) throw new Error('a loop has no end');
}
`;
