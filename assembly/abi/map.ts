// All maps on one page. The first line of each comment is read by the generator: `kind Key ->
// Value`, where kind is array (keys are numbers from 0), hash or prefix (longest match).

/** The id of a map. */
export enum MapId {
  None,
  /** array u32 -> Config: settings, key 0. */
  Config,
  /** array u32 -> TimeoutSeconds: lifetimes by Timeout. */
  Timeouts,
  /** array u32 -> Port: where packets come in and go out. */
  Ports,
  /** prefix PrefixKey -> Route: where a destination is. */
  Routes,
  /** prefix PrefixKey -> Locality: what kind of source an address is. */
  Localities,
  /** hash FrontendKey -> Frontend: addresses and ports that are served. */
  Frontends,
  /** array u32 -> Service: ports of Services. */
  Services,
  /** hash EndpointKey -> Endpoint: where they are served. */
  Endpoints,
  /** prefix PrefixKey -> SourceRange: who may use a load balancer's address. */
  SourceRanges,
  /** prefix PrefixKey -> ServiceAddress: ClusterIPs and Service CIDRs. */
  ServiceAddresses,
  /** hash AffinityKey -> Affinity: which endpoint a client stays with; written by the dataplane. */
  Affinities,
  /** hash IdentityKey -> Identity: which class of pods an address is. */
  Identities,
  /** array u32 -> Ruleset: what the policies of a pod say in one direction. */
  Rulesets,
  /** hash PolicyKey -> PortSet: what a ruleset says of an identity. */
  Policies,
  /** prefix PrefixKey -> PortSet: what it says of an address; the scope is the ruleset. */
  PolicyBlocks,
  /** hash PortKey -> PortRuling: what a port set says of a port. */
  PortRulings,
  /** hash PortNameKey -> PortName: what a pod calls its ports. */
  PortNames,
  /**
   * hash FlowKey6 -> Connection: live connections; written by the dataplane, the host may delete.
   */
  Connections,
  /** hash FragmentKey -> Fragment: datagrams in pieces; written by the dataplane. */
  Fragments,
  /** array u32 -> Counters: totals, key 0; written by the dataplane. */
  Counters,
  /** array u32 -> ReasonCount: packets by Reason; written by the dataplane. */
  Reasons,
  /** hash EndpointKey -> MaglevSlot: tables for consistent hashing. */
  Maglev,
  /** hash LoadKey -> Load: connections by front-end and endpoint; written by the dataplane. */
  Loads,
  /**
   * hash FrontendKey -> Turn: what schedulers remember of a front-end; written by the dataplane.
   */
  Turns,
  /**
   * hash ExhaustionKey -> Exhaustion: destinations that ran out of masquerade ports; written by the
   * dataplane, the host may delete.
   */
  Exhaustions,
  /**
   * array u32 -> Digest: sums of what became of packets, by the port they left by; written by the
   * dataplane.
   */
  Digests,
}

/** How a map operation ended. */
export enum MapStatus {
  Ok,
  /** There is no such entry. */
  NotFound,
  /** Every entry is taken. */
  Full,
  /** There is no such map. */
  UnknownMap,
  /** The key is outside the array, or a prefix has bits beyond its length. */
  BadKey,
  /** The dataplane writes this map, not the host. */
  ReadOnly,
  /** A connection with one of these tuples is there already. */
  Taken,
}
