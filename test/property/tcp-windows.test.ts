// What TCP's table cannot know, case by case: windows, segments that may be right or wrong, resets,
// and how long a connection lives. Numbers start at 0 on both sides. Source: Linux
// nf_conntrack_proto_tcp.c; the model judges every segment as well.

import { describe, expect, test } from 'vitest';
import type { NodeConfig } from '../../host/compile/desired.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { TcpFlag, type PacketFields } from '../../host/net/packet.ts';
import { Talk } from '../../fuzz/targets/talk.ts';

const { Fin, Syn, Rst, Ack } = TcpFlag;

type Fields = Partial<PacketFields>;

const seconds = (count: number) => count * 1000;
const bytes = (count: number): Fields => ({ payload: new Uint8Array(count) });
const options = (...all: number[]): Fields => ({ tcpOptions: Uint8Array.from(all) });
const scaledBy = (shift: number) => options(3, 3, shift, 1);
const sackPermitted = options(4, 2, 1, 1);
const sack = (left: number, right: number) =>
  options(1, 1, 5, 10, left >>> 24, left >>> 16, left >>> 8, left, 0, 0, right >>> 8, right);

const syn = (fields: Fields = {}): Fields => ({ tcpFlags: Syn, ...fields });
const synAck = (fields: Fields = {}): Fields => ({
  tcpFlags: Syn | Ack,
  acknowledgement: 1,
  ...fields,
});
const ack = (fields: Fields = {}): Fields => ({
  tcpFlags: Ack,
  sequence: 1,
  acknowledgement: 1,
  ...fields,
});
const rst = (sequence: number): Fields => ({ tcpFlags: Rst, sequence });
const fin = (fields: Fields = {}): Fields => ack({ tcpFlags: Fin | Ack, ...fields });

/** A connection after its handshake, with windows of 1000 from both sides. */
async function established(settings: Partial<NodeConfig> = {}, extra: Fields = {}): Promise<Talk> {
  const talk = await Talk.begin(Ip.Tcp, settings);
  talk.send(false, syn({ window: 1000, ...extra }));
  talk.send(true, synAck({ window: 1000, ...extra }));
  talk.send(false, ack({ window: 1000 }));
  return talk;
}

/** True if tracking called the packet invalid. */
function isInvalid(talk: Talk, isReply: boolean, fields: Fields): boolean {
  const before = talk.invalid;
  talk.send(isReply, fields);
  return talk.invalid > before;
}

function stateOf(talk: Talk): string | undefined {
  return talk.remembered()[0]?.state;
}

/** Seconds that are left to the connection. */
function lifeOf(talk: Talk): number {
  return (talk.remembered()[0]!.expiresAtMs - talk.timeMs) / 1000;
}

describe('a window', () => {
  test.each([
    ['begins where the window ends is valid', 1001, false],
    ['begins far beyond it is invalid', 5000, true],
    ['lies far behind it is only late', 2 ** 32 - 100_000, false],
  ])('what %s', async (_, sequence, invalid) => {
    const talk = await established();
    expect(isInvalid(talk, false, ack({ sequence }))).toBe(invalid);
  });

  test('what is only late passes, but does not keep the connection alive', async () => {
    const talk = await established();
    talk.timeMs = seconds(10);
    const before = lifeOf(talk);
    expect(isInvalid(talk, false, ack({ sequence: 2 ** 32 - 100_000 }))).toBe(false);
    expect(lifeOf(talk)).toBe(before);
    talk.send(false, ack());
    expect(lifeOf(talk)).toBe(86_400);
  });

  test('what was not sent cannot be acknowledged', async () => {
    const talk = await established();
    expect(isInvalid(talk, true, ack({ acknowledgement: 2 }))).toBe(true);
    talk.send(false, ack(bytes(1)));
    expect(isInvalid(talk, true, ack({ acknowledgement: 2 }))).toBe(false);
  });

  test('beLiberal lets everything pass', async () => {
    const talk = await established({ beLiberal: true });
    expect(isInvalid(talk, false, ack({ sequence: 5_000_000 }))).toBe(false);
    expect(isInvalid(talk, true, ack({ acknowledgement: 5_000_000 }))).toBe(false);
  });

  test.each([
    ['both sides', 3, 3, false],
    ['one side', 3, null, true],
    ['the other side', null, 3, true],
    ['neither', null, null, true],
  ])('is scaled if %s offered it', async (_, mine, his, invalid) => {
    const offered = (shift: number | null) => (shift === null ? sackPermitted : scaledBy(shift));
    const open = async () => {
      const talk = await Talk.begin(Ip.Tcp);
      talk.send(false, syn({ window: 1000, ...offered(mine) }));
      talk.send(true, synAck({ window: 1000, ...offered(his) }));
      talk.send(false, ack({ window: 1000 }));
      talk.send(true, ack({ window: 1000 }));
      return talk;
    };
    // A window beyond the end of a window is too much, if they are as written.
    for (const isReply of [false, true]) {
      const segment = ack({ sequence: 1 + 2999 });
      expect(isInvalid(await open(), isReply, segment), `reply: ${isReply}`).toBe(invalid);
    }
    expect(isInvalid(await open(), false, ack({ sequence: 1 + 7999 }))).toBe(invalid);
  });

  test('grows by what is acknowledged selectively', async () => {
    for (const [offer, invalid] of [
      [sackPermitted, false],
      [scaledBy(0), true],
    ] as const) {
      const talk = await established({}, offer);
      for (const sequence of [1, 501]) talk.send(false, ack({ sequence, ...bytes(500) }));
      talk.send(true, ack({ window: 1000, ...sack(501, 1001) }));
      expect(isInvalid(talk, false, ack({ sequence: 2001 }))).toBe(invalid);
    }
  });
});

describe('the middle of a connection', () => {
  test('is picked up, for as long as nobody answers a short while', async () => {
    const talk = await Talk.begin(Ip.Tcp);
    talk.send(false, ack({ sequence: 777 }));
    expect([stateOf(talk), lifeOf(talk)]).toEqual(['established', 300]);
    talk.send(true, ack({ sequence: 999, acknowledgement: 777 }));
    expect(lifeOf(talk)).toBe(300);
    talk.send(false, ack({ sequence: 777, acknowledgement: 999 }));
    expect(lifeOf(talk)).toBe(86_400);
    expect(isInvalid(talk, false, ack({ sequence: 5_000_000 })), 'nor judged').toBe(false);
  });

  test('is invalid unless picking up is allowed', async () => {
    const talk = await Talk.begin(Ip.Tcp, { loose: false });
    expect(isInvalid(talk, false, ack())).toBe(true);
    expect(talk.remembered()).toEqual([]);
  });
});

describe('a connection lives', () => {
  test.each([
    ['repeated three times', () => ack({ window: 1000 }), 4],
    ['with a shut window', () => ack({ window: 0 }), 1],
    ['with data that is not acknowledged', () => ack({ window: 1000, ...bytes(1) }), 1],
  ])('300 seconds after a segment %s', async (_, segment, times) => {
    const talk = await established();
    for (let sent = 1; sent < times; sent++) talk.send(false, segment());
    talk.send(false, segment());
    expect(lifeOf(talk)).toBe(300);
    talk.send(true, ack({ acknowledgement: 1 + (segment().payload?.length ?? 0) }));
    expect(lifeOf(talk)).toBe(86_400);
  });

  test('as long as before after a SYN that is sent again', async () => {
    const talk = await Talk.begin(Ip.Tcp);
    talk.send(false, syn());
    talk.timeMs = seconds(50);
    talk.send(false, syn());
    expect(lifeOf(talk)).toBe(70);
  });

  test('300 seconds once both ends say that it is over, out of step as they may be', async () => {
    const talk = await established();
    expect(isInvalid(talk, false, fin({ sequence: 5_000_000 }))).toBe(true);
    expect(lifeOf(talk)).toBe(86_400);
    expect(isInvalid(talk, true, fin({ sequence: 5_000_000 }))).toBe(true);
    expect([stateOf(talk), lifeOf(talk)]).toEqual(['established', 300]);
  });
});

describe('a reset', () => {
  test.each([
    ['exactly where the receiver is', 1, 'close', false],
    ['in window only: the receiver asks back (RFC 5961)', 500, 'established', false],
    ['behind what was acknowledged', 0, 'established', true],
    ['far beyond the window', 300_000, 'established', true],
  ])('%s', async (_, sequence, state, invalid) => {
    const talk = await established();
    talk.send(true, ack());
    talk.send(false, ack(bytes(10)));
    talk.send(true, ack({ acknowledgement: 1 }));
    expect(isInvalid(talk, true, rst(sequence))).toBe(invalid);
    expect(stateOf(talk)).toBe(state);
    if (state === 'close') expect(lifeOf(talk)).toBe(10);
  });

  test('that refuses a SYN leaves nothing behind', async () => {
    const talk = await Talk.begin(Ip.Tcp);
    talk.send(false, syn());
    talk.send(true, { tcpFlags: Rst | Ack, acknowledgement: 1 });
    expect(talk.remembered()).toEqual([]);
  });
});

describe('a new SYN', () => {
  test.each([
    ['opens anew for the side that closed', false, ['syn-sent']],
    ['of a connection that the other side reset passes, and changes nothing', true, ['close']],
  ])('%s', async (_, isHisReset, states) => {
    const talk = await established();
    talk.send(isHisReset, rst(1));
    talk.send(false, syn({ sequence: 100_000 }));
    expect(talk.remembered().map(({ state }) => state)).toEqual(states);
  });

  test('that is answered takes over the connection it was taken for', async () => {
    const talk = await established();
    talk.send(false, syn({ sequence: 500_000, window: 1000 }));
    expect(stateOf(talk)).toBe('established');
    talk.send(true, synAck({ sequence: 900_000, acknowledgement: 500_001 }));
    expect(stateOf(talk)).toBe('syn-received');
    talk.send(false, ack({ sequence: 500_001, acknowledgement: 900_001 }));
    expect(stateOf(talk)).toBe('established');
    expect(isInvalid(talk, false, ack({ sequence: 500_001, acknowledgement: 900_001 }))).toBe(
      false,
    );
  });

  test.each([
    ['by the other side', true, 'close'],
    ['by the side that sent it: out of window', false, 'established'],
  ])('out of place is refused %s', async (_, isReply, state) => {
    const talk = await established();
    talk.send(false, syn({ sequence: 500_000 }));
    const refusal = { tcpFlags: Rst | Ack, sequence: 900_000, acknowledgement: 500_001 };
    expect(isInvalid(talk, isReply, refusal)).toBe(!isReply);
    expect(stateOf(talk)).toBe(state);
  });

  test('is challenged in LAST-ACK: that ACK is not the last one (RFC 5961)', async () => {
    const talk = await established();
    talk.send(false, fin());
    talk.send(true, fin({ acknowledgement: 2 }));
    expect(stateOf(talk)).toBe('last-ack');
    talk.send(false, syn({ sequence: 100_000 }));
    talk.send(true, ack({ sequence: 2, acknowledgement: 2 }));
    expect(stateOf(talk)).toBe('last-ack');
    talk.send(false, ack({ sequence: 2, acknowledgement: 2 }));
    expect(stateOf(talk)).toBe('time-wait');
  });

  test('from both sides at once is a simultaneous open', async () => {
    const talk = await Talk.begin(Ip.Tcp);
    talk.send(false, syn());
    talk.send(true, syn());
    expect(stateOf(talk)).toBe('syn-sent-2');
    talk.send(false, synAck());
    expect(stateOf(talk)).toBe('syn-received');
    talk.send(true, ack());
    expect(stateOf(talk)).toBe('established');
  });

  test('of a half-open connection is answered by an ACK, refuses it, and comes again', async () => {
    const talk = await Talk.begin(Ip.Tcp);
    talk.send(false, syn());
    talk.send(true, ack({ sequence: 7000, acknowledgement: 6000 }));
    expect(stateOf(talk)).toBe('syn-sent');
    talk.send(false, rst(6000));
    expect([stateOf(talk), lifeOf(talk)]).toEqual(['close', 10]);
    talk.send(false, syn({ sequence: 1000 }));
    expect(stateOf(talk)).toBe('syn-sent');
  });
});
