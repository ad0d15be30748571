// IP options held to the rules of Linux: which packets a node refuses for them, which senders it
// tells, and what exactly.

import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { optionBytes, withExtension, withIpOptions } from '../../fuzz/arbitrary/ip-options.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { hasValidChecksums } from '../../host/net/packet-layout.ts';
import { encodePacket } from '../../host/net/packet.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { addresses, client, host, makeNode, send, server, servicePort, uplink } from './node.ts';
import { bytesOf, datagram, place, withOptions } from './option-packets.ts';
import { passedOn } from './passage.ts';
import '../property/setup.ts';

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode({ connections4: 64, connections6: 64 });
});

/** What IPv4 says about it: type 12, and the pointer in the first of four bytes. */
function problem4(about: Uint8Array, pointer: number, source = addresses[4].node): Uint8Array {
  const rest = { icmpType: 12, icmpCode: 0, icmpRest: pointer * 0x1000000, payload: about };
  return encodePacket({ source, destination: addresses[4].client, protocol: 1, ...rest }, 'raw');
}

/** What IPv6 says about it: type 4, a code, and a pointer of four bytes. */
function problem6(
  about: Uint8Array,
  [icmpCode, icmpRest]: readonly [code: number, pointer: number],
  source = addresses[6].node,
): Uint8Array {
  const rest = { icmpType: 4, icmpCode, icmpRest, payload: about };
  return encodePacket({ source, destination: addresses[6].client, protocol: 58, ...rest }, 'raw');
}

const broken4: readonly [what: string, options: string, pointer: number][] = [
  ['an option that is shorter than its head', '88 01 00 00', 20],
  ['an option that ends behind the header', '01 01 88 04', 22],
  ['a type and no length', '01 01 01 88', 23],
  ['two recorded routes', '07 03 04 07 03 04 00 00', 23],
  ['a recorded route without a pointer', '07 02 00 00', 21],
  ['a recorded route whose pointer is in its head', '07 07 03 00 00 00 00 00', 22],
  ['a recorded route with half an address left', '07 07 05 00 00 00 00 00', 22],
  ['two time stamps', '44 04 05 00 44 04 05 00', 24],
  ['a time stamp without flags', '44 03 05 00', 21],
  ['a time stamp whose pointer is in its head', '44 08 04 00 00 00 00 00', 22],
  ['a time stamp with half a time left', '44 08 06 00 00 00 00 00', 22],
  ['a time stamp without room for the address', '44 08 05 01 00 00 00 00', 22],
  ['a time stamp without room for the given address', '44 08 05 03 00 00 00 00', 22],
  ['a full time stamp that 15 routers missed', '44 04 05 f0', 23],
  ['a source route without a pointer', '83 02 00 00', 21],
  ['a source route whose pointer is in its head', '89 07 03 00 00 00 00 00', 22],
  ['two source routes', '83 03 04 89 03 04 00 00', 23],
  ['a router alert without a value', '94 03 00 00', 21],
  ['a label that is too short', '86 06 00 00 00 01 00 00', 21],
  ['a label of a domain that is not known', '86 08 00 00 00 01 01 02', 22],
  ['a label that is too short by one byte', '86 07 00 00 00 01 01 00', 21],
  ['a recorded route with the last byte left', '07 07 07 00 00 00 00 00', 22],
  ['a time stamp with the last byte left', '44 08 08 00 00 00 00 00', 22],
  [
    'a time stamp with one byte less than address and time',
    '44 0b 05 01 00 00 00 00 00 00 00 00',
    22,
  ],
];

const sound4: readonly [what: string, options: string][] = [
  ['padding', '01 01 01 00'],
  ['whatever is behind the end', '00 88 01 44'],
  ['an option that nobody knows', '9e 04 00 00'],
  ['an option without a value, at the end', '01 01 9e 02'],
  ['a recorded route that is full', '07 03 04 00'],
  ['a recorded route whose pointer is far away', '07 07 ff 00 00 00 00 00'],
  ['a full time stamp of given addresses', '44 04 05 f3'],
  ['an option of two bytes at the end', '01 01 9e 02'],
  ['a router alert', '94 04 00 00'],
  ['two router alerts', '94 04 00 00 94 04 00 00'],
];

describe('IPv4 options', () => {
  test.each(broken4)('%s: parameter problem', (_, options, pointer) => {
    const frame = withOptions(datagram(4), options);
    const sent = send(instance, frame, place);
    expect(sent).toMatchObject({ verdict: 'reply', reason: 'bad-ip-option', outPort: client });
    // Type of service and identification are the answer's own.
    expect([...sent.frame.subarray(0, 2)]).toEqual([0x45, 0xc0]);
    const expected = problem4(frame, pointer);
    expect(sent.frame.subarray(2, 4)).toEqual(expected.subarray(2, 4));
    expect(sent.frame.subarray(12)).toEqual(expected.subarray(12));
    expect(hasValidChecksums(sent.frame, 'raw')).toBe(true);
    expect([...instance.map('connections').entries()]).toEqual([]);
  });

  test.each(sound4)('%s: it goes on as it came', (_, options) => {
    const frame = withOptions(datagram(4), options);
    const sent = send(instance, frame, place);
    expect(sent).toMatchObject({ verdict: 'forward', outPort: server });
    expect(sent.frame.subarray(20)).toEqual(frame.subarray(20));
  });

  test.each(['83 07 04 0a 00 00 01 00', '89 03 04 00'])('source route %s: dropped', (options) => {
    const sent = send(instance, withOptions(datagram(4), options), place);
    expect(sent).toMatchObject({ verdict: 'drop', reason: 'source-route' });
    const next = send(instance, withOptions(datagram(4), '94 04 00 00'), place);
    expect(next.verdict, 'each packet by its own options').toBe('forward');
  });

  test('the error comes from the address that was dialled', () => {
    const { service } = addresses[4];
    const dialled = datagram(4, { destination: service, destinationPort: servicePort });
    const frame = withOptions(dialled, '94 03 00 00');
    const first = send(instance, frame, place);
    expect(first.frame.subarray(12)).toEqual(problem4(frame, 21, service).subarray(12));
    send(instance, dialled, place);
    const later = send(instance, frame, place);
    expect(later.frame.subarray(12)).toEqual(problem4(frame, 21, service).subarray(12));
  });

  test('what is for the node is looked at, what the node sends is not', () => {
    const { node: destination } = addresses[4];
    const received = withOptions(datagram(4, { destination }), '94 03 00 00');
    expect(send(instance, received, place)).toMatchObject({ reason: 'bad-ip-option' });
    const own = withOptions(datagram(4, { source: destination }), '94 03 00 00');
    expect(send(instance, own, { ...place, port: host }).verdict).toBe('forward');
  });

  test('of a datagram in pieces the first fragment counts', () => {
    const bad = (offset: number): Uint8Array => {
      const frame = withOptions(datagram(4, { payload: new Uint8Array(8) }), '94 03 00 00');
      new DataView(frame.buffer).setUint16(6, (offset === 0 ? 0x2000 : 0) | (offset >> 3));
      return frame;
    };
    const good = bad(16);
    good.set(bytesOf('01 01 01 01'), 20);
    expect(send(instance, bad(0), place)).toMatchObject({ verdict: 'reply' });
    expect(send(instance, good, place)).toMatchObject({ verdict: 'drop', reason: 'bad-ip-option' });
    const other = (frame: Uint8Array): Uint8Array => frame.fill(7, 4, 6);
    const sound = bad(0);
    sound.set(bytesOf('01 01 01 01'), 20);
    expect(send(instance, other(sound), place).verdict).toBe('forward');
    expect(send(instance, other(bad(16)), place).verdict).toBe('forward');
  });
});

const told6: readonly [what: string, options: string, code: number, pointer: number][] = [
  ['an unknown option that is to be reported', '80 04 00 00 00 00', 2, 42],
  ['the same behind one to be skipped', '1e 01 00 9f 01 00', 2, 45],
  ['one that is reported to single senders', 'de 04 00 00 00 00', 2, 42],
  ['a jumbogram that is none', 'c2 04 00 00 ff ff', 0, 44],
  ['a jumbogram with a payload length', 'c2 04 00 01 00 00', 0, 42],
  ['one behind a single byte of padding', '00 80 03 00 00 00', 2, 43],
];

const silent6: readonly [what: string, options: string, reason: string][] = [
  ['an unknown option to be dropped for', '40 04 00 00 00 00', 'unknown-ip-option'],
  ['an option that ends behind the header', '1e 05 00 00 00 00', 'bad-ip-option'],
  ['a type and no length', '01 03 00 00 00 1e', 'bad-ip-option'],
  ['padding whose last byte is not empty', '01 04 00 00 00 01', 'bad-ip-option'],
  ['padding whose first byte is not empty', '01 04 01 00 00 00', 'bad-ip-option'],
  ['padding of 8 bytes', '01 04 00 00 00 00 00 00 1e 04 00 00 00 00', 'bad-ip-option'],
  ['nine options', '1e 00 '.repeat(9) + '01 02 00 00', 'bad-ip-option'],
  ['a router alert of three bytes', '05 03 00 00 00 00', 'bad-ip-option'],
  ['telemetry out of line', '31 02 00 00 01 00', 'bad-ip-option'],
  ['telemetry at an odd byte', '00 00 00 31 01 00', 'bad-ip-option'],
  ['a label', '07 08 00 00 00 01 00 00 00 00 01 02 00 00', 'bad-ip-option'],
  ['a jumbogram out of line', '00 c2 04 00 01 00 00', 'bad-ip-option'],
  ['a jumbogram of three bytes', 'c2 03 00 01 00 00', 'bad-ip-option'],
];

const sound6: readonly [what: string, options: string][] = [
  ['padding', '00 00 00 00 00 00'],
  ['padding of 7 bytes', '00 01 04 00 00 00 00 1e 04 00 00 00 00 00'],
  ['padding that ends in a single byte', '01 03 00 00 00 00'],
  ['padding of 7 bytes behind an option', '1e 00 01 05 00 00 00 00 00 1e 03 00 00 00'],
  ['an unknown option to be skipped', '1e 04 01 02 03 04'],
  ['eight options', '1e 00 '.repeat(8) + '01 04 00 00 00 00'],
  ['a router alert', '05 02 00 00 01 00'],
  ['telemetry in line', '01 00 31 02 00 00'],
];

describe('IPv6 hop-by-hop options', () => {
  test.each(told6)('%s: parameter problem', (_, options, ...place6) => {
    const frame = withOptions(datagram(6), options);
    const sent = send(instance, frame, place);
    const reason = place6[0] === 2 ? 'unknown-ip-option' : 'bad-ip-option';
    expect(sent).toMatchObject({ verdict: 'reply', reason, outPort: client });
    expect(sent.frame).toEqual(problem6(frame, place6));
    expect([...instance.map('connections').entries()]).toEqual([]);
  });

  test.each(silent6)('%s: dropped', (_, options, reason) => {
    const sent = send(instance, withOptions(datagram(6), options), place);
    expect(sent).toMatchObject({ verdict: 'drop', reason });
  });

  test.each(sound6)('%s: it goes on as it came', (_, options) => {
    const frame = withOptions(datagram(6), options);
    const sent = send(instance, frame, place);
    expect(sent).toMatchObject({ verdict: 'forward', outPort: server });
    expect(sent.frame.subarray(8)).toEqual(frame.subarray(8));
  });

  test('they come before tracking: the error is the node’s, whatever was dialled', () => {
    const { service } = addresses[6];
    const dialled = datagram(6, { destination: service, destinationPort: servicePort });
    send(instance, dialled, place);
    const frame = withOptions(dialled, '80 04 00 00 00 00');
    expect(send(instance, frame, place).frame).toEqual(problem6(frame, [2, 42]));
  });

  test('what is for another address of the node is answered from there', () => {
    const destination = addresses[6].node;
    const frame = withOptions(datagram(6, { destination }), '80 04 00 00 00 00');
    expect(send(instance, frame, place).frame).toEqual(problem6(frame, [2, 42], destination));
    const own = withOptions(datagram(6, { source: destination }), '80 04 00 00 00 00');
    expect(send(instance, own, { ...place, port: host }).verdict).toBe('forward');
  });

  test('to a group only that is told which must be (RFC 8200, 4.2; RFC 4443, 2.4 e)', () => {
    const toGroup = datagram(6, { destination: 'ff02::1' });
    const ethernet = (options: string): Uint8Array => {
      const header = bytesOf('33 33 00 00 00 01 02 00 00 00 00 01 86 dd');
      return Uint8Array.of(...header, ...withOptions(toGroup, options));
    };
    const verdict = (options: string): string =>
      send(instance, ethernet(options), { port: client }).verdict;
    expect(verdict('80 04 00 00 00 00')).toBe('reply');
    expect(verdict('c0 04 00 00 00 00')).toBe('drop');
    expect(verdict('c2 04 00 00 00 01')).toBe('drop');
    const raw = (options: string): string =>
      send(instance, withOptions(toGroup, options), place).verdict;
    expect(raw('80 04 00 00 00 00')).toBe('reply');
    expect(raw('c0 04 00 00 00 00')).toBe('drop');
    expect(raw('c2 04 00 00 00 01')).toBe('drop');
  });

  test('a hop-by-hop header behind another header concerns the node alone', () => {
    const behind = (destination: string, type: number): Uint8Array => {
      const packet = encodePacket(datagram(6, { destination }), 'raw');
      return withExtension(withIpOptions(packet, bytesOf('80 04 00 00 00 00')), type, bytesOf(''));
    };
    const frame = behind(addresses[6].node, 60);
    const sent = send(instance, frame, place);
    expect(sent).toMatchObject({ verdict: 'reply', reason: 'misplaced-hop-by-hop' });
    expect(sent.frame).toEqual(problem6(frame, [1, 40]));
    const second = behind(addresses[6].node, 0);
    expect(send(instance, second, place).frame).toEqual(problem6(second, [1, 40]));
    expect(send(instance, behind(addresses[6].server, 60), place).verdict).toBe('forward');
  });

  test('wherever in the chain it is; what other headers hold is not looked at', () => {
    const behindTwo = (destination: string): Uint8Array => {
      const packet = encodePacket(datagram(6, { destination }), 'raw');
      const misplaced = withExtension(withIpOptions(packet, bytesOf('')), 60, bytesOf(''));
      return withExtension(misplaced, 60, bytesOf('80 0c 01 01 01 01 01 01 01 01 01 01 01 01'));
    };
    const frame = behindTwo(addresses[6].node);
    const sent = send(instance, frame, place);
    expect(sent).toMatchObject({ verdict: 'reply', reason: 'misplaced-hop-by-hop' });
    // The second header names the third.
    expect(sent.frame).toEqual(problem6(frame, [1, 56]));
    expect(send(instance, behindTwo(addresses[6].server), place).verdict).toBe('forward');
  });

  test('the headers of what is for the node are followed to the last one', () => {
    const packet = encodePacket(datagram(6, { destination: addresses[6].node }), 'raw');
    const inside = (types: readonly number[]): Uint8Array =>
      types.reduceRight((inner, type) => withExtension(inner, type, bytesOf('01 04')), packet);
    const long = (types: readonly number[]): Uint8Array =>
      withExtension(inside(types), 60, bytesOf('01 0c' + ' 00'.repeat(12)));
    expect(send(instance, inside([60, 60]), place).verdict).toBe('local');
    expect(send(instance, inside([0, 60, 60]), place).verdict).toBe('local');
    const third = inside([60, 60, 0]);
    expect(send(instance, third, place).frame).toEqual(problem6(third, [1, 48]));
    const behindLong = long([60, 0]);
    expect(send(instance, behindLong, place).frame).toEqual(problem6(behindLong, [1, 56]));
  });
});

const bad = { 4: '94 03 00 00', 6: '80 04 00 00 00 00' } as const;
const reasons = { 4: 'bad-ip-option', 6: 'unknown-ip-option' } as const;

describe.each([4, 6] as const)('IPv%i: nobody is told', (family) => {
  const dropped = (frame: Uint8Array, port = client): void => {
    const reason = expect.stringMatching(`${reasons[family]}|martian-source`);
    expect(send(instance, frame, { ...place, port })).toMatchObject({ verdict: 'drop', reason });
  };

  test('about an ICMP error', () => {
    const quoted = datagram(family);
    send(instance, quoted, place);
    const { source, destination } = quoted;
    const unreachable = family === 4 ? { protocol: 1, icmpType: 3 } : { protocol: 58, icmpType: 1 };
    const error = { source: destination, destination: source, ...unreachable, quoted };
    dropped(withOptions(error, bad[family]), server);
  });

  test.each(['martian', 'unspecified', 'multicast'])('whose source is %s', (kind) => {
    const sources: Record<string, string> = {
      martian: family === 4 ? addresses[4].node : '::1',
      unspecified: family === 4 ? '0.0.0.0' : '::',
      multicast: family === 4 ? '224.0.0.5' : 'ff02::5',
    };
    dropped(withOptions(datagram(family, { source: sources[kind]! }), bad[family]), uplink);
  });

  test('beyond the limit', () => {
    const [node4, node6] = [addresses[4].node, addresses[6].node];
    instance.map('config').update(0, { node4, node6, errorsPerSecond: 1, errorsAtOnce: 1 });
    const frame = withOptions(datagram(family), bad[family]);
    expect(send(instance, frame, place).verdict).toBe('reply');
    dropped(frame);
  });

  test('by a node without an address', () => {
    instance.map('config').update(0, {});
    dropped(withOptions(datagram(family), bad[family]));
  });
});

test.each([bad[4], '88 01 00 00'])('IPv4: nor of a frame to a group of stations: %s', (options) => {
  const frame = Uint8Array.of(
    ...bytesOf('03 00 00 00 00 02 02 00 00 00 00 01 08 00'),
    ...withOptions(datagram(4), options),
  );
  const sent = send(instance, frame, { port: client });
  expect(sent).toMatchObject({ verdict: 'drop', reason: 'bad-ip-option' });
});

test('IPv6: nor of a fragment that is not the first', () => {
  const fragment = withExtension(
    encodePacket(datagram(6), 'raw'),
    44,
    bytesOf('00 08 00 00 00 01'),
  );
  const frame = withIpOptions(fragment, bytesOf(bad[6]));
  expect(send(instance, frame, place)).toMatchObject({
    verdict: 'drop',
    reason: 'unknown-ip-option',
  });
});

test('IPv6: of a datagram that was refused for its first fragment nothing goes on', () => {
  const piece = (value: string, options: string): Uint8Array => {
    const udp = encodePacket(datagram(6, { payload: new Uint8Array(8) }), 'raw');
    return withIpOptions(withExtension(udp, 44, bytesOf(value)), bytesOf(options));
  };
  const first = piece('00 01 00 00 00 01', bad[6]);
  expect(send(instance, first, place).frame).toEqual(problem6(first, [2, 42]));
  const later = piece('00 10 00 00 00 01', '01 04 00 00 00 00');
  const reason = 'unknown-ip-option';
  expect(send(instance, later, place)).toMatchObject({ verdict: 'drop', reason });
});

const timeMs = Date.UTC(2026, 10, 21, 17, 5, 9, 123);

test('any options: what leaves is what came, but for the hop, or a sound error about it', () => {
  fc.assert(
    fc.property(fc.constantFrom(4 as const, 6 as const), optionBytes(), (family, options) => {
      const frame = withIpOptions(encodePacket(datagram(family), 'raw'), options);
      const arrival = { ...place, timeMs };
      const { verdict, reason, packet, frame: left } = send(instance, frame, arrival);
      if (verdict === 'drop') expect(reason).toMatch(/^(bad|unknown)-ip-option$|^source-route$/);
      if (verdict === 'forward') {
        const at = family === 4 ? 20 : 40;
        const end = family === 4 ? frame.length - 11 : at;
        const passed = passedOn(frame.subarray(at, end), addresses[4].node, timeMs);
        expect([...left.subarray(at, end)]).toEqual([...passed]);
        expect(left.subarray(end)).toEqual(frame.subarray(end));
        expect(left.subarray(12, 20)).toEqual(frame.subarray(12, 20));
        if (family === 4) expect(hasValidChecksums(left, 'raw')).toBe(true);
      }
      if (verdict !== 'reply') return;
      expect(hasValidChecksums(left, 'raw')).toBe(true);
      expect(packet).toMatchObject({ icmpType: family === 4 ? 12 : 4 });
      const pointer = family === 4 ? left[24]! : new DataView(left.buffer).getUint32(44);
      expect(pointer).toBeGreaterThanOrEqual(family === 4 ? 20 : 42);
      expect(pointer).toBeLessThan(frame.length);
      expect(left.subarray(family === 4 ? 28 : 48)).toEqual(frame);
    }),
    { numRuns: 2000 },
  );
});
