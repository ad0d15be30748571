// Changes to bytes, small and blind: flips, arithmetic, blocks moved about, words of a dictionary,
// two inputs joined. Knows nothing of what the bytes mean.

/** What mutations draw from. */
export interface Material {
  /** Uniform below a bound: `randomNumbers`. */
  readonly random: (bound: number) => number;
  /** Values that mean something to what is fuzzed; at least one. */
  readonly dictionary: readonly Uint8Array[];
  /** No input is made longer. */
  readonly maxBytes: number;
}

type Operator = (bytes: Uint8Array, material: Material, other: Uint8Array) => Uint8Array;

/** Of these is the difference that arithmetic makes. */
const deltas = [1, -1, 2, -2, 4, -4, 8, 16, -16, 128, 256, -256];
/** Bounds of what fields hold. */
const bounds = [0, 1, 0x7f, 0x80, 0xff];

const operators: readonly Operator[] = [
  flipBit,
  setByte,
  setBound,
  addToWord,
  placeWord,
  placeWord,
  insertWord,
  copyBlock,
  insertBlock,
  deleteBlock,
  splice,
];

/** A changed copy of an input, by one to eight mutations; `other` is what it may be joined with. */
export function mutate(input: Uint8Array, other: Uint8Array, material: Material): Uint8Array {
  const mutations = 1 << material.random(4);
  // A Buffer's own `slice` would share its bytes with the input.
  let bytes: Uint8Array = new Uint8Array(input);
  for (let count = 0; count < mutations; count++) {
    const operator = operators[material.random(operators.length)]!;
    bytes = operator(bytes, material, other).subarray(0, material.maxBytes);
  }
  return bytes.slice();
}

function flipBit(bytes: Uint8Array, { random }: Material): Uint8Array {
  if (bytes.length > 0) bytes[random(bytes.length)]! ^= 1 << random(8);
  return bytes;
}

function setByte(bytes: Uint8Array, { random }: Material): Uint8Array {
  if (bytes.length > 0) bytes[random(bytes.length)] = random(256);
  return bytes;
}

function setBound(bytes: Uint8Array, { random }: Material): Uint8Array {
  if (bytes.length > 0) bytes[random(bytes.length)] = bounds[random(bounds.length)]!;
  return bytes;
}

/** To a byte, or to two or four of them in network order. */
function addToWord(bytes: Uint8Array, { random }: Material): Uint8Array {
  const width = 1 << random(3);
  if (bytes.length < width) return bytes;
  let carry = deltas[random(deltas.length)]!;
  const first = random(bytes.length - width + 1);
  for (let at = first + width - 1; at >= first; at--) {
    carry += bytes[at]!;
    bytes[at] = carry & 0xff;
    carry >>= 8;
  }
  return bytes;
}

function placeWord(bytes: Uint8Array, { random, dictionary }: Material): Uint8Array {
  const word = dictionary[random(dictionary.length)]!;
  if (bytes.length < word.length) return bytes;
  bytes.set(word, random(bytes.length - word.length + 1));
  return bytes;
}

function insertWord(bytes: Uint8Array, { random, dictionary }: Material): Uint8Array {
  return insertAt(bytes, random(bytes.length + 1), dictionary[random(dictionary.length)]!);
}

/** Over what is there. */
function copyBlock(bytes: Uint8Array, { random }: Material): Uint8Array {
  const { start, end } = blockOf(bytes, random);
  return bytes.copyWithin(random(bytes.length + 1), start, end);
}

function insertBlock(bytes: Uint8Array, { random }: Material): Uint8Array {
  const { start, end } = blockOf(bytes, random);
  return insertAt(bytes, random(bytes.length + 1), bytes.slice(start, end));
}

function deleteBlock(bytes: Uint8Array, { random }: Material): Uint8Array {
  const { start, end } = blockOf(bytes, random);
  return joined(bytes.subarray(0, start), bytes.subarray(end));
}

/** The beginning of one input and the end of another. */
function splice(bytes: Uint8Array, { random }: Material, other: Uint8Array): Uint8Array {
  const rest = other.subarray(random(other.length + 1));
  return joined(bytes.subarray(0, random(bytes.length + 1)), rest);
}

/** Short blocks more often than long ones. */
function blockOf(bytes: Uint8Array, random: Material['random']): { start: number; end: number } {
  const start = random(bytes.length + 1);
  const longest = Math.min(bytes.length - start, 1 << random(8));
  return { start, end: start + random(longest + 1) };
}

function insertAt(bytes: Uint8Array, at: number, block: Uint8Array): Uint8Array {
  return joined(bytes.subarray(0, at), block, bytes.subarray(at));
}

/** Bytes one after the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
