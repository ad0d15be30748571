// What the dataplane remembers of a datagram in pieces: which pieces are of the same one, how much
// of it is there, and what another instance knows of it. Sources: RFC 791, section 3.2; RFC 8200,
// section 4.5; RFC 5722; Linux inet_fragment.c, inet_frag_queue_insert.

import { beforeEach, describe, expect, test } from 'vitest';
import { ConnectionState, FragmentFlag } from '../../host/abi/abi.gen.ts';
import type { Fragment, FragmentKey } from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { cutPacket } from '../../fuzz/arbitrary/pieces.ts';
import { addresses, client, makeNode, send, server, servicePort } from './node.ts';

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode({ fragments: 8, connections4: 16, connections6: 16 });
});

function datagramOf(family: 4 | 6, changes: Partial<PacketFields> = {}): PacketFields {
  const { client: source, server: destination } = addresses[family];
  const ports = { sourcePort: 40000, destinationPort: servicePort };
  return { source, destination, protocol: 17, ...ports, payload: new Uint8Array(600), ...changes };
}

/** The first piece of a datagram, and the one after it. */
function cutInTwo(datagram: PacketFields, identification = 7): [Uint8Array, Uint8Array] {
  const cut = { units: [40], order: [], identification };
  return cutPacket(encodePacket(datagram, 'raw'), cut) as [Uint8Array, Uint8Array];
}

const place = { port: client, link: 'raw' as const };
const forward = { verdict: 'forward', reason: 'none' };
const waits = { verdict: 'hold', reason: 'fragment-before-first' };

describe.each([4, 6] as const)('IPv%i: pieces are of one datagram only with the same', (family) => {
  const another = family === 4 ? '10.244.9.9' : 'fd00:10:244:1::99';
  const others: [string, Partial<PacketFields>][] = [
    ['source', { source: another }],
    ['destination', { destination: another }],
    ...(family === 4
      ? []
      : ([
          ['network of the source', { source: 'fd00:10:244:9::9' }],
          ['network of the destination', { destination: 'fd00:10:244:9::5' }],
        ] as [string, Partial<PacketFields>][])),
  ];

  test.each(others)('%s', (_, changes) => {
    const [first] = cutInTwo(datagramOf(family));
    const [, second] = cutInTwo(datagramOf(family, changes));
    expect(send(instance, first, place)).toMatchObject(forward);
    expect(send(instance, second, place)).toMatchObject(waits);
  });

  test('identification', () => {
    const [first] = cutInTwo(datagramOf(family));
    const [, second] = cutInTwo(datagramOf(family), 8);
    expect(send(instance, first, place)).toMatchObject(forward);
    expect(send(instance, second, place)).toMatchObject(waits);
  });

  test('port that they come in by', () => {
    const [first, second] = cutInTwo(datagramOf(family));
    expect(send(instance, first, place)).toMatchObject(forward);
    expect(send(instance, second, { ...place, port: server })).toMatchObject(waits);
    expect(send(instance, second, place)).toMatchObject(forward);
  });

  test('which of them is meant, its key says: in IPv6 of no protocol', () => {
    send(instance, cutInTwo(datagramOf(family))[0], place);
    const [known] = [...instance.map('fragments').entries()];
    expect(known![0].protocol).toBe(family === 4 ? 17 : 0);
  });

  test('protocol, where every piece has it', () => {
    const [first, second] = cutInTwo(datagramOf(family));
    const other = second.slice();
    other[family === 4 ? 9 : 40] = 132;
    expect(send(instance, first, place)).toMatchObject(forward);
    expect(send(instance, other, place)).toMatchObject(family === 4 ? waits : forward);
  });
});

/** A piece of a datagram: units of 8 bytes before it, its bytes, whether more follow. */
function piece(offsetUnits: number, bytes: number, hasMore: boolean): Uint8Array {
  const whole = encodePacket(datagramOf(4, { payload: new Uint8Array(65_500) }), 'raw');
  const data = whole.subarray(20 + 8 * offsetUnits, 20 + 8 * offsetUnits + bytes);
  const cut = Uint8Array.of(...whole.subarray(0, 20), ...data);
  const view = new DataView(cut.buffer);
  view.setUint16(2, cut.length);
  view.setUint16(4, 7);
  view.setUint16(6, (hasMore ? 0x2000 : 0) | offsetUnits);
  view.setUint16(10, 0);
  return cut;
}

function reasonOf(...[offsetUnits, bytes, hasMore]: Parameters<typeof piece>): string {
  return send(instance, piece(offsetUnits, bytes, hasMore), place).reason;
}

const records = () => [...instance.map('fragments').entries()].map(([, value]) => value);

describe('how much is there', () => {
  test('is counted in units of 8 bytes', () => {
    reasonOf(0, 64, true);
    expect(records()).toMatchObject([{ seenUnits: 8, endUnits: 8, lengthBytes: 0 }]);
    reasonOf(10, 13, false);
    expect(records()).toMatchObject([{ seenUnits: 10, endUnits: 12, lengthBytes: 93 }]);
    reasonOf(8, 8, true);
    expect(records()).toMatchObject([{ seenUnits: 11, endUnits: 12, lengthBytes: 93 }]);
    // The last one that was missing.
    reasonOf(9, 8, true);
    expect(records()).toEqual([]);
  });

  test.each([
    ['a word of 64 units and the next', 56, 16],
    ['the last unit of a word', 63, 1],
    ['the first unit of a word', 64, 1],
    ['three words', 40, 140],
    ['a whole word', 64, 64],
    ['two whole words', 64, 128],
  ])('%s are each known', (_, first, units) => {
    reasonOf(0, 8, true);
    expect(reasonOf(first, 8 * units, true)).toBe('none');
    for (const unit of [first, first + units - 1]) {
      expect(reasonOf(unit, 8, true)).toBe('fragment-duplicate');
    }
    for (const unit of [first - 1, first + units]) expect(reasonOf(unit, 8, true)).toBe('none');
    expect(reasonOf(first - 2, 24, true)).toBe('fragment-overlap');
  });

  test.each([
    ['one that goes on beyond the end', [20, 16, true]],
    ['another end, farther', [20, 16, false]],
    ['another end, nearer', [20, 4, false]],
  ] as [string, Parameters<typeof piece>][])('%s ends the datagram', (_, contradiction) => {
    reasonOf(0, 80, true);
    expect(reasonOf(20, 8, false)).toBe('none');
    expect(reasonOf(...contradiction)).toBe('fragment-overlap');
    expect(reasonOf(11, 8, true)).toBe('fragment-overlap');
  });

  test('the same end again does not, nor what goes on up to it', () => {
    reasonOf(0, 80, true);
    expect(reasonOf(20, 8, false)).toBe('none');
    expect(reasonOf(20, 8, false)).toBe('fragment-duplicate');
    expect(reasonOf(20, 8, true)).toBe('fragment-duplicate');
    expect(reasonOf(19, 8, true)).toBe('none');
    expect(reasonOf(18, 8, true)).toBe('none');
  });

  test.each([
    ['before what is there', 19, 8, 'fragment-overlap'],
    ['where another piece has ended', 20, 8, 'fragment-duplicate'],
    ['within that one', 20, 5, 'fragment-duplicate'],
    ['in its first byte', 20, 1, 'fragment-duplicate'],
    ['behind it', 21, 1, 'none'],
  ])('an end %s', (_, first, bytes, reason) => {
    reasonOf(0, 80, true);
    expect(reasonOf(20, 8, true)).toBe('none');
    expect(reasonOf(first, bytes, false)).toBe(reason);
  });
});

test.each([1, 2, 7, 8, 9])('a datagram is forgotten with the last of %i bytes', (bytes) => {
  reasonOf(0, 80, true);
  reasonOf(11, bytes, false);
  expect(records()).toMatchObject([{ lengthBytes: 88 + bytes }]);
  reasonOf(10, 8, true);
  expect(records()).toEqual([]);
});

test('a later piece is of the connection that the first one opened', () => {
  const [first, second] = cutInTwo(datagramOf(6));
  send(instance, first, place);
  expect(records()).toMatchObject([{ state: ConnectionState.Unreplied }]);
  send(instance, second, place);
  expect(instance.vector.outcome(0).state).toBe(ConnectionState.Unreplied);
});

test('IPv6: a piece is known by no protocol, and whatever is in what is reserved', () => {
  const [first, second] = cutInTwo(datagramOf(6));
  first[41] = 255;
  second[41] = 1;
  expect(send(instance, first, place)).toMatchObject(forward);
  expect([...instance.map('fragments').entries()]).toMatchObject([[{ protocol: 0 }, {}]]);
  expect(send(instance, second, place)).toMatchObject(forward);
});

test('an overlap of later pieces ends the datagram for the first one, too', () => {
  expect(reasonOf(20, 16, true)).toBe('fragment-before-first');
  expect(reasonOf(21, 16, true)).toBe('fragment-overlap');
  expect(reasonOf(0, 80, true)).toBe('fragment-overlap');
});

test('the largest datagram ends at byte 65,535, and none beyond', () => {
  reasonOf(0, 80, true);
  const padded = (bytes: number): Uint8Array => {
    const cut = Uint8Array.of(...piece(8191, 0, false), ...new Uint8Array(bytes));
    new DataView(cut.buffer).setUint16(2, cut.length);
    return cut;
  };
  expect(send(instance, padded(8), place).reason).toBe('bad-fragment');
  expect(send(instance, padded(7), place).reason).toBe('none');
  expect(records()).toMatchObject([{ lengthBytes: 65_535, endUnits: 8192 }]);
});

describe('datagrams that are too many', () => {
  const first = (identification: number, timeMs: number): string => {
    const [one] = cutInTwo(datagramOf(4), identification);
    return send(instance, one, { ...place, timeMs }).reason;
  };

  test('have room as soon as the time of another one is over, one after the other', async () => {
    instance = await makeNode({ fragments: 2, connections4: 16 });
    expect([first(1, 0), first(2, 10_000), first(3, 29_999)]).toEqual([
      'none',
      'none',
      'fragment-table-full',
    ]);
    expect([first(3, 30_000), first(4, 39_999)]).toEqual(['none', 'fragment-table-full']);
    expect([first(4, 40_000), first(5, 59_999)]).toEqual(['none', 'fragment-table-full']);
    expect(first(5, 60_000)).toBe('none');
  });

  test('are swept when their time is over, not before', () => {
    first(1, 0);
    first(2, 1);
    expect(instance.sweep(29_999, 10)).toBe(0);
    expect(instance.sweep(30_000, 10)).toBe(1);
    expect(instance.sweep(30_000, 10)).toBe(0);
    expect(records()).toMatchObject([{ expiresAtMs: 30_001 }]);
  });

  test('stay until a sweep comes by, as long as there is room for others', () => {
    expect([first(1, 0), first(2, 30_000)]).toEqual(['none', 'none']);
    expect(instance.sweep(30_000, 10)).toBe(1);
  });
});

describe('another instance', () => {
  const entries = () => [...instance.map('fragments').entries()];

  function restore(key: FragmentKey, value: Fragment): void {
    instance.map('fragments').restoreBytes(encode('FragmentKey', key), encode('Fragment', value));
  }

  async function restored(): Promise<void> {
    const known = entries();
    instance = await makeNode({ fragments: 8, connections4: 16, connections6: 16 });
    for (const [key, value] of known) restore(key, value);
  }

  test('knows one unit, and as many as there can be', async () => {
    reasonOf(0, 8, true);
    const [[key, value]] = entries() as [[FragmentKey, Fragment]];
    await restored();
    expect(reasonOf(0, 8, true)).toBe('fragment-duplicate');
    instance = await makeNode({ fragments: 8, connections4: 16, connections6: 16 });
    restore(key, { ...value, seenUnits: 8192, endUnits: 8192 });
    for (const unit of [0, 63, 64, 8180]) {
      expect(reasonOf(unit, 8, true)).toBe('fragment-duplicate');
    }
  });

  test('numbers datagrams itself, and holds nothing for those of others', async () => {
    reasonOf(20, 8, true);
    reasonOf(0, 80, true);
    const [[key, value]] = entries() as [[FragmentKey, Fragment]];
    expect(value.flags).toBe(FragmentFlag.Settled | FragmentFlag.Awaited);
    instance = await makeNode({ fragments: 8, connections4: 16, connections6: 16 });
    send(instance, cutInTwo(datagramOf(4), 8)[0], place);
    restore(key, value);
    expect(records()).toMatchObject(Array(2).fill({ flags: FragmentFlag.Settled }));
    expect(new Set(records().map(({ serial }) => serial)).size).toBe(2);
  });

  test('knows repetitions if nothing was missing before the end', async () => {
    reasonOf(0, 80, true);
    reasonOf(10, 80, true);
    await restored();
    expect(records()).toMatchObject([{ seenUnits: 20, endUnits: 20 }]);
    expect(reasonOf(19, 8, true)).toBe('fragment-duplicate');
    expect(reasonOf(0, 80, true)).toBe('fragment-duplicate');
    expect(reasonOf(20, 8, true)).toBe('none');
  });

  test('knows a single unit of 8 bytes', async () => {
    reasonOf(0, 8, true);
    await restored();
    expect(reasonOf(0, 8, true)).toBe('fragment-duplicate');
    expect(reasonOf(1, 8, true)).toBe('none');
  });

  test('goes on where this one was through with it', async () => {
    const [first, second] = cutInTwo(datagramOf(4));
    const [other] = cutInTwo(datagramOf(4), 8);
    send(instance, first, { ...place, timeMs: 1 });
    const [known] = [...instance.map('fragments').entriesBytes()];
    send(instance, other, place);
    expect(send(instance, second, { ...place, timeMs: 1 })).toMatchObject(forward);
    // The place of the other one is free, too.
    expect(instance.sweep(30_000, 10)).toBe(1);
    expect(records()).toEqual([]);
    instance.map('fragments').restoreBytes(...known!);
    send(instance, datagramOf(6), { port: client });
    expect(records()).toHaveLength(1);
  });

  test('knows none if something was', async () => {
    reasonOf(0, 80, true);
    reasonOf(11, 80, true);
    await restored();
    expect(reasonOf(11, 80, true)).toBe('none');
  });
});
