// Numbers that were worked out before, by the three numbers that they follow from. A table of fixed
// size: what is new takes the place of what is old.

const keyNumbers = 3;
const lineNumbers = keyNumbers + 1;
/** 2 to this power is how many are remembered. */
const lineBits = 14;
/** 2^32 divided by the golden ratio. */
const spread = 0x9e3779b1;

/** Remembers positive numbers; all are 32 bits wide. */
export class NumberCache {
  private readonly lines = new Int32Array(lineNumbers << lineBits);

  /** What was kept under these numbers, or 0. */
  find(first: number, second: number, third: number): number {
    const { lines } = this;
    const at = lineOf(first, second, third);
    const isSame = lines[at] === first && lines[at + 1] === second && lines[at + 2] === third;
    return isSame ? lines[at + keyNumbers]! : 0;
  }

  /** Keeps a number that is not 0. */
  keep(first: number, second: number, third: number, kept: number): void {
    const { lines } = this;
    const at = lineOf(first, second, third);
    lines[at] = first;
    lines[at + 1] = second;
    lines[at + 2] = third;
    lines[at + keyNumbers] = kept;
  }
}

function lineOf(first: number, second: number, third: number): number {
  const mixed = Math.imul(Math.imul(first, spread) ^ second, spread) ^ third;
  return (Math.imul(mixed, spread) >>> (32 - lineBits)) * lineNumbers;
}
