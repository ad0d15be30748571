// The table of TCP, cell by cell: every state is reached by the segments that lead there, then
// every event comes from either side. What must follow is what the model's rules say of state,
// direction and segment; the model also judges every segment on the way. How connections open is in
// model-tcp.test.ts.

import { describe, expect, test } from 'vitest';
import type { Direction, TcpState } from '../../fuzz/model/tcp-states.ts';
import { segmentOf, stateAfter } from '../../fuzz/model/tcp-states.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { TcpFlag } from '../../host/net/packet.ts';
import { Talk } from '../../fuzz/targets/talk.ts';

const { Fin, Syn, Rst, Ack } = TcpFlag;
const events = { SYN: Syn, 'SYN+ACK': Syn | Ack, FIN: Fin | Ack, ACK: Ack, RST: Rst, none: 0 };
const directions = ['original', 'reply'] as const;
const modes = ['nftables', 'iptables'] as const;

type Step = readonly [Direction, number];

const opened: readonly Step[] = [['original', Syn]];
const answered: readonly Step[] = [...opened, ['reply', Syn | Ack]];
const established: readonly Step[] = [...answered, ['original', Ack]];
const closing: readonly Step[] = [...established, ['original', Fin | Ack]];
const halfClosed: readonly Step[] = [...closing, ['reply', Ack]];
const lastAck: readonly Step[] = [...halfClosed, ['reply', Fin | Ack]];

/** How a connection comes into each state. */
const ways: Readonly<Record<TcpState, readonly Step[]>> = {
  'syn-sent': opened,
  'syn-received': answered,
  established,
  'fin-wait': closing,
  'close-wait': halfClosed,
  'last-ack': lastAck,
  'time-wait': [...lastAck, ['original', Ack]],
  close: [...established, ['original', Rst]],
  'syn-sent-2': [...opened, ['reply', Syn]],
};

/** Two ends that number their segments as they should. */
class Ends {
  readonly #talk: Talk;
  readonly #sent = { original: 0, reply: 0 };

  constructor(talk: Talk) {
    this.#talk = talk;
  }

  say([direction, tcpFlags]: Step): void {
    const other = direction === 'original' ? 'reply' : 'original';
    const sequence = this.#sent[direction];
    const acknowledgement = tcpFlags & Ack ? this.#sent[other] : 0;
    this.#talk.send(direction === 'reply', { tcpFlags, sequence, acknowledgement });
    if (tcpFlags & (Syn | Fin)) this.#sent[direction] += 1;
  }
}

async function comeTo(state: TcpState, mode: (typeof modes)[number]) {
  const talk = await Talk.begin(Ip.Tcp, { mode });
  const ends = new Ends(talk);
  for (const step of ways[state]) ends.say(step);
  expect(talk.remembered().map((connection) => connection.state)).toEqual([state]);
  return { talk, ends };
}

/** What is left of the connection, and whether the segment was taken for one of it. */
function expectedAfter(state: TcpState, direction: Direction, tcpFlags: number) {
  const next = stateAfter(state, direction, segmentOf(tcpFlags));
  const invalid = next === 'invalid' ? 1 : 0;
  if (next === 'invalid' || next === 'ignored') return { states: [state], invalid };
  if (next === 'reopens') return { states: ['syn-sent'], invalid };
  // What was refused before it was answered is forgotten at once.
  const isRefused = state === 'syn-sent' && next === 'close';
  return { states: isRefused ? [] : [next], invalid };
}

describe.each(modes)('in %s mode', (mode) => {
  describe.each(Object.keys(ways) as TcpState[])('%s', (state) => {
    const cells = directions.flatMap((direction) =>
      Object.entries(events).map(([event, tcpFlags]) => ({ direction, event, tcpFlags })),
    );
    test.each(cells)('$event from the $direction side', async ({ direction, tcpFlags }) => {
      const { talk, ends } = await comeTo(state, mode);
      const before = talk.invalid;
      ends.say([direction, tcpFlags]);
      const states = talk.remembered().map((connection) => connection.state);
      const got = { states, invalid: talk.invalid - before };
      expect(got, talk.log.join('\n')).toEqual(expectedAfter(state, direction, tcpFlags));
    });
  });
});

test('every combination of flags opens what the model says it does', async () => {
  for (let tcpFlags = 0; tcpFlags < 64; tcpFlags++) {
    const talk = await Talk.begin(Ip.Tcp);
    talk.send(false, { tcpFlags });
  }
});
