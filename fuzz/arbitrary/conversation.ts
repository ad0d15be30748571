// Arbitrary conversations: what both ends of one connection send, in and out of step, and the time
// that passes between.

import * as fc from 'fast-check';
import type { NodeConfig } from '../../host/compile/desired.ts';
import { profiles } from '../../host/compile/tracking.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { TcpFlag, type PacketFields } from '../../host/net/packet.ts';
import { tcpFlags } from './packet.ts';
import { sctpFields } from './sctp.ts';

/** One packet from either end, and what happens before it. */
export interface Turn {
  readonly isReply: boolean;
  readonly waitMs: number;
  readonly isSwept: boolean;
  /** It is not alone in its vector. */
  readonly isAccompanied: boolean;
  readonly fields: Partial<PacketFields>;
}

export interface Conversation {
  /** IP protocol number. */
  readonly protocol: number;
  readonly turns: readonly Turn[];
  /** How connections are tracked. */
  readonly settings: Partial<NodeConfig>;
}

/** Waits that end just before, at and after the lives of states. */
const waits = [3, 5, 10, 20, 30, 40, 60, 120, 180, 300, 3600, 8000, 86400].flatMap((s) => [
  s * 1000 - 1,
  s * 1000,
  s * 1000 + 1,
]);

/** Numbers round the places where windows begin and end. */
const number = fc
  .tuple(
    fc.constantFrom(0, 1, 2, 100, 1000, 64_240, 65_535, 66_000, 2 ** 20, 2 ** 31, 2 ** 32 - 66_000),
    fc.constantFrom(0, 0, 1, -1, 2),
  )
  .map(([base, offset]) => (base + offset) >>> 0);

function word(value: number): number[] {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
}

const option = fc.oneof(
  fc.constant([1]),
  fc.constant([4, 2]),
  fc.nat({ max: 16 }).map((scale) => [3, 3, scale]),
  fc.tuple(number, number).map(([left, right]) => [5, 10, ...word(left), ...word(right)]),
  fc.constant([8, 10, 0, 0, 0, 1, 0, 0, 0, 2]),
  fc.constant([0]),
  fc.constant([30, 0]),
  fc.constant([30, 40]),
);

const tcpOptions = fc.array(option, { maxLength: 3 }).map((list) => {
  const bytes = list.flat().slice(0, 40);
  return Uint8Array.from([...bytes, ...Array.from({ length: -bytes.length & 3 }, () => 1)]);
});

const { Syn, Ack } = TcpFlag;

/** Segments of which most belong to a conversation that starts at 0. */
const segments = fc.oneof(
  fc.record({ tcpFlags: tcpFlags() }),
  fc.record({
    tcpFlags: fc.oneof(tcpFlags(), fc.constantFrom(Syn, Syn | Ack, Ack)),
    sequence: number,
    acknowledgement: number,
    window: fc.constantFrom(0, 1, 1000, 65_535),
    tcpOptions,
    payload: fc.constantFrom(0, 0, 1, 1000).map((length) => new Uint8Array(length)),
  }),
);

const settings = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Partial<NodeConfig>>({}) },
  {
    weight: 2,
    arbitrary: fc.record<Partial<NodeConfig>>({
      profile: fc.constantFrom(...profiles),
      beLiberal: fc.boolean(),
      loose: fc.boolean(),
    }),
  },
);

function turns(fields: fc.Arbitrary<Partial<PacketFields>>): fc.Arbitrary<Turn[]> {
  const turn = fc.record({
    isReply: fc.boolean(),
    waitMs: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(0, 1, 2001) },
      { weight: 2, arbitrary: fc.constantFrom(...waits) },
    ),
    isSwept: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
    isAccompanied: fc.boolean(),
    fields,
  });
  return fc.array(turn, { minLength: 1, maxLength: 20, size: 'max' });
}

/** By which both ends open a connection, from 0. */
const handshake: readonly Turn[] = [
  { isReply: false, fields: { tcpFlags: Syn, sequence: 0 } },
  { isReply: true, fields: { tcpFlags: Syn | Ack, sequence: 0, acknowledgement: 1 } },
  { isReply: false, fields: { tcpFlags: Ack, sequence: 1, acknowledgement: 1 } },
].map((turn) => ({ ...turn, waitMs: 0, isSwept: false, isAccompanied: false }));

/** Conversations of TCP that begin as they should. */
export function openConversation(): fc.Arbitrary<Conversation> {
  return conversation(Ip.Tcp).map((one) => ({ ...one, turns: [...handshake, ...one.turns] }));
}

/** What the ends of a connection say, by protocol. */
const said: Readonly<Record<number, fc.Arbitrary<Partial<PacketFields>>>> = {
  [Ip.Tcp]: segments,
  [Ip.Udp]: fc.constant({}),
  [Ip.Sctp]: sctpFields(),
};

export function conversation(protocol: number): fc.Arbitrary<Conversation> {
  return fc.record({
    protocol: fc.constant(protocol),
    turns: turns(said[protocol] ?? fc.constant({})),
    settings,
  });
}
