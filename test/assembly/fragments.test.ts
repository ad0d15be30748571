// Datagrams in pieces: all pieces are translated alike, or share the fate of the first.

import { beforeEach, describe, expect, test } from 'vitest';
import { ConnectionState, Effect } from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket } from '../../host/net/packet.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { withExtension } from '../../fuzz/arbitrary/ip-options.ts';
import { cutPacket } from '../../fuzz/arbitrary/pieces.ts';
import { addresses, client, countClear, makeNode, released, send, server } from './node.ts';
import { servicePort } from './node.ts';

/** Cuts an IPv4 frame into pieces of `bytes` of payload (RFC 791, section 3.2). */
function cut(frame: Uint8Array, bytes: number): Uint8Array[] {
  const headers = 34;
  const pieces: Uint8Array[] = [];
  for (let offset = 0; headers + offset < frame.length; offset += bytes) {
    const payload = frame.slice(headers + offset, headers + offset + bytes);
    const piece = Uint8Array.of(...frame.slice(0, headers), ...payload);
    const view = new DataView(piece.buffer);
    const hasMore = headers + offset + bytes < frame.length;
    view.setUint16(16, 20 + payload.length);
    view.setUint16(20, (hasMore ? 0x2000 : 0) | (offset / 8));
    view.setUint16(24, 0);
    pieces.push(piece);
  }
  return pieces;
}

const own = addresses[4];
const datagram: PacketFields = {
  source: own.client,
  destination: own.service,
  protocol: 17,
  sourcePort: 40000,
  destinationPort: servicePort,
  identification: 0x4242,
  payload: new Uint8Array(3000).map((_, index) => index),
};

let instance: Instance;
beforeEach(async () => {
  const held = { heldFragments: 3, heldBytes: 4096 };
  instance = await makeNode({ fragments: 2, connections4: 16, ...held });
});

describe('fragments', () => {
  test('all pieces reach the endpoint, and together make the whole datagram', () => {
    const pieces = cut(encodePacket(datagram, 'ethernet'), 1480);
    const clear = countClear(instance);
    const sent = pieces.map((piece) => send(instance, piece, { port: client }));
    expect(sent.map(({ outPort }) => outPort)).toEqual([server, server, server]);
    // The later ones have no ports to write, anywhere.
    expect(countClear(instance)).toBe(clear);
    const { Created, DestinationTranslated } = Effect;
    const effects = [Created | DestinationTranslated, DestinationTranslated, DestinationTranslated];
    expect(sent.map((each) => each.effects)).toEqual(effects);
    const whole = sent.flatMap(({ frame }) => [...frame.slice(34)]);
    const arrived = { ...datagram, destination: own.server, destinationPort: 8080, ttl: 63 };
    expect(whole).toEqual([...encodePacket(arrived, 'ethernet').slice(34)]);
    for (const { frame } of sent) expect([...frame.slice(30, 34)]).toEqual([10, 244, 1, 5]);
  });

  test('an echo request and its answer are one connection, in pieces as well', () => {
    const ends = { source: own.client, destination: own.server, protocol: 1 };
    const { payload } = datagram;
    const kind = { icmpType: 8, icmpCode: 5, icmpIdentifier: 7 };
    const request: PacketFields = { ...ends, ...kind, payload: payload! };
    const answer = { ...request, source: own.server, destination: own.client, icmpType: 0 };
    for (const [packet, port] of [
      [request, client],
      [answer, server],
    ] as const) {
      for (const piece of cut(encodePacket(packet, 'ethernet'), 1480)) {
        expect(send(instance, piece, { port })).toMatchObject({ verdict: 'forward' });
      }
    }
    const all = [...instance.map('connections').entries()];
    const [type, code] = [8, 5];
    expect(all).toMatchObject([
      [
        { icmpType: type, icmpCode: code },
        { originalPackets: 3, replyPackets: 3 },
      ],
    ]);
  });

  test('what acknowledges a segment in pieces is in window', () => {
    const ends = { ...datagram, protocol: 6, sourcePort: 40000, destination: own.server };
    const [syn, ack] = [2, 16];
    const back = { ...ends, source: own.server, destination: own.client };
    const answer = { ...back, sourcePort: servicePort, destinationPort: 40000 };
    const none = new Uint8Array(0);
    send(instance, { ...ends, tcpFlags: syn, payload: none }, { port: client });
    const accepted = { ...answer, tcpFlags: syn | ack, acknowledgement: 1, payload: none };
    send(instance, accepted, { port: server });
    const data = { ...ends, tcpFlags: ack, sequence: 1, acknowledgement: 1 };
    for (const piece of cut(encodePacket(data, 'ethernet'), 1480)) {
      send(instance, piece, { port: client });
    }
    const heard = { ...answer, tcpFlags: ack, sequence: 1, acknowledgement: 3001, payload: none };
    expect(send(instance, heard, { port: server }).effects & Effect.Invalid).toBe(0);
  });

  test('later pieces wait for the first, and leave behind it in the order they came', () => {
    const [first, second, third] = cut(encodePacket(datagram, 'ethernet'), 1480);
    const waiting = [third!, second!].map((piece) => send(instance, piece, { port: client }));
    const hold = { verdict: 'hold', reason: 'fragment-before-first', outPort: 0 };
    expect(waiting).toMatchObject([hold, hold]);
    expect(instance.map('counters').lookUp(0)).toMatchObject({ packets: 2, held: 2, dropped: 0 });
    const sent = send(instance, first!, { port: client });
    expect(sent).toMatchObject({ verdict: 'forward', outPort: server });
    const left = released(instance);
    expect(left.map(({ held }) => held)).toEqual(waiting.map(({ held }) => held));
    expect(left).toMatchObject(Array(2).fill({ verdict: 'forward', outPort: server }));
    expect(left[0]!.frame.subarray(34)).toEqual(third!.subarray(34));
    expect(left[1]!.frame.subarray(34)).toEqual(second!.subarray(34));
    expect([...left[0]!.frame.subarray(30, 34)]).toEqual([10, 244, 1, 5]);
    const counters = instance.map('counters').lookUp(0);
    expect(counters).toMatchObject({ packets: 3, held: 0, forwarded: 3 });
    expect(counters).toMatchObject({ bytes: first!.length + second!.length + third!.length });
  });

  test('of two datagrams that wait each leaves behind its own first piece, once', () => {
    const [a, b] = [1, 2].map((identification) =>
      cut(encodePacket({ ...datagram, identification }, 'ethernet'), 1480),
    );
    const place = { port: client };
    instance.vector.clear();
    const held = [a![1], b![1], a![2]].map((piece) => send(instance, piece!, place).held);
    send(instance, a![0]!, place);
    expect(released(instance).map((left) => left.held)).toEqual([held[0], held[2]]);
    send(instance, b![0]!, place);
    expect(released(instance).map((left) => left.held)).toEqual([held[1]]);
    send(instance, { ...datagram, identification: 3, payload: new Uint8Array(1) }, place);
    expect(released(instance)).toEqual([]);
  });

  test('exactly as many bytes wait as there is room for', async () => {
    // 34 and 990 bytes are 1024 when they are laid on lines of 16.
    const piecesOf = (identification: number) =>
      cut(encodePacket({ ...datagram, identification }, 'ethernet'), 984).slice(1, 3);
    instance = await makeNode({ fragments: 8, heldFragments: 8, heldBytes: 4 * 1024 });
    const waiting = [1, 2].flatMap(piecesOf);
    const reasons = waiting.map((piece) => send(instance, piece, { port: client }).reason);
    expect(reasons).toEqual(Array(4).fill('fragment-before-first'));
    const [small] = cut(encodePacket({ ...datagram, identification: 3 }, 'ethernet'), 8).slice(1);
    expect(send(instance, small!, { port: client }).reason).toBe('fragment-hold-full');
  });

  test('what waits is no longer there when its time is over', () => {
    const [first, second] = cut(encodePacket(datagram, 'ethernet'), 1480);
    const { held } = send(instance, second!, { port: client });
    send(instance, datagram, { port: client, timeMs: 29_999 });
    expect(released(instance)).toEqual([]);
    expect(send(instance, first!, { port: client, timeMs: 30_000 }).verdict).toBe('forward');
    const none = { held, outPort: 0, effects: 0 };
    const dropped = { verdict: 'drop', reason: 'fragment-timeout', ...none };
    expect(released(instance)).toMatchObject([dropped]);
    expect(instance.map('counters').lookUp(0)).toMatchObject({ held: 0, dropped: 1 });
  });

  test('only so many wait, and so many bytes of them', () => {
    const pieces = (count: number, bytes: number): Uint8Array[] => {
      const payload = new Uint8Array(count * bytes);
      return cut(encodePacket({ ...datagram, payload }, 'ethernet'), bytes).slice(1);
    };
    const verdicts = (all: Uint8Array[]): string[] =>
      all.map((piece) => send(instance, piece, { port: client }).reason);
    const full = 'fragment-hold-full';
    const before = 'fragment-before-first';
    expect(verdicts(pieces(4, 80))).toEqual([before, before, before, full]);
    send(instance, datagram, { port: client, timeMs: 60_000 });
    const later = { port: client, timeMs: 60_000 };
    const large = pieces(4, 1480).map((piece) => send(instance, piece, later).reason);
    // The last one is short.
    expect(large).toEqual([before, before, full, before]);
  });

  test('overlaps end a datagram, repetitions do not', () => {
    const [first, second, third] = cut(encodePacket(datagram, 'ethernet'), 1480);
    const place = { port: client };
    expect(send(instance, first!, place).verdict).toBe('forward');
    expect(send(instance, first!, place).reason).toBe('fragment-duplicate');
    expect(send(instance, second!, place).verdict).toBe('forward');
    const shifted = second!.slice();
    new DataView(shifted.buffer).setUint16(20, 0x2000 | (1480 / 8 + 1));
    const overlap = { verdict: 'drop', reason: 'fragment-overlap' };
    expect(send(instance, shifted, place)).toMatchObject(overlap);
    expect(send(instance, third!, place)).toMatchObject(overlap);
  });

  test('an overlap takes with it what waits', () => {
    const [, second] = cut(encodePacket(datagram, 'ethernet'), 1480);
    send(instance, second!, { port: client });
    const shifted = second!.slice();
    new DataView(shifted.buffer).setUint16(20, 0x2000 | (1480 / 8 + 1));
    const overlap = { verdict: 'drop', reason: 'fragment-overlap' };
    expect(send(instance, shifted, { port: client })).toMatchObject(overlap);
    expect(released(instance)).toMatchObject([overlap]);
  });

  test('once all of it was there a datagram is forgotten', () => {
    for (let identification = 1; identification <= 5; identification++) {
      const frame = encodePacket({ ...datagram, identification }, 'ethernet');
      for (const piece of cut(frame, 1480).toReversed()) {
        expect(send(instance, piece, { port: client }).verdict).not.toBe('drop');
      }
    }
    expect([...instance.map('fragments').entries()]).toEqual([]);
  });

  test('IPv6: the later pieces need not say what the first one holds', () => {
    const { client: source, service: destination, server: endpoint } = addresses[6];
    const packet = encodePacket({ ...datagram, source, destination }, 'raw');
    const pieces = cutPacket(packet, { units: [100], order: [], identification: 7 });
    // Destination options in the fragmentable part: the first piece alone tells of UDP.
    const [first, ...later] = pieces.map((piece) => {
      const changed = piece.slice();
      changed[40] = 60;
      return changed;
    });
    const options = Uint8Array.of(17, 0, 1, 4, 0, 0, 0, 0);
    const longer = Uint8Array.of(...first!.subarray(0, 48), ...options, ...first!.subarray(48));
    new DataView(longer.buffer).setUint16(4, longer.length - 40);
    const place = { port: client, link: 'raw' as const };
    expect(send(instance, later[1]!, place).verdict).toBe('hold');
    const sent = send(instance, longer, place);
    expect(sent).toMatchObject({ verdict: 'forward', outPort: server });
    expect(sent.packet).toMatchObject({ destination: endpoint });
    const [left] = instance.vector.released();
    expect(left?.frame.subarray(24, 40)).toEqual(sent.frame.subarray(24, 40));
  });

  test('what the parser refuses of the first piece is refused of all', () => {
    const wrong = encodePacket({ ...datagram, protocol: 6, tcpFlags: 2 }, 'ethernet');
    wrong[46] = 0x10;
    const [first, second] = cut(wrong, 1480);
    const refused = { verdict: 'drop', reason: 'bad-tcp-data-offset' };
    expect(send(instance, first!, { port: client })).toMatchObject(refused);
    expect(send(instance, second!, { port: client })).toMatchObject(refused);
  });

  test('pieces share the fate of a rejected first one, without being answered', () => {
    const refused = { ...datagram, destinationPort: servicePort + 1 };
    const [first, second] = cut(encodePacket(refused, 'ethernet'), 1480);
    const reason = 'reject-no-endpoints';
    expect(send(instance, first!, { port: client })).toMatchObject({ verdict: 'reply', reason });
    expect(send(instance, second!, { port: client })).toMatchObject({ verdict: 'drop', reason });
  });

  test('a datagram too many is dropped until another one’s time is over', () => {
    const firstOf = (identification: number): Uint8Array =>
      cut(encodePacket({ ...datagram, identification }, 'ethernet'), 1480)[0]!;
    for (const identification of [1, 2]) {
      const sent = send(instance, firstOf(identification), { port: client });
      expect(sent.verdict).toBe('forward');
    }
    const full = { verdict: 'drop', reason: 'fragment-table-full' };
    const clear = countClear(instance);
    expect(send(instance, firstOf(3), { port: client })).toMatchObject(full);
    expect(countClear(instance)).toBe(clear);
    const later = send(instance, firstOf(3), { port: client, timeMs: 30_000 });
    expect(later.verdict).toBe('forward');
  });

  test('where no other datagram is remembered a refused first piece is not, either', () => {
    for (const identification of [1, 2]) {
      const frame = encodePacket({ ...datagram, identification }, 'ethernet');
      send(instance, cut(frame, 1480)[0]!, { port: client });
    }
    const wrong = encodePacket({ ...datagram, protocol: 6, tcpFlags: 2 }, 'ethernet');
    wrong[46] = 0x10;
    const clear = countClear(instance);
    const [first, second] = cut(wrong, 1480).map((piece) =>
      send(instance, piece, { port: client }),
    );
    expect(countClear(instance)).toBe(clear);
    expect(first).toMatchObject({ verdict: 'drop', reason: 'bad-tcp-data-offset' });
    expect(second).toMatchObject({ verdict: 'drop', reason: 'fragment-table-full' });
  });

  test('what is invalid counts for no connection, in all its pieces', () => {
    const ends = { ...datagram, protocol: 6, destination: own.server, payload: new Uint8Array() };
    const [syn, ack] = [2, 16];
    send(instance, { ...ends, tcpFlags: syn }, { port: client });
    const { payload } = datagram;
    // Nobody answered yet: there is nothing to acknowledge.
    const early = { ...ends, tcpFlags: ack, sequence: 1, acknowledgement: 1, payload: payload! };
    for (const piece of cut(encodePacket(early, 'ethernet'), 1480)) {
      const sent = send(instance, piece, { port: client });
      expect(sent.effects).toBe(Effect.Invalid);
    }
    const all = [...instance.map('connections').entries()].map(([, value]) => value);
    expect(all).toMatchObject([{ originalPackets: 1 }]);
  });

  test('of all pieces the state is that of the first', () => {
    const states = cut(encodePacket(datagram, 'ethernet'), 1480).map((piece) => {
      send(instance, piece, { port: client });
      return instance.vector.outcome(0).state;
    });
    expect(states).toEqual(Array(3).fill(ConnectionState.Unreplied));
  });

  test('IPv6: one in a single piece is whole, whatever other pieces are there (RFC 6946)', () => {
    const { client: source, server: destination } = addresses[6];
    const packet = { ...datagram, source, destination };
    const place = { port: client, link: 'raw' as const };
    for (const identification of [7, 8]) {
      const how = { units: [100], order: [], identification };
      send(instance, cutPacket(encodePacket(packet, 'raw'), how)[0]!, place);
    }
    const small = encodePacket({ ...packet, payload: new Uint8Array(9) }, 'raw');
    for (const identification of [8, 9]) {
      const header = Uint8Array.of(0, 0, 0, 0, 0, identification);
      const sent = send(instance, withExtension(small, 44, header), place);
      expect(sent).toMatchObject({ verdict: 'forward', outPort: server });
    }
  });

  test('a later piece goes nowhere when its pod has gone', () => {
    const [first, second] = cut(encodePacket(datagram, 'ethernet'), 1480);
    expect(send(instance, first!, { port: client }).verdict).toBe('forward');
    instance.map('ports').delete(server);
    const lost = { verdict: 'drop', reason: 'no-route' };
    expect(send(instance, second!, { port: client })).toMatchObject(lost);
  });

  test('a later piece has hops of its own', () => {
    const [first, second] = cut(encodePacket(datagram, 'ethernet'), 1480);
    second![22] = 1;
    expect(send(instance, first!, { port: client }).verdict).toBe('forward');
    expect(send(instance, second!, { port: client }).reason).toBe('time-exceeded');
  });
});
