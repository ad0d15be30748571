// What later fragments take over from the first one of their datagram, and what a first one that
// goes nowhere means to them. Sources: RFC 791, section 3.2; RFC 8200, section 4.5; RFC 7112.

import { beforeEach, describe, expect, test } from 'vitest';
import { ConnectionState, Effect } from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { cutPacket } from '../../fuzz/arbitrary/pieces.ts';
import { addresses, client, makeNode, released, send, countClear } from './node.ts';
import { servicePort } from './node.ts';

const [tcp, udp] = [6, 17];
const syn = 2;
const place = { port: client, link: 'raw' as const };
const waits = { verdict: 'hold', reason: 'fragment-before-first' };

/** The first piece of a datagram, and the one after it. */
function cutInTwo(datagram: PacketFields, identification = 7): [Uint8Array, Uint8Array] {
  const cut = { units: [40], order: [], identification };
  return cutPacket(encodePacket(datagram, 'raw'), cut) as [Uint8Array, Uint8Array];
}

describe.each([4, 6] as const)('IPv%i', (family) => {
  const own = addresses[family];
  let instance: Instance;
  beforeEach(async () => {
    instance = await makeNode({ fragments: 2, heldFragments: 1, connections4: 8, connections6: 8 });
  });

  const datagram: PacketFields = {
    source: own.client,
    destination: own.service,
    protocol: udp,
    sourcePort: 40_000,
    destinationPort: servicePort,
    payload: new Uint8Array(600),
  };
  /** A data offset of one word. */
  function misshapen(identification?: number): [Uint8Array, Uint8Array] {
    const pieces = cutInTwo({ ...datagram, protocol: tcp, tcpFlags: syn }, identification);
    pieces[0][(family === 4 ? 20 : 48) + 12] = 0x10;
    return pieces;
  }
  const connections = () => [...instance.map('connections').entries()].map(([, value]) => value);

  test('they are told of as the first one was, but that it opened the connection', () => {
    const wasClear = countClear(instance);
    const [first, second] = cutInTwo(datagram);
    const told = (piece: Uint8Array) => {
      send(instance, piece, place);
      const { effects, state, service } = instance.vector.outcome(0);
      return { effects, state, service };
    };
    const known = { state: ConnectionState.Unreplied, service: family === 4 ? 1 : 2 };
    const translated = Effect.DestinationTranslated;
    expect(told(first)).toEqual({ ...known, effects: translated | Effect.Created });
    expect(told(second)).toEqual({ ...known, effects: translated });
    // Nothing is translated where a transport header would be.
    expect(countClear(instance)).toBe(wasClear);
  });

  test('an echo of any code is one connection, in pieces as well', () => {
    const [protocol, icmpType] = family === 4 ? [1, 8] : [58, 128];
    const ends = { source: own.client, destination: own.server, payload: datagram.payload! };
    const echo = { ...ends, protocol, icmpType, icmpCode: 7, icmpIdentifier: 9 };
    for (const piece of cutInTwo(echo)) {
      expect(send(instance, piece, place).verdict).toBe('forward');
    }
    expect(connections()).toMatchObject([{ originalPackets: 2 }]);
  });

  test('who finds no room to wait is dropped', () => {
    const [one, other] = [1, 2].map((identification) => cutInTwo(datagram, identification)[1]);
    expect(send(instance, one!, place)).toMatchObject(waits);
    const full = { verdict: 'drop', reason: 'fragment-hold-full' };
    expect(send(instance, other!, place)).toMatchObject(full);
    expect(instance.map('counters').lookUp(0)).toMatchObject({ held: 1, dropped: 1 });
  });

  test('those that wait for a first one which the parser refuses are dropped with it', () => {
    const [first, second] = misshapen();
    expect(send(instance, second, place)).toMatchObject(waits);
    const refused = { verdict: 'drop', reason: 'bad-tcp-data-offset' };
    expect(send(instance, first, place)).toMatchObject(refused);
    expect(released(instance)).toMatchObject([refused]);
  });

  test('where nothing can be remembered of a refused one nothing is', () => {
    for (const identification of [1, 2])
      send(instance, cutInTwo(datagram, identification)[0], place);
    const wasClear = countClear(instance);
    const [first] = misshapen(3);
    expect(send(instance, first, place).reason).toBe('bad-tcp-data-offset');
    expect(countClear(instance)).toBe(wasClear);
  });

  test('one whose time is over is told of by nothing but that', () => {
    send(instance, cutInTwo(datagram)[1], place);
    const short = { ...datagram, payload: new Uint8Array(1) };
    send(instance, short, { port: client, trace: true });
    expect(instance.vector.outcome(0).service).not.toBe(0);
    send(instance, datagram, { port: client, timeMs: 30_000 });
    // It is no step of a packet that was traced before.
    expect(instance.traceSteps()).toEqual([]);
    const nothing = { service: 0, effects: 0, state: ConnectionState.None, outPort: 0 };
    expect(instance.vector.released()).toMatchObject([nothing]);
  });

  test('a datagram that is restored is not taken for one that was whole before', () => {
    const [first, second] = cutInTwo(datagram);
    send(instance, first, place);
    const [[key, record]] = [...instance.map('fragments').entries()] as [[object, object]];
    send(instance, second, place);
    instance = instanceWithGap();
    instance
      .map('fragments')
      .restoreBytes(
        encode('FragmentKey', key),
        encode('Fragment', { ...record, expiresAtMs: 90_000 }),
      );
    const timeMs = 30_000;
    send(instance, { ...datagram, payload: new Uint8Array(1) }, { port: client, timeMs });
    expect(send(instance, second, { ...place, timeMs }).verdict).toBe('forward');
  });

  /** The place of the whole datagram is not the next one to be taken. */
  function instanceWithGap(): Instance {
    send(instance, cutInTwo(datagram, 1)[0], place);
    for (const piece of cutInTwo(datagram)) send(instance, piece, place);
    instance.sweep(30_000, 8);
    return instance;
  }
});

test('IPv6: a first piece without all of its headers says nothing about the others', async () => {
  const instance = await makeNode({ fragments: 2 });
  const { client: source, server: destination } = addresses[6];
  const ends = { source, destination, protocol: udp, sourcePort: 1, destinationPort: 2 };
  const [first, second] = cutInTwo({ ...ends, payload: new Uint8Array(600) });
  // Destination options that are longer than the piece.
  first[40] = 60;
  first.set([17, 255], 48);
  const refused = { verdict: 'drop', reason: 'truncated-ipv6-extension' };
  expect(send(instance, first, place)).toMatchObject(refused);
  expect(send(instance, second, place)).toMatchObject(waits);
});
