// Arbitrary contents of steps: segments, chunks, datagrams, questions, errors, and how packets are
// cut or damaged. Knows no courses of packets.

import * as fc from 'fast-check';
import { TcpFlag } from '../../host/net/packet.ts';
import type { Content, Cut, Damage } from './step.ts';

const { Fin, Syn, Rst, Psh, Ack } = TcpFlag;

/** Small and large distances from where a sequence number should be. */
export const drift: fc.Arbitrary<number> = fc.oneof(
  { weight: 10, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.constantFrom(-1, 1, -100, 100, 1460, -1460, 5000) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(65535, -65536, 66001, -66001, 1 << 20, -(1 << 20), 2 ** 28),
  },
  { weight: 1, arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) },
);

const flags: fc.Arbitrary<number> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(Ack, Psh | Ack, Syn, Syn | Ack, Fin | Ack, Rst, Rst | Ack),
  },
  { weight: 1, arbitrary: fc.nat({ max: 255 }) },
);

/** A segment with flags of this type, this far from where it belongs. */
export function segment(type: fc.Arbitrary<number>, distance: fc.Arbitrary<number>) {
  const negotiates = (bits: number) => (bits & Syn) !== 0;
  return type.chain((bits) =>
    fc.record({
      kind: fc.constant('segment' as const),
      flags: fc.constant(bits),
      sequence: distance,
      acknowledgement: distance,
      window: fc.constantFrom(64240, 501, 0, 1, 65535),
      options: negotiates(bits)
        ? fc.constantFrom('negotiate' as const, 'none' as const)
        : fc.constantFrom('none' as const, 'timestamp' as const, 'sack' as const),
      windowScale: fc.constantFrom(7, 0, 14, 15),
      payloadBytes: negotiates(bits) ? fc.constant(0) : fc.constantFrom(0, 1, 100, 1000),
    }),
  );
}

/** A segment with these flags where it belongs. */
export const orderly = (bits: number) => segment(fc.constant(bits), fc.constant(0));
/** Any segment anywhere. */
export const disturbing = segment(flags, drift);

const chunk = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 192);
export const anyChunks: fc.Arbitrary<Content> = fc.record({
  kind: fc.constant('sctp' as const),
  chunks: fc.oneof(
    { weight: 4, arbitrary: fc.tuple(chunk) },
    { weight: 1, arbitrary: fc.array(chunk, { maxLength: 3 }) },
  ),
  tag: fc.constantFrom(
    'right' as const,
    'right' as const,
    'zero' as const,
    'own' as const,
    'wrong' as const,
  ),
});

export const datagram: fc.Arbitrary<Content> = fc.record({
  kind: fc.constant('datagram' as const),
  payloadBytes: fc.constantFrom(0, 1, 40, 500, 1400),
  checksum: fc.constantFrom('right' as const, 'right' as const, 'none' as const, 'wrong' as const),
});

export const echo: fc.Arbitrary<Content> = fc.record({
  kind: fc.constant('echo' as const),
  type: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat({ max: 5 })),
  isReply: fc.boolean(),
  payloadBytes: fc.constantFrom(0, 56, 1400),
});

export const error: fc.Arbitrary<Content> = fc.record({
  kind: fc.constant('error' as const),
  type: fc.nat({ max: 11 }),
  isFromRouter: fc.boolean(),
  quotedBytes: fc.constantFrom(1000, 8, 8, 20, 28, 7, 0),
  fault: fc.constantFrom(
    'none' as const,
    'none' as const,
    'none' as const,
    'port' as const,
    'destination' as const,
  ),
});

export const cut: fc.Arbitrary<Cut> = fc.record({
  bytes: fc.constantFrom(8, 24, 64, 256),
  order: fc.constantFrom('forward' as const, 'backward' as const, 'swapped' as const),
  fault: fc.constantFrom(
    'none' as const,
    'none' as const,
    'missing' as const,
    'repeated' as const,
    'overlap' as const,
  ),
});

export const damage: fc.Arbitrary<Damage> = fc.constantFrom(
  'version' as const,
  'header-length' as const,
  'total-length' as const,
  'cut-transport' as const,
  'data-offset' as const,
  'udp-length' as const,
  'padding' as const,
);
