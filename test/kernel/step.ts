// What a story is made of: who sends what, relative to what was sent before. Plain data, so that a
// story can be drawn from a seed, shortened and printed. Knows no addresses and no bytes.

import type { Family } from '../../host/kubernetes/types.ts';

/** The end that began the flow, and the end it reached. */
export type Side = 'caller' | 'server';

/** The IP header, as far as it varies. */
export interface Envelope {
  readonly ttl: number;
  readonly typeOfService: number;
  /** IPv4: two options without effect; IPv6: a destination options header. */
  readonly hasOptions: boolean;
  /** IPv4 "don't fragment". */
  readonly isWhole: boolean;
}

export interface SegmentStep {
  readonly kind: 'segment';
  readonly flags: number;
  /** From the sender's next sequence number. */
  readonly sequence: number;
  /** From the other side's next sequence number. */
  readonly acknowledgement: number;
  readonly window: number;
  /** Which TCP options: what a SYN negotiates, a timestamp, or SACK of bytes from this offset. */
  readonly options: 'none' | 'negotiate' | 'timestamp' | 'sack';
  readonly windowScale: number;
  readonly payloadBytes: number;
}

export interface DatagramStep {
  readonly kind: 'datagram';
  readonly payloadBytes: number;
  readonly checksum: 'right' | 'none' | 'wrong';
}

export interface SctpStep {
  readonly kind: 'sctp';
  /** Chunk types, in order. */
  readonly chunks: readonly number[];
  readonly tag: 'right' | 'zero' | 'own' | 'wrong';
}

/** ICMP that asks and answers. */
export interface EchoStep {
  readonly kind: 'echo';
  /** Index into the family's pairs of types; 0 is echo. */
  readonly type: number;
  readonly isReply: boolean;
  readonly payloadBytes: number;
}

/** An ICMP error about the last packet that the sender received. */
export interface ErrorStep {
  readonly kind: 'error';
  /** Index into the family's types and codes. */
  readonly type: number;
  /** From a router on the way instead of the end itself. */
  readonly isFromRouter: boolean;
  /** Bytes of the quoted packet from its transport on; 1000 = all. */
  readonly quotedBytes: number;
  /** The quoted packet is changed: nothing, its source port, or the address the error goes to. */
  readonly fault: 'none' | 'port' | 'destination';
}

/** A packet of a protocol without ports. */
export interface OtherStep {
  readonly kind: 'other';
  readonly protocol: number;
  readonly payloadBytes: number;
}

export type Content = SegmentStep | DatagramStep | SctpStep | EchoStep | ErrorStep | OtherStep;

/** How a datagram is cut into fragments. */
export interface Cut {
  /** Bytes of each fragment but the last, a multiple of 8. */
  readonly bytes: number;
  readonly order: 'forward' | 'backward' | 'swapped';
  readonly fault: 'none' | 'missing' | 'repeated' | 'overlap';
}

/** A malformed header; lengths that lie, or bytes that are missing. */
export type Damage =
  | 'version'
  | 'header-length'
  | 'total-length'
  | 'cut-transport'
  | 'data-offset'
  | 'udp-length'
  | 'ip-checksum'
  | 'padding';

export interface Step {
  readonly from: Side;
  readonly envelope: Envelope;
  readonly content: Content;
  readonly cut?: Cut;
  readonly damage?: Damage;
}

export type Caller = 'outside' | 'pod' | 'endpoint' | 'remote-pod';

export type Door =
  | {
      readonly kind: 'cluster-ip' | 'external-ip' | 'ingress' | 'node-port';
      readonly service: string;
    }
  | { readonly kind: 'pod' | 'remote-pod' | 'outside' | 'node' | 'unserved-port' | 'unallocated' };

/** One flow: between whom, and what happens. */
export interface Story {
  readonly topic: string;
  readonly family: Family;
  readonly caller: Caller;
  readonly door: Door;
  /** IP protocol number of the flow. */
  readonly protocol: number;
  /** First sequence number or verification tag of each side. */
  readonly initial: Readonly<Record<Side, number>>;
  readonly steps: readonly Step[];
}
