// ICMP that asks and answers: a connection is a request's addresses, type and identifier. Sources:
// Linux nf_conntrack_proto_icmp.c, nf_conntrack_proto_icmpv6.c.

import { beforeEach, describe, expect, test } from 'vitest';
import { Effect } from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { addresses, client, makeNode, send, server } from './node.ts';

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode();
});

const isInvalid = ({ effects }: { effects: number }) => (effects & Effect.Invalid) !== 0;
const count = () => [...instance.map('connections').entries()].length;

describe.each([
  [4, 1, { 8: 0, 13: 14, 15: 16, 17: 18 }],
  [6, 58, { 128: 129, 139: 140 }],
] as const)('IPv%i', (family, protocol, queries) => {
  const own = addresses[family];
  const ends = { source: own.client, destination: own.server, protocol, icmpIdentifier: 7 };
  const there = (icmpType: number, icmpIdentifier = 7) =>
    send(instance, { ...ends, icmpType, icmpIdentifier }, { port: client });
  const back = (icmpType: number) => {
    const turned = { source: own.server, destination: own.client };
    return send(instance, { ...ends, ...turned, icmpType }, { port: server });
  };
  const pairs = Object.entries(queries).map(([request, answer]) => [Number(request), answer]);

  test.each(pairs)('a request of type %i is answered by type %i alone', (request, answer) => {
    const wrong = pairs.find(([, other]) => other !== answer)![1]!;
    expect(isInvalid(there(request!))).toBe(false);
    expect(isInvalid(back(wrong))).toBe(true);
    expect(isInvalid(back(answer!))).toBe(false);
    expect(count()).toBe(1);
  });

  test('an answer that nobody asked for is invalid', () => {
    for (const [, answer] of pairs) expect(isInvalid(there(answer!))).toBe(true);
  });

  test('both ends may use one identifier at once, and one end several', () => {
    const [[request]] = pairs as [[number]];
    there(request);
    back(request);
    there(request, 8);
    expect(count()).toBe(3);
  });
});

test.each([
  [4, { protocol: 1, icmpType: 8 }, 0],
  [6, { protocol: 58, icmpType: 128 }, 129],
] as const)('IPv%i: the code is part of what a request is known by', (family, kind, answerType) => {
  const { client: source, server: destination } = addresses[family];
  const ends = { source, destination, ...kind, icmpIdentifier: 7 };
  const codes = [0, 1, 77, 128, 255];
  for (const icmpCode of codes) send(instance, { ...ends, icmpCode }, { port: client });
  const listed = [...instance.map('connections').entries()].map(([key]) => key.icmpCode);
  expect(listed.toSorted((one, other) => one - other)).toEqual(codes);
  const turned = { ...ends, source: destination, destination: source, icmpType: answerType };
  for (const icmpCode of codes) {
    const { effects } = send(instance, { ...turned, icmpCode }, { port: server });
    expect(effects & Effect.ReplyDirection).toBe(Effect.ReplyDirection);
  }
  expect(isInvalid(send(instance, { ...turned, icmpCode: 2 }, { port: server }))).toBe(true);
});

test.each([3, 55])(
  'an error about ICMP of type %i, which has no opposite, is about nothing',
  (type) => {
    const own = addresses[4];
    const request = { source: own.client, destination: own.server, protocol: 1, icmpIdentifier: 0 };
    send(instance, { ...request, icmpType: 8 }, { port: client });
    // No opposite is not type 0, the answer to an echo.
    const quoted = { source: own.server, destination: own.client, protocol: 1, icmpType: type };
    const error = {
      source: own.client,
      destination: own.server,
      protocol: 1,
      icmpType: 11,
      quoted,
    };
    const sent = send(instance, error, { port: client });
    expect(isInvalid(sent)).toBe(true);
    expect(sent.effects & Effect.Related).toBe(0);
  },
);
