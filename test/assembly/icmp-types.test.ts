// Every type of ICMP, as a packet of its own from pod to pod. Facts: RFC 792, RFC 950, RFC 4443
// (2.1), RFC 4861, RFC 2710, RFC 3810, RFC 4620; Linux nf_conntrack_proto_icmp.c and
// nf_conntrack_proto_icmpv6.c: what asks opens a connection, what answers nothing is invalid,
// errors are about the packet they quote, and what neighbours say to each other is left alone.

import { expect, test } from 'vitest';
import { Effect } from '../../host/abi/abi.gen.ts';
import { addresses, client, makeNode, send } from './node.ts';

const kinds = {
  4: {
    protocol: 1,
    asks: [8, 13, 15, 17],
    reports: [3, 4, 5, 11, 12],
    left: [] as number[],
  },
  6: {
    protocol: 58,
    asks: [128, 139],
    reports: [1, 2, 3, 4],
    left: [130, 131, 132, 133, 134, 135, 136, 137, 143],
  },
};

test.each([4, 6] as const)('IPv%i', async (family) => {
  const { protocol, asks, reports, left } = kinds[family];
  const ends = { source: addresses[family].client, destination: addresses[family].server };
  const found = { asks: [], reports: [], left: [], invalid: [] } as Record<string, number[]>;
  const instance = await makeNode();
  for (let icmpType = 0; icmpType < 256; icmpType++) {
    const packet = { ...ends, protocol, icmpType, payload: new Uint8Array(20) };
    const { effects, reason } = send(instance, packet, { port: client });
    if (reason === 'bad-quoted-packet') found['reports']!.push(icmpType);
    else if (effects & Effect.Created) found['asks']!.push(icmpType);
    else found[effects & Effect.Invalid ? 'invalid' : 'left']!.push(icmpType);
  }
  const known = [...asks, ...reports, ...left];
  const invalid = [...Array(256).keys()].filter((type) => !known.includes(type));
  expect(found).toEqual({ asks, reports, left, invalid });
});
