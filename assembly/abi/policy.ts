// NetworkPolicy after compilation. A peer is an identity (a class of pods that no policy can tell
// apart) or a block class (a set of ipBlocks that contain an address); a port is a port class; a
// rule is an entry (subject, direction, peer) -> set of port classes. Source: Kubernetes
// NetworkPolicySpec.

import { AddressHigh, AddressLow } from "./alias";

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

//   ┌ 0 ───────┬ 4 ────┐ 8
//   │ identity │ local │
//   └──────────┴───────┘
/** Value of map `identities`. */
@unmanaged @final
export class Identity {
  /** Number of the class; never 0. */
  identity: u32;
  /** 1: the pod is on this node, so this node judges its traffic. */
  local: u32;
}

//   ┌ 0 ────┐ 8
//   │ block │
//   └───────┘
/** Value of map `blocks`: the class of an address among the ipBlocks of all policies. */
@unmanaged @final
export class BlockClass {
  /** Number of the class; 0 = in no block. */
  block: u32;
  zero0: u32;
}

//   ┌ 0 ────────┐ 8
//   │ portClass │
//   └───────────┘
/** Value of map `port-classes`; the key is protocol index x 65536 + port, TCP 0, UDP 1, SCTP 2. */
@unmanaged @final
export class PortClass {
  /** Number of the class; 0 = named by no rule. */
  portClass: u32;
  zero0: u32;
}

/** Classes that are always there, whatever the rules. */
export enum PortClassNumber {
  /** In map `port-classes`: named by no rule. It stands for the protocol's own class below. */
  Unnamed,
  /** Every packet of a protocol without ports: only rules without ports admit it. */
  NoPort,
  /** TCP ports that no rule names; then those of UDP, then of SCTP. */
  RestOfTcp,
  RestOfUdp,
  RestOfSctp,
}

//   ┌ 0 ──────┬ 4 ───┐ 8
//   │ portSet │ word │
//   └─────────┴──────┘
/** Key of map `port-sets`. */
@unmanaged @final
export class PortSetKey {
  /** Number of the set. */
  portSet: u32;
  /** Which 64 classes: class / 64. */
  word: u32;
}

//   ┌ 0 ──────┬ 4 ───────┐ 8
//   │ bitsLow │ bitsHigh │
//   └─────────┴──────────┘
/** Value of map `port-sets`. */
@unmanaged @final
export class PortSetWord {
  /** Bit (class % 64) = the class is in the set: classes 0 to 31 of the word. */
  bitsLow: u32;
  /** Classes 32 to 63 of the word. */
  bitsHigh: u32;
}

/** What PolicyKey.peer counts. */
export enum PeerKind {
  /** Every peer: rules without `from` or `to`. Its presence means that the subject is isolated. */
  Any,
  /** Key is an identity. */
  Identity,
  /** Key is a block class. */
  Block,
}

//   ┌ 0 ──────┬ 4 ───┬ 8 ────────┬ 10 ──────┐ 16
//   │ subject │ peer │ direction │ peerKind │
//   └─────────┴──────┴───────────┴──────────┘
/** Key of map `policies`. */
@unmanaged @final
export class PolicyKey {
  /** Identity of the pod that policies are about. */
  subject: u32;
  /** Number of the peer; 0 for PeerKind.Any. */
  peer: u32;
  /** A Direction. */
  direction: u16;
  /** A PeerKind. */
  peerKind: u16;
  zero0: u32;
}

//   ┌ 0 ──────┐ 8
//   │ portSet │
//   └─────────┘
/** Value of map `policies`. */
@unmanaged @final
export class PolicyEntry {
  /** Port classes that are allowed; 0 = the empty set. */
  portSet: u32;
  zero0: u32;
}
