// Sizes, fixed when the instance is initialised, and settings, which may change at any time.

import { AddressHigh, AddressLow } from "./alias";

//   ┌ 0 ────────────┬ 4 ─────────┬ 8 ─────────┬ 12 ───┬ 16 ──────┬ 20 ───────┬ 24 ──────┐
//   │ vectorPackets │ blockBytes │ traceSteps │ ports │ prefixes │ frontends │ services │
//   └───────────────┴────────────┴────────────┴───────┴──────────┴───────────┴──────────┘
//   ┌ 28 ───────┬ 32 ────────┬ 36 ────────┬ 40 ──────┬ 44 ──────┬ 48 ──────────┐
//   │ endpoints │ affinities │ identities │ policies │ portSets │ connections4 │
//   └───────────┴────────────┴────────────┴──────────┴──────────┴──────────────┘
//   ┌ 52 ──────────┬ 56 ───────┬ 60 ─────────┬ 64 ──────┬ 68 ───────────┬ 72 ───────┐
//   │ connections6 │ fragments │ maglevSlots │ rulesets │ heldFragments │ heldBytes │
//   └──────────────┴───────────┴─────────────┴──────────┴───────────────┴───────────┘
//   ┌ 76 ─────┬ 80 ──────┐ 88
//   │ seedLow │ seedHigh │
//   └─────────┴──────────┘
/** How many entries each container holds; read once by `initialise`. */
@unmanaged @final
export class Capacity {
  /** Packets in a vector. */
  vectorPackets: u32;
  /** Bytes of packet memory that the caller fills. */
  blockBytes: u32;
  /** Trace steps kept. */
  traceSteps: u32;
  ports: u32;
  /** Prefixes, for each map that matches prefixes. */
  prefixes: u32;
  frontends: u32;
  services: u32;
  endpoints: u32;
  affinities: u32;
  identities: u32;
  policies: u32;
  /** Entries of map `port-rulings`, and as many of `port-names`. */
  portSets: u32;
  /** IPv4 connections. */
  connections4: u32;
  /** IPv6 connections. */
  connections6: u32;
  /** Fragmented datagrams on their way. */
  fragments: u32;
  /** Slots of all Maglev tables together. */
  maglevSlots: u32;
  rulesets: u32;
  /** Fragments that wait for the first one of their datagram. */
  heldFragments: u32;
  /** Bytes of their frames, each rounded up to 16. */
  heldBytes: u32;
  /** Seed of every hash and every choice. */
  seedLow: u32;
  seedHigh: u32;
  zero0: u32;
}

/** Bits of Config.flags. */
export enum ConfigFlag {
  /** Every packet to a ClusterIP is masqueraded. */
  MasqueradeAll = 1,
  /** A local-traffic detector is configured for IPv4. */
  DetectLocal4 = 2,
  /** A local-traffic detector is configured for IPv6. */
  DetectLocal6 = 4,
  /** Invalid packets that are to be forwarded are dropped (iptables mode). */
  DropInvalid = 8,
  /** A hairpin is masqueraded for endpoints of any node, not only of this one (iptables mode). */
  HairpinAnyEndpoint = 16,
  /** A TCP connection may be picked up in the middle. */
  LoosePickup = 32,
  /** externalTrafficPolicy: Local binds pods and the node like everybody else (ipvs mode). */
  NoShortCircuit = 64,
  /** Loopback has node ports, and is guarded against sources elsewhere (iptables mode). */
  GuardLoopback = 128,
  /** A packet from a ClusterIP to the port it serves is masqueraded (ipvs without detector). */
  MasqueradeClusterIpSource = 256,
  /**
   * Connections are counted by endpoint (ipvs mode). Only set while the instance has none, for a
   * connection that began uncounted stays so.
   */
  CountConnections = 512,
  /**
   * Choices depend on those counts: what has ended is taken out before each choice, so that counts
   * are exact.
   */
  ExactCounts = 1024,
  /** A connection that an older policy admitted is judged again. */
  RevalidatePolicy = 2048,
  /** A pod that reaches itself through a Service is judged. */
  JudgeSelfThroughService = 4096,
  /** A pod may always reach its own node. */
  AllowToOwnNode = 8192,
  /** The own node gets into a pod only if no rule of the Admin tier denies it. */
  OwnNodeAfterAdmin = 16384,
  /** ICMP echo requests and errors pass whatever the policy. */
  EssentialIcmp = 32768,
  /** Policy sees the node as the source of what will be masqueraded. */
  JudgeMasqueraded = 65536,
  /**
   * A masqueraded connection keeps its source port while no other connection to the same
   * destination has it; otherwise, and without this flag, its port is drawn.
   */
  KeepSourcePort = 131072,
  /** A TCP segment outside the window is no reason to call it invalid. */
  BeLiberal = 262144,
  /** A connection whose time is over lives on until the sweep finds it. */
  ExpireBySweep = 524288,
}

/**
 * How a new connection gets its endpoint. From `RoundRobin` on they are the schedulers of Linux
 * ipvs, each by its name there; every endpoint has weight 1.
 */
export enum Balancing {
  /** Even, by hash of seed and connection. */
  Random,
  /** By Maglev table, outside ipvs mode. */
  Maglev,
  /** `rr`: the next in turn. */
  RoundRobin,
  /** `wrr`: as `rr`, since weights are equal. */
  WeightedRoundRobin,
  /** `lc`: the fewest connections, an active one counted as 256 inactive ones. */
  LeastConnections,
  /** `wlc`: as `lc`, since weights are equal. */
  WeightedLeastConnections,
  /** `lblc`: the one the front-end used before, until it is overloaded. */
  LocalityLeastConnections,
  /** `lblcr`: as `lblc`, with a set of endpoints that grows under load and shrinks with time. */
  LocalityWithReplication,
  /** `sh`: by hash of the source address. */
  SourceHash,
  /** `dh`: by hash of the address dialled. */
  DestinationHash,
  /** `sed`: the shortest expected delay: the fewest active connections. */
  ShortestDelay,
  /** `nq`: one without active connections, else as `sed`. */
  NeverQueue,
  /** `mh`: by Maglev table. */
  MaglevHash,
}

//   ┌ 0 ────┬ 16 ───┬ 32 ───┬ 36 ────────────┬ 40 ───────┬ 44 ───────────┬ 48 ─────────────┐
//   │ node4 │ node6 │ flags │ policyRevision │ balancing │ routeRevision │ largestMtuBytes │
//   └───────┴───────┴───────┴────────────────┴───────────┴───────────────┴─────────────────┘
//   ┌ 52 ─────────────┬ 56 ──────────┐ 60
//   │ errorsPerSecond │ errorsAtOnce │
//   └─────────────────┴──────────────┘
/** Value of map `config`, key 0. */
@unmanaged @final
export class Config {
  /** The node's IPv4 address: masquerade source, and source of rejects; all zero = none. */
  node4High: AddressHigh;
  node4Low: AddressLow;
  /** The node's IPv6 address. */
  node6High: AddressHigh;
  node6Low: AddressLow;
  /** ConfigFlag bits. */
  flags: u32;
  /** Goes up with every change of policy. */
  policyRevision: u32;
  /** A Balancing. */
  balancing: u32;
  /** Goes up with every change of ports, routes and localities; never 0. */
  routeRevision: u32;
  /** The largest MTU of all ports; a longer packet was put together by an offload. */
  largestMtuBytes: u32;
  /** ICMP errors that the node sends in a second of packet time, on average; 0 = any number. */
  errorsPerSecond: u32;
  /** How many of them at once after a pause; at least 1 counts. */
  errorsAtOnce: u32;
}
