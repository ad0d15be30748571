// Services after compilation: front-ends point to a service, a service has endpoints in two sets.
// Sources: Kubernetes ServiceSpec and EndpointSlice; pkg/proxy/topology.go for the two sets.

import { AddressHigh, AddressLow, Milliseconds, Net16 } from "./alias";

/** Which door of a service a front-end is. */
export enum FrontendKind {
  None,
  ClusterIp,
  ExternalIp,
  LoadBalancer,
  NodePort,
}

/** Bits of Frontend.flags. */
export enum FrontendFlag {
  /** Only sources in map `source-ranges` under the service's number may use it. */
  SourceRanges = 1,
  /** With SourceRanges: the front-end's own address is allowed as a source (ipvs mode). */
  OwnSource = 2,
  /** With SourceRanges: the node's own packets are refused, whatever their source (ipvs mode). */
  NotFromNode = 4,
  /**
   * The node's own packets go on as they are while there is no endpoint, since kube-proxy's rule
   * for external addresses is not in its OUTPUT chain (iptables mode).
   */
  NodeSkipsReject = 8,
  /** 127.0.0.1 stands for all of 127.0.0.0/8 (iptables mode). */
  WholeLoopback = 16,
}

//   ┌ 0 ──────┬ 16 ──┬ 18 ──────┐ 24
//   │ address │ port │ protocol │
//   └─────────┴──────┴──────────┘
/** Key of map `frontends`. */
@unmanaged @final
export class FrontendKey {
  /** Address dialled. */
  addressHigh: AddressHigh;
  addressLow: AddressLow;
  /** Port dialled. */
  port: Net16;
  /** IP protocol number: TCP, UDP or SCTP. */
  protocol: u8;
  zero0: u8;
  zero1: u32;
}

//   ┌ 0 ──────┬ 4 ───┬ 5 ────┐ 8
//   │ service │ kind │ flags │
//   └─────────┴──────┴───────┘
/** Value of map `frontends`. */
@unmanaged @final
export class Frontend {
  /** Key of map `services`. */
  service: u32;
  /** A FrontendKind. */
  kind: u8;
  /** FrontendFlag bits. */
  flags: u8;
  zero0: u16;
}

/** Bits of Service.flags. */
export enum ServiceFlag {
  /** The entry is in use. */
  Present = 1,
  /** internalTrafficPolicy: Local. */
  InternalLocal = 2,
  /** externalTrafficPolicy: Local, and it is honoured. */
  ExternalLocal = 4,
  /** Some endpoint somewhere is usable (kube-proxy's "has any"). */
  HasAnyEndpoints = 8,
  /** sessionAffinity: ClientIP. */
  Affinity = 16,
}

//   ┌ 0 ────┬ 4 ───────────┬ 8 ─────────┬ 12 ─────────────┬ 16 ──────────┬ 20 ────────┐ 24
//   │ flags │ clusterCount │ localCount │ affinitySeconds │ clusterSlots │ localSlots │
//   └───────┴──────────────┴────────────┴─────────────────┴──────────────┴────────────┘
/**
 * Value of map `services`; its number is the key. One port of a Service in one family; in ipvs mode
 * one front-end of it, for there each is a virtual server of its own.
 */
@unmanaged @final
export class Service {
  /** ServiceFlag bits. */
  flags: u32;
  /** Endpoints in the cluster set. */
  clusterCount: u32;
  /** Endpoints in the local set. */
  localCount: u32;
  /** sessionAffinityConfig.clientIP.timeoutSeconds. */
  affinitySeconds: u32;
  /** Slots of the cluster set's Maglev table; 0 = it has none. */
  clusterSlots: u32;
  /** Slots of the local set's Maglev table; 0 = it has none. */
  localSlots: u32;
}

/** Which set of a service's endpoints. */
export enum EndpointSet {
  /** Usable endpoints anywhere. */
  Cluster,
  /** Usable endpoints on this node. */
  Local,
}

//   ┌ 0 ──────┬ 4 ──┬ 8 ───┐ 16
//   │ service │ set │ slot │
//   └─────────┴─────┴──────┘
/** Key of map `endpoints`. */
@unmanaged @final
export class EndpointKey {
  /** Key of map `services`. */
  service: u32;
  /** An EndpointSet. */
  set: u32;
  /** 0 to count - 1, in the order of "ip:port" as text. */
  slot: u32;
  zero0: u32;
}

/** Bits of Endpoint.flags. */
export enum EndpointFlag {
  /** It is on this node. */
  Local = 1,
}

//   ┌ 0 ──────┬ 16 ──┬ 18 ───┐ 24
//   │ address │ port │ flags │
//   └─────────┴──────┴───────┘
/** Value of map `endpoints`. */
@unmanaged @final
export class Endpoint {
  /** Endpoint address. */
  addressHigh: AddressHigh;
  addressLow: AddressLow;
  /** Target port. */
  port: Net16;
  /** EndpointFlag bits. */
  flags: u16;
  zero0: u32;
}

//   ┌ 0 ─────┬ 16 ─────┬ 32 ─────┬ 36 ──┐ 40
//   │ client │ address │ service │ port │
//   └────────┴─────────┴─────────┴──────┘
/** Key of map `affinities`: a client may hold to an endpoint of each set that served it. */
@unmanaged @final
export class AffinityKey {
  /** Client address. */
  clientHigh: AddressHigh;
  clientLow: AddressLow;
  /** Endpoint address. */
  addressHigh: AddressHigh;
  addressLow: AddressLow;
  /** Key of map `services`. */
  service: u32;
  /** Target port. */
  port: Net16;
  zero0: u16;
}

//   ┌ 0 ──────────┐ 8
//   │ expiresAtMs │
//   └─────────────┘
/** Value of map `affinities`. */
@unmanaged @final
export class Affinity {
  /** When the endpoint's hold on the client ends. */
  expiresAtMs: Milliseconds;
}

//   ┌ 0 ───────┐ 8
//   │ endpoint │
//   └──────────┘
/**
 * Value of map `maglev`; its key is an EndpointKey whose slot is that of the Maglev table, not of
 * the set.
 */
@unmanaged @final
export class MaglevSlot {
  /** Slot of the set, in map `endpoints`. */
  endpoint: u32;
  zero0: u32;
}

//   ┌ 0 ─────┬ 16 ──────┬ 32 ──────┬ 48 ──────────┬ 50 ──────────┬ 52 ──────┐ 56
//   │ client │ frontend │ endpoint │ frontendPort │ endpointPort │ protocol │
//   └────────┴──────────┴──────────┴──────────────┴──────────────┴──────────┘
/**
 * Key of map `loads`: what connections through one front-end to one endpoint are counted under; and
 * once more for each client, where session affinity wants to know.
 */
@unmanaged @final
export class LoadKey {
  /** Client address; all zero = all clients together. */
  clientHigh: AddressHigh;
  clientLow: AddressLow;
  /** Address dialled. */
  frontendHigh: AddressHigh;
  frontendLow: AddressLow;
  /** Endpoint address. */
  endpointHigh: AddressHigh;
  endpointLow: AddressLow;
  /** Port dialled. */
  frontendPort: Net16;
  /** Target port. */
  endpointPort: Net16;
  /** IP protocol number. */
  protocol: u8;
  zero0: u8;
  zero1: u16;
}

/** Bits of Load.flags. */
export enum LoadFlag {
  /** It is in its front-end's set of servers (scheduler lblcr). */
  InSet = 1,
}

//   ┌ 0 ─────┬ 4 ───────┬ 8 ────┬ 12 ───┐ 16
//   │ active │ inactive │ flags │ total │
//   └────────┴──────────┴───────┴───────┘
/** Value of map `loads`: live connections. */
@unmanaged @final
export class Load {
  /** TCP until a FIN or RST was seen, SCTP once answered (Linux ip_vs_proto_tcp.c). */
  active: u32;
  /** The others. UDP connections are never active. */
  inactive: u32;
  /** LoadFlag bits. */
  flags: u32;
  /** Of a client's entry: cursor of the entry of all clients together; 0 = it is that one. */
  total: u32;
}

//   ┌ 0 ──────┬ 16 ─────────┬ 24 ──┬ 28 ──┐ 32
//   │ address │ changedAtMs │ port │ slot │
//   └─────────┴─────────────┴──────┴──────┘
/** Value of map `turns`; all zero while nothing was chosen. */
@unmanaged @final
export class Turn {
  /** Address of the endpoint that was chosen last. */
  addressHigh: AddressHigh;
  addressLow: AddressLow;
  /** When the set of servers changed (scheduler lblcr). */
  changedAtMs: Milliseconds;
  /** Target port of the endpoint that was chosen last. */
  port: Net16;
  zero0: u16;
  /** Which slot it was in. */
  slot: u32;
}

/** What a destination in a Service CIDR is when no front-end matches. */
export enum ServiceAddressKind {
  None,
  /** A ClusterIP in use: other ports and protocols are rejected. */
  ClusterIp,
  /** Inside a Service CIDR: dropped. */
  Unallocated,
}

//   ┌ 0 ───┐ 8
//   │ kind │
//   └──────┘
/** Value of map `service-addresses`. */
@unmanaged @final
export class ServiceAddress {
  /** A ServiceAddressKind. */
  kind: u32;
  zero0: u32;
}

//   ┌ 0 ──────┐ 8
//   │ allowed │
//   └─────────┘
/** Value of map `source-ranges`; the key's scope is the service's number. */
@unmanaged @final
export class SourceRange {
  /** 1: inside a range. */
  allowed: u32;
  zero0: u32;
}
