// Policy after compilation. A ruleset is what the policies that select a pod say in one direction;
// an identity is a class of pods that no peer selector of these rulesets tells apart; a port set
// says for every destination port what the rules of each tier decide. Sources: Kubernetes
// NetworkPolicySpec; network-policy-api ClusterNetworkPolicySpec.

import { AddressHigh, AddressLow, Net16 } from "./alias";

/** Direction of a connection, seen from the pod that the policy is about. */
export enum Direction {
  Ingress,
  Egress,
}

//   ┌ 0 ──────┐ 16
//   │ address │
//   └─────────┘
/** Key of map `identities`. */
@unmanaged @final
export class IdentityKey {
  /** Pod address. */
  addressHigh: AddressHigh;
  addressLow: AddressLow;
}

//   ┌ 0 ───────┬ 4 ────────┬ 8 ────┬ 12 ─────┬ 16 ────┬ 20 ────────┐ 24
//   │ identity │ neighbour │ local │ ingress │ egress │ namedPorts │
//   └──────────┴───────────┴───────┴─────────┴────────┴────────────┘
/** Value of map `identities`. */
@unmanaged @final
export class Identity {
  /** Number of the class under selectors of every namespace's pods; never 0. */
  identity: u32;
  /** Number of the class under selectors of its own namespace's pods; 0 = none means it. */
  neighbour: u32;
  /** 1: the pod is on this node, so this node judges its traffic. */
  local: u32;
  /** Its ruleset as a destination; 0 = no policy selects it. Local pods only. */
  ingress: u32;
  /** Its ruleset as a source. */
  egress: u32;
  /** Its table of map `port-names`; 0 = no rule knows a name of its ports. */
  namedPorts: u32;
}

/** Bits of PortSet.shape: where in map `port-rulings` there is something to find. */
export enum PortShape {
  /** Bits 0 to 16: prefixes of so many bits of a port, 0 being the whole protocol. */
  Prefixes = 0x1ffff,
  /** Every protocol, those without ports included. */
  AnyProtocol = 0x20000,
  /** Container ports by name. */
  Names = 0x40000,
}

/** Bits of Ruleset.flags. */
export enum RulesetFlag {
  /** There is such a ruleset. */
  Present = 1,
  /** A NetworkPolicy selects the pod: what no rule allows is refused. */
  Isolated = 2,
  /** Some rule is about addresses: map `policy-blocks` has prefixes in this scope. */
  HasBlocks = 4,
}

//   ┌ 0 ────┬ 4 ─────┬ 8 ───────┬ 12 ─────┬ 16 ───────┐ 24
//   │ flags │ anySet │ anyShape │ podsSet │ podsShape │
//   └───────┴────────┴──────────┴─────────┴───────────┘
/** Value of map `rulesets`; the key is its number. */
@unmanaged @final
export class Ruleset {
  /** RulesetFlag bits. */
  flags: u32;
  /** Port set of every peer; 0 = empty. */
  anySet: u32;
  anyShape: u32;
  /** Port set of pods whose identity has no entry in map `policies`; 0 = empty. */
  podsSet: u32;
  podsShape: u32;
  zero0: u32;
}

//   ┌ 0 ──────┬ 4 ───────┐ 8
//   │ ruleset │ identity │
//   └─────────┴──────────┘
/** Key of map `policies`. */
@unmanaged @final
export class PolicyKey {
  ruleset: u32;
  /** Identity.identity or Identity.neighbour of the peer, which share no number. */
  identity: u32;
}

//   ┌ 0 ──────┬ 4 ────┐ 8
//   │ portSet │ shape │
//   └─────────┴───────┘
/** Value of maps `policies` and `policy-blocks`: a port set. */
@unmanaged @final
export class PortSet {
  /** Number of the set; 0 = empty. */
  portSet: u32;
  /** PortShape bits. */
  shape: u32;
}

/** Protocol numbers of PortKey that are none of a packet's. */
export enum PortProtocol {
  Any,
}

//   ┌ 0 ──────┬ 4 ─────┬ 8 ───────┬ 12 ────┐ 16
//   │ portSet │ number │ protocol │ length │
//   └─────────┴────────┴──────────┴────────┘
/** Key of map `port-rulings`. */
@unmanaged @final
export class PortKey {
  portSet: u32;
  /** First `length` bits of a port, the others zero; or the number of a name. */
  number: u32;
  /** IP protocol number; 0 = every protocol. */
  protocol: u32;
  /** Significant bits of the 16; 17 = the number is a name's. */
  length: u32;
}

/** What a rule of an admin tier does. */
export enum TierAction {
  None,
  Accept,
  Deny,
  Pass,
}

//   ┌ 0 ────────┬ 4 ───────────┬ 8 ──────────┬ 9 ─────────────┬ 10 ───────┐ 16
//   │ adminRank │ baselineRank │ adminAction │ baselineAction │ isAllowed │
//   └───────────┴──────────────┴─────────────┴────────────────┴───────────┘
/** Value of map `port-rulings`: the first rule of each tier, and whether a NetworkPolicy allows. */
@unmanaged @final
export class PortRuling {
  /** Place of the rule among all of its tier, the lowest first. Valid if there is an action. */
  adminRank: u32;
  baselineRank: u32;
  /** A TierAction; None = no rule matches. */
  adminAction: u8;
  baselineAction: u8;
  /** 1: a rule of a NetworkPolicy allows it. */
  isAllowed: u8;
  zero0: u8;
  zero1: u32;
}

//   ┌ 0 ─────────┬ 4 ───┬ 6 ───────┬ 7 ───────┐ 8
//   │ namedPorts │ port │ protocol │ position │
//   └────────────┴──────┴──────────┴──────────┘
/** Key of map `port-names`. */
@unmanaged @final
export class PortNameKey {
  /** Number of the table. */
  namedPorts: u32;
  /** Container port. */
  port: Net16;
  /** IP protocol number. */
  protocol: u8;
  /** 0 for the first name of this port, then 1 and so on. */
  position: u8;
}

//   ┌ 0 ───┐ 8
//   │ name │
//   └──────┘
/** Value of map `port-names`. */
@unmanaged @final
export class PortName {
  /** Number of the name, from 1. */
  name: u32;
  zero0: u32;
}

/** What decided about one end of a connection. */
export enum PolicyTier {
  /** Nothing did: what no rule speaks of is allowed. */
  Default,
  Admin,
  NetworkPolicy,
  Baseline,
}
