// What the stages say they decided, when asked to. The host turns a step into a sentence with the
// objects' names.

import { AddressHigh, AddressLow, Net16 } from "./alias";

/** What happened; the comment says what the step's arguments are. */
export enum Trace {
  None,
  /**
   * Parsed. first = IP protocol, second = TCP flags or ICMP type, address and port = destination.
   */
  Parsed,
  /** Refused by the parser. first = Reason. */
  Refused,
  /** A connection is known. first = 0 original, 1 reply direction, second = ConnectionState. */
  ConnectionFound,
  /** No connection is known. */
  ConnectionNew,
  /** An ICMP error about a known connection. first = direction it travels in. */
  ConnectionRelated,
  /** The packet is invalid to connection tracking. first = ConnectionState it was in. */
  ConnectionInvalid,
  /**
   * A front-end was dialled. first = service, second = FrontendKind, address and port = front-end.
   */
  FrontendFound,
  /** Nothing is served at this address and port. address and port = destination. */
  FrontendNone,
  /** The source is in none of the Service's ranges. first = service, address = source. */
  SourceRangeRefused,
  /**
   * The set that endpoints are taken from. first = service, second = EndpointSet, third = its size.
   */
  EndpointSetUsed,
  /** The service has nothing to offer. first = service, second = Reason. */
  EndpointNone,
  /**
   * An endpoint was chosen. first = service, second = EndpointCause, third = Balancing, fourth and
   * fifth = its active and inactive connections before this one, address and port = endpoint.
   */
  EndpointChosen,
  /** The source will be masqueraded. first = MasqueradeCause. */
  MasqueradeDue,
  /** The destination is a service address that serves nothing here. first = ServiceAddressKind. */
  ServiceAddressUnserved,
  /** No policy selects a pod in this direction. first = its identity, second = Direction. */
  PolicyNotIsolated,
  /** Policy does not apply. first = PolicyExemption, second = Direction. */
  PolicyExempt,
  /**
   * Policy allows it. first = ruleset, second = Direction, third = PolicyTier that decided, fourth
   * = rank of its rule, fifth = protocol, address = the other end, port = destination port.
   */
  PolicyAllowed,
  /** Policy refuses it. As PolicyAllowed. */
  PolicyDenied,
  /**
   * The connection was admitted by an older policy, and is judged again. first = its revision,
   * address and port = destination, translated.
   */
  PolicyOutdated,
  /** The route was looked up. first = RouteKind, second = port, address = destination. */
  Routed,
  /** The masquerade source. address and port = new source, first = ports tried. */
  SourceChosen,
  /** The connection was entered. first = service. */
  ConnectionCreated,
  /** The source was rewritten. address and port = new source. */
  SourceRewritten,
  /** The destination was rewritten. address and port = new destination. */
  DestinationRewritten,
  /** The fragment goes the way of the first one of its datagram. first = Verdict on that one. */
  FragmentFollows,
  /** An answer was made. first = Reason, address = its source. */
  Answered,
  /** The end. first = Verdict, second = Reason, third = port it leaves by. */
  Decided,
}

/** Why this endpoint. */
export enum EndpointCause {
  /** Drawn by hash of seed and connection. */
  Drawn,
  /** Session affinity. */
  Affinity,
  /** Taken over from the caller. */
  TakenOver,
  /** By Maglev table, or by the ipvs scheduler in use. */
  Scheduled,
}

/** Why the source is masqueraded. */
export enum MasqueradeCause {
  None,
  /** masqueradeAll. */
  All,
  /** The source is not local and dials a ClusterIP. */
  NotLocal,
  /** externalTrafficPolicy: Cluster. */
  ExternalPolicy,
  /** The node itself dials a front-end whose policy is Local. */
  NodeSource,
  /** The endpoint is the source itself. */
  Hairpin,
}

/** Why policy does not apply. */
export enum PolicyExemption {
  None,
  /** The pod talks to itself. */
  Self,
  /** The pod's own node talks to it. */
  OwnNode,
  /** The pod is not on this node. */
  OtherNode,
  /** The pod talks to its own node, and the node's settings allow that. */
  ToOwnNode,
  /** ICMP that the node's settings always let through. */
  EssentialIcmp,
}

//   ┌ 0 ───┬ 2 ───┬ 4 ─────┬ 8 ────┬ 12 ────┬ 16 ───┬ 20 ────┬ 24 ───┬ 32 ─────┐ 48
//   │ code │ port │ packet │ first │ second │ third │ fourth │ fifth │ address │
//   └──────┴──────┴────────┴───────┴────────┴───────┴────────┴───────┴─────────┘
/** One step, 48 bytes. */
@unmanaged @final
export class TraceStep {
  /** A Trace. */
  code: u16;
  /** See Trace. */
  port: Net16;
  /** Which packet of the vector. */
  packet: u32;
  first: u32;
  second: u32;
  third: u32;
  fourth: u32;
  fifth: u32;
  zero0: u32;
  /** See Trace. */
  addressHigh: AddressHigh;
  addressLow: AddressLow;
}
