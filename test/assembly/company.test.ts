// Packets that share their vector with others. They are looked at ahead of their turn, in a hurry:
// what only looks plain, or only looks like a packet of a known connection, must fare as it would
// alone.

import { describe, expect, test } from 'vitest';
import { cutPacket } from '../../fuzz/arbitrary/pieces.ts';
import { writeHex } from '../../fuzz/subject/hex.ts';
import { Effect, PortKind, RouteKind, Verdict } from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import type { LinkType } from '../../host/net/packet-layout.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { addresses, answerTo, client, host, makeNode, send, server, uplink } from './node.ts';

const [tcp, udp] = [6, 17];
const [syn, ack] = [2, 16];
/** The first number of a segment with data; its upper half could be the length of a datagram. */
const first = 0x0014_0065;

interface Frame {
  readonly frame: Uint8Array;
  readonly port: number;
  readonly link: LinkType;
  readonly timeMs?: number;
}

/** What becomes of frames, all in one vector. */
function run({ vector }: Instance, frames: readonly Frame[]) {
  vector.clear();
  for (const { frame, ...entry } of frames) vector.add(frame, { timeMs: 0, ...entry });
  vector.run();
  return frames.map((_, index) => {
    const { frame, verdict, reason, outPort, service, effects, state } = vector.outcome(index);
    return { verdict, reason, outPort, service, effects, state, frame: writeHex(frame) };
  });
}

/** Everything that is remembered. */
const known = (instance: Instance) => [...instance.map('connections').entries()];
const tell = (what: unknown): string => JSON.stringify(what);

/** Both ends of a connection from pod to pod, in which nothing is doubtful. */
function open(instance: Instance, request: PacketFields): void {
  const at = { port: client };
  if (request.protocol === udp) {
    send(instance, request, at);
    send(instance, answerTo(request), { port: server });
    return;
  }
  send(instance, { ...request, tcpFlags: syn, sequence: first - 1 }, at);
  const answer = { tcpFlags: syn | ack, sequence: 500, acknowledgement: first };
  send(instance, answerTo(request, answer), { port: server });
  send(instance, { ...request, tcpFlags: ack, sequence: first, acknowledgement: 501 }, at);
}

const dropped: Frame = { frame: new Uint8Array(4), port: client, link: 'raw' };

/** Behind the uplink; bytes 26 and 27 of a packet to the IPv6 one are Ethernet’s type of IPv6. */
const inType = { 4: '203.0.113.9', 6: 'fd00:86dd::9' } as const;

const cases = ([4, 6] as const).flatMap((family) =>
  [tcp, udp].flatMap((protocol) =>
    (['ethernet', 'raw'] as const).map((link) => ({ family, protocol, link })),
  ),
);

describe.each(cases)('IPv$family, protocol $protocol, $link', ({ family, protocol, link }) => {
  const own = addresses[family];
  const request: PacketFields = {
    source: own.client,
    destination: own.server,
    protocol,
    sourcePort: 40_000,
    destinationPort: 8080,
  };
  const segment = { tcpFlags: ack, sequence: first, acknowledgement: 501 };
  const plain: PacketFields = {
    ...request,
    ...(protocol === tcp ? segment : {}),
    // It begins as a time stamp does.
    payload: Uint8Array.of(1, 1, 8, 10, 5, 6, 7, 8),
  };
  const frame = encodePacket(plain, link);
  const network = link === 'ethernet' ? 14 : 0;
  const transport = network + (family === 4 ? 20 : 40);

  /** The frame with some of its bytes changed, `at` counted from a header. */
  const changed = (at: number, ...bytes: number[]): Uint8Array => {
    const copy = frame.slice();
    copy.set(bytes, at);
    return copy;
  };
  const bytesFrom = network + (family === 4 ? 2 : 4);
  const shorter = [0, 1, 7, 8, 11, 12, 19, 20, 21, 27, 28, 29, 39, 40, 41, 47, 48, 60, 61, 68, 69];
  const lengths = [...shorter, 65_535].map((length) =>
    changed(bytesFrom, length >> 8, length & 255),
  );
  const firstBytes = [...Array(16).keys()].flatMap((half) => [
    changed(network, (half << 4) | 5),
    changed(network, (frame[network]! & 0xf0) | half),
  ]);
  const protocols = [0, 1, 6, 17, 43, 44, 51, 58, 59, 60, 132, 255].map((byte) =>
    changed(network + (family === 4 ? 9 : 6), byte),
  );
  const links = [
    [8, 6],
    [8, 1],
    [0x81, 0],
    [0x88, 0xa8],
    [0x86, 0xdd],
    [8, 0],
  ].map((type) => changed(Math.max(0, network - 2), ...type));
  const fragments = [0x20, 0x40, 0x3f, 0x1f, 0x01, 0x60].flatMap((high) => [
    changed(network + 6, high, 0),
    changed(network + 6, high, 1),
  ]);
  const headers = [...Array(16).keys()].map((words) => changed(transport + 12, words << 4));
  const flags = [...Array(64).keys()].map((bits) => changed(transport + 13, bits));
  const udpLengths = [0, 7, 8, 9, 15, 16, 17, 28].map((length) =>
    changed(transport + 4, 0, length),
  );
  const hops = [0, 1, 2, 255].map((left) => changed(network + (family === 4 ? 8 : 7), left));
  const mapped = changed(network + 8, ...Array(10).fill(0), 255, 255);
  const nowhere = [8, 24].map((at) => changed(network + at, ...Array(8).fill(0)));
  const nobody = changed(network + 12, ...Array(8).fill(0)).fill(0, network + 9, network + 10);

  const damages: Readonly<Record<string, readonly Uint8Array[]>> = {
    // What was cut off before is still behind it in memory.
    'cut off anywhere': [frame, ...[...frame.keys()].reverse().map((at) => frame.slice(0, at))],
    'longer than its packet': [Uint8Array.of(...frame, 0), Uint8Array.of(...frame, 1, 2, 3)],
    'with another length': lengths,
    'with another version, or options': firstBytes,
    'with another protocol': protocols,
    'with another link type': links,
    'with few hops left': hops,
    'which may be a fragment': family === 4 ? fragments : [],
    'of addresses with zeros': family === 6 ? [mapped, ...nowhere] : [nobody],
    'with another TCP header': protocol === tcp ? [...headers, ...flags] : [],
    'with another UDP length': protocol === udp ? udpLengths : [],
  };

  test.each(Object.keys(damages))('a frame %s', async (name) => {
    const [alone, shared] = [await makeNode(), await makeNode()];
    for (const instance of [alone, shared]) open(instance, request);
    for (const [index, damaged] of damages[name]!.entries()) {
      const one = { frame: damaged, port: client, link };
      // Not in the same place every time.
      const another = { frame: new Uint8Array(16 * (index % 3)), port: client, link };
      // In its place was one that was plain.
      run(alone, [{ ...one, frame }]);
      run(shared, [another, { ...one, frame }]);
      const [expected] = run(alone, [one]);
      const [, told] = run(shared, [another, one]);
      expect(tell([told, known(shared)]), writeHex(damaged)).toBe(tell([expected, known(alone)]));
    }
  });
});

describe.each(cases)('IPv$family, protocol $protocol, $link', ({ family, protocol, link }) => {
  const { client: source, server: destination } = addresses[family];
  const request = { source, destination, protocol, sourcePort: 40_000, destinationPort: 8080 };

  test('a frame that comes by the other kind of link', async () => {
    const instance = await makeNode();
    open(instance, request);
    const numbers = { tcpFlags: ack, sequence: first, acknowledgement: 501 };
    const frame = encodePacket({ ...request, ...numbers }, link);
    const other = link === 'raw' ? 'ethernet' : 'raw';
    const told = run(instance, [dropped, { frame, port: client, link: other }]);
    expect(told[1]!.verdict).toBe(Verdict.Drop);
  });

  test.skipIf(link === 'raw')('a frame that begins within a packet', async () => {
    const instance = await makeNode();
    const ends = { source: addresses[family].outside, destination: inType[family] };
    const packet = { ...request, ...ends, protocol: udp, payload: new Uint8Array(8) };
    send(instance, packet, { port: uplink });
    send(instance, answerTo(packet), { port: uplink });
    const bytes = encodePacket(packet, 'raw');
    // What is the type of an Ethernet frame that begins 14 bytes behind it.
    bytes.set(family === 4 ? [0x08, 0x00] : [0x86, 0xdd], 26);
    const { vector, layout, memory } = instance;
    const at = layout.block + 64;
    new Uint8Array(memory.buffer).set(bytes, at);
    const place = { port: uplink, timeMs: 0 };
    vector.clear();
    vector.addInPlace(at + 14, bytes.length + 14, place);
    vector.addInPlace(at, 0, place);
    vector.run();
    const version = codeOf('Reason', vector.outcome(0).reason);
    expect(version).toBe(`bad-ipv${family}-version`);
  });
});

/** What both ends of a connection send, one after the other, each with what is odd about it. */
type Turn = Partial<Frame> & {
  readonly isAnswer?: boolean;
  readonly before?: (instance: Instance) => void;
  readonly bytes?: number;
};

/** Routes change: the server is elsewhere now. */
const moveTo = (route: { kind: RouteKind; port: number }) => (instance: Instance) => {
  const config = instance.map('config').lookUp(0)!;
  for (const { server: address } of [addresses[4], addresses[6]]) {
    instance.map('routes').update({ address, lengthBits: 128, scope: 0 }, route);
  }
  instance.map('config').update(0, { ...config, routeRevision: config.routeRevision + 1 });
};
const changeRoutes = moveTo({ kind: RouteKind.Forward, port: uplink });
const leadToNode = moveTo({ kind: RouteKind.Local, port: host });

/** The server's port takes so many bytes at once. */
const limitTo = (mtuBytes: number) => (instance: Instance) => {
  const config = instance.map('config').lookUp(0)!;
  instance.map('ports').update(server, { kind: PortKind.Pod, mtuBytes });
  const { routeRevision } = config;
  instance
    .map('config')
    .update(0, { ...config, largestMtuBytes: 1500, routeRevision: routeRevision + 1 });
};

const turns: Readonly<Record<string, readonly Turn[]>> = {
  'that goes on': [{}, { isAnswer: true }, {}, { isAnswer: true }],
  'that comes in elsewhere': [{}, { port: uplink }, {}, { isAnswer: true, port: uplink }, {}],
  'that comes in from the node': [{}, {}, { port: host }, {}, { isAnswer: true, port: host }],
  'of packets that become too long': [{}, { before: limitTo(300) }, {}, { bytes: 300 }, {}],
  'whose routes change': [{}, { before: changeRoutes }, {}, { isAnswer: true }],
  'that leads to the node now': [{}, { before: leadToNode }, {}, { isAnswer: true }, {}],
  'that becomes a stream': [
    { timeMs: 2000 },
    { timeMs: 2000, isAnswer: true },
    { timeMs: 4000 },
    { timeMs: 4000, isAnswer: true },
    { timeMs: 4001 },
    { timeMs: 4001, isAnswer: true },
  ],
  'that ends in between': [
    { timeMs: 1000 },
    { timeMs: 30_999, isAnswer: true },
    { timeMs: 60_999 },
    { timeMs: 61_000, isAnswer: true },
    { timeMs: 200_000 },
    { timeMs: 86_600_000, isAnswer: true },
    { timeMs: 2 * 86_600_000 },
  ],
};

describe.each([4, 6] as const)('IPv%i', (family) => {
  const { client: source, server: destination } = addresses[family];
  const ports = { sourcePort: 40_000, destinationPort: 8080 };
  const requests = [tcp, udp].map((protocol): PacketFields => {
    return { source, destination, protocol, ...ports };
  });

  test.each(Object.keys(turns))('a connection %s', async (name) => {
    const [tcpRequest, udpRequest] = requests as [PacketFields, PacketFields];
    const begun = [
      [tcpRequest, true],
      [tcpRequest, false],
      [udpRequest, false],
    ] as const;
    for (const [request, isOpened] of begun) {
      const [alone, shared] = [await makeNode(), await makeNode()];
      if (isOpened) for (const instance of [alone, shared]) open(instance, request);
      for (const { isAnswer = false, before, bytes = 3, ...changes } of turns[name]!) {
        const numbers = { tcpFlags: ack, sequence: first, acknowledgement: 501 };
        const back = { tcpFlags: ack, sequence: 501, acknowledgement: first };
        const packet = isAnswer ? answerTo(request, back) : { ...request, ...numbers };
        const payload = new Uint8Array(isAnswer ? 0 : bytes);
        const frame = encodePacket({ ...packet, payload, dontFragment: true }, 'raw');
        const one: Frame = { frame, port: isAnswer ? server : client, link: 'raw', ...changes };
        for (const instance of [alone, shared]) before?.(instance);
        const [expected] = run(alone, [one]);
        // What its place held before is gone.
        run(shared, [dropped, { ...dropped, timeMs: one.timeMs ?? 0 }]);
        const [told] = run(shared, [one, { ...dropped, timeMs: one.timeMs ?? 0 }]);
        expect(tell([told, known(shared)]), name).toBe(tell([expected, known(alone)]));
      }
    }
  });

  test('what reads like a segment, and is none, lives as long as its like', async () => {
    const instance = await makeNode();
    const experiment = 253;
    const payload = new Uint8Array(24).fill(5 << 4, 12, 13).fill(ack, 13, 14);
    const packet = { source, destination, protocol: experiment, payload };
    send(instance, packet, { port: client });
    send(instance, answerTo(packet), { port: server });
    run(instance, [dropped, { ...dropped, frame: encodePacket(packet, 'raw'), timeMs: 5000 }]);
    expect(known(instance)[0]![1]).toMatchObject({ originalPackets: 2, expiresAtMs: 605_000 });
  });

  test('connections that change places in a vector go on', async () => {
    const instance = await makeNode();
    const framed = requests.map((request): Frame => {
      return { ...dropped, frame: encodePacket({ ...request, tcpFlags: ack }, 'raw') };
    });
    run(instance, framed);
    for (const frames of [framed.toReversed(), framed, framed.toReversed()]) {
      expect(run(instance, frames).map(({ effects }) => effects)).toEqual([0, 0]);
    }
    expect(known(instance).map(([, { originalPackets }]) => originalPackets)).toEqual([4, 4]);
  });

  test('a connection that ended before is gone', async () => {
    const instance = await makeNode();
    const opening = { ...requests[0]!, tcpFlags: syn, sequence: first - 1 };
    const refusal = answerTo(opening, { tcpFlags: 4 | ack, sequence: 0, acknowledgement: first });
    const framed = (packet: PacketFields, port: number): Frame => {
      return { frame: encodePacket(packet, 'raw'), port, link: 'raw' };
    };
    run(instance, [framed(opening, client)]);
    const told = run(instance, [framed(refusal, server), framed(opening, client)]);
    expect(told.map(({ effects }) => effects & Effect.Created)).toEqual([0, Effect.Created]);
    expect(known(instance)).toHaveLength(1);
  });

  test('a packet that is traced tells its steps', async () => {
    const instance = await makeNode();
    const request = requests[1]!;
    open(instance, request);
    const { vector } = instance;
    vector.clear();
    for (const trace of [false, true]) {
      vector.add(encodePacket(request, 'raw'), { port: client, timeMs: 0, link: 'raw', trace });
    }
    vector.run();
    const steps = instance.traceSteps();
    expect(steps.length).toBeGreaterThan(2);
    expect(steps.every(({ packet }) => packet === 1)).toBe(true);
  });

  test('what was held before in its place is not held again', async () => {
    const instance = await makeNode();
    const request = { ...requests[1]!, payload: new Uint8Array(300) };
    open(instance, request);
    const cut = { units: [10], order: [], identification: 7 };
    const later = cutPacket(encodePacket(request, 'raw'), cut).at(-1)!;
    const place = { port: client, timeMs: 0, link: 'raw' } as const;
    const heldAfter = (frame: Uint8Array): number => {
      instance.vector.clear();
      instance.vector.add(frame, place);
      instance.vector.add(dropped.frame, place);
      instance.vector.run();
      return instance.vector.outcome(0).held;
    };
    expect(heldAfter(later)).not.toBe(0);
    expect(heldAfter(encodePacket(request, 'raw'))).toBe(0);
  });
});

/** Fields of a tuple, each with a value for every number. */
const varied: Readonly<
  Record<4 | 6, Readonly<Record<string, (n: number) => Partial<PacketFields>>>>
> = {
  4: {
    addresses: (n) => ({ source: `203.0.${n >> 8}.${n & 255}` }),
    ports: (n) => ({ sourcePort: n }),
  },
  6: {
    'source network': (n) => ({ source: `2001:db8:${n.toString(16)}::7` }),
    source: (n) => ({ source: `2001:db8::${n.toString(16)}:7` }),
    'destination network': (n) => ({ destination: `2001:db8:${n.toString(16)}::9` }),
    destination: (n) => ({ destination: `2001:db8::${n.toString(16)}:9` }),
    ports: (n) => ({ sourcePort: n }),
  },
};
describe.each([4, 6] as const)('IPv%i', (family) => {
  const base: PacketFields = {
    source: addresses[family].outside,
    destination: family === 4 ? '203.0.113.9' : '2001:db8::9',
    protocol: udp,
    sourcePort: 1000,
    destinationPort: 2000,
  };

  test('fragments find the connection of the first', async () => {
    const instance = await makeNode();
    const whole = { ...base, payload: new Uint8Array(300) };
    const cut = { units: [10], order: [], identification: 7 };
    const pieces = cutPacket(encodePacket(whole, 'raw'), cut).map((frame): Frame => {
      return { frame, port: uplink, link: 'raw' };
    });
    expect(pieces.length).toBeGreaterThan(1);
    const others = pieces.map((_, index): Frame => {
      const frame = encodePacket({ ...base, sourcePort: index }, 'raw');
      return { frame, port: uplink, link: 'raw' };
    });
    run(instance, others);
    run(instance, pieces);
    const own = known(instance).find(([{ sourcePort }]) => sourcePort === base.sourcePort);
    expect(own![1].originalPackets).toBe(pieces.length);
  });
});
