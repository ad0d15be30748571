// The life of a connection: states, time-outs, reopening, and what happens when the table is full.

import { beforeEach, describe, expect, test } from 'vitest';
import { codeOf } from '../../host/abi/enum.ts';
import { ConnectionFlag, ConnectionState, Effect } from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { addresses, answerTo, client, makeNode, nodePort, send, server } from './node.ts';
import { targetPort, uplink } from './node.ts';

const [fin, syn, rst, ack] = [1, 2, 4, 16];
const own = addresses[4];
const tcp: PacketFields = {
  source: own.client,
  destination: own.server,
  protocol: 6,
  sourcePort: 40000,
  destinationPort: targetPort,
};
const udp: PacketFields = { ...tcp, protocol: 17 };

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode({ connections4: 16 });
});

const there = (packet: PacketFields, tcpFlags: number, timeMs = 0) =>
  send(instance, { ...packet, tcpFlags }, { port: client, timeMs });
const back = (packet: PacketFields, tcpFlags: number, timeMs = 0) =>
  send(instance, answerTo(packet, { tcpFlags }), { port: server, timeMs });
const states = (): string[] =>
  [...instance.map('connections').entries()].map(([, { state }]) =>
    codeOf('ConnectionState', state),
  );
const count = (name: 'connectionsExpired' | 'connectionsEvicted' | 'connectionsRemoved'): number =>
  instance.map('counters').lookUp(0)![name];

describe('TCP', () => {
  test('a connection opens, works and closes', () => {
    const story: [typeof there, number, string][] = [
      [there, syn, 'syn-sent'],
      [back, syn | ack, 'syn-received'],
      [there, ack, 'established'],
      [back, ack, 'established'],
      [there, fin | ack, 'fin-wait'],
      [back, ack, 'close-wait'],
      [back, fin | ack, 'last-ack'],
      [there, ack, 'time-wait'],
    ];
    for (const [direction, flags, state] of story) {
      expect(direction(tcp, flags)).toMatchObject({ verdict: 'forward' });
      expect(states()).toEqual([state]);
    }
  });

  test('simultaneous open', () => {
    there(tcp, syn);
    back(tcp, syn);
    expect(states()).toEqual(['syn-sent2']);
    there(tcp, syn | ack);
    expect(states()).toEqual(['syn-received']);
  });

  test('a connection is picked up in the middle by an ACK, but not by anything else', () => {
    for (const flags of [syn | ack, fin | ack, rst, 0, syn | fin]) {
      expect(there(tcp, flags).effects).toBe(Effect.Invalid);
      expect(states()).toEqual([]);
    }
    there(tcp, ack);
    expect(states()).toEqual(['established']);
  });

  test('invalid segments go on untranslated, unless the mode drops them', () => {
    const toService = { ...tcp, destination: own.service, destinationPort: 80 };
    const stray = there(toService, rst);
    expect(stray).toMatchObject({ verdict: 'forward', packet: { destination: own.service } });
    instance.map('config').update(0, { node4: own.node, flags: 8 });
    expect(there(toService, rst)).toMatchObject({ verdict: 'drop', reason: 'conntrack-invalid' });
    // It drops them where it forwards: without a hop they do not get there.
    const expired = { verdict: 'reply', reason: 'time-exceeded' };
    expect(there({ ...toService, ttl: 1 }, rst)).toMatchObject(expired);
  });

  test('so does a segment far out of window', () => {
    const toService = { ...tcp, destination: own.service, destinationPort: 80 };
    there(toService, syn);
    back(tcp, syn | ack);
    expect(there(toService, ack)).toMatchObject({ packet: { destination: own.server } });
    const far = { ...toService, sequence: 200_000_000 };
    expect(there(far, ack)).toMatchObject({ packet: { destination: own.service } });
    instance.map('config').update(0, { node4: own.node, flags: 8 });
    expect(there(far, ack)).toMatchObject({ verdict: 'drop', reason: 'conntrack-invalid' });
  });

  test('a SYN after the end begins a new connection', () => {
    there(tcp, syn);
    back(tcp, syn | ack);
    there(tcp, ack);
    there(tcp, rst);
    expect(states()).toEqual(['close']);
    expect(there(tcp, syn).effects).toBe(Effect.Created);
    expect(states()).toEqual(['syn-sent']);
    expect(count('connectionsRemoved')).toBe(1);
  });
});

test('a connection whose windows nobody kept learns them from its next segments', () => {
  there(tcp, syn);
  const [[key, value]] = [...instance.map('connections').entries()] as [[never, object]];
  instance.map('connections').delete(key);
  const words = Object.keys(value).filter((name) => name.startsWith('protocol'));
  const forgotten = Object.fromEntries([...words, 'last'].map((name) => [name, 0]));
  const state = { state: ConnectionState.Established, flags: ConnectionFlag.SeenReply };
  const bytes = encode('Connection', { ...value, ...state, ...forgotten });
  instance.map('connections').restoreBytes(encode('FlowKey6', key), bytes);

  const isValid = (packet: PacketFields, port: number): boolean =>
    (send(instance, packet, { port }).effects & Effect.Invalid) === 0;
  const segment = { ...tcp, tcpFlags: ack, window: 100, sequence: 1000, acknowledgement: 9000 };
  const answer = answerTo(segment, { sequence: 9000, acknowledgement: 1000 });
  expect([isValid(segment, client), isValid(answer, server)]).toEqual([true, true]);
  expect(isValid({ ...answer, sequence: 90_000 }, server)).toBe(false);
});

describe('what is told of a connection', () => {
  const { DestinationTranslated, SourceTranslated, SeenReply } = ConnectionFlag;
  const both = DestinationTranslated | SourceTranslated;
  const outside = { ...udp, source: own.outside };
  const dialled: readonly (readonly [string, PacketFields, number, number])[] = [
    ['from pod to pod', udp, client, 0],
    ['to a Service', { ...udp, destination: own.service, destinationPort: 80 }, client, 4],
    [
      'to a node port',
      { ...outside, destination: own.node, destinationPort: nodePort },
      uplink,
      12,
    ],
  ];

  test.each(dialled)('%s: what is translated, and where it goes', (_, packet, port, flags) => {
    const { packet: left } = send(instance, packet, { port });
    expect(flags & ~both).toBe(0);
    const told = () => [...instance.map('connections').entries()][0]![1];
    expect(told()).toMatchObject({ flags, originalPort: server, originalPackets: 1 });
    send(instance, answerTo(left!), { port: server });
    expect(told()).toMatchObject({ flags: flags | SeenReply, originalPort: server });
    expect(told()).toMatchObject({ replyPort: port, replyPackets: 1 });
    expect(told().replyBytes).toBe(28);
  });

  test('swept ones are counted', () => {
    for (const sourcePort of [1, 2, 3]) there({ ...udp, sourcePort }, 0);
    expect(instance.sweep(30_000, 100)).toBe(3);
    expect(count('connectionsExpired')).toBe(3);
  });
});

describe('a reset', () => {
  /** Segments that lead to a state, each of the originator or its peer. */
  const stories: readonly (readonly [string, readonly (readonly [boolean, number])[]])[] = [
    [
      'syn-received',
      [
        [true, syn],
        [false, syn | ack],
      ],
    ],
    [
      'established',
      [
        [true, syn],
        [false, syn | ack],
        [true, ack],
      ],
    ],
    [
      'fin-wait',
      [
        [true, syn],
        [false, syn | ack],
        [true, ack],
        [true, fin | ack],
      ],
    ],
    [
      'close-wait',
      [
        [true, syn],
        [false, syn | ack],
        [true, ack],
        [true, fin | ack],
        [false, ack],
      ],
    ],
    [
      'last-ack',
      [
        [true, syn],
        [false, syn | ack],
        [true, ack],
        [true, fin | ack],
        [false, fin | ack],
      ],
    ],
    [
      'time-wait',
      [
        ...([
          [true, syn],
          [false, syn | ack],
          [true, ack],
          [true, fin | ack],
        ] as const),
        ...([
          [false, fin | ack],
          [true, ack],
        ] as const),
      ],
    ],
    [
      'close',
      [
        [true, syn],
        [false, syn | ack],
        [true, ack],
        [true, rst],
      ],
    ],
    [
      'syn-sent2',
      [
        [true, syn],
        [false, syn],
      ],
    ],
  ];
  const cases = stories.flatMap(([state, story]) =>
    [true, false].map((isOriginal) => [state, isOriginal, story] as const),
  );

  test.each(cases)('in state %s, by the originator: %s', (state, isOriginal, story) => {
    for (const [isThere, flags] of story) (isThere ? there : back)(tcp, flags);
    expect(states()).toEqual([state]);
    (isOriginal ? there : back)(tcp, rst);
    expect(states()).toEqual(['close']);
  });

  test('of a SYN that nobody has answered need not say its number', () => {
    send(instance, { ...tcp, tcpFlags: syn, sequence: 3_000_000_000 }, { port: client });
    there(tcp, rst);
    expect(states()).toEqual([]);
  });

  test('acknowledges nothing, whatever its flag says, where the number is 0', () => {
    const far = 3_000_000_000;
    there(tcp, syn);
    send(instance, answerTo(tcp, { tcpFlags: syn | ack, sequence: far, acknowledgement: 1 }), {
      port: server,
    });
    const numbers = { sequence: 1, acknowledgement: far + 1 };
    send(instance, { ...tcp, tcpFlags: ack, ...numbers }, { port: client });
    const reset = { ...tcp, tcpFlags: rst | ack, sequence: 1, acknowledgement: 0 };
    send(instance, reset, { port: client });
    expect(states()).toEqual(['close']);
  });
});

describe('time', () => {
  test('an entry is gone at its time, swept or not', () => {
    there(tcp, syn);
    expect(back(tcp, syn | ack, 120_000).effects).toBe(Effect.Invalid);
    expect(states()).toEqual([]);
    expect(count('connectionsExpired')).toBe(1);
  });

  test('UDP lives 30 seconds, and 120 once it is a conversation of more than two', () => {
    there(udp, 0, 0);
    back(udp, 0, 1000);
    expect(there(udp, 0, 31_000).effects).toBe(Effect.Created);
    back(udp, 0, 34_000);
    expect(there(udp, 0, 63_999).effects & Effect.Created, 'a first answer is none yet').toBe(0);
    expect(there(udp, 0, 183_998).effects & Effect.Created).toBe(0);
    expect(there(udp, 0, 303_998).effects).toBe(Effect.Created);
  });

  test.each([1, 3, 1000])('sweeping %i at a time takes out what is over', (step) => {
    for (let number = 0; number < 10; number++)
      there({ ...udp, sourcePort: number + 1 }, 0, number);
    let expired = 0;
    for (let sweeps = 0; sweeps < 40; sweeps++) expired += instance.sweep(30_004, step);
    expect(expired).toBe(5);
    expect(states()).toHaveLength(5);
  });
});

describe('a sweep', () => {
  test('looks at exactly as many slots as it is told, taken or free', () => {
    for (let number = 0; number < 10; number++) there({ ...udp, sourcePort: number + 1 }, 0);
    for (const [key] of [...instance.map('connections').entries()].slice(0, 4)) {
      instance.map('connections').delete(key);
    }
    // Four free slots, then six whose time is over.
    expect(Array.from({ length: 6 }, () => instance.sweep(30_000, 2))).toEqual([0, 0, 2, 2, 2, 0]);
  });

  test('that has looked at all of them goes on with the first', () => {
    for (let number = 0; number < 10; number++) {
      there({ ...udp, sourcePort: number + 1 }, 0, number === 0 ? 0 : 1);
    }
    expect(instance.sweep(0, 100)).toBe(0);
    // It alone is over.
    expect(instance.sweep(30_000, 1)).toBe(1);
  });

  test('does not change who is given up when the table is full', async () => {
    const story = async (isSwept: boolean): Promise<string[]> => {
      instance = await makeNode({ connections4: 64 });
      const outcomes: string[] = [];
      for (let number = 0; number < 3000; number++) {
        const timeMs = number * 400;
        const packet = { ...tcp, sourcePort: 1 + ((number * 7919) % 300) };
        const { verdict, effects } = (number % 3 ? there : back)(
          packet,
          number % 3 ? syn : 18,
          timeMs,
        );
        outcomes.push(`${verdict} ${effects}`);
        if (isSwept) instance.sweep(timeMs, number % 64);
      }
      expect(count('connectionsEvicted')).toBeGreaterThan(100);
      return outcomes;
    };
    expect(await story(true)).toEqual(await story(false));
  });
});

describe('a full table', () => {
  const fill = (flags: readonly number[]): void => {
    for (let number = 0; number < 16; number++) {
      const packet = { ...tcp, sourcePort: 1000 + number };
      for (const [step, value] of flags.entries()) (step % 2 ? back : there)(packet, value);
    }
    expect(states()).toHaveLength(16);
  };

  test('makes room for a new connection by expired ones, wherever they are', () => {
    fill([syn]);
    expect(there({ ...tcp, sourcePort: 1 }, syn, 120_000)).toMatchObject({ verdict: 'forward' });
    expect(states()).toHaveLength(1);
    expect(count('connectionsExpired')).toBe(16);
  });

  test('makes room once more when the next ones are over', () => {
    for (let number = 0; number < 16; number++) {
      there({ ...udp, sourcePort: 1000 + number }, 0, number < 8 ? 0 : 10_000);
    }
    for (let number = 0; number < 8; number++) {
      there({ ...udp, sourcePort: 2000 + number }, 0, 30_000);
    }
    expect(count('connectionsExpired')).toBe(8);
    expect(there({ ...udp, sourcePort: 1 }, 0, 40_000)).toMatchObject({ verdict: 'forward' });
    expect([count('connectionsExpired'), count('connectionsEvicted')]).toEqual([16, 0]);
  });

  test('makes room by one whose life was cut short', async () => {
    instance = await makeNode({ connections4: 2 });
    const other = { ...tcp, sourcePort: 1 };
    for (const packet of [tcp, other]) {
      there(packet, syn);
      back(packet, syn | ack);
      there(packet, ack);
    }
    const next = { ...tcp, sourcePort: 2 };
    expect(there(next, syn, 150_000)).toMatchObject({ reason: 'conntrack-full' });
    // Both ends say that it is over, out of step.
    const far = { sequence: 50_000_000, tcpFlags: fin | ack };
    send(instance, { ...tcp, ...far }, { port: client, timeMs: 151_000 });
    send(instance, answerTo(tcp, far), { port: server, timeMs: 151_000 });
    expect(there(next, syn, 451_000)).toMatchObject({ verdict: 'forward' });
  });

  test('gives up an unanswered one, never an assured one', () => {
    fill([syn, syn | ack, ack]);
    expect(there({ ...tcp, sourcePort: 1 }, syn)).toMatchObject({ reason: 'conntrack-full' });
    expect(count('connectionsEvicted')).toBe(0);
    instance.map('connections').delete([...instance.map('connections').entries()][0]![0]);
    there({ ...tcp, sourcePort: 1 }, syn);
    let created = 0;
    for (let number = 0; number < 200; number++) {
      const sent = there({ ...tcp, sourcePort: 3000 + number }, syn);
      if (sent.verdict === 'forward') created += 1;
    }
    expect(count('connectionsEvicted')).toBe(created);
    expect(states().filter((state) => state === 'established')).toHaveLength(15);
  });
});
