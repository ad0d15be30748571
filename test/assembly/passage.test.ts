// IPv4 options that a router fills in when it forwards a packet: recorded routes and time stamps.

import { beforeEach, describe, expect, test } from 'vitest';
import type { Instance } from '../../host/dataplane/instance.ts';
import { hasValidChecksums } from '../../host/net/packet-layout.ts';
import { addresses, host, makeNode, send, server } from './node.ts';
import { bytesOf, datagram, place, withOptions } from './option-packets.ts';

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode({ connections4: 64, connections6: 64 });
});

const timeMs = Date.UTC(2026, 10, 21, 17, 5, 9, 123);

/** Time of day, as options have it: 17:05:09.123. */
const time = '03 aa 8e 03';
const nodeAddress = 'c0 a8 32 0b';

const recorded4: readonly [what: string, before: string, after: string][] = [
  ['a recorded route', '07 07 04 00 00 00 00 00', `07 07 08 ${nodeAddress} 00`],
  [
    'a second router',
    '01 07 0b 08 0a 00 00 01 00 00 00 00',
    `01 07 0b 0c 0a 00 00 01 ${nodeAddress}`,
  ],
  ['a time stamp', '44 08 05 00 00 00 00 00', `44 08 09 00 ${time}`],
  [
    'a time stamp with an address',
    '44 0c 05 01 00 00 00 00 00 00 00 00',
    `44 0c 0d 01 ${nodeAddress} ${time}`,
  ],
  [
    'a time stamp asked of this node',
    `44 0c 05 03 ${nodeAddress} 00 00 00 00`,
    `44 0c 0d 03 ${nodeAddress} ${time}`,
  ],
  [
    'a time stamp asked of another node',
    '44 0c 05 03 0a 00 00 01 00 00 00 00',
    '44 0c 05 03 0a 00 00 01 00 00 00 00',
  ],
  // What is nobody's own Linux takes for its own here.
  ...['00 00 00 00', '7f 00 00 01', 'e0 00 00 01', 'ff ff ff ff'].map(
    (given): [string, string, string] => [
      `a time stamp asked of ${given}`,
      `44 0c 05 03 ${given} 00 00 00 00`,
      `44 0c 0d 03 ${given} ${time}`,
    ],
  ),
  ['a time stamp with no room left', '44 08 09 00 00 00 00 00', '44 08 09 10 00 00 00 00'],
  ['a recorded route with no room left', '07 07 08 0a 00 00 01 00', '07 07 08 0a 00 00 01 00'],
  ['a time stamp that 14 routers missed', '44 04 05 e0', '44 04 05 f0'],
  [
    'a time stamp of a kind that nobody knows',
    '44 08 05 02 00 00 00 00',
    '44 08 05 02 00 00 00 00',
  ],
];

describe('IPv4 options that routers fill in', () => {
  test.each(recorded4)('%s', (_, before, after) => {
    const frame = withOptions(datagram(4), before);
    const sent = send(instance, frame, { ...place, timeMs });
    expect(sent).toMatchObject({ verdict: 'forward', outPort: server });
    expect([...sent.frame.subarray(20)]).toEqual([...bytesOf(after), ...frame.subarray(-11)]);
    expect(hasValidChecksums(sent.frame, 'raw')).toBe(true);
  });

  test('by the node that it is for: the address it was sent to, as the stack finds it', () => {
    const received = withOptions(datagram(4, { destination: addresses[4].node }), recorded4[0]![1]);
    const sent = send(instance, received, place);
    expect(sent.verdict).toBe('local');
    expect([...sent.frame.subarray(20, 28)]).toEqual([...bytesOf(recorded4[0]![2])]);
    expect(sent.frame.subarray(0, 20)).toEqual(received.subarray(0, 20));
  });

  test('not when the node sends', () => {
    const { node } = addresses[4];
    const own = withOptions(datagram(4, { source: node }), recorded4[0]![1]);
    expect(send(instance, own, { ...place, port: host }).frame).toEqual(own);
  });

  test('not in later fragments, which are not looked at', () => {
    const piece = (flags: number): Uint8Array => {
      const frame = withOptions(
        datagram(4, { payload: bytesOf('00 '.repeat(8)) }),
        recorded4[0]![1],
      );
      new DataView(frame.buffer).setUint16(6, flags);
      return frame;
    };
    expect(send(instance, piece(0x2000), place).frame[22]).toBe(8);
    expect(send(instance, piece(2), place).frame[22]).toBe(4);
  });
});
