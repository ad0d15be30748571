// SCTP associations, told as stories: what a state is reached by, and whose tag counts. Source:
// Linux nf_conntrack_proto_sctp.c; the model judges every packet as well.

import { describe, expect, test } from 'vitest';
import { association, chunkBytes } from '../../fuzz/arbitrary/sctp.ts';
import { SctpChunk, type PacketFields } from '../../host/net/packet.ts';
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
        // Of an end that has not said how it wants to be called, the tag is 0.
        for (const tag of [association(type).verificationTag, 0]) {
          const talk = await Talk.begin(Ip.Sctp);
          for (const [isAnswer, said] of ways[state]!) talk.send(isAnswer, association(said));
          expect(statesOf(talk)).toEqual([state]);
          talk.send(isReply, { ...association(type), verificationTag: tag });
        }
      }
    },
  );
});

test.each(Object.entries(SctpChunk))('%s as the first word', async (_, type) => {
  for (const verificationTag of [association(type).verificationTag, 0]) {
    const talk = await Talk.begin(Ip.Sctp);
    talk.send(there, { ...association(type), verificationTag });
  }
});

/** A packet of chunks, by either end. */
function say(isReply: boolean, verificationTag: number, ...chunks: readonly Uint8Array[]): Said {
  return [
    isReply,
    { verificationTag, payload: Uint8Array.from(chunks.flatMap((one) => [...one])) },
  ];
}
type Said = readonly [boolean, Partial<PacketFields>];

const { Data, Init, InitAck, Abort, Shutdown, ShutdownAck, CookieEcho, CookieAck } = SctpChunk;
const { Heartbeat, HeartbeatAck, ShutdownComplete, Error: Report } = SctpChunk;
const chunk = chunkBytes;
/** The tag comes back: its sender knows no other. */
const reflected = { flags: 1 };

/** The originator wants to be called 5, the other end 9. */
const opens: readonly Said[] = [
  say(there, 0, chunk(Init, { tag: 5 })),
  say(back, 5, chunk(InitAck, { tag: 9 })),
];
const opened: readonly Said[] = [
  ...opens,
  say(there, 9, chunk(CookieEcho)),
  say(back, 5, chunk(CookieAck)),
];
/** A chunk of another length than the usual one. */
const sized = (type: number, length: number) => {
  const bytes = new Uint8Array(Math.max(4, Math.ceil(length / 4) * 4));
  bytes.set([type, 0, 0, length]);
  return bytes;
};
const cut = (bytes: Uint8Array, length: number) => bytes.subarray(0, length);

const stories: Readonly<Record<string, readonly Said[]>> = {
  'packets carry the tag of who gets them': [
    ...opened,
    ...[5, 9].flatMap((tag) => [say(there, tag, chunk(Data)), say(back, tag, chunk(Data))]),
    ...[5, 9].map((tag) => say(there, tag, chunk(Shutdown))),
    ...[9, 5].map((tag) => say(back, tag, chunk(ShutdownAck))),
    ...[5, 9].map((tag) => say(there, tag, chunk(ShutdownComplete))),
  ],
  'an ABORT has the own tag, or reflects the other one': [
    ...opened,
    say(there, 5, chunk(Abort)),
    say(there, 9, chunk(Abort, reflected)),
    say(back, 9, chunk(Abort)),
    say(back, 5, chunk(Abort, reflected)),
    say(back, 9, chunk(Abort, reflected)),
  ],
  'an ABORT that reflects the tag, or does not': [
    ...opened,
    say(there, 9, chunk(Abort, { flags: 2 })),
    say(there, 5, chunk(Abort, { flags: 3 })),
  ],
  'a SHUTDOWN COMPLETE that reflects the tag': [
    ...opened,
    say(back, 5, chunk(Shutdown)),
    say(there, 9, chunk(ShutdownAck)),
    say(back, 5, chunk(ShutdownComplete, reflected)),
    say(back, 9, chunk(ShutdownComplete, reflected)),
  ],
  'a COOKIE ECHO with the wrong tag': [...opens, say(there, 5, chunk(CookieEcho))],
  'an INIT that has a tag': [...opened, say(there, 9, chunk(Init, { tag: 5 }))],
  'an INIT sent again does not keep its entry': [
    ...[5, 5, 6, 0].map((tag) => say(there, 0, chunk(Init, { tag }))),
    say(back, 6, chunk(InitAck, { tag: 9 })),
    say(back, 0, chunk(InitAck, { tag: 9 })),
  ],
  'an INIT ACK fits the tag that is known': [
    ...opens,
    say(back, 5, chunk(InitAck, { tag: 9 })),
    say(back, 5, chunk(InitAck, { tag: 8 })),
    say(there, 8, chunk(InitAck, { tag: 5 })),
    say(there, 8, chunk(InitAck, { tag: 6 })),
  ],
  'an INIT ACK that nobody asked for': [...opened, say(back, 5, chunk(InitAck, { tag: 8 }))],
  'both ends begin at once': [
    say(there, 0, chunk(Init, { tag: 5 })),
    say(back, 0, chunk(Init, { tag: 9 })),
    say(there, 9, chunk(InitAck, { tag: 5 })),
    say(back, 5, chunk(InitAck, { tag: 8 })),
    say(there, 0, chunk(Init, { tag: 7 })),
    say(back, 7, chunk(InitAck, { tag: 8 })),
    say(there, 8, chunk(CookieEcho)),
    say(back, 7, chunk(CookieAck)),
    say(back, 0, chunk(Init, { tag: 3 })),
    say(there, 3, chunk(InitAck, { tag: 2 })),
  ],
  'an established association begins anew from either end': [
    ...opened,
    say(there, 0, chunk(Init, { tag: 5 })),
    say(there, 0, chunk(Init, { tag: 6 })),
    say(back, 6, chunk(InitAck, { tag: 10 })),
    say(back, 0, chunk(Init, { tag: 11 })),
    say(there, 11, chunk(CookieAck)),
  ],
  'a shutdown that is begun anew': [
    ...opened,
    say(there, 9, chunk(Shutdown)),
    say(there, 0, chunk(Init, { tag: 6 })),
    say(back, 6, chunk(InitAck, { tag: 10 })),
  ],
  'a stale cookie is reported': [
    ...opens,
    say(there, 9, chunk(CookieEcho)),
    say(there, 9, chunk(Report)),
    say(back, 5, chunk(Report)),
  ],
  'a heartbeat with another tag passes, and its answer makes it right': [
    ...opened,
    say(there, 7, chunk(Heartbeat)),
    say(there, 7, chunk(HeartbeatAck)),
    say(back, 4, chunk(HeartbeatAck)),
    say(back, 4, chunk(Data)),
    say(there, 7, chunk(Heartbeat)),
    say(there, 7, chunk(Data)),
  ],
  'the same from the other end, answered twice': [
    ...opened,
    say(back, 7, chunk(Heartbeat)),
    say(there, 4, chunk(HeartbeatAck)),
    say(there, 3, chunk(HeartbeatAck)),
  ],
  'a heartbeat with the right tag forgets the other': [
    ...opened,
    say(there, 7, chunk(Heartbeat)),
    say(there, 9, chunk(Heartbeat)),
    say(back, 4, chunk(HeartbeatAck)),
  ],
  'an answer with another tag that nobody asked for': [
    ...opened,
    say(back, 4, chunk(HeartbeatAck)),
    say(back, 4, chunk(Heartbeat), chunk(Data)),
    say(back, 4, chunk(Data), chunk(Heartbeat)),
    say(back, 4, chunk(Heartbeat), chunk(Heartbeat)),
  ],
  'a heartbeat opens a path, whose answer says the other tag': [
    say(there, 9, chunk(Heartbeat)),
    say(there, 8, chunk(Heartbeat)),
    say(back, 5, chunk(Heartbeat)),
    say(back, 5, chunk(HeartbeatAck)),
    say(back, 6, chunk(HeartbeatAck)),
  ],
  'a further path whose tags both change': [
    say(there, 9, chunk(Heartbeat)),
    say(back, 5, chunk(Heartbeat)),
    say(there, 7, chunk(Heartbeat)),
    say(back, 6, chunk(HeartbeatAck)),
  ],
  'a path that is not answered begins an association': [
    say(there, 9, chunk(Heartbeat)),
    say(there, 0, chunk(Init, { tag: 5 })),
    say(back, 5, chunk(InitAck, { tag: 8 })),
  ],
  'a SHUTDOWN ACK of nobody’s shutdown is answered with its own tag': [
    say(there, 9, chunk(ShutdownAck)),
    say(back, 8, chunk(ShutdownComplete)),
    say(back, 9, chunk(ShutdownComplete)),
  ],
  'chunks that come together, and those that may not': [
    ...opens,
    say(there, 9, chunk(Data), chunk(CookieEcho)),
    say(there, 9, chunk(CookieEcho), chunk(Data), chunk(Data)),
    say(back, 5, chunk(Data), chunk(CookieAck)),
    say(back, 5, chunk(CookieAck), chunk(Data)),
    say(there, 9, chunk(Data), chunk(Shutdown)),
    say(back, 5, chunk(ShutdownAck), chunk(Data)),
    say(there, 9, chunk(Data), chunk(ShutdownComplete)),
    say(there, 9, chunk(ShutdownComplete), chunk(Data)),
  ],
  'chunks of any length, padded to four bytes': [
    ...opened,
    ...[4, 5, 7, 8, 9].map((length) => say(there, 9, sized(Data, length), chunk(Heartbeat))),
    say(there, 9, sized(Data, 0)),
    say(there, 9, sized(Data, 6), sized(Shutdown, 0)),
    say(there, 9, cut(chunk(Shutdown), 3)),
    say(there, 9, cut(chunk(Shutdown), 4)),
  ],
  'no chunk at all': [...opened, say(there, 9)],
  'chunks that nobody knows': [
    ...opened,
    ...[3, 12, 13, 15, 31, 32, 63, 64, 128, 192, 255].map((type) => say(there, 9, chunk(type))),
    say(there, 5, chunk(33)),
    say(there, 7, chunk(63), chunk(Heartbeat)),
    say(there, 9, chunk(192), chunk(Data)),
  ],
  'an INIT ACK that is cut off': [
    ...opens.slice(0, 1),
    say(back, 5, cut(chunk(InitAck, { tag: 9 }), 19)),
    say(back, 5, cut(chunk(InitAck, { tag: 9 }), 20)),
    say(there, 0, cut(chunk(Init, { tag: 5 }), 19)),
  ],
};

describe('tags and chunks:', () => {
  test.each(Object.keys(stories))('%s', async (name) => {
    const talk = await Talk.begin(Ip.Sctp);
    for (const [isReply, fields] of stories[name]!) {
      talk.timeMs += 500;
      talk.send(isReply, fields);
    }
    expect(talk.log).toHaveLength(stories[name]!.length);
  });

  const firstWords: Readonly<Record<string, Said>> = {
    'an INIT with a tag': say(there, 1, chunk(Init)),
    'an INIT that is cut off': say(there, 0, cut(chunk(Init), 19)),
    'data alone': say(there, 1, chunk(Data)),
    'data and a SHUTDOWN ACK': say(there, 1, chunk(Data), chunk(ShutdownAck)),
    'a SHUTDOWN ACK and an ABORT': say(there, 1, chunk(ShutdownAck), chunk(Abort)),
    'a heartbeat and a COOKIE ACK': say(there, 1, chunk(Heartbeat), chunk(CookieAck)),
    'a chunk that nobody knows': say(there, 1, chunk(63)),
    nothing: say(there, 1),
    'a heartbeat and a SHUTDOWN ACK': say(there, 7, chunk(Heartbeat), chunk(ShutdownAck)),
    'a SHUTDOWN ACK and a heartbeat': say(there, 7, chunk(ShutdownAck), chunk(Heartbeat)),
    'an INIT': say(there, 0, chunk(Init, { tag: 7 })),
    'a COOKIE ECHO and a heartbeat': say(there, 7, chunk(CookieEcho), chunk(Heartbeat)),
    'a COOKIE ECHO': say(there, 0, chunk(CookieEcho)),
    'a COOKIE ECHO with a tag': say(there, 1, chunk(CookieEcho)),
  };
  test.each(Object.keys(firstWords))('%s as the first word', async (name) => {
    const talk = await Talk.begin(Ip.Sctp);
    const [isReply, fields] = firstWords[name]!;
    talk.send(isReply, fields);
    expect(talk.invalid + talk.remembered().length).toBe(1);
  });
});
