// Arbitrary packets: fields first, then bytes, then damage. The simplest values come first in every
// choice, so that a failure shrinks to them.

import * as fc from 'fast-check';
import type { LinkType } from '../../host/net/packet-layout.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { TcpFlag, encodePacket } from '../../host/net/packet.ts';
import { optionBytes, withIpOptions } from './ip-options.ts';
import { shape } from './misshapen.ts';

const ETHERNET_BYTES = 14;

/** Addresses that packets run between. */
export interface AddressPool {
  readonly 4: readonly string[];
  readonly 6: readonly string[];
}

const { Fin, Syn, Rst, Psh, Ack } = TcpFlag;
const usualTcpFlags = [Syn, Ack, Syn | Ack, Fin | Ack, Rst, Rst | Ack, Psh | Ack];

export const defaultPool: AddressPool = {
  4: ['10.244.1.2', '10.244.2.2', '10.96.0.10', '192.168.0.2', '203.0.113.7'],
  6: ['fd00:10:244:1::2', 'fd00:10:244:2::2', 'fd00:10:96::10', 'fd00:192:168::2', '2001:db8::7'],
};

export function link(): fc.Arbitrary<LinkType> {
  return fc.constantFrom('raw', 'ethernet');
}

function payload(): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength: 40 });
}

function port(): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(80, 53, 8080, 40000, 30080) },
    { weight: 1, arbitrary: fc.nat({ max: 65535 }) },
  );
}

export function tcpFlags(): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...usualTcpFlags) },
    { weight: 1, arbitrary: fc.nat({ max: 255 }) },
  );
}

function word(): fc.Arbitrary<number> {
  return fc.nat({ max: 65535 });
}

function segment(): fc.Arbitrary<Partial<PacketFields>> {
  const ports = { sourcePort: port(), destinationPort: port(), payload: payload() };
  const number = fc.nat({ max: 0xffffffff });
  const tcp = { tcpFlags: tcpFlags(), sequence: number, acknowledgement: number, window: word() };
  return fc.oneof(
    fc.record({ protocol: fc.constant<number>(Ip.Tcp), ...ports, ...tcp }),
    fc.record({ protocol: fc.constant<number>(Ip.Udp), ...ports }),
    fc.record({ protocol: fc.constant<number>(Ip.Sctp), ...ports, verificationTag: number }),
    fc.record({ protocol: fc.constantFrom(47, 50), payload: payload() }),
  );
}

/** Types by family: echo request and reply, and the errors that quote a packet. */
const echoTypes = { 4: [8, 0], 6: [128, 129] } as const;
const errorTypes = { 4: [3, 11, 12], 6: [1, 2, 3] } as const;

function echo(family: 4 | 6): fc.Arbitrary<Partial<PacketFields>> {
  return fc.record({
    protocol: fc.constant<number>(family === 4 ? Ip.Icmp : Ip.Icmpv6),
    icmpType: fc.constantFrom(...echoTypes[family]),
    icmpCode: fc.constant(0),
    icmpIdentifier: fc.nat({ max: 65535 }),
    sequence: fc.nat({ max: 65535 }),
    payload: payload(),
  });
}

function network(family: 4 | 6, pool: AddressPool) {
  const address = fc.constantFrom(...pool[family]);
  const fields = { source: address, destination: address, ttl: fc.constantFrom(64, 2, 1, 255) };
  return family === 4
    ? fc.record({ ...fields, identification: fc.nat({ max: 65535 }) })
    : fc.record(fields);
}

function plainPacket(family: 4 | 6, pool: AddressPool): fc.Arbitrary<PacketFields> {
  return fc
    .tuple(network(family, pool), fc.oneof(segment(), echo(family)))
    .map(([ip, transport]) => ({ ...ip, ...transport }) as PacketFields);
}

function errorPacket(family: 4 | 6, pool: AddressPool): fc.Arbitrary<PacketFields> {
  const error = fc.record({
    protocol: fc.constant<number>(family === 4 ? Ip.Icmp : Ip.Icmpv6),
    icmpType: fc.constantFrom(...errorTypes[family]),
    icmpCode: fc.nat({ max: 4 }),
    icmpRest: fc.constantFrom(0, 1400),
    quoted: plainPacket(family, pool),
  });
  return fc.tuple(network(family, pool), error).map(([ip, icmp]) => ({ ...ip, ...icmp }));
}

/**
 * Well-formed packets between the addresses of a pool, of both families and every protocol that is
 * parsed.
 */
export function packetFields(pool: AddressPool = defaultPool): fc.Arbitrary<PacketFields> {
  return fc.oneof(
    { weight: 4, arbitrary: plainPacket(4, pool) },
    { weight: 3, arbitrary: plainPacket(6, pool) },
    { weight: 1, arbitrary: errorPacket(4, pool) },
    { weight: 1, arbitrary: errorPacket(6, pool) },
  );
}

/** One way to damage a frame; positions and lengths are fractions, so they fit any frame. */
export type Damage =
  | { readonly kind: 'flip'; readonly at: number; readonly bits: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'double'; readonly at: number; readonly length: number }
  | { readonly kind: 'word'; readonly at: number; readonly value: number };

export function damage(): fc.Arbitrary<Damage> {
  const at = fc.nat({ max: 999 }).map((thousandths) => thousandths / 1000);
  return fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at, bits: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ kind: fc.constant('cut' as const), at }),
    fc.record({ kind: fc.constant('double' as const), at, length: fc.nat({ max: 40 }) }),
    fc.record({
      kind: fc.constant('word' as const),
      at,
      value: fc.constantFrom(0, 1, 0xffff, 0x7fff),
    }),
  );
}

/** A damaged copy of a frame. */
export function applyDamage(frame: Uint8Array, harm: Damage): Uint8Array {
  const at = Math.floor(harm.at * frame.length);
  switch (harm.kind) {
    case 'cut':
      return frame.slice(0, at);
    case 'double':
      return Uint8Array.from([...frame.subarray(0, at + harm.length), ...frame.subarray(at)]);
    case 'flip':
      return frame.map((byte, index) => (index === at ? byte ^ harm.bits : byte));
    case 'word':
      return frame.map((byte, index) => {
        if (index === at) return harm.value >> 8;
        return index === at + 1 ? harm.value & 0xff : byte;
      });
  }
}

/** Frames from well-formed over IP options of any kind and damage to random. */
export function anyFrame(linkType: LinkType): fc.Arbitrary<Uint8Array> {
  const linkBytes = linkType === 'raw' ? 0 : ETHERNET_BYTES;
  const whole = packetFields().map((fields) => encodePacket(fields, linkType));
  const damaged = fc
    .tuple(whole, fc.array(damage(), { minLength: 1, maxLength: 4 }))
    .map(([frame, harms]) => harms.reduce(applyDamage, frame));
  const withOptions = fc.tuple(whole, optionBytes()).map(([frame, options]) => {
    const packet = withIpOptions(frame.subarray(linkBytes), options);
    return Uint8Array.of(...frame.subarray(0, linkBytes), ...packet);
  });
  const misshapen = fc.tuple(whole, shape()).map(([frame, change]) => change(frame, linkBytes));
  return fc.oneof(
    { weight: 2, arbitrary: whole },
    { weight: 5, arbitrary: damaged },
    { weight: 1, arbitrary: withOptions },
    { weight: 1, arbitrary: misshapen },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 120 }) },
  );
}
