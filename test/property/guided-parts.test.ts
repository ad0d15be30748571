// The parts of guided fuzzing, each by itself: mutations, the corpus, shrinking, the dictionary,
// and a node that begins every input anew.

import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomNumbers } from '../../fuzz/arbitrary/random.ts';
import { ByteReader } from '../../fuzz/guided/byte-reader.ts';
import { Corpus } from '../../fuzz/guided/corpus.ts';
import { Conversation } from '../../fuzz/guided/conversation.ts';
import { CountedNode, type CountedModule } from '../../fuzz/guided/counted-node.ts';
import { dictionaryOf } from '../../fuzz/guided/dictionary.ts';
import { writeHex } from '../../fuzz/subject/hex.ts';
import { mutate } from '../../fuzz/guided/mutator.ts';
import { findWrong } from '../../fuzz/guided/packet-laws.ts';
import { shrink } from '../../fuzz/guided/shrink.ts';
import { Reason, Verdict } from '../../host/abi/abi.gen.ts';
import { encodePacket } from '../../host/net/packet.ts';
import { countedWasm, readCountedPoints } from '../../tools/coverage/files.ts';
import './setup.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const input = fc.uint8Array({ maxLength: 60 });

describe('mutations', () => {
  const dictionary = [bytes(0xde, 0xad, 0xbe, 0xef)];
  const material = (seed: number) => ({ random: randomNumbers(seed), dictionary, maxBytes: 64 });

  test('keep the bound, leave their inputs alone, and depend on the seed only', () => {
    const seed = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(input, input, seed, (one, other, number) => {
        const before = [writeHex(one), writeHex(other)];
        const mutant = mutate(Buffer.from(one.buffer), other, material(number));
        expect(mutant.length).toBeLessThanOrEqual(64);
        expect([writeHex(one), writeHex(other)]).toEqual(before);
        expect(mutate(one, other, material(number))).toEqual(mutant);
      }),
    );
  });

  test('of every kind come about', () => {
    const one = bytes(...Array.from({ length: 30 }, (_, index) => index + 1));
    const other = bytes(...Array.from({ length: 30 }, () => 200));
    const { random, ...rest } = material(1);
    const mutants = Array.from({ length: 3000 }, () => mutate(one, other, { random, ...rest }));
    const texts = mutants.map(writeHex);
    expect(texts.some((text) => text.includes('deadbeef'))).toBe(true);
    expect(texts.some((text) => text.endsWith('c8c8c8c8'))).toBe(true);
    expect(texts.some((text) => text.split('0a0b0c').length > 2)).toBe(true);
    expect(mutants.some(({ length }) => length < 10)).toBe(true);
    expect(mutants.some(({ length }) => length > 40)).toBe(true);
    const changedBytes = (mutant: Uint8Array): number =>
      mutant.filter((byte, index) => byte !== one[index]).length;
    const sameLength = mutants.filter(({ length }) => length === one.length);
    expect(sameLength.some((mutant) => changedBytes(mutant) === 1)).toBe(true);
  });
});

describe('the corpus', () => {
  test('keeps the shortest input for each point and each order of magnitude', () => {
    const corpus = new Corpus();
    expect(corpus.add(bytes(1, 1, 1), bytes(0, 1, 2))).toBe(true);
    expect(corpus.add(bytes(2, 2, 2), bytes(0, 1, 2))).toBe(false);
    expect(corpus.add(bytes(3, 3), bytes(0, 1, 0))).toBe(true);
    expect(corpus.inputs).toEqual([bytes(1, 1, 1), bytes(3, 3)]);
    expect(corpus.add(bytes(4), bytes(0, 1, 2))).toBe(true);
    expect(corpus.inputs).toEqual([bytes(4)]);
    expect(corpus.reached).toBe(2);
  });

  test.each([
    [1, 2, true],
    [4, 7, false],
    [7, 8, true],
    [33, 63, false],
    [128, 255, false],
  ])('%i visits, then %i: new is %s', (first, then, isNew) => {
    const corpus = new Corpus();
    corpus.add(bytes(0), bytes(first));
    expect(corpus.add(bytes(0), bytes(then))).toBe(isNew);
  });

  test('picks from what it has, and nothing while it is empty', () => {
    const corpus = new Corpus();
    expect(corpus.pick(randomNumbers(1))).toEqual(bytes());
    corpus.add(bytes(9), bytes(1));
    expect(corpus.pick(randomNumbers(1))).toEqual(bytes(9));
  });
});

test('shrinking leaves what the failure needs, and zeroes for the rest', () => {
  const fails = (candidate: Uint8Array): boolean =>
    candidate.length > 4 && candidate.includes(77) && candidate.indexOf(78) > candidate.indexOf(77);
  const found = bytes(...Array.from({ length: 300 }, (_, index) => index % 200));
  const shortest = shrink(found, fails);
  expect(fails(shortest)).toBe(true);
  expect(shortest.length).toBe(5);
  expect([...shortest].toSorted((a, b) => a - b)).toEqual([0, 0, 0, 77, 78]);
});

test('shrinking ends when its tries do', () => {
  let tries = 0;
  const count = (): boolean => {
    tries += 1;
    return false;
  };
  expect(shrink(new Uint8Array(1000).fill(1), count, 50)).toHaveLength(1000);
  expect(tries).toBe(50);
});

test('bytes are read to the end and then as zeroes', () => {
  const reader = new ByteReader(bytes(1, 2, 3, 4));
  expect([reader.byte(), reader.word(), reader.isOver]).toEqual([1, 0x0203, false]);
  expect(reader.fill(3)).toEqual(bytes(4, 0, 0));
  expect([reader.isOver, reader.byte(), reader.take(2)]).toEqual([true, 0, bytes()]);
});

describe('packet laws', () => {
  const packet = { source: '203.0.113.7', destination: '10.96.0.10', protocol: 17 };
  const frame = encodePacket({ ...packet, sourcePort: 1, destinationPort: 2 }, 'raw');
  const forwarded = { verdict: Verdict.Forward, reason: Reason.None, frame } as const;
  const rest = { outPort: 2, service: 0, effects: 0, state: 0, held: 0 };
  const broken = frame.map((byte, index) => (index === 12 ? byte + 1 : byte));
  const silent = new Uint8Array();

  test.each([
    ['a plain forward', {}, null],
    ['no such verdict', { verdict: 99 as Verdict }, 'is none'],
    ['no such reason', { reason: 255 as Reason }, 'is none'],
    ['a drop without a reason', { verdict: Verdict.Drop, frame: silent }, 'with reason 0'],
    ['nothing leaves', { frame: silent }, 'with a frame of 0'],
    ['another length', { frame: frame.subarray(1) }, 'changed its length'],
    ['a wrong checksum', { frame: broken }, 'left with a wrong one'],
  ])('%s', (_, change, expected) => {
    const wrong = findWrong(frame, 'raw', { ...forwarded, ...rest, ...change });
    if (expected === null) expect(wrong).toBeNull();
    else expect(wrong).toContain(expected);
  });

  test('an SCTP checksum stays behind its ports, which is known', () => {
    const fields = { ...packet, protocol: 132, sourcePort: 1, destinationPort: 2 };
    const sent = encodePacket(fields, 'raw');
    const left = sent.map((byte, index) => (index === 21 ? byte + 1 : byte));
    expect(findWrong(sent, 'raw', { ...forwarded, ...rest, frame: left })).toBeNull();
  });
});

describe('a counted node', () => {
  const counted: CountedModule = {
    ...readCountedPoints(),
    module: new WebAssembly.Module(readFileSync(countedWasm)),
  };
  const entrance = { port: 2, link: 'raw' } as const;
  const packet = {
    source: '203.0.113.7',
    destination: '10.96.0.10',
    protocol: 17,
    sourcePort: 40000,
    destinationPort: 53,
    payload: new Uint8Array(200),
  };

  test('begins every input from the same state, fragments or not', () => {
    const send = (node: CountedNode): void => {
      new Conversation(node).send(encodePacket(packet, 'raw'), entrance);
    };
    const node = new CountedNode(counted, send, false);
    const play = (inPieces: boolean): Uint8Array => {
      node.reset();
      send(node);
      const conversation = new Conversation(node);
      conversation.send(encodePacket(packet, 'raw'), entrance);
      if (inPieces) conversation.sendPieces(12, true);
      return node.counters.slice();
    };
    const [whole, pieces] = [play(false), play(true)];
    expect(pieces).not.toEqual(whole);
    expect([play(true), play(false), play(false)]).toEqual([pieces, whole, whole]);
    node.reset();
    expect(node.counters.every((visits) => visits === 0)).toBe(true);
    expect([...node.instance.map('connections').entries()]).toEqual([]);
  });

  test('gives its addresses, ports and protocols to the dictionary', () => {
    const words = dictionaryOf(new CountedNode(counted, () => {}, false)).map(writeHex);
    // 10.96.0.10, pod p0, port 80, node port 30080, TCP, the fragment header.
    for (const word of ['0a60000a', '0af40102', '0050', '7580', '06', '2c']) {
      expect(words).toContain(word);
    }
    expect(words).toContain('fd000010009600000000000000000010');
    expect(new Set(words).size).toBe(words.length);
  });

  test('a module without counters is refused', () => {
    const module = new WebAssembly.Module(readFileSync('build/release.wasm'));
    const plain = { ...counted, module };
    expect(() => new CountedNode(plain, () => {}, false)).toThrow('no counters');
  });
});
