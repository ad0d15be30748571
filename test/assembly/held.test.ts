// Fragments that wait for the first one of their datagram, over many calls: what leaves is what
// came, whatever has left before; limits count what waits; each is dropped when its own time is
// over.

import { beforeEach, describe, expect, test } from 'vitest';
import type { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket } from '../../host/net/packet.ts';
import { cutPacket } from '../../fuzz/arbitrary/pieces.ts';
import { addresses, client, countClear, makeNode, send, server, servicePort } from './node.ts';

const capacity = { fragments: 8, heldFragments: 8, heldBytes: 4096, connections4: 16 };
const place = { port: client, link: 'raw' as const };
const own = addresses[4];
const headerBytes = 20;

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode(capacity);
});

/** A datagram of bytes like no other’s, in pieces. */
function piecesOf(identification: number, payloadBytes = 1500, units = [60]): Uint8Array[] {
  const payload = Uint8Array.from({ length: payloadBytes }, (_, at) => at * 7 + identification);
  const ends = { source: own.client, destination: own.server, protocol: 17, payload };
  const packet = { ...ends, sourcePort: 40_000, destinationPort: servicePort };
  return cutPacket(encodePacket(packet, 'raw'), { units, order: [], identification });
}

const sendAll = (pieces: readonly Uint8Array[], timeMs = 0): string[] =>
  pieces.map((piece) => send(instance, piece, { ...place, timeMs }).reason);

const contents = (frames: readonly Uint8Array[]): number[][] =>
  frames.map((frame) => [...frame.subarray(headerBytes)]);

const left = (): Uint8Array[] => instance.vector.released().map(({ frame }) => frame.slice());

describe('what waits', () => {
  test('leaves as it came, call after call, while others go on waiting', () => {
    let waiting = piecesOf(1);
    sendAll(waiting.slice(1));
    for (let identification = 2; identification < 300; identification++) {
      const next = piecesOf(identification);
      sendAll(next.slice(1));
      expect(send(instance, waiting[0]!, place).outPort).toBe(server);
      expect(contents(left()), `datagram ${identification - 1}`).toEqual(
        contents(waiting.slice(1)),
      );
      waiting = next;
    }
  });

  test('leaves as it came when there is no room for more', async () => {
    instance = await makeNode({ ...capacity, fragments: 16, heldFragments: 16, heldBytes: 16_384 });
    const waiting = Array.from({ length: 15 }, (_, index) => piecesOf(index + 1).slice(0, 2));
    const before = countClear(instance);
    expect(sendAll(waiting.map(([, later]) => later!))).not.toContain('fragment-hold-full');
    for (const [first, later] of waiting) {
      expect(send(instance, first!, place).outPort).toBe(server);
      expect(contents(left())).toEqual(contents([later!]));
    }
    expect(countClear(instance)).toBe(before);
  });

  test('leaves as it came out of a vector in which it came', () => {
    for (let identification = 1; identification < 100; identification++) {
      const [first, ...later] = piecesOf(identification);
      const { vector } = instance;
      vector.clear();
      for (const piece of [...later, first!]) vector.add(piece, { ...place, timeMs: 0 });
      vector.run();
      expect(contents(left()), `datagram ${identification}`).toEqual(contents(later));
    }
  });

  test.each([11, 12, 13])('counts in lines of 16 bytes: 20 and %i', async (bytes) => {
    const heldBytes = 4 * 32;
    instance = await makeNode({ ...capacity, heldBytes });
    const lastOf = (identification: number): Uint8Array =>
      piecesOf(identification, 88 + bytes, [12]).at(-1)!;
    const all = [1, 2, 3, 4, 5].map(lastOf);
    expect(all[0]!.length).toBe(headerBytes + bytes);
    const waits = 'fragment-before-first';
    const full = 'fragment-hold-full';
    const isLonger = bytes > 12;
    const expected = [waits, waits, isLonger ? full : waits, isLonger ? full : waits, full];
    expect(sendAll(all)).toEqual(expected);
    // And has its own place there.
    send(instance, piecesOf(2, 88 + bytes, [12])[0]!, place);
    expect(contents(left())).toEqual(contents([all[1]!]));
  });

  test('is dropped when its own time is over, the later one later', () => {
    const held = [0, 10_000, 20_000].map((timeMs, index) => {
      return send(instance, piecesOf(index)[1]!, { ...place, timeMs }).held;
    });
    expect(new Set(held).size).toBe(3);
    expect(held).not.toContain(0);
    const dropped = [29_999, 30_000, 39_999, 40_000, 49_999, 50_000, 90_000].map((timeMs) => {
      send(instance, new Uint8Array(10), { ...place, timeMs });
      return instance.vector.released().map((each) => each.held);
    });
    expect(dropped).toEqual([[], [held[0]], [], [held[1]], [], [held[2]], []]);
  });

  test('waits for its own datagram, whatever else was restored meanwhile', async () => {
    const other = await makeNode(capacity);
    const [first7, second7, third7] = piecesOf(7, 3000, [60, 120]);
    for (const piece of [third7!, first7!]) send(other, piece, place);
    const [entry] = [...other.map('fragments').entriesBytes()];
    const clear = countClear(instance);
    sendAll([piecesOf(1)[1]!, piecesOf(2)[1]!]);
    expect(countClear(instance)).toBe(clear);
    instance.map('fragments').restoreBytes(...entry!);
    // Of the one that waited there nothing waits here.
    send(instance, second7!, place);
    expect(left()).toEqual([]);
    for (const identification of [3, 4, 5]) {
      const [first, second] = piecesOf(identification);
      sendAll([second!, first!]);
      expect(contents(left()), `datagram ${identification}`).toEqual(contents([second!]));
    }
    send(instance, piecesOf(1)[0]!, place);
    expect(contents(left())).toEqual(contents([piecesOf(1)[1]!]));
  });

  test('of a datagram that was restored nothing was there, whatever was in its place', async () => {
    const other = await makeNode(capacity);
    const [first, second, third] = piecesOf(7);
    send(other, first!, place);
    const [entry] = [...other.map('fragments').entriesBytes()];
    // Datagrams come and go in all places.
    for (let identification = 10; identification < 18; identification++) {
      sendAll(piecesOf(identification).slice(0, 2));
    }
    for (let identification = 10; identification < 18; identification++) {
      sendAll(piecesOf(identification).slice(2));
    }
    expect([...instance.map('fragments').entries()]).toEqual([]);
    instance.map('fragments').restoreBytes(...entry!);
    expect(sendAll([second!, third!])).toEqual(['none', 'none']);
  });
});
