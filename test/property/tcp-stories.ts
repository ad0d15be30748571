// Stories of TCP connections: what either end sends, one segment after the other. The model judges
// each of them, and says what must be remembered of both ends. Each story is told twice: packets
// alone, and packets that share their vector.

import { describe, expect, test } from 'vitest';
import { Talk } from '../../fuzz/targets/talk.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { TcpFlag, type PacketFields } from '../../host/net/packet.ts';

export const { Fin, Syn, Rst, Ack } = TcpFlag;

export type Fields = Partial<PacketFields>;
/** What one end sends: the originator, or the other. */
export type Said = readonly ['from' | 'back', Fields];

export const from = (fields: Fields): Said => ['from', fields];
export const back = (fields: Fields): Said => ['back', fields];
export const of = (length: number): Fields => ({ payload: new Uint8Array(length) });
/** Options, padded to whole words. */
export const options = (...all: number[]): Fields => ({
  tcpOptions: Uint8Array.from([...all, ...Array.from({ length: -all.length & 3 }, () => 1)]),
});
const word = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
export const block = (left: number, right: number) => [...word(left), ...word(right)];
export const stamp = [8, 10, 0, 0, 0, 1, 0, 0, 0, 2];
export const stamped = options(1, 1, ...stamp);

/** Both ends number from 0 and offer windows of 1000, unless a story says otherwise. */
export const ack = (fields: Fields = {}): Fields => ({
  tcpFlags: Ack,
  sequence: 1,
  acknowledgement: 1,
  window: 1000,
  ...fields,
});
export const syn = (fields: Fields = {}): Fields => ({ tcpFlags: Syn, window: 1000, ...fields });
export const synAck = (fields: Fields = {}): Fields =>
  ack({ tcpFlags: Syn | Ack, sequence: 0, ...fields });
export const fin = (fields: Fields = {}): Fields => ack({ tcpFlags: Fin | Ack, ...fields });
export const rst = (fields: Fields = {}): Fields => ({ tcpFlags: Rst, ...fields });

export const opening = (mine: Fields = {}, his: Fields = {}): Said[] => [
  from(syn(mine)),
  back(synAck(his)),
  from(ack()),
];
export const both = (offer: Fields): Said[] => opening(offer, offer);
export const sackOffer = options(4, 2, 1, 1);
export const scales = (mine: number, his: number): Said[] =>
  opening(options(3, 3, mine, 1), options(1, 3, 3, his));
/** A number before 0, which wraps round. */
export const minus = (number: number) => number >>> 0;

/** Makes a test of each story, and one more of each where packets share their vector. */
export function tell(stories: Readonly<Record<string, readonly Said[]>>): void {
  describe.each([false, true])('shared: %s', (isShared) => {
    test.each(Object.keys(stories))('%s', async (name) => {
      const talk = await Talk.begin(Ip.Tcp);
      for (const [side, fields] of stories[name]!) {
        talk.timeMs += 500;
        talk.send(side === 'back', fields, isShared);
      }
      expect(talk.log).toHaveLength(stories[name]!.length);
    });
  });
}
