// The subjects in JavaScript, which has no counters: what a reader says takes their place. Bytes
// are read, or refused with an InputError that says why.

import { readManifests } from '../../host/kubernetes/read.ts';
import { sourceOf } from '../../host/pcap/block-reader.ts';
import { openCapture } from '../../host/pcap/reader.ts';
import { InputError } from '../../host/problem.ts';
import type { ByteSubject } from './byte-subject.ts';

/** Different things that a reader can say; beyond that they share counters. */
const sayings = 4096;
/** Smaller than captures are, so that reading goes on in the middle of packets. */
const blockBytes = 4096;
const wordBytes = 32;

/** Captures of either format, from `seeds`. */
export function captureSubject(seeds: readonly Uint8Array[]): ByteSubject {
  const magic = [0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x0a0d0d0a, 0x1a2b3c4d, 0x4d3c2b1a];
  const numbers = [...magic, 0, 1, 2, 3, 6, 12, 16, 28, 32, 65_535, 0xffffffff];
  const dictionary = numbers.flatMap((number) => [wordOf(number, true), wordOf(number, false)]);
  return readerSubject({ seeds, dictionary }, (input) => {
    const reader = openCapture(sourceOf(input), 'input.pcap', {
      bytes: new Uint8Array(blockBytes),
    });
    let packets = 0;
    for (let packet = reader.next(); packet !== null; packet = reader.next()) {
      packets += 1;
      if (packet.number !== packets) throw new Error('a packet has the wrong number');
      if (packet.frame.length > blockBytes) throw new Error('a packet is longer than memory');
    }
    return [`${reader.format}, ${packets > 3 ? 'many' : packets}`];
  });
}

/** Manifests in YAML and JSON, from `seeds`, whose words are the dictionary. */
export function manifestSubject(seeds: readonly Uint8Array[]): ByteSubject {
  const texts = seeds.map((seed) => new TextDecoder().decode(seed));
  const words = new Set(texts.flatMap((text) => text.match(/[\w.:/-]+|[^\w\s]|\n +/g) ?? []));
  const dictionary = ['\n---\n', '&a ', '*a', '<<: ', '0x', '[]', '{}', ...words]
    .map((word) => new TextEncoder().encode(word))
    .filter(({ length }) => length <= wordBytes);
  return readerSubject({ seeds, dictionary }, (input) => {
    const { objects, skipped, warnings } = readManifests(input, 'input.yaml');
    const said = warnings.map(({ message }) => message);
    return [...said, ...objects.map(({ kind }) => kind), ...skipped.map(() => 'skipped')];
  });
}

/** `read` gives what it has to say about the input; throws InputError where it refuses. */
function readerSubject(
  { seeds, dictionary }: Pick<ByteSubject, 'seeds' | 'dictionary'>,
  read: (input: Uint8Array) => readonly string[],
): ByteSubject {
  const counters = new Uint8Array(sayings);
  return {
    seeds,
    dictionary,
    counters,
    run(input) {
      counters.fill(0);
      for (const said of saidOf(read, input)) counters[slotOf(said)]! |= 1;
    },
    describe: (input) => [new TextDecoder().decode(input)],
  };
}

function saidOf(read: (input: Uint8Array) => readonly string[], input: Uint8Array): string[] {
  try {
    return [...read(input)];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.problems.map(({ message }) => message);
  }
}

/** Quoted text and numbers differ from input to input and mean nothing new. */
function slotOf(said: string): number {
  const plain = said.replace(/[\d"'`(:].*/s, '');
  let hash = 0;
  for (let at = 0; at < plain.length; at++) hash = (Math.imul(hash, 31) + plain.charCodeAt(at)) | 0;
  return (hash >>> 0) % sayings;
}

function wordOf(number: number, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number, littleEndian);
  return bytes;
}
