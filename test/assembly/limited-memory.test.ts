// How far memory grows: as far as an instance needs, a quarter farther at most, and not beyond what
// the engine allows.

import { expect, test } from 'vitest';
import { CapacityError } from '../../host/dataplane/errors.ts';
import { embeddedBytes } from '../../host/dataplane/embedded.ts';
import { Instance } from '../../host/dataplane/instance.ts';

const pageBytes = 65_536;
const few = 16;
const least = {
  ...{ vectorPackets: few, blockBytes: 4096, traceSteps: few, ports: few, prefixes: few },
  ...{ frontends: few, services: few, endpoints: few, affinities: few, identities: few },
  ...{ policies: few, portSets: few, connections4: few, connections6: few, fragments: few },
  ...{ maglevSlots: few, rulesets: few, heldFragments: few, heldBytes: 4096 },
};

/** Memory that grows at once, and step by step. */
const sizes = [
  ...Array.from({ length: 24 }, (_, index) => ({ heldBytes: 20_000 * (index + 1) })),
  ...Array.from({ length: 8 }, (_, index) => ({ blockBytes: 1_000_000 * (index + 1) + 17 })),
  ...Array.from({ length: 24 }, (_, index) => ({ connections4: 50 * (index + 1) })),
];

test.each(sizes)('%o: all that is needed, and at most a quarter more', async (more) => {
  const { layout, memory } = await Instance.create({ capacity: { ...least, ...more } });
  const needed = Math.ceil(layout.memoryBytes / pageBytes) * pageBytes;
  expect(memory.buffer.byteLength).toBeGreaterThanOrEqual(needed);
  expect(memory.buffer.byteLength).toBeLessThanOrEqual(1.25 * needed);
});

/** A number as WebAssembly has it (LEB128), and the byte behind it. */
function readNumber(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

function writeNumber(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...writeNumber(value >>> 7)];
}

/** The module, whose memory may have so many pages and no more. */
function moduleOf(pages: number): WebAssembly.Module {
  const bytes = embeddedBytes();
  const [memorySection, hasMaximum] = [5, 1];
  for (let at = 8; at < bytes.length;) {
    const [length, start] = readNumber(bytes, at + 1);
    if (bytes[at] === memorySection) {
      const [initial] = readNumber(bytes, start + 2);
      const limits = [...writeNumber(initial), ...writeNumber(pages)];
      const section = [1, bytes[start + 1]! | hasMaximum, ...limits];
      const head = [memorySection, section.length, ...section];
      const parts = [bytes.subarray(0, at), Uint8Array.from(head), bytes.subarray(start + length)];
      return new WebAssembly.Module(Buffer.concat(parts));
    }
    at = start + length;
  }
  throw new Error('the module has no memory');
}

test('memory grows to the last page that there is, and no farther', async () => {
  const capacity = { ...least, heldBytes: 1_000_000 };
  const { layout } = await Instance.create({ capacity });
  const needed = Math.ceil(layout.memoryBytes / pageBytes);
  for (let pages = needed; pages < needed + 4; pages++) {
    const instance = Instance.of(moduleOf(pages), capacity);
    expect(instance.memory.buffer.byteLength).toBeLessThanOrEqual(pages * pageBytes);
    expect([...instance.map('exhaustions').entries()]).toEqual([]);
  }
  for (let pages = needed - 4; pages < needed; pages++) {
    const limited = () => Instance.of(moduleOf(pages), capacity);
    expect(limited).toThrow(CapacityError);
    expect(limited).toThrow('The memory cannot grow');
  }
});
