// Where packets come in and go out, and what the node knows about addresses by prefix.

import { AddressHigh, AddressLow } from "./alias";

/** What a port is. */
export enum PortKind {
  None,
  /** The node's own stack. */
  Host,
  /** The network outside the node. */
  Uplink,
  /** A pod of this node. */
  Pod,
}

/** Numbers of the ports that every node has; those of pods follow. */
export enum PortNumber {
  None,
  Host,
  Uplink,
}

//   ┌ 0 ───┬ 2 ───────┐ 8
//   │ kind │ mtuBytes │
//   └──────┴──────────┘
/** Value of map `ports`; the key is the port's number, 0 is never used. */
@unmanaged @final
export class Port {
  /** A PortKind. */
  kind: u8;
  zero0: u8;
  /** Largest packet that leaves through it, in bytes; 0 = any. */
  mtuBytes: u16;
  zero1: u32;
}

//   ┌ 0 ──────┬ 16 ───┬ 20 ────────┐ 24
//   │ address │ scope │ lengthBits │
//   └─────────┴───────┴────────────┘
/** Key of every map that matches the longest prefix. */
@unmanaged @final
export class PrefixKey {
  /** Prefix; bits beyond its length are zero. */
  addressHigh: AddressHigh;
  addressLow: AddressLow;
  /** What the prefix belongs to; 0 where the map has one scope only. */
  scope: u32;
  /** Significant bits of the 128; an IPv4 prefix has 96 more than it is written with. */
  lengthBits: u32;
}

/** What a route does. */
export enum RouteKind {
  None,
  /** To the node's own stack. */
  Local,
  /** Out through a port. */
  Forward,
}

//   ┌ 0 ───┬ 2 ───┐ 8
//   │ kind │ port │
//   └──────┴──────┘
/** Value of map `routes`. */
@unmanaged @final
export class Route {
  /** A RouteKind. */
  kind: u16;
  /** Key of map `ports`. */
  port: u16;
  zero0: u32;
}

/** Bits of Locality.flags. */
export enum LocalityFlag {
  /** The local-traffic detector takes it for a pod. */
  Pod = 1,
  /** It is an address of this node. */
  Node = 2,
}

//   ┌ 0 ────┐ 8
//   │ flags │
//   └───────┘
/** Value of map `localities`: what kind of source an address is. */
@unmanaged @final
export class Locality {
  /** LocalityFlag bits. */
  flags: u32;
  zero0: u32;
}
