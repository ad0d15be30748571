// SCTP associations, told as stories: what a state is reached by, and whose tag counts. Source:
// Linux nf_conntrack_proto_sctp.c; the model judges every packet as well.

import { describe, expect, test } from 'vitest';
import { association, chunkBytes } from '../../fuzz/arbitrary/sctp.ts';
import { SctpChunk } from '../../host/net/packet.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { Talk } from '../../fuzz/targets/talk.ts';

const there = false;
const back = true;

/** Tells a story, and says after each packet what is left of the association. */
async function tell(story: readonly (readonly [boolean, number, string])[]): Promise<Talk> {
  const talk = await Talk.begin(Ip.Sctp);
  for (const [isReply, type, state] of story) {
    talk.send(isReply, association(type));
    expect(statesOf(talk), talk.log.join('\n')).toEqual([state]);
  }
  return talk;
}

const statesOf = (talk: Talk) => talk.remembered().map(({ state }) => state);

const opening = [
  [there, SctpChunk.Init, 'sctp-closed'],
  [back, SctpChunk.InitAck, 'sctp-cookie-wait'],
  [there, SctpChunk.CookieEcho, 'sctp-cookie-echoed'],
  [back, SctpChunk.CookieAck, 'sctp-established'],
] as const;

const established = opening.map(([isReply, type]) => [isReply, type] as const);

describe('SCTP', () => {
  test('an association opens, works, and is shut down by its originator', async () => {
    await tell([
      ...opening,
      [there, SctpChunk.Data, 'sctp-established'],
      [there, SctpChunk.Shutdown, 'sctp-shutdown-sent'],
      [back, SctpChunk.ShutdownAck, 'sctp-shutdown-ack-sent'],
      [there, SctpChunk.ShutdownComplete, 'sctp-closed'],
    ]);
  });

  test('or by the other side, or at once', async () => {
    await tell([...opening, [back, SctpChunk.Shutdown, 'sctp-shutdown-received']]);
    await tell([...opening, [back, SctpChunk.Abort, 'sctp-closed']]);
  });

  test('a heartbeat opens a further path of an association', async () => {
    const talk = await tell([
      [there, SctpChunk.Heartbeat, 'sctp-heartbeat-sent'],
      [back, SctpChunk.HeartbeatAck, 'sctp-established'],
    ]);
    expect(talk.remembered()[0]).toMatchObject({ isAssured: true, expiresAtMs: 210_000 });
  });

  test('a wrong verification tag is invalid', async () => {
    const talk = await tell(opening);
    talk.send(there, { ...association(SctpChunk.Data), verificationTag: 7 });
    expect(talk.invalid).toBe(1);
  });

  test.each([SctpChunk.Abort, SctpChunk.ShutdownComplete, SctpChunk.CookieAck])(
    'chunk %i opens nothing',
    async (type) => {
      const talk = await Talk.begin(Ip.Sctp);
      talk.send(there, association(type));
      expect([talk.invalid, statesOf(talk)]).toEqual([1, []]);
    },
  );

  test('an INIT does not come with other chunks', async () => {
    const talk = await Talk.begin(Ip.Sctp);
    const payload = Uint8Array.of(...chunkBytes(SctpChunk.Init), ...chunkBytes(SctpChunk.Data));
    talk.send(there, { verificationTag: 0, payload });
    expect(talk.invalid).toBe(1);
  });
});

/** How an association comes into each state. */
const ways: Readonly<Record<string, readonly (readonly [boolean, number])[]>> = {
  'sctp-closed': [[there, SctpChunk.Init]],
  'sctp-cookie-wait': opening.slice(0, 2).map(([isReply, type]) => [isReply, type]),
  'sctp-cookie-echoed': opening.slice(0, 3).map(([isReply, type]) => [isReply, type]),
  'sctp-established': established,
  'sctp-shutdown-sent': [...established, [there, SctpChunk.Shutdown]],
  'sctp-shutdown-received': [...established, [back, SctpChunk.Shutdown]],
  'sctp-shutdown-ack-sent': [
    ...established,
    [there, SctpChunk.Shutdown],
    [back, SctpChunk.ShutdownAck],
  ],
  'sctp-heartbeat-sent': [[there, SctpChunk.Heartbeat]],
};

describe.each(Object.keys(ways))('in state %s', (state) => {
  test.each(Object.entries(SctpChunk))(
    '%s from either end ends as the model says',
    async (_, type) => {
      for (const isReply of [there, back]) {
        const talk = await Talk.begin(Ip.Sctp);
        for (const [isAnswer, said] of ways[state]!) talk.send(isAnswer, association(said));
        expect(statesOf(talk)).toEqual([state]);
        talk.send(isReply, association(type));
      }
    },
  );
});

test.each(Object.entries(SctpChunk))('%s as the first word', async (_, type) => {
  const talk = await Talk.begin(Ip.Sctp);
  talk.send(there, association(type));
});
