// What is remembered of both ends of a TCP connection where not all of it was seen: a segment came
// in pieces, or an entry was restored that says nothing of them.

import { beforeEach, describe, expect, test } from 'vitest';
import { cutPacket } from '../../fuzz/arbitrary/pieces.ts';
import { memoryOfEntry } from '../../fuzz/targets/protocol-memory.ts';
import { ConnectionFlag, ConnectionState, Timeout } from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import type { Connection, FlowKey6 } from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { addresses, answerTo, client, makeNode, send, server } from './node.ts';

const tcp = 6;
const [fin, syn, ack] = [1, 2, 16];
const { client: source, server: destination } = addresses[4];
const ends = { source, destination, protocol: tcp, sourcePort: 40_000, destinationPort: 8080 };
const sackPermitted = { tcpOptions: Uint8Array.of(4, 2, 1, 1) };

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode();
});

const entry = () => [...instance.map('connections').entries()][0]![1];
const memory = () => memoryOfEntry(tcp, entry()) as Readonly<Record<string, object>>;

/** The first piece of a segment, and the others. */
function sendPieces(segment: PacketFields): void {
  const cut = { units: [10], order: [], identification: 7 };
  const pieces = cutPacket(encodePacket(segment, 'raw'), cut);
  expect(pieces.length).toBeGreaterThan(1);
  for (const piece of pieces) send(instance, piece, { port: client, link: 'raw' });
}

describe('a segment in pieces', () => {
  const payload = new Uint8Array(300);

  test('has windows held against nobody from then on, and changes nothing else', () => {
    send(instance, { ...ends, tcpFlags: syn, ...sackPermitted }, { port: client });
    const answer = { tcpFlags: syn | ack, acknowledgement: 1, ...sackPermitted };
    send(instance, answerTo(ends, answer), { port: server });
    send(instance, { ...ends, tcpFlags: ack, sequence: 1, acknowledgement: 1 }, { port: client });
    const known = { isTrusted: false, offersSack: true };
    expect(memory()).toMatchObject({ original: known, reply: known });
    sendPieces({ ...ends, tcpFlags: ack, sequence: 1, acknowledgement: 1, payload });
    const trusted = { isTrusted: true, offersSack: true };
    expect(memory()).toMatchObject({ original: trusted, reply: trusted });
  });

  test('may be the first', () => {
    sendPieces({ ...ends, tcpFlags: syn, ...sackPermitted, payload });
    expect(memory()).toMatchObject({
      original: { isTrusted: true, offersSack: true, isHeard: true },
      reply: { isTrusted: true, offersSack: false, isHeard: false },
    });
  });
});

/** Restores the connection, established and assured, with nothing of what its ends have said. */
function restore(expiresAtMs = 1_000_000): void {
  const { source: replyDestination, destination: replySource } = ends;
  const value = encode('Connection', {
    ...{ replySource, replyDestination, replySourcePort: 8080, replyDestinationPort: 40_000 },
    ...{ state: ConnectionState.Established, expiresAtMs },
    flags: ConnectionFlag.SeenReply | ConnectionFlag.Assured,
  });
  instance.map('connections').restoreBytes(encode('FlowKey6', ends), value);
}

describe('an entry that says nothing of its ends', () => {
  test.each([
    [5000, 7000],
    [0xf000_0000, 0x9000_0000],
  ])('learns it from its first segment: %i, %i', (sequence, acknowledgement) => {
    restore();
    const segment = { tcpFlags: ack, sequence, acknowledgement, window: 500 };
    send(instance, { ...ends, ...segment }, { port: client });
    const sent = sequence;
    expect(memory()).toMatchObject({
      original: {
        isHeard: true,
        sent,
        limit: sent + 500,
        window: 500,
        acknowledged: acknowledgement,
      },
      reply: { isHeard: false, sent: acknowledgement, limit: acknowledgement + 500 },
    });
  });
});

describe('in one vector', () => {
  test('the other end, heard for the first time, is taken at its word', () => {
    restore();
    const segment = { tcpFlags: ack, sequence: 5000, acknowledgement: 7000, window: 500 };
    const back = { tcpFlags: ack, sequence: 7100, acknowledgement: 5000, window: 600 };
    // It is let pass, and says nothing: from now on the way back is known.
    send(instance, answerTo(ends, { tcpFlags: syn | ack, acknowledgement: 1 }), {
      port: server,
    });
    const { vector } = instance;
    vector.clear();
    for (const [packet, port] of [
      [{ ...ends, ...segment }, client],
      [answerTo(ends, back), server],
    ] as const) {
      vector.add(encodePacket(packet, 'raw'), { port, timeMs: 0, link: 'raw' });
    }
    vector.run();
    expect(memory()).toMatchObject({
      original: { sent: 5000, limit: 5600 },
      reply: { isHeard: true, sent: 7100, limit: 7700, window: 600 },
    });
  });
});

describe('what opens a connection', () => {
  const opening = { ...ends, tcpFlags: syn, sequence: 100, window: 1000 };

  test('lets nobody send before it is acknowledged', () => {
    send(instance, opening, { port: client });
    const accepted = { tcpFlags: syn | ack, sequence: 900, acknowledgement: 101, window: 500 };
    send(instance, answerTo(ends, accepted), { port: server });
    expect(memory()).toMatchObject({
      original: { sent: 101, limit: 601 },
      reply: { sent: 901, limit: 901 },
    });
  });

  test('says nothing of its peer when that one begins anew', () => {
    send(instance, opening, { port: client });
    const other = { tcpFlags: syn, sequence: 900, acknowledgement: 0, window: 500 };
    send(instance, answerTo(ends, other), { port: server });
    const { original: before } = memory();
    const [[key]] = [...instance.map('connections').entries()] as [[FlowKey6, Connection]];
    const value = { ...entry(), state: ConnectionState.SynSent };
    instance.map('connections').delete(key);
    instance.map('connections').restoreBytes(encode('FlowKey6', key), encode('Connection', value));
    send(instance, answerTo(ends, { ...other, sequence: 5000 }), { port: server });
    expect(memory()).toMatchObject({ original: before, reply: { sent: 5001, limit: 5001 } });
  });
});

test('what is acknowledged selectively counts only where that was agreed on', () => {
  send(instance, { ...ends, tcpFlags: syn, sequence: 0 }, { port: client });
  const accepted = { tcpFlags: syn | ack, sequence: 900, acknowledgement: 1 };
  send(instance, answerTo(ends, accepted), { port: server });
  // One block, far beyond what was sent.
  const tcpOptions = Uint8Array.of(1, 1, 5, 10, 0, 0x10, 0, 0, 0, 0x20, 0, 0);
  const selective = { tcpFlags: ack, sequence: 1, acknowledgement: 901, tcpOptions };
  const { effects } = send(instance, { ...ends, ...selective }, { port: client });
  expect(effects).toBe(0);
});

describe('both ends say that it is over, out of step', () => {
  /** How long it lives, having so much left, where what is not acknowledged lives so long. */
  function lifeAfter(leftMs: number, unacknowledgedSeconds: number): number {
    instance.map('timeouts').update(Timeout.TcpUnacknowledged, { seconds: unacknowledgedSeconds });
    restore(leftMs);
    const numbers = { sequence: 1000, acknowledgement: 1000 };
    for (const [isAnswer, changes] of [
      [false, { tcpFlags: ack, ...numbers }],
      [true, { tcpFlags: ack, ...numbers }],
    ] as const) {
      const packet = isAnswer ? answerTo(ends, changes) : { ...ends, ...changes };
      send(instance, packet, { port: isAnswer ? server : client });
    }
    const livesUntil = entry().expiresAtMs;
    const timeMs = livesUntil - leftMs;
    const far = { tcpFlags: fin | ack, sequence: 50_000_000, acknowledgement: 1000 };
    send(instance, { ...ends, ...far }, { port: client, timeMs });
    send(instance, answerTo(ends, far), { port: server, timeMs });
    return entry().expiresAtMs - timeMs;
  }

  test.each([
    [86_400_000, 300, 300_000],
    [300_001, 300, 300_000],
    [200_000, 300, 200_000],
    [120_001, 60, 60_000],
    [120_000, 60, 60_000],
    [119_999, 60, 119_999],
  ])('of %i ms, with %i s for what is not acknowledged, %i are left', (leftMs, seconds, left) => {
    expect(lifeAfter(leftMs, seconds)).toBe(left);
  });
});
