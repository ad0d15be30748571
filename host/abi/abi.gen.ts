// Generated from assembly/abi by tools/generate-abi.ts; `npm run generate` prints it anew.

/** Hash of every name, offset, type and value in assembly/abi: both sides must agree. */
export const ABI_HASH = 0x0a7ae51e;

/** Bits of Config.flags. */
export const ConfigFlag = {
  /** Every packet to a ClusterIP is masqueraded. */
  MasqueradeAll: 1,
  /** A local-traffic detector is configured for IPv4. */
  DetectLocal4: 2,
  /** A local-traffic detector is configured for IPv6. */
  DetectLocal6: 4,
  /** Invalid packets that are to be forwarded are dropped (iptables mode). */
  DropInvalid: 8,
  /** A hairpin is masqueraded for endpoints of any node, not only of this one (iptables mode). */
  HairpinAnyEndpoint: 16,
  /** A TCP connection may be picked up in the middle. */
  LoosePickup: 32,
  /** externalTrafficPolicy: Local binds pods and the node like everybody else (ipvs mode). */
  NoShortCircuit: 64,
  /** Loopback has node ports, and is guarded against sources elsewhere (iptables mode). */
  GuardLoopback: 128,
  /** A packet from a ClusterIP to the port it serves is masqueraded (ipvs without detector). */
  MasqueradeClusterIpSource: 256,
  /** Connections are counted by endpoint (ipvs mode). Only set while the instance has none, for a connection that began uncounted stays so. */
  CountConnections: 512,
  /** Choices depend on those counts: what has ended is taken out before each choice, so that counts are exact. */
  ExactCounts: 1024,
  /** A connection that an older policy admitted is judged again. */
  RevalidatePolicy: 2048,
  /** A pod that reaches itself through a Service is judged. */
  JudgeSelfThroughService: 4096,
  /** A pod may always reach its own node. */
  AllowToOwnNode: 8192,
  /** The own node gets into a pod only if no rule of the Admin tier denies it. */
  OwnNodeAfterAdmin: 16384,
  /** ICMP echo requests and errors pass whatever the policy. */
  EssentialIcmp: 32768,
  /** Policy sees the node as the source of what will be masqueraded. */
  JudgeMasqueraded: 65536,
  /** A masqueraded connection keeps its source port while no other connection to the same destination has it; otherwise, and without this flag, its port is drawn. */
  KeepSourcePort: 131072,
  /** A TCP segment outside the window is no reason to call it invalid. */
  BeLiberal: 262144,
  /** A connection whose time is over lives on until the sweep finds it. */
  ExpireBySweep: 524288,
} as const;
export type ConfigFlag = (typeof ConfigFlag)[keyof typeof ConfigFlag];

/** How a new connection gets its endpoint. From `RoundRobin` on they are the schedulers of Linux ipvs, each by its name there; every endpoint has weight 1. */
export const Balancing = {
  /** Even, by hash of seed and connection. */
  Random: 0,
  /** By Maglev table, outside ipvs mode. */
  Maglev: 1,
  /** `rr`: the next in turn. */
  RoundRobin: 2,
  /** `wrr`: as `rr`, since weights are equal. */
  WeightedRoundRobin: 3,
  /** `lc`: the fewest connections, an active one counted as 256 inactive ones. */
  LeastConnections: 4,
  /** `wlc`: as `lc`, since weights are equal. */
  WeightedLeastConnections: 5,
  /** `lblc`: the one the front-end used before, until it is overloaded. */
  LocalityLeastConnections: 6,
  /** `lblcr`: as `lblc`, with a set of endpoints that grows under load and shrinks with time. */
  LocalityWithReplication: 7,
  /** `sh`: by hash of the source address. */
  SourceHash: 8,
  /** `dh`: by hash of the address dialled. */
  DestinationHash: 9,
  /** `sed`: the shortest expected delay: the fewest active connections. */
  ShortestDelay: 10,
  /** `nq`: one without active connections, else as `sed`. */
  NeverQueue: 11,
  /** `mh`: by Maglev table. */
  MaglevHash: 12,
} as const;
export type Balancing = (typeof Balancing)[keyof typeof Balancing];

/** Protocol state of a connection; TCP's ten follow Linux nf_conntrack_proto_tcp.c. */
export const ConnectionState = {
  /** No state yet. */
  None: 0,
  SynSent: 1,
  SynReceived: 2,
  Established: 3,
  FinWait: 4,
  CloseWait: 5,
  LastAck: 6,
  TimeWait: 7,
  Close: 8,
  /** Both sides sent a SYN (simultaneous open). */
  SynSent2: 9,
  /** Neither TCP nor SCTP: no answer seen yet. */
  Unreplied: 10,
  /** Neither TCP nor SCTP: answered. */
  Replied: 11,
  /** SCTP, from here on (nf_conntrack_proto_sctp.c): an INIT was sent, or all is over. */
  SctpClosed: 12,
  /** The INIT was answered. */
  SctpCookieWait: 13,
  /** The cookie went back. */
  SctpCookieEchoed: 14,
  /** The cookie was accepted, or a heartbeat answered. */
  SctpEstablished: 15,
  /** The originator begins to end it. */
  SctpShutdownSent: 16,
  /** The other side begins to end it. */
  SctpShutdownReceived: 17,
  /** The end was agreed to. */
  SctpShutdownAckSent: 18,
  /** A heartbeat opened it: a further path of an association that began elsewhere. */
  SctpHeartbeatSent: 19,
} as const;
export type ConnectionState = (typeof ConnectionState)[keyof typeof ConnectionState];

/** Bits of Connection.flags. */
export const ConnectionFlag = {
  /** A packet of the reply direction was seen. */
  SeenReply: 1,
  /** Assured: not given up when the table is full. */
  Assured: 2,
  /** The destination is translated. */
  DestinationTranslated: 4,
  /** The source is translated. */
  SourceTranslated: 8,
  /** It counts in map `loads`. */
  Counted: 16,
  /** It counts there for its client, too. */
  ClientCounted: 32,
} as const;
export type ConnectionFlag = (typeof ConnectionFlag)[keyof typeof ConnectionFlag];

/** Index into map `timeouts`. TCP's and SCTP's are in the order of their states. */
export const Timeout = {
  TcpNone: 0,
  TcpSynSent: 1,
  TcpSynReceived: 2,
  TcpEstablished: 3,
  TcpFinWait: 4,
  TcpCloseWait: 5,
  TcpLastAck: 6,
  TcpTimeWait: 7,
  TcpClose: 8,
  TcpSynSent2: 9,
  Udp: 10,
  UdpStream: 11,
  Icmp: 12,
  SctpClosed: 13,
  SctpCookieWait: 14,
  SctpCookieEchoed: 15,
  SctpEstablished: 16,
  SctpShutdownSent: 17,
  SctpShutdownReceived: 18,
  SctpShutdownAckSent: 19,
  SctpHeartbeatSent: 20,
  Other: 21,
  Fragment: 22,
  /** TCP: at most this long after one segment was repeated three times, or the window is shut. */
  TcpRetransmitted: 23,
  /** TCP: at most this long while data is not acknowledged. */
  TcpUnacknowledged: 24,
} as const;
export type Timeout = (typeof Timeout)[keyof typeof Timeout];

/** Bits of Fragment.flags. */
export const FragmentFlag = {
  /** The first fragment is there, and its fate is decided. */
  Settled: 1,
  /** Fragments are held for it. */
  Awaited: 2,
} as const;
export type FragmentFlag = (typeof FragmentFlag)[keyof typeof FragmentFlag];

/** How `initialise` ended. */
export const InitialiseStatus = {
  Ok: 0,
  /** A capacity is 0 or too large. */
  BadCapacity: 1,
  /** The memory cannot grow to the size that the capacities need. */
  OutOfMemory: 2,
  /** The instance was initialised before. */
  Twice: 3,
} as const;
export type InitialiseStatus = (typeof InitialiseStatus)[keyof typeof InitialiseStatus];

/** The id of a map. */
export const MapId = {
  None: 0,
  /** array u32 -> Config: settings, key 0. */
  Config: 1,
  /** array u32 -> TimeoutSeconds: lifetimes by Timeout. */
  Timeouts: 2,
  /** array u32 -> Port: where packets come in and go out. */
  Ports: 3,
  /** prefix PrefixKey -> Route: where a destination is. */
  Routes: 4,
  /** prefix PrefixKey -> Locality: what kind of source an address is. */
  Localities: 5,
  /** hash FrontendKey -> Frontend: addresses and ports that are served. */
  Frontends: 6,
  /** array u32 -> Service: ports of Services. */
  Services: 7,
  /** hash EndpointKey -> Endpoint: where they are served. */
  Endpoints: 8,
  /** prefix PrefixKey -> SourceRange: who may use a load balancer's address. */
  SourceRanges: 9,
  /** prefix PrefixKey -> ServiceAddress: ClusterIPs and Service CIDRs. */
  ServiceAddresses: 10,
  /** hash AffinityKey -> Affinity: which endpoint a client stays with; written by the dataplane. */
  Affinities: 11,
  /** hash IdentityKey -> Identity: which class of pods an address is. */
  Identities: 12,
  /** array u32 -> Ruleset: what the policies of a pod say in one direction. */
  Rulesets: 13,
  /** hash PolicyKey -> PortSet: what a ruleset says of an identity. */
  Policies: 14,
  /** prefix PrefixKey -> PortSet: what it says of an address; the scope is the ruleset. */
  PolicyBlocks: 15,
  /** hash PortKey -> PortRuling: what a port set says of a port. */
  PortRulings: 16,
  /** hash PortNameKey -> PortName: what a pod calls its ports. */
  PortNames: 17,
  /** hash FlowKey6 -> Connection: live connections; written by the dataplane, the host may delete. */
  Connections: 18,
  /** hash FragmentKey -> Fragment: datagrams in pieces; written by the dataplane. */
  Fragments: 19,
  /** array u32 -> Counters: totals, key 0; written by the dataplane. */
  Counters: 20,
  /** array u32 -> ReasonCount: packets by Reason; written by the dataplane. */
  Reasons: 21,
  /** hash EndpointKey -> MaglevSlot: tables for consistent hashing. */
  Maglev: 22,
  /** hash LoadKey -> Load: connections by front-end and endpoint; written by the dataplane. */
  Loads: 23,
  /** hash FrontendKey -> Turn: what schedulers remember of a front-end; written by the dataplane. */
  Turns: 24,
  /** hash ExhaustionKey -> Exhaustion: destinations that ran out of masquerade ports; written by the dataplane, the host may delete. */
  Exhaustions: 25,
  /** array u32 -> Digest: sums of what became of packets, by the port they left by; written by the dataplane. */
  Digests: 26,
} as const;
export type MapId = (typeof MapId)[keyof typeof MapId];

/** How a map operation ended. */
export const MapStatus = {
  Ok: 0,
  /** There is no such entry. */
  NotFound: 1,
  /** Every entry is taken. */
  Full: 2,
  /** There is no such map. */
  UnknownMap: 3,
  /** The key is outside the array, or a prefix has bits beyond its length. */
  BadKey: 4,
  /** The dataplane writes this map, not the host. */
  ReadOnly: 5,
  /** A connection with one of these tuples is there already. */
  Taken: 6,
} as const;
export type MapStatus = (typeof MapStatus)[keyof typeof MapStatus];

/** What the first byte of a frame is. */
export const Link = {
  /** An Ethernet header, perhaps with VLAN tags. */
  Ethernet: 0,
  /** The IPv4 or IPv6 header itself. */
  Raw: 1,
} as const;
export type Link = (typeof Link)[keyof typeof Link];

/** Bits of PacketDescriptor.flags. */
export const PacketFlag = {
  /** Each stage writes what it decided to the trace ring. */
  Trace: 1,
} as const;
export type PacketFlag = (typeof PacketFlag)[keyof typeof PacketFlag];

/** Bits of PacketDescriptor.effects: what happened on the way. */
export const Effect = {
  /** The source address or port was rewritten. */
  SourceTranslated: 1,
  /** The destination address or port was rewritten. */
  DestinationTranslated: 2,
  /** A connection was created. */
  Created: 4,
  /** The packet went in the reply direction of its connection. */
  ReplyDirection: 8,
  /** The packet is an ICMP error about its connection. */
  Related: 16,
  /** Connection tracking calls the packet invalid. */
  Invalid: 32,
} as const;
export type Effect = (typeof Effect)[keyof typeof Effect];

/** Bits of Choice.flags. */
export const ChoiceFlag = {
  /** `endpoint` and `endpointPort` are to be taken if the service offers them. */
  Endpoint: 1,
  /** `sourcePort` is to be taken as masquerade port if it is free. */
  SourcePort: 2,
} as const;
export type ChoiceFlag = (typeof ChoiceFlag)[keyof typeof ChoiceFlag];

/** Direction of a connection, seen from the pod that the policy is about. */
export const Direction = {
  Ingress: 0,
  Egress: 1,
} as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

/** Bits of PortSet.shape: where in map `port-rulings` there is something to find. */
export const PortShape = {
  /** Bits 0 to 16: prefixes of so many bits of a port, 0 being the whole protocol. */
  Prefixes: 131071,
  /** Every protocol, those without ports included. */
  AnyProtocol: 131072,
  /** Container ports by name. */
  Names: 262144,
} as const;
export type PortShape = (typeof PortShape)[keyof typeof PortShape];

/** Bits of Ruleset.flags. */
export const RulesetFlag = {
  /** There is such a ruleset. */
  Present: 1,
  /** A NetworkPolicy selects the pod: what no rule allows is refused. */
  Isolated: 2,
  /** Some rule is about addresses: map `policy-blocks` has prefixes in this scope. */
  HasBlocks: 4,
} as const;
export type RulesetFlag = (typeof RulesetFlag)[keyof typeof RulesetFlag];

/** Protocol numbers of PortKey that are none of a packet's. */
export const PortProtocol = {
  Any: 0,
} as const;
export type PortProtocol = (typeof PortProtocol)[keyof typeof PortProtocol];

/** What a rule of an admin tier does. */
export const TierAction = {
  None: 0,
  Accept: 1,
  Deny: 2,
  Pass: 3,
} as const;
export type TierAction = (typeof TierAction)[keyof typeof TierAction];

/** What decided about one end of a connection. */
export const PolicyTier = {
  /** Nothing did: what no rule speaks of is allowed. */
  Default: 0,
  Admin: 1,
  NetworkPolicy: 2,
  Baseline: 3,
} as const;
export type PolicyTier = (typeof PolicyTier)[keyof typeof PolicyTier];

/** What a port is. */
export const PortKind = {
  None: 0,
  /** The node's own stack. */
  Host: 1,
  /** The network outside the node. */
  Uplink: 2,
  /** A pod of this node. */
  Pod: 3,
} as const;
export type PortKind = (typeof PortKind)[keyof typeof PortKind];

/** Numbers of the ports that every node has; those of pods follow. */
export const PortNumber = {
  None: 0,
  Host: 1,
  Uplink: 2,
} as const;
export type PortNumber = (typeof PortNumber)[keyof typeof PortNumber];

/** What a route does. */
export const RouteKind = {
  None: 0,
  /** To the node's own stack. */
  Local: 1,
  /** Out through a port. */
  Forward: 2,
} as const;
export type RouteKind = (typeof RouteKind)[keyof typeof RouteKind];

/** Bits of Locality.flags. */
export const LocalityFlag = {
  /** The local-traffic detector takes it for a pod. */
  Pod: 1,
  /** It is an address of this node. */
  Node: 2,
} as const;
export type LocalityFlag = (typeof LocalityFlag)[keyof typeof LocalityFlag];

/** Which door of a service a front-end is. */
export const FrontendKind = {
  None: 0,
  ClusterIp: 1,
  ExternalIp: 2,
  LoadBalancer: 3,
  NodePort: 4,
} as const;
export type FrontendKind = (typeof FrontendKind)[keyof typeof FrontendKind];

/** Bits of Frontend.flags. */
export const FrontendFlag = {
  /** Only sources in map `source-ranges` under the service's number may use it. */
  SourceRanges: 1,
  /** With SourceRanges: the front-end's own address is allowed as a source (ipvs mode). */
  OwnSource: 2,
  /** With SourceRanges: the node's own packets are refused, whatever their source (ipvs mode). */
  NotFromNode: 4,
  /** The node's own packets go on as they are while there is no endpoint, since kube-proxy's rule for external addresses is not in its OUTPUT chain (iptables mode). */
  NodeSkipsReject: 8,
  /** 127.0.0.1 stands for all of 127.0.0.0/8 (iptables mode). */
  WholeLoopback: 16,
} as const;
export type FrontendFlag = (typeof FrontendFlag)[keyof typeof FrontendFlag];

/** Bits of Service.flags. */
export const ServiceFlag = {
  /** The entry is in use. */
  Present: 1,
  /** internalTrafficPolicy: Local. */
  InternalLocal: 2,
  /** externalTrafficPolicy: Local, and it is honoured. */
  ExternalLocal: 4,
  /** Some endpoint somewhere is usable (kube-proxy's "has any"). */
  HasAnyEndpoints: 8,
  /** sessionAffinity: ClientIP. */
  Affinity: 16,
} as const;
export type ServiceFlag = (typeof ServiceFlag)[keyof typeof ServiceFlag];

/** Which set of a service's endpoints. */
export const EndpointSet = {
  /** Usable endpoints anywhere. */
  Cluster: 0,
  /** Usable endpoints on this node. */
  Local: 1,
} as const;
export type EndpointSet = (typeof EndpointSet)[keyof typeof EndpointSet];

/** Bits of Endpoint.flags. */
export const EndpointFlag = {
  /** It is on this node. */
  Local: 1,
} as const;
export type EndpointFlag = (typeof EndpointFlag)[keyof typeof EndpointFlag];

/** Bits of Load.flags. */
export const LoadFlag = {
  /** It is in its front-end's set of servers (scheduler lblcr). */
  InSet: 1,
} as const;
export type LoadFlag = (typeof LoadFlag)[keyof typeof LoadFlag];

/** What a destination in a Service CIDR is when no front-end matches. */
export const ServiceAddressKind = {
  None: 0,
  /** A ClusterIP in use: other ports and protocols are rejected. */
  ClusterIp: 1,
  /** Inside a Service CIDR: dropped. */
  Unallocated: 2,
} as const;
export type ServiceAddressKind = (typeof ServiceAddressKind)[keyof typeof ServiceAddressKind];

/** What happened; the comment says what the step's arguments are. */
export const Trace = {
  None: 0,
  /** Parsed. first = IP protocol, second = TCP flags or ICMP type, address and port = destination. */
  Parsed: 1,
  /** Refused by the parser. first = Reason. */
  Refused: 2,
  /** A connection is known. first = 0 original, 1 reply direction, second = ConnectionState. */
  ConnectionFound: 3,
  /** No connection is known. */
  ConnectionNew: 4,
  /** An ICMP error about a known connection. first = direction it travels in. */
  ConnectionRelated: 5,
  /** The packet is invalid to connection tracking. first = ConnectionState it was in. */
  ConnectionInvalid: 6,
  /** A front-end was dialled. first = service, second = FrontendKind, address and port = front-end. */
  FrontendFound: 7,
  /** Nothing is served at this address and port. address and port = destination. */
  FrontendNone: 8,
  /** The source is in none of the Service's ranges. first = service, address = source. */
  SourceRangeRefused: 9,
  /** The set that endpoints are taken from. first = service, second = EndpointSet, third = its size. */
  EndpointSetUsed: 10,
  /** The service has nothing to offer. first = service, second = Reason. */
  EndpointNone: 11,
  /** An endpoint was chosen. first = service, second = EndpointCause, third = Balancing, fourth and fifth = its active and inactive connections before this one, address and port = endpoint. */
  EndpointChosen: 12,
  /** The source will be masqueraded. first = MasqueradeCause. */
  MasqueradeDue: 13,
  /** The destination is a service address that serves nothing here. first = ServiceAddressKind. */
  ServiceAddressUnserved: 14,
  /** No policy selects a pod in this direction. first = its identity, second = Direction. */
  PolicyNotIsolated: 15,
  /** Policy does not apply. first = PolicyExemption, second = Direction. */
  PolicyExempt: 16,
  /** Policy allows it. first = ruleset, second = Direction, third = PolicyTier that decided, fourth = rank of its rule, fifth = protocol, address = the other end, port = destination port. */
  PolicyAllowed: 17,
  /** Policy refuses it. As PolicyAllowed. */
  PolicyDenied: 18,
  /** The connection was admitted by an older policy, and is judged again. first = its revision, address and port = destination, translated. */
  PolicyOutdated: 19,
  /** The route was looked up. first = RouteKind, second = port, address = destination. */
  Routed: 20,
  /** The masquerade source. address and port = new source, first = ports tried. */
  SourceChosen: 21,
  /** The connection was entered. first = service. */
  ConnectionCreated: 22,
  /** The source was rewritten. address and port = new source. */
  SourceRewritten: 23,
  /** The destination was rewritten. address and port = new destination. */
  DestinationRewritten: 24,
  /** The fragment goes the way of the first one of its datagram. first = Verdict on that one. */
  FragmentFollows: 25,
  /** An answer was made. first = Reason, address = its source. */
  Answered: 26,
  /** The end. first = Verdict, second = Reason, third = port it leaves by. */
  Decided: 27,
} as const;
export type Trace = (typeof Trace)[keyof typeof Trace];

/** Why this endpoint. */
export const EndpointCause = {
  /** Drawn by hash of seed and connection. */
  Drawn: 0,
  /** Session affinity. */
  Affinity: 1,
  /** Taken over from the caller. */
  TakenOver: 2,
  /** By Maglev table, or by the ipvs scheduler in use. */
  Scheduled: 3,
} as const;
export type EndpointCause = (typeof EndpointCause)[keyof typeof EndpointCause];

/** Why the source is masqueraded. */
export const MasqueradeCause = {
  None: 0,
  /** masqueradeAll. */
  All: 1,
  /** The source is not local and dials a ClusterIP. */
  NotLocal: 2,
  /** externalTrafficPolicy: Cluster. */
  ExternalPolicy: 3,
  /** The node itself dials a front-end whose policy is Local. */
  NodeSource: 4,
  /** The endpoint is the source itself. */
  Hairpin: 5,
} as const;
export type MasqueradeCause = (typeof MasqueradeCause)[keyof typeof MasqueradeCause];

/** Why policy does not apply. */
export const PolicyExemption = {
  None: 0,
  /** The pod talks to itself. */
  Self: 1,
  /** The pod's own node talks to it. */
  OwnNode: 2,
  /** The pod is not on this node. */
  OtherNode: 3,
  /** The pod talks to its own node, and the node's settings allow that. */
  ToOwnNode: 4,
  /** ICMP that the node's settings always let through. */
  EssentialIcmp: 5,
} as const;
export type PolicyExemption = (typeof PolicyExemption)[keyof typeof PolicyExemption];

/** What happens to the packet. */
export const Verdict = {
  /** Nothing leaves. */
  Drop: 0,
  /** It leaves through another port, rewritten or not. */
  Forward: 1,
  /** It is handed to the node's own stack. */
  Local: 2,
  /** The dataplane answered it: the answer leaves through the port the packet came from. */
  Reply: 3,
  /** It waits for the first fragment of its datagram; what becomes of it shows later. */
  Hold: 4,
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** Why the outcome is not a plain forward. */
export const Reason = {
  /** The packet was forwarded or delivered in the ordinary way. */
  None: 0,
  /** The frame ends inside its Ethernet header or VLAN tags. */
  TruncatedEthernet: 1,
  /** The frame carries neither IPv4 nor IPv6 nor ARP. */
  UnknownEthertype: 2,
  /** The frame carries more VLAN tags than the two that 802.1ad stacks. */
  TooManyVlanTags: 3,
  /** The packet ends inside its IPv4 header. */
  TruncatedIpv4: 4,
  /** The version field of the IPv4 header is not 4. */
  BadIpv4Version: 5,
  /** The IPv4 header length is below 20 bytes. */
  BadIpv4HeaderLength: 6,
  /** The IPv4 total length is shorter than the header or longer than the frame. */
  BadIpv4TotalLength: 7,
  /** The packet ends inside its IPv6 header. */
  TruncatedIpv6: 8,
  /** The version field of the IPv6 header is not 6. */
  BadIpv6Version: 9,
  /** The IPv6 payload length is longer than the frame. */
  BadIpv6PayloadLength: 10,
  /** The packet ends inside an IPv6 extension header. */
  TruncatedIpv6Extension: 11,
  /** The packet has more IPv6 extension headers than the dataplane follows. */
  TooManyIpv6Extensions: 12,
  /** The packet ends inside its TCP header. */
  TruncatedTcp: 13,
  /** The TCP data offset is below 20 bytes or beyond the segment. */
  BadTcpDataOffset: 14,
  /** The packet ends inside its UDP header. */
  TruncatedUdp: 15,
  /** The UDP length is below 8 bytes or beyond the datagram. */
  BadUdpLength: 16,
  /** The packet ends inside its SCTP common header. */
  TruncatedSctp: 17,
  /** The packet ends inside its ICMP or ICMPv6 header. */
  TruncatedIcmp: 18,
  /** The packet quoted by an ICMP error is cut off or malformed. */
  BadQuotedPacket: 19,
  /** The fragment is empty or would reach beyond the largest datagram. */
  BadFragment: 20,
  /** The source address is one no packet may have: multicast, broadcast, unspecified, loopback or the node's own. */
  MartianSource: 21,
  /** The destination is a loopback address, which only the node itself may call. */
  MartianDestination: 22,
  /** An IPv6 header holds an IPv4-mapped address, which never belongs on a wire. */
  MappedAddress: 23,
  /** The packet came in by a port that the node does not have. */
  UnknownPort: 24,
  /** An option of the IPv4 header or of the IPv6 hop-by-hop header is malformed; senders of IPv4 packets and of bad jumbograms are told parameter problem. */
  BadIpOption: 25,
  /** The node does not know an IPv6 hop-by-hop option that says it must be known; the sender is told parameter problem if the option says that, too. */
  UnknownIpOption: 26,
  /** The IPv4 header names the routers to go by, and the node follows no such list. */
  SourceRoute: 27,
  /** The packet is for the node itself, and has an IPv6 hop-by-hop header that is not its first one; the sender is told parameter problem. */
  MisplacedHopByHop: 28,
  /** A later fragment came before the first one of its datagram: it is held until that is there. */
  FragmentBeforeFirst: 29,
  /** There is no room to remember another fragmented datagram. */
  FragmentTableFull: 30,
  /** A later fragment came before the first one of its datagram, and no room is left to hold it. */
  FragmentHoldFull: 31,
  /** The fragment was held until its time was over: the first one of its datagram never came. */
  FragmentTimeout: 32,
  /** All bytes of the fragment were there before: it is not sent twice. */
  FragmentDuplicate: 33,
  /** Fragments of this datagram overlap, or contradict each other about its length: none of it goes on. */
  FragmentOverlap: 34,
  /** Connection tracking calls the packet invalid, and the mode drops such packets. */
  ConntrackInvalid: 35,
  /** The connection table is full of connections that have been answered. */
  ConntrackFull: 36,
  /** The ICMP error quotes a packet of no known connection. */
  IcmpUnrelated: 37,
  /** The ICMP redirect is about a translated connection: whoever followed it would get past the translation. */
  RedirectTranslated: 38,
  /** The source address is in none of the Service's loadBalancerSourceRanges. */
  SourceRange: 39,
  /** The Service has no endpoint at all; the sender is told port unreachable. */
  RejectNoEndpoints: 40,
  /** The traffic policy is Local and no endpoint is on this node. */
  NoLocalEndpoints: 41,
  /** The ClusterIP is in use but does not serve this port or protocol; the sender is told port unreachable. */
  RejectUnknownServicePort: 42,
  /** The address is in a Service CIDR but belongs to no Service. */
  UnallocatedServiceAddress: 43,
  /** Policy of the source pod refuses the connection: a rule denies it, or none allows it. */
  PolicyDeniedEgress: 44,
  /** Policy of the destination pod refuses the connection: a rule denies it, or none allows it. */
  PolicyDeniedIngress: 45,
  /** No route leads to the destination. */
  NoRoute: 46,
  /** The destination is multicast or link-local, which is not forwarded. */
  NotForwardable: 47,
  /** The time to live (hop limit) ran out on this node; the sender is told time exceeded. */
  TimeExceeded: 48,
  /** The packet is longer than the MTU of the port it would leave by, and must not be cut; the sender is told that MTU. */
  PacketTooBig: 49,
  /** The packet is to be masqueraded, but the node has no address of its family. */
  NoMasqueradeAddress: 50,
  /** Every masquerade port towards this destination is taken. */
  MasqueradePortsExhausted: 51,
} as const;
export type Reason = (typeof Reason)[keyof typeof Reason];

/** How many entries each container holds; read once by `initialise`. */
export interface Capacity {
  /** Packets in a vector. */
  vectorPackets: number;
  /** Bytes of packet memory that the caller fills. */
  blockBytes: number;
  /** Trace steps kept. */
  traceSteps: number;
  ports: number;
  /** Prefixes, for each map that matches prefixes. */
  prefixes: number;
  frontends: number;
  services: number;
  endpoints: number;
  affinities: number;
  identities: number;
  policies: number;
  /** Entries of map `port-rulings`, and as many of `port-names`. */
  portSets: number;
  /** IPv4 connections. */
  connections4: number;
  /** IPv6 connections. */
  connections6: number;
  /** Fragmented datagrams on their way. */
  fragments: number;
  /** Slots of all Maglev tables together. */
  maglevSlots: number;
  rulesets: number;
  /** Fragments that wait for the first one of their datagram. */
  heldFragments: number;
  /** Bytes of their frames, each rounded up to 16. */
  heldBytes: number;
  /** Seed of every hash and every choice. */
  seedLow: number;
  seedHigh: number;
}

/** Value of map `config`, key 0. */
export interface Config {
  /** The node's IPv4 address: masquerade source, and source of rejects; all zero = none. */
  node4: string;
  /** The node's IPv6 address. */
  node6: string;
  /** ConfigFlag bits. */
  flags: number;
  /** Goes up with every change of policy. */
  policyRevision: number;
  /** A Balancing. */
  balancing: number;
  /** Goes up with every change of ports, routes and localities; never 0. */
  routeRevision: number;
  /** The largest MTU of all ports; a longer packet was put together by an offload. */
  largestMtuBytes: number;
  /** ICMP errors that the node sends in a second of packet time, on average; 0 = any number. */
  errorsPerSecond: number;
  /** How many of them at once after a pause; at least 1 counts. */
  errorsAtOnce: number;
}

/** Value of map `timeouts`. */
export interface TimeoutSeconds {
  /** Life of an entry after its last packet. */
  seconds: number;
}

/** Value of map `connections`; its key is the original tuple (FlowKey6). */
export interface Connection {
  /** Reply tuple: source. */
  replySource: string;
  /** Reply tuple: destination. */
  replyDestination: string;
  replySourcePort: number;
  replyDestinationPort: number;
  /** A ConnectionState. */
  state: number;
  /** ConnectionFlag bits. */
  flags: number;
  /** TCP: what the last segment was, as conntrack/tcp-record.ts packs it. */
  last: number;
  /** When the entry is gone unless another packet comes. */
  expiresAtMs: number;
  /** When its first packet came. */
  createdAtMs: number;
  originalPackets: number;
  originalBytes: number;
  replyPackets: number;
  replyBytes: number;
  /** Service that translated it, or 0 (key of map `services`). */
  service: number;
  /** Policy revision under which it was admitted (Config.policyRevision). */
  policyRevision: number;
  /** Port its original direction leaves by. */
  originalPort: number;
  /** Port its reply direction leaves by; 0 before the first answer. */
  replyPort: number;
  /** What its protocol remembers, as conntrack/tcp-record.ts and sctp.ts lay it out. */
  protocol0: number;
  protocol1: number;
  protocol2: number;
  protocol3: number;
  protocol4: number;
  protocol5: number;
  protocol6: number;
  protocol7: number;
  protocol8: number;
  protocol9: number;
  protocol10: number;
  protocol11: number;
}

/** Value of map `counters`, key 0. */
export interface Counters {
  packets: number;
  bytes: number;
  dropped: number;
  forwarded: number;
  delivered: number;
  answered: number;
  connectionsCreated: number;
  /** Taken out by the host, or because the same tuple began anew. */
  connectionsRemoved: number;
  /** Taken out because their time was over. */
  connectionsExpired: number;
  /** Taken out to make room. */
  connectionsEvicted: number;
  /** Packets that connection tracking called invalid, whatever became of them. */
  invalid: number;
  /** Affinity records that found no room; the client is balanced anew each time. */
  affinitiesRefused: number;
  /** Connections that found no room in map `loads` and are not counted there. */
  loadsRefused: number;
  /** Fragments held now: packets = dropped + forwarded + delivered + answered + held. */
  held: number;
  /** ICMP errors that were not sent because of Config.errorsPerSecond. */
  errorsSpared: number;
}

/** Value of map `reasons`; the key is a Reason. */
export interface ReasonCount {
  packets: number;
}

/** Value of map `digests`; the key is the port that packets left by, 0 for those that did not. */
export interface Digest {
  /** Low half of a sum modulo 2^64: of a hash of each packet. */
  low: number;
  high: number;
}

/** Key of map `exhaustions`. */
export interface ExhaustionKey {
  /** Where the connection was to go, after translation. */
  destination: string;
  /** Destination port after translation; 0 for protocols without ports. */
  port: number;
  /** IP protocol number. */
  protocol: number;
}

/** Value of map `exhaustions`. */
export interface Exhaustion {
  /** Packets that would have opened a connection. */
  packets: number;
  /** When the last of them came. */
  lastMs: number;
}

/** IPv4 tuple, 16 bytes: lives in the connection table only. */
export interface FlowKey4 {
  /** Source address as on the wire. */
  source: number;
  /** Destination address as on the wire. */
  destination: number;
  /** Source port; ICMP: the identifier. Zero for protocols without ports. */
  sourcePort: number;
  /** Destination port; ICMP: the identifier again. Zero for protocols without ports. */
  destinationPort: number;
  /** IP protocol number (IANA). */
  protocol: number;
  /** ICMP: type of the packets of this direction, which tells a request from its answer. */
  icmpType: number;
  icmpCode: number;
}

/** Tuple of either family, 40 bytes: IPv6 connections, and what the host sees of every connection. */
export interface FlowKey6 {
  /** Source address. */
  source: string;
  /** Destination address. */
  destination: string;
  /** Source port; ICMP: the identifier. Zero for protocols without ports. */
  sourcePort: number;
  /** Destination port; ICMP: the identifier again. Zero for protocols without ports. */
  destinationPort: number;
  /** IP protocol number (IANA). */
  protocol: number;
  /** ICMP: type of the packets of this direction, which tells a request from its answer. */
  icmpType: number;
  icmpCode: number;
}

/** Key of map `fragments`. */
export interface FragmentKey {
  /** Source address. */
  source: string;
  /** Destination address. */
  destination: string;
  /** Identification as on the wire; IPv4: in the first two bytes. */
  identification: number;
  /** IPv4: IP protocol number of the datagram. IPv6: 0, since later fragments cannot tell (RFC 8200, section 4.5). */
  protocol: number;
  /** Port it came in by: the same datagram is not mixed up between ports. */
  port: number;
}

/** Value of map `fragments`. From `source` to `destination`, and from `service` on, what follows from the first fragment is valid once it is Settled. */
export interface Fragment {
  /** When the datagram is forgotten. */
  expiresAtMs: number;
  /** Source address, as the first fragment left. */
  source: string;
  /** Destination address, as the first fragment left. */
  destination: string;
  /** Number of the datagram: no other has it. */
  serial: number;
  /** The service that decided, or 0. */
  service: number;
  /** Ports of the first fragment, as it came; ICMP: the identifier, twice. */
  sourcePort: number;
  destinationPort: number;
  /** Port the first one left by. */
  outPort: number;
  /** Bytes of the whole datagram behind its IP headers; 0 until its last fragment is there. */
  lengthBytes: number;
  /** Highest end of a fragment so far, in units of 8 bytes. */
  endUnits: number;
  /** Units of 8 bytes that are there. */
  seenUnits: number;
  /** IP protocol number behind all extension headers, as the first fragment tells. */
  protocol: number;
  /** Verdict on the first fragment (a Verdict); the rest share it. */
  verdict: number;
  /** Its Reason. */
  reason: number;
  /** Its Effect bits. */
  effects: number;
  /** Its ConnectionState. */
  state: number;
  /** FragmentFlag bits. */
  flags: number;
  icmpType: number;
  icmpCode: number;
}

/** Addresses of the areas, in bytes from the start of memory. */
export interface Layout {
  /** A Capacity, filled by the host before `initialise`. */
  capacity: number;
  /** A TrapRecord. */
  trap: number;
  /** A Clock, filled by the host before `sweep`. */
  clock: number;
  /** Key of a map operation, 64 bytes. */
  key: number;
  /** Value of a map operation, 128 bytes. */
  value: number;
  /** Capacity.vectorPackets x PacketDescriptor. */
  descriptors: number;
  /** Capacity.vectorPackets x Choice. */
  choices: number;
  /** Packet memory of Capacity.blockBytes. */
  block: number;
  /** Answers made by the dataplane; valid until the next `process`. */
  answers: number;
  /** Capacity.traceSteps x TraceStep, cleared by each `process`. */
  trace: number;
  /** Steps written by the last `process`; those beyond the capacity are lost. */
  traceSteps: number;
  /** Bytes of memory in use. */
  memoryBytes: number;
  /** (Capacity.heldFragments + Capacity.vectorPackets) x PacketDescriptor: what became of fragments that were held, in the order in which they left. Valid, with their frames, until the next `process`. */
  released: number;
  /** How many the last `process` wrote there. */
  releasedPackets: number;
}

/** Time for `sweep`. */
export interface Clock {
  nowMs: number;
}

/** What the instance says before it traps. */
export interface TrapRecord {
  /** AssemblyScript string, or 0. */
  message: number;
  /** AssemblyScript string, or 0. */
  file: number;
  line: number;
  column: number;
}

/** One packet, 64 bytes. */
export interface PacketDescriptor {
  /** When the packet arrived. */
  timeMs: number;
  /** In: where the frame's first byte is in memory. */
  address: number;
  /** In: bytes present. */
  lengthBytes: number;
  /** In: the Choice to take over, as an address in memory; 0 = choose freely. */
  choice: number;
  /** In: the port it came in by (key of map `ports`). */
  port: number;
  /** In: a Link. */
  link: number;
  /** In: PacketFlag bits. */
  flags: number;
  /** Out: a Verdict. */
  verdict: number;
  /** Out: a Reason. */
  reason: number;
  /** Out: the port it leaves by; 0 unless the verdict is Forward, Local or Reply. */
  outPort: number;
  /** Out: where the frame that leaves is: the packet's own place, or the answer's. */
  outAddress: number;
  /** Out: its length; 0 when nothing leaves. */
  outLengthBytes: number;
  /** Out: the service that decided, or 0 (key of map `services`). */
  service: number;
  /** Out: Effect bits. */
  effects: number;
  /** Out: ConnectionState after the packet, valid when a connection is known. */
  state: number;
  /** Out: the number under which a fragment is held, and comes out later in Layout.released; 0 for all other packets. */
  held: number;
  /** Out, in Layout.released: the packet of the vector behind which it leaves, from 0. */
  after: number;
  /** In: what the caller calls the packet; it counts for digests only. */
  number: number;
}

/** Choices that another node made for a new connection; a choice that is not legal is not taken over. */
export interface Choice {
  /** Endpoint address. */
  endpoint: string;
  /** Endpoint port. */
  endpointPort: number;
  /** Masquerade source port. */
  sourcePort: number;
  /** ChoiceFlag bits. */
  flags: number;
}

/** Key of map `identities`. */
export interface IdentityKey {
  /** Pod address. */
  address: string;
}

/** Value of map `identities`. */
export interface Identity {
  /** Number of the class under selectors of every namespace's pods; never 0. */
  identity: number;
  /** Number of the class under selectors of its own namespace's pods; 0 = none means it. */
  neighbour: number;
  /** 1: the pod is on this node, so this node judges its traffic. */
  local: number;
  /** Its ruleset as a destination; 0 = no policy selects it. Local pods only. */
  ingress: number;
  /** Its ruleset as a source. */
  egress: number;
  /** Its table of map `port-names`; 0 = no rule knows a name of its ports. */
  namedPorts: number;
}

/** Value of map `rulesets`; the key is its number. */
export interface Ruleset {
  /** RulesetFlag bits. */
  flags: number;
  /** Port set of every peer; 0 = empty. */
  anySet: number;
  anyShape: number;
  /** Port set of pods whose identity has no entry in map `policies`; 0 = empty. */
  podsSet: number;
  podsShape: number;
}

/** Key of map `policies`. */
export interface PolicyKey {
  ruleset: number;
  /** Identity.identity or Identity.neighbour of the peer, which share no number. */
  identity: number;
}

/** Value of maps `policies` and `policy-blocks`: a port set. */
export interface PortSet {
  /** Number of the set; 0 = empty. */
  portSet: number;
  /** PortShape bits. */
  shape: number;
}

/** Key of map `port-rulings`. */
export interface PortKey {
  portSet: number;
  /** First `length` bits of a port, the others zero; or the number of a name. */
  number: number;
  /** IP protocol number; 0 = every protocol. */
  protocol: number;
  /** Significant bits of the 16; 17 = the number is a name's. */
  length: number;
}

/** Value of map `port-rulings`: the first rule of each tier, and whether a NetworkPolicy allows. */
export interface PortRuling {
  /** Place of the rule among all of its tier, the lowest first. Valid if there is an action. */
  adminRank: number;
  baselineRank: number;
  /** A TierAction; None = no rule matches. */
  adminAction: number;
  baselineAction: number;
  /** 1: a rule of a NetworkPolicy allows it. */
  isAllowed: number;
}

/** Key of map `port-names`. */
export interface PortNameKey {
  /** Number of the table. */
  namedPorts: number;
  /** Container port. */
  port: number;
  /** IP protocol number. */
  protocol: number;
  /** 0 for the first name of this port, then 1 and so on. */
  position: number;
}

/** Value of map `port-names`. */
export interface PortName {
  /** Number of the name, from 1. */
  name: number;
}

/** Value of map `ports`; the key is the port's number, 0 is never used. */
export interface Port {
  /** A PortKind. */
  kind: number;
  /** Largest packet that leaves through it, in bytes; 0 = any. */
  mtuBytes: number;
}

/** Key of every map that matches the longest prefix. */
export interface PrefixKey {
  /** Prefix; bits beyond its length are zero. */
  address: string;
  /** What the prefix belongs to; 0 where the map has one scope only. */
  scope: number;
  /** Significant bits of the 128; an IPv4 prefix has 96 more than it is written with. */
  lengthBits: number;
}

/** Value of map `routes`. */
export interface Route {
  /** A RouteKind. */
  kind: number;
  /** Key of map `ports`. */
  port: number;
}

/** Value of map `localities`: what kind of source an address is. */
export interface Locality {
  /** LocalityFlag bits. */
  flags: number;
}

/** Key of map `frontends`. */
export interface FrontendKey {
  /** Address dialled. */
  address: string;
  /** Port dialled. */
  port: number;
  /** IP protocol number: TCP, UDP or SCTP. */
  protocol: number;
}

/** Value of map `frontends`. */
export interface Frontend {
  /** Key of map `services`. */
  service: number;
  /** A FrontendKind. */
  kind: number;
  /** FrontendFlag bits. */
  flags: number;
}

/** Value of map `services`; its number is the key. One port of a Service in one family; in ipvs mode one front-end of it, for there each is a virtual server of its own. */
export interface Service {
  /** ServiceFlag bits. */
  flags: number;
  /** Endpoints in the cluster set. */
  clusterCount: number;
  /** Endpoints in the local set. */
  localCount: number;
  /** sessionAffinityConfig.clientIP.timeoutSeconds. */
  affinitySeconds: number;
  /** Slots of the cluster set's Maglev table; 0 = it has none. */
  clusterSlots: number;
  /** Slots of the local set's Maglev table; 0 = it has none. */
  localSlots: number;
}

/** Key of map `endpoints`. */
export interface EndpointKey {
  /** Key of map `services`. */
  service: number;
  /** An EndpointSet. */
  set: number;
  /** 0 to count - 1, in the order of "ip:port" as text. */
  slot: number;
}

/** Value of map `endpoints`. */
export interface Endpoint {
  /** Endpoint address. */
  address: string;
  /** Target port. */
  port: number;
  /** EndpointFlag bits. */
  flags: number;
}

/** Key of map `affinities`: a client may hold to an endpoint of each set that served it. */
export interface AffinityKey {
  /** Client address. */
  client: string;
  /** Endpoint address. */
  address: string;
  /** Key of map `services`. */
  service: number;
  /** Target port. */
  port: number;
}

/** Value of map `affinities`. */
export interface Affinity {
  /** When the endpoint's hold on the client ends. */
  expiresAtMs: number;
}

/** Value of map `maglev`; its key is an EndpointKey whose slot is that of the Maglev table, not of the set. */
export interface MaglevSlot {
  /** Slot of the set, in map `endpoints`. */
  endpoint: number;
}

/** Key of map `loads`: what connections through one front-end to one endpoint are counted under; and once more for each client, where session affinity wants to know. */
export interface LoadKey {
  /** Client address; all zero = all clients together. */
  client: string;
  /** Address dialled. */
  frontend: string;
  /** Endpoint address. */
  endpoint: string;
  /** Port dialled. */
  frontendPort: number;
  /** Target port. */
  endpointPort: number;
  /** IP protocol number. */
  protocol: number;
}

/** Value of map `loads`: live connections. */
export interface Load {
  /** TCP until a FIN or RST was seen, SCTP once answered (Linux ip_vs_proto_tcp.c). */
  active: number;
  /** The others. UDP connections are never active. */
  inactive: number;
  /** LoadFlag bits. */
  flags: number;
  /** Of a client's entry: cursor of the entry of all clients together; 0 = it is that one. */
  total: number;
}

/** Value of map `turns`; all zero while nothing was chosen. */
export interface Turn {
  /** Address of the endpoint that was chosen last. */
  address: string;
  /** When the set of servers changed (scheduler lblcr). */
  changedAtMs: number;
  /** Target port of the endpoint that was chosen last. */
  port: number;
  /** Which slot it was in. */
  slot: number;
}

/** Value of map `service-addresses`. */
export interface ServiceAddress {
  /** A ServiceAddressKind. */
  kind: number;
}

/** Value of map `source-ranges`; the key's scope is the service's number. */
export interface SourceRange {
  /** 1: inside a range. */
  allowed: number;
}

/** One step, 48 bytes. */
export interface TraceStep {
  /** A Trace. */
  code: number;
  /** See Trace. */
  port: number;
  /** Which packet of the vector. */
  packet: number;
  first: number;
  second: number;
  third: number;
  fourth: number;
  fifth: number;
  /** See Trace. */
  address: string;
}

/** Every struct by its name. */
export interface Structs {
  Capacity: Capacity;
  Config: Config;
  TimeoutSeconds: TimeoutSeconds;
  Connection: Connection;
  Counters: Counters;
  ReasonCount: ReasonCount;
  Digest: Digest;
  ExhaustionKey: ExhaustionKey;
  Exhaustion: Exhaustion;
  FlowKey4: FlowKey4;
  FlowKey6: FlowKey6;
  FragmentKey: FragmentKey;
  Fragment: Fragment;
  Layout: Layout;
  Clock: Clock;
  TrapRecord: TrapRecord;
  PacketDescriptor: PacketDescriptor;
  Choice: Choice;
  IdentityKey: IdentityKey;
  Identity: Identity;
  Ruleset: Ruleset;
  PolicyKey: PolicyKey;
  PortSet: PortSet;
  PortKey: PortKey;
  PortRuling: PortRuling;
  PortNameKey: PortNameKey;
  PortName: PortName;
  Port: Port;
  PrefixKey: PrefixKey;
  Route: Route;
  Locality: Locality;
  FrontendKey: FrontendKey;
  Frontend: Frontend;
  Service: Service;
  EndpointKey: EndpointKey;
  Endpoint: Endpoint;
  AffinityKey: AffinityKey;
  Affinity: Affinity;
  MaglevSlot: MaglevSlot;
  LoadKey: LoadKey;
  Load: Load;
  Turn: Turn;
  ServiceAddress: ServiceAddress;
  SourceRange: SourceRange;
  TraceStep: TraceStep;
}
export type StructName = keyof Structs;

/**
 * net16 is in network byte order, an address is 16 bytes on the wire, the others are little-endian.
 */
export type FieldKind = 'u8' | 'u16' | 'u32' | 'u64' | 'net16' | 'address';

/** Where a field is; bytes that no field covers are zero. */
export interface FieldLayout {
  readonly name: string;
  readonly offset: number;
  readonly kind: FieldKind;
  /** What its numbers mean: members of this enum, or a sum of them if `bits`. */
  readonly enum?: EnumName;
  readonly bits?: boolean;
}
export interface StructLayout {
  readonly sizeBytes: number;
  readonly fields: readonly FieldLayout[];
}
export const structs: Readonly<Record<StructName, StructLayout>> = {
  Capacity: {
    sizeBytes: 88,
    fields: [
      { name: 'vectorPackets', offset: 0, kind: 'u32' },
      { name: 'blockBytes', offset: 4, kind: 'u32' },
      { name: 'traceSteps', offset: 8, kind: 'u32' },
      { name: 'ports', offset: 12, kind: 'u32' },
      { name: 'prefixes', offset: 16, kind: 'u32' },
      { name: 'frontends', offset: 20, kind: 'u32' },
      { name: 'services', offset: 24, kind: 'u32' },
      { name: 'endpoints', offset: 28, kind: 'u32' },
      { name: 'affinities', offset: 32, kind: 'u32' },
      { name: 'identities', offset: 36, kind: 'u32' },
      { name: 'policies', offset: 40, kind: 'u32' },
      { name: 'portSets', offset: 44, kind: 'u32' },
      { name: 'connections4', offset: 48, kind: 'u32' },
      { name: 'connections6', offset: 52, kind: 'u32' },
      { name: 'fragments', offset: 56, kind: 'u32' },
      { name: 'maglevSlots', offset: 60, kind: 'u32' },
      { name: 'rulesets', offset: 64, kind: 'u32' },
      { name: 'heldFragments', offset: 68, kind: 'u32' },
      { name: 'heldBytes', offset: 72, kind: 'u32' },
      { name: 'seedLow', offset: 76, kind: 'u32' },
      { name: 'seedHigh', offset: 80, kind: 'u32' },
    ],
  },
  Config: {
    sizeBytes: 60,
    fields: [
      { name: 'node4', offset: 0, kind: 'address' },
      { name: 'node6', offset: 16, kind: 'address' },
      { name: 'flags', offset: 32, kind: 'u32', enum: 'ConfigFlag', bits: true },
      { name: 'policyRevision', offset: 36, kind: 'u32' },
      { name: 'balancing', offset: 40, kind: 'u32', enum: 'Balancing' },
      { name: 'routeRevision', offset: 44, kind: 'u32' },
      { name: 'largestMtuBytes', offset: 48, kind: 'u32' },
      { name: 'errorsPerSecond', offset: 52, kind: 'u32' },
      { name: 'errorsAtOnce', offset: 56, kind: 'u32' },
    ],
  },
  TimeoutSeconds: {
    sizeBytes: 8,
    fields: [
      { name: 'seconds', offset: 0, kind: 'u32' },
    ],
  },
  Connection: {
    sizeBytes: 152,
    fields: [
      { name: 'replySource', offset: 0, kind: 'address' },
      { name: 'replyDestination', offset: 16, kind: 'address' },
      { name: 'replySourcePort', offset: 32, kind: 'net16' },
      { name: 'replyDestinationPort', offset: 34, kind: 'net16' },
      { name: 'state', offset: 36, kind: 'u8', enum: 'ConnectionState' },
      { name: 'flags', offset: 37, kind: 'u8', enum: 'ConnectionFlag', bits: true },
      { name: 'last', offset: 38, kind: 'u16' },
      { name: 'expiresAtMs', offset: 40, kind: 'u64' },
      { name: 'createdAtMs', offset: 48, kind: 'u64' },
      { name: 'originalPackets', offset: 56, kind: 'u64' },
      { name: 'originalBytes', offset: 64, kind: 'u64' },
      { name: 'replyPackets', offset: 72, kind: 'u64' },
      { name: 'replyBytes', offset: 80, kind: 'u64' },
      { name: 'service', offset: 88, kind: 'u32' },
      { name: 'policyRevision', offset: 92, kind: 'u32' },
      { name: 'originalPort', offset: 96, kind: 'u16' },
      { name: 'replyPort', offset: 98, kind: 'u16' },
      { name: 'protocol0', offset: 100, kind: 'u32' },
      { name: 'protocol1', offset: 104, kind: 'u32' },
      { name: 'protocol2', offset: 108, kind: 'u32' },
      { name: 'protocol3', offset: 112, kind: 'u32' },
      { name: 'protocol4', offset: 116, kind: 'u32' },
      { name: 'protocol5', offset: 120, kind: 'u32' },
      { name: 'protocol6', offset: 124, kind: 'u32' },
      { name: 'protocol7', offset: 128, kind: 'u32' },
      { name: 'protocol8', offset: 132, kind: 'u32' },
      { name: 'protocol9', offset: 136, kind: 'u32' },
      { name: 'protocol10', offset: 140, kind: 'u32' },
      { name: 'protocol11', offset: 144, kind: 'u32' },
    ],
  },
  Counters: {
    sizeBytes: 120,
    fields: [
      { name: 'packets', offset: 0, kind: 'u64' },
      { name: 'bytes', offset: 8, kind: 'u64' },
      { name: 'dropped', offset: 16, kind: 'u64' },
      { name: 'forwarded', offset: 24, kind: 'u64' },
      { name: 'delivered', offset: 32, kind: 'u64' },
      { name: 'answered', offset: 40, kind: 'u64' },
      { name: 'connectionsCreated', offset: 48, kind: 'u64' },
      { name: 'connectionsRemoved', offset: 56, kind: 'u64' },
      { name: 'connectionsExpired', offset: 64, kind: 'u64' },
      { name: 'connectionsEvicted', offset: 72, kind: 'u64' },
      { name: 'invalid', offset: 80, kind: 'u64' },
      { name: 'affinitiesRefused', offset: 88, kind: 'u64' },
      { name: 'loadsRefused', offset: 96, kind: 'u64' },
      { name: 'held', offset: 104, kind: 'u64' },
      { name: 'errorsSpared', offset: 112, kind: 'u64' },
    ],
  },
  ReasonCount: {
    sizeBytes: 8,
    fields: [
      { name: 'packets', offset: 0, kind: 'u64' },
    ],
  },
  Digest: {
    sizeBytes: 8,
    fields: [
      { name: 'low', offset: 0, kind: 'u32' },
      { name: 'high', offset: 4, kind: 'u32' },
    ],
  },
  ExhaustionKey: {
    sizeBytes: 24,
    fields: [
      { name: 'destination', offset: 0, kind: 'address' },
      { name: 'port', offset: 16, kind: 'net16' },
      { name: 'protocol', offset: 18, kind: 'u8' },
    ],
  },
  Exhaustion: {
    sizeBytes: 16,
    fields: [
      { name: 'packets', offset: 0, kind: 'u64' },
      { name: 'lastMs', offset: 8, kind: 'u64' },
    ],
  },
  FlowKey4: {
    sizeBytes: 16,
    fields: [
      { name: 'source', offset: 0, kind: 'u32' },
      { name: 'destination', offset: 4, kind: 'u32' },
      { name: 'sourcePort', offset: 8, kind: 'net16' },
      { name: 'destinationPort', offset: 10, kind: 'net16' },
      { name: 'protocol', offset: 12, kind: 'u8' },
      { name: 'icmpType', offset: 13, kind: 'u8' },
      { name: 'icmpCode', offset: 14, kind: 'u8' },
    ],
  },
  FlowKey6: {
    sizeBytes: 40,
    fields: [
      { name: 'source', offset: 0, kind: 'address' },
      { name: 'destination', offset: 16, kind: 'address' },
      { name: 'sourcePort', offset: 32, kind: 'net16' },
      { name: 'destinationPort', offset: 34, kind: 'net16' },
      { name: 'protocol', offset: 36, kind: 'u8' },
      { name: 'icmpType', offset: 37, kind: 'u8' },
      { name: 'icmpCode', offset: 38, kind: 'u8' },
    ],
  },
  FragmentKey: {
    sizeBytes: 40,
    fields: [
      { name: 'source', offset: 0, kind: 'address' },
      { name: 'destination', offset: 16, kind: 'address' },
      { name: 'identification', offset: 32, kind: 'u32' },
      { name: 'protocol', offset: 36, kind: 'u8' },
      { name: 'port', offset: 38, kind: 'u16' },
    ],
  },
  Fragment: {
    sizeBytes: 72,
    fields: [
      { name: 'expiresAtMs', offset: 0, kind: 'u64' },
      { name: 'source', offset: 8, kind: 'address' },
      { name: 'destination', offset: 24, kind: 'address' },
      { name: 'serial', offset: 40, kind: 'u32' },
      { name: 'service', offset: 44, kind: 'u32' },
      { name: 'sourcePort', offset: 48, kind: 'net16' },
      { name: 'destinationPort', offset: 50, kind: 'net16' },
      { name: 'outPort', offset: 52, kind: 'u16' },
      { name: 'lengthBytes', offset: 54, kind: 'u16' },
      { name: 'endUnits', offset: 56, kind: 'u16' },
      { name: 'seenUnits', offset: 58, kind: 'u16' },
      { name: 'protocol', offset: 60, kind: 'u8' },
      { name: 'verdict', offset: 61, kind: 'u8', enum: 'Verdict' },
      { name: 'reason', offset: 62, kind: 'u8', enum: 'Reason' },
      { name: 'effects', offset: 63, kind: 'u8', enum: 'Effect', bits: true },
      { name: 'state', offset: 64, kind: 'u8', enum: 'ConnectionState' },
      { name: 'flags', offset: 65, kind: 'u8', enum: 'FragmentFlag', bits: true },
      { name: 'icmpType', offset: 66, kind: 'u8' },
      { name: 'icmpCode', offset: 67, kind: 'u8' },
    ],
  },
  Layout: {
    sizeBytes: 56,
    fields: [
      { name: 'capacity', offset: 0, kind: 'u32' },
      { name: 'trap', offset: 4, kind: 'u32' },
      { name: 'clock', offset: 8, kind: 'u32' },
      { name: 'key', offset: 12, kind: 'u32' },
      { name: 'value', offset: 16, kind: 'u32' },
      { name: 'descriptors', offset: 20, kind: 'u32' },
      { name: 'choices', offset: 24, kind: 'u32' },
      { name: 'block', offset: 28, kind: 'u32' },
      { name: 'answers', offset: 32, kind: 'u32' },
      { name: 'trace', offset: 36, kind: 'u32' },
      { name: 'traceSteps', offset: 40, kind: 'u32' },
      { name: 'memoryBytes', offset: 44, kind: 'u32' },
      { name: 'released', offset: 48, kind: 'u32' },
      { name: 'releasedPackets', offset: 52, kind: 'u32' },
    ],
  },
  Clock: {
    sizeBytes: 8,
    fields: [
      { name: 'nowMs', offset: 0, kind: 'u64' },
    ],
  },
  TrapRecord: {
    sizeBytes: 16,
    fields: [
      { name: 'message', offset: 0, kind: 'u32' },
      { name: 'file', offset: 4, kind: 'u32' },
      { name: 'line', offset: 8, kind: 'u32' },
      { name: 'column', offset: 12, kind: 'u32' },
    ],
  },
  PacketDescriptor: {
    sizeBytes: 64,
    fields: [
      { name: 'timeMs', offset: 0, kind: 'u64' },
      { name: 'address', offset: 8, kind: 'u32' },
      { name: 'lengthBytes', offset: 12, kind: 'u32' },
      { name: 'choice', offset: 16, kind: 'u32' },
      { name: 'port', offset: 20, kind: 'u16' },
      { name: 'link', offset: 22, kind: 'u8', enum: 'Link' },
      { name: 'flags', offset: 23, kind: 'u8', enum: 'PacketFlag', bits: true },
      { name: 'verdict', offset: 24, kind: 'u8', enum: 'Verdict' },
      { name: 'reason', offset: 25, kind: 'u8', enum: 'Reason' },
      { name: 'outPort', offset: 26, kind: 'u16' },
      { name: 'outAddress', offset: 28, kind: 'u32' },
      { name: 'outLengthBytes', offset: 32, kind: 'u32' },
      { name: 'service', offset: 36, kind: 'u32' },
      { name: 'effects', offset: 40, kind: 'u8', enum: 'Effect', bits: true },
      { name: 'state', offset: 41, kind: 'u8', enum: 'ConnectionState' },
      { name: 'held', offset: 44, kind: 'u32' },
      { name: 'after', offset: 48, kind: 'u32' },
      { name: 'number', offset: 52, kind: 'u32' },
    ],
  },
  Choice: {
    sizeBytes: 24,
    fields: [
      { name: 'endpoint', offset: 0, kind: 'address' },
      { name: 'endpointPort', offset: 16, kind: 'net16' },
      { name: 'sourcePort', offset: 18, kind: 'net16' },
      { name: 'flags', offset: 20, kind: 'u32', enum: 'ChoiceFlag', bits: true },
    ],
  },
  IdentityKey: {
    sizeBytes: 16,
    fields: [
      { name: 'address', offset: 0, kind: 'address' },
    ],
  },
  Identity: {
    sizeBytes: 24,
    fields: [
      { name: 'identity', offset: 0, kind: 'u32' },
      { name: 'neighbour', offset: 4, kind: 'u32' },
      { name: 'local', offset: 8, kind: 'u32' },
      { name: 'ingress', offset: 12, kind: 'u32' },
      { name: 'egress', offset: 16, kind: 'u32' },
      { name: 'namedPorts', offset: 20, kind: 'u32' },
    ],
  },
  Ruleset: {
    sizeBytes: 24,
    fields: [
      { name: 'flags', offset: 0, kind: 'u32', enum: 'RulesetFlag', bits: true },
      { name: 'anySet', offset: 4, kind: 'u32' },
      { name: 'anyShape', offset: 8, kind: 'u32' },
      { name: 'podsSet', offset: 12, kind: 'u32' },
      { name: 'podsShape', offset: 16, kind: 'u32' },
    ],
  },
  PolicyKey: {
    sizeBytes: 8,
    fields: [
      { name: 'ruleset', offset: 0, kind: 'u32' },
      { name: 'identity', offset: 4, kind: 'u32' },
    ],
  },
  PortSet: {
    sizeBytes: 8,
    fields: [
      { name: 'portSet', offset: 0, kind: 'u32' },
      { name: 'shape', offset: 4, kind: 'u32', enum: 'PortShape', bits: true },
    ],
  },
  PortKey: {
    sizeBytes: 16,
    fields: [
      { name: 'portSet', offset: 0, kind: 'u32' },
      { name: 'number', offset: 4, kind: 'u32' },
      { name: 'protocol', offset: 8, kind: 'u32' },
      { name: 'length', offset: 12, kind: 'u32' },
    ],
  },
  PortRuling: {
    sizeBytes: 16,
    fields: [
      { name: 'adminRank', offset: 0, kind: 'u32' },
      { name: 'baselineRank', offset: 4, kind: 'u32' },
      { name: 'adminAction', offset: 8, kind: 'u8' },
      { name: 'baselineAction', offset: 9, kind: 'u8' },
      { name: 'isAllowed', offset: 10, kind: 'u8' },
    ],
  },
  PortNameKey: {
    sizeBytes: 8,
    fields: [
      { name: 'namedPorts', offset: 0, kind: 'u32' },
      { name: 'port', offset: 4, kind: 'net16' },
      { name: 'protocol', offset: 6, kind: 'u8' },
      { name: 'position', offset: 7, kind: 'u8' },
    ],
  },
  PortName: {
    sizeBytes: 8,
    fields: [
      { name: 'name', offset: 0, kind: 'u32' },
    ],
  },
  Port: {
    sizeBytes: 8,
    fields: [
      { name: 'kind', offset: 0, kind: 'u8', enum: 'PortKind' },
      { name: 'mtuBytes', offset: 2, kind: 'u16' },
    ],
  },
  PrefixKey: {
    sizeBytes: 24,
    fields: [
      { name: 'address', offset: 0, kind: 'address' },
      { name: 'scope', offset: 16, kind: 'u32' },
      { name: 'lengthBits', offset: 20, kind: 'u32' },
    ],
  },
  Route: {
    sizeBytes: 8,
    fields: [
      { name: 'kind', offset: 0, kind: 'u16', enum: 'RouteKind' },
      { name: 'port', offset: 2, kind: 'u16' },
    ],
  },
  Locality: {
    sizeBytes: 8,
    fields: [
      { name: 'flags', offset: 0, kind: 'u32', enum: 'LocalityFlag', bits: true },
    ],
  },
  FrontendKey: {
    sizeBytes: 24,
    fields: [
      { name: 'address', offset: 0, kind: 'address' },
      { name: 'port', offset: 16, kind: 'net16' },
      { name: 'protocol', offset: 18, kind: 'u8' },
    ],
  },
  Frontend: {
    sizeBytes: 8,
    fields: [
      { name: 'service', offset: 0, kind: 'u32' },
      { name: 'kind', offset: 4, kind: 'u8', enum: 'FrontendKind' },
      { name: 'flags', offset: 5, kind: 'u8', enum: 'FrontendFlag', bits: true },
    ],
  },
  Service: {
    sizeBytes: 24,
    fields: [
      { name: 'flags', offset: 0, kind: 'u32', enum: 'ServiceFlag', bits: true },
      { name: 'clusterCount', offset: 4, kind: 'u32' },
      { name: 'localCount', offset: 8, kind: 'u32' },
      { name: 'affinitySeconds', offset: 12, kind: 'u32' },
      { name: 'clusterSlots', offset: 16, kind: 'u32' },
      { name: 'localSlots', offset: 20, kind: 'u32' },
    ],
  },
  EndpointKey: {
    sizeBytes: 16,
    fields: [
      { name: 'service', offset: 0, kind: 'u32' },
      { name: 'set', offset: 4, kind: 'u32', enum: 'EndpointSet' },
      { name: 'slot', offset: 8, kind: 'u32' },
    ],
  },
  Endpoint: {
    sizeBytes: 24,
    fields: [
      { name: 'address', offset: 0, kind: 'address' },
      { name: 'port', offset: 16, kind: 'net16' },
      { name: 'flags', offset: 18, kind: 'u16', enum: 'EndpointFlag', bits: true },
    ],
  },
  AffinityKey: {
    sizeBytes: 40,
    fields: [
      { name: 'client', offset: 0, kind: 'address' },
      { name: 'address', offset: 16, kind: 'address' },
      { name: 'service', offset: 32, kind: 'u32' },
      { name: 'port', offset: 36, kind: 'net16' },
    ],
  },
  Affinity: {
    sizeBytes: 8,
    fields: [
      { name: 'expiresAtMs', offset: 0, kind: 'u64' },
    ],
  },
  MaglevSlot: {
    sizeBytes: 8,
    fields: [
      { name: 'endpoint', offset: 0, kind: 'u32' },
    ],
  },
  LoadKey: {
    sizeBytes: 56,
    fields: [
      { name: 'client', offset: 0, kind: 'address' },
      { name: 'frontend', offset: 16, kind: 'address' },
      { name: 'endpoint', offset: 32, kind: 'address' },
      { name: 'frontendPort', offset: 48, kind: 'net16' },
      { name: 'endpointPort', offset: 50, kind: 'net16' },
      { name: 'protocol', offset: 52, kind: 'u8' },
    ],
  },
  Load: {
    sizeBytes: 16,
    fields: [
      { name: 'active', offset: 0, kind: 'u32' },
      { name: 'inactive', offset: 4, kind: 'u32' },
      { name: 'flags', offset: 8, kind: 'u32', enum: 'LoadFlag', bits: true },
      { name: 'total', offset: 12, kind: 'u32' },
    ],
  },
  Turn: {
    sizeBytes: 32,
    fields: [
      { name: 'address', offset: 0, kind: 'address' },
      { name: 'changedAtMs', offset: 16, kind: 'u64' },
      { name: 'port', offset: 24, kind: 'net16' },
      { name: 'slot', offset: 28, kind: 'u32' },
    ],
  },
  ServiceAddress: {
    sizeBytes: 8,
    fields: [
      { name: 'kind', offset: 0, kind: 'u32', enum: 'ServiceAddressKind' },
    ],
  },
  SourceRange: {
    sizeBytes: 8,
    fields: [
      { name: 'allowed', offset: 0, kind: 'u32' },
    ],
  },
  TraceStep: {
    sizeBytes: 48,
    fields: [
      { name: 'code', offset: 0, kind: 'u16', enum: 'Trace' },
      { name: 'port', offset: 2, kind: 'net16' },
      { name: 'packet', offset: 4, kind: 'u32' },
      { name: 'first', offset: 8, kind: 'u32' },
      { name: 'second', offset: 12, kind: 'u32' },
      { name: 'third', offset: 16, kind: 'u32' },
      { name: 'fourth', offset: 20, kind: 'u32' },
      { name: 'fifth', offset: 24, kind: 'u32' },
      { name: 'address', offset: 32, kind: 'address' },
    ],
  },
};

/** A member of an enum: its stable code and its sentence for people. */
export interface EnumMember {
  readonly name: string;
  readonly value: number;
  readonly code: string;
  /** '' where the name says it all. */
  readonly sentence: string;
}
export type EnumName = 'ConfigFlag' | 'Balancing' | 'ConnectionState' | 'ConnectionFlag' | 'Timeout' | 'FragmentFlag' | 'InitialiseStatus' | 'MapId' | 'MapStatus' | 'Link' | 'PacketFlag' | 'Effect' | 'ChoiceFlag' | 'Direction' | 'PortShape' | 'RulesetFlag' | 'PortProtocol' | 'TierAction' | 'PolicyTier' | 'PortKind' | 'PortNumber' | 'RouteKind' | 'LocalityFlag' | 'FrontendKind' | 'FrontendFlag' | 'ServiceFlag' | 'EndpointSet' | 'EndpointFlag' | 'LoadFlag' | 'ServiceAddressKind' | 'Trace' | 'EndpointCause' | 'MasqueradeCause' | 'PolicyExemption' | 'Verdict' | 'Reason';
export const enums: Readonly<Record<EnumName, readonly EnumMember[]>> = {
  ConfigFlag: [
    { name: 'MasqueradeAll', value: 1, code: 'masquerade-all', sentence: "Every packet to a ClusterIP is masqueraded." },
    { name: 'DetectLocal4', value: 2, code: 'detect-local4', sentence: "A local-traffic detector is configured for IPv4." },
    { name: 'DetectLocal6', value: 4, code: 'detect-local6', sentence: "A local-traffic detector is configured for IPv6." },
    { name: 'DropInvalid', value: 8, code: 'drop-invalid', sentence: "Invalid packets that are to be forwarded are dropped (iptables mode)." },
    { name: 'HairpinAnyEndpoint', value: 16, code: 'hairpin-any-endpoint', sentence: "A hairpin is masqueraded for endpoints of any node, not only of this one (iptables mode)." },
    { name: 'LoosePickup', value: 32, code: 'loose-pickup', sentence: "A TCP connection may be picked up in the middle." },
    { name: 'NoShortCircuit', value: 64, code: 'no-short-circuit', sentence: "externalTrafficPolicy: Local binds pods and the node like everybody else (ipvs mode)." },
    { name: 'GuardLoopback', value: 128, code: 'guard-loopback', sentence: "Loopback has node ports, and is guarded against sources elsewhere (iptables mode)." },
    { name: 'MasqueradeClusterIpSource', value: 256, code: 'masquerade-cluster-ip-source', sentence: "A packet from a ClusterIP to the port it serves is masqueraded (ipvs without detector)." },
    { name: 'CountConnections', value: 512, code: 'count-connections', sentence: "Connections are counted by endpoint (ipvs mode). Only set while the instance has none, for a connection that began uncounted stays so." },
    { name: 'ExactCounts', value: 1024, code: 'exact-counts', sentence: "Choices depend on those counts: what has ended is taken out before each choice, so that counts are exact." },
    { name: 'RevalidatePolicy', value: 2048, code: 'revalidate-policy', sentence: "A connection that an older policy admitted is judged again." },
    { name: 'JudgeSelfThroughService', value: 4096, code: 'judge-self-through-service', sentence: "A pod that reaches itself through a Service is judged." },
    { name: 'AllowToOwnNode', value: 8192, code: 'allow-to-own-node', sentence: "A pod may always reach its own node." },
    { name: 'OwnNodeAfterAdmin', value: 16384, code: 'own-node-after-admin', sentence: "The own node gets into a pod only if no rule of the Admin tier denies it." },
    { name: 'EssentialIcmp', value: 32768, code: 'essential-icmp', sentence: "ICMP echo requests and errors pass whatever the policy." },
    { name: 'JudgeMasqueraded', value: 65536, code: 'judge-masqueraded', sentence: "Policy sees the node as the source of what will be masqueraded." },
    { name: 'KeepSourcePort', value: 131072, code: 'keep-source-port', sentence: "A masqueraded connection keeps its source port while no other connection to the same destination has it; otherwise, and without this flag, its port is drawn." },
    { name: 'BeLiberal', value: 262144, code: 'be-liberal', sentence: "A TCP segment outside the window is no reason to call it invalid." },
    { name: 'ExpireBySweep', value: 524288, code: 'expire-by-sweep', sentence: "A connection whose time is over lives on until the sweep finds it." },
  ],
  Balancing: [
    { name: 'Random', value: 0, code: 'random', sentence: "Even, by hash of seed and connection." },
    { name: 'Maglev', value: 1, code: 'maglev', sentence: "By Maglev table, outside ipvs mode." },
    { name: 'RoundRobin', value: 2, code: 'round-robin', sentence: "`rr`: the next in turn." },
    { name: 'WeightedRoundRobin', value: 3, code: 'weighted-round-robin', sentence: "`wrr`: as `rr`, since weights are equal." },
    { name: 'LeastConnections', value: 4, code: 'least-connections', sentence: "`lc`: the fewest connections, an active one counted as 256 inactive ones." },
    { name: 'WeightedLeastConnections', value: 5, code: 'weighted-least-connections', sentence: "`wlc`: as `lc`, since weights are equal." },
    { name: 'LocalityLeastConnections', value: 6, code: 'locality-least-connections', sentence: "`lblc`: the one the front-end used before, until it is overloaded." },
    { name: 'LocalityWithReplication', value: 7, code: 'locality-with-replication', sentence: "`lblcr`: as `lblc`, with a set of endpoints that grows under load and shrinks with time." },
    { name: 'SourceHash', value: 8, code: 'source-hash', sentence: "`sh`: by hash of the source address." },
    { name: 'DestinationHash', value: 9, code: 'destination-hash', sentence: "`dh`: by hash of the address dialled." },
    { name: 'ShortestDelay', value: 10, code: 'shortest-delay', sentence: "`sed`: the shortest expected delay: the fewest active connections." },
    { name: 'NeverQueue', value: 11, code: 'never-queue', sentence: "`nq`: one without active connections, else as `sed`." },
    { name: 'MaglevHash', value: 12, code: 'maglev-hash', sentence: "`mh`: by Maglev table." },
  ],
  ConnectionState: [
    { name: 'None', value: 0, code: 'none', sentence: "No state yet." },
    { name: 'SynSent', value: 1, code: 'syn-sent', sentence: "" },
    { name: 'SynReceived', value: 2, code: 'syn-received', sentence: "" },
    { name: 'Established', value: 3, code: 'established', sentence: "" },
    { name: 'FinWait', value: 4, code: 'fin-wait', sentence: "" },
    { name: 'CloseWait', value: 5, code: 'close-wait', sentence: "" },
    { name: 'LastAck', value: 6, code: 'last-ack', sentence: "" },
    { name: 'TimeWait', value: 7, code: 'time-wait', sentence: "" },
    { name: 'Close', value: 8, code: 'close', sentence: "" },
    { name: 'SynSent2', value: 9, code: 'syn-sent2', sentence: "Both sides sent a SYN (simultaneous open)." },
    { name: 'Unreplied', value: 10, code: 'unreplied', sentence: "Neither TCP nor SCTP: no answer seen yet." },
    { name: 'Replied', value: 11, code: 'replied', sentence: "Neither TCP nor SCTP: answered." },
    { name: 'SctpClosed', value: 12, code: 'sctp-closed', sentence: "SCTP, from here on (nf_conntrack_proto_sctp.c): an INIT was sent, or all is over." },
    { name: 'SctpCookieWait', value: 13, code: 'sctp-cookie-wait', sentence: "The INIT was answered." },
    { name: 'SctpCookieEchoed', value: 14, code: 'sctp-cookie-echoed', sentence: "The cookie went back." },
    { name: 'SctpEstablished', value: 15, code: 'sctp-established', sentence: "The cookie was accepted, or a heartbeat answered." },
    { name: 'SctpShutdownSent', value: 16, code: 'sctp-shutdown-sent', sentence: "The originator begins to end it." },
    { name: 'SctpShutdownReceived', value: 17, code: 'sctp-shutdown-received', sentence: "The other side begins to end it." },
    { name: 'SctpShutdownAckSent', value: 18, code: 'sctp-shutdown-ack-sent', sentence: "The end was agreed to." },
    { name: 'SctpHeartbeatSent', value: 19, code: 'sctp-heartbeat-sent', sentence: "A heartbeat opened it: a further path of an association that began elsewhere." },
  ],
  ConnectionFlag: [
    { name: 'SeenReply', value: 1, code: 'seen-reply', sentence: "A packet of the reply direction was seen." },
    { name: 'Assured', value: 2, code: 'assured', sentence: "Assured: not given up when the table is full." },
    { name: 'DestinationTranslated', value: 4, code: 'destination-translated', sentence: "The destination is translated." },
    { name: 'SourceTranslated', value: 8, code: 'source-translated', sentence: "The source is translated." },
    { name: 'Counted', value: 16, code: 'counted', sentence: "It counts in map `loads`." },
    { name: 'ClientCounted', value: 32, code: 'client-counted', sentence: "It counts there for its client, too." },
  ],
  Timeout: [
    { name: 'TcpNone', value: 0, code: 'tcp-none', sentence: "" },
    { name: 'TcpSynSent', value: 1, code: 'tcp-syn-sent', sentence: "" },
    { name: 'TcpSynReceived', value: 2, code: 'tcp-syn-received', sentence: "" },
    { name: 'TcpEstablished', value: 3, code: 'tcp-established', sentence: "" },
    { name: 'TcpFinWait', value: 4, code: 'tcp-fin-wait', sentence: "" },
    { name: 'TcpCloseWait', value: 5, code: 'tcp-close-wait', sentence: "" },
    { name: 'TcpLastAck', value: 6, code: 'tcp-last-ack', sentence: "" },
    { name: 'TcpTimeWait', value: 7, code: 'tcp-time-wait', sentence: "" },
    { name: 'TcpClose', value: 8, code: 'tcp-close', sentence: "" },
    { name: 'TcpSynSent2', value: 9, code: 'tcp-syn-sent2', sentence: "" },
    { name: 'Udp', value: 10, code: 'udp', sentence: "" },
    { name: 'UdpStream', value: 11, code: 'udp-stream', sentence: "" },
    { name: 'Icmp', value: 12, code: 'icmp', sentence: "" },
    { name: 'SctpClosed', value: 13, code: 'sctp-closed', sentence: "" },
    { name: 'SctpCookieWait', value: 14, code: 'sctp-cookie-wait', sentence: "" },
    { name: 'SctpCookieEchoed', value: 15, code: 'sctp-cookie-echoed', sentence: "" },
    { name: 'SctpEstablished', value: 16, code: 'sctp-established', sentence: "" },
    { name: 'SctpShutdownSent', value: 17, code: 'sctp-shutdown-sent', sentence: "" },
    { name: 'SctpShutdownReceived', value: 18, code: 'sctp-shutdown-received', sentence: "" },
    { name: 'SctpShutdownAckSent', value: 19, code: 'sctp-shutdown-ack-sent', sentence: "" },
    { name: 'SctpHeartbeatSent', value: 20, code: 'sctp-heartbeat-sent', sentence: "" },
    { name: 'Other', value: 21, code: 'other', sentence: "" },
    { name: 'Fragment', value: 22, code: 'fragment', sentence: "" },
    { name: 'TcpRetransmitted', value: 23, code: 'tcp-retransmitted', sentence: "TCP: at most this long after one segment was repeated three times, or the window is shut." },
    { name: 'TcpUnacknowledged', value: 24, code: 'tcp-unacknowledged', sentence: "TCP: at most this long while data is not acknowledged." },
  ],
  FragmentFlag: [
    { name: 'Settled', value: 1, code: 'settled', sentence: "The first fragment is there, and its fate is decided." },
    { name: 'Awaited', value: 2, code: 'awaited', sentence: "Fragments are held for it." },
  ],
  InitialiseStatus: [
    { name: 'Ok', value: 0, code: 'ok', sentence: "" },
    { name: 'BadCapacity', value: 1, code: 'bad-capacity', sentence: "A capacity is 0 or too large." },
    { name: 'OutOfMemory', value: 2, code: 'out-of-memory', sentence: "The memory cannot grow to the size that the capacities need." },
    { name: 'Twice', value: 3, code: 'twice', sentence: "The instance was initialised before." },
  ],
  MapId: [
    { name: 'None', value: 0, code: 'none', sentence: "" },
    { name: 'Config', value: 1, code: 'config', sentence: "array u32 -> Config: settings, key 0." },
    { name: 'Timeouts', value: 2, code: 'timeouts', sentence: "array u32 -> TimeoutSeconds: lifetimes by Timeout." },
    { name: 'Ports', value: 3, code: 'ports', sentence: "array u32 -> Port: where packets come in and go out." },
    { name: 'Routes', value: 4, code: 'routes', sentence: "prefix PrefixKey -> Route: where a destination is." },
    { name: 'Localities', value: 5, code: 'localities', sentence: "prefix PrefixKey -> Locality: what kind of source an address is." },
    { name: 'Frontends', value: 6, code: 'frontends', sentence: "hash FrontendKey -> Frontend: addresses and ports that are served." },
    { name: 'Services', value: 7, code: 'services', sentence: "array u32 -> Service: ports of Services." },
    { name: 'Endpoints', value: 8, code: 'endpoints', sentence: "hash EndpointKey -> Endpoint: where they are served." },
    { name: 'SourceRanges', value: 9, code: 'source-ranges', sentence: "prefix PrefixKey -> SourceRange: who may use a load balancer's address." },
    { name: 'ServiceAddresses', value: 10, code: 'service-addresses', sentence: "prefix PrefixKey -> ServiceAddress: ClusterIPs and Service CIDRs." },
    { name: 'Affinities', value: 11, code: 'affinities', sentence: "hash AffinityKey -> Affinity: which endpoint a client stays with; written by the dataplane." },
    { name: 'Identities', value: 12, code: 'identities', sentence: "hash IdentityKey -> Identity: which class of pods an address is." },
    { name: 'Rulesets', value: 13, code: 'rulesets', sentence: "array u32 -> Ruleset: what the policies of a pod say in one direction." },
    { name: 'Policies', value: 14, code: 'policies', sentence: "hash PolicyKey -> PortSet: what a ruleset says of an identity." },
    { name: 'PolicyBlocks', value: 15, code: 'policy-blocks', sentence: "prefix PrefixKey -> PortSet: what it says of an address; the scope is the ruleset." },
    { name: 'PortRulings', value: 16, code: 'port-rulings', sentence: "hash PortKey -> PortRuling: what a port set says of a port." },
    { name: 'PortNames', value: 17, code: 'port-names', sentence: "hash PortNameKey -> PortName: what a pod calls its ports." },
    { name: 'Connections', value: 18, code: 'connections', sentence: "hash FlowKey6 -> Connection: live connections; written by the dataplane, the host may delete." },
    { name: 'Fragments', value: 19, code: 'fragments', sentence: "hash FragmentKey -> Fragment: datagrams in pieces; written by the dataplane." },
    { name: 'Counters', value: 20, code: 'counters', sentence: "array u32 -> Counters: totals, key 0; written by the dataplane." },
    { name: 'Reasons', value: 21, code: 'reasons', sentence: "array u32 -> ReasonCount: packets by Reason; written by the dataplane." },
    { name: 'Maglev', value: 22, code: 'maglev', sentence: "hash EndpointKey -> MaglevSlot: tables for consistent hashing." },
    { name: 'Loads', value: 23, code: 'loads', sentence: "hash LoadKey -> Load: connections by front-end and endpoint; written by the dataplane." },
    { name: 'Turns', value: 24, code: 'turns', sentence: "hash FrontendKey -> Turn: what schedulers remember of a front-end; written by the dataplane." },
    { name: 'Exhaustions', value: 25, code: 'exhaustions', sentence: "hash ExhaustionKey -> Exhaustion: destinations that ran out of masquerade ports; written by the dataplane, the host may delete." },
    { name: 'Digests', value: 26, code: 'digests', sentence: "array u32 -> Digest: sums of what became of packets, by the port they left by; written by the dataplane." },
  ],
  MapStatus: [
    { name: 'Ok', value: 0, code: 'ok', sentence: "" },
    { name: 'NotFound', value: 1, code: 'not-found', sentence: "There is no such entry." },
    { name: 'Full', value: 2, code: 'full', sentence: "Every entry is taken." },
    { name: 'UnknownMap', value: 3, code: 'unknown-map', sentence: "There is no such map." },
    { name: 'BadKey', value: 4, code: 'bad-key', sentence: "The key is outside the array, or a prefix has bits beyond its length." },
    { name: 'ReadOnly', value: 5, code: 'read-only', sentence: "The dataplane writes this map, not the host." },
    { name: 'Taken', value: 6, code: 'taken', sentence: "A connection with one of these tuples is there already." },
  ],
  Link: [
    { name: 'Ethernet', value: 0, code: 'ethernet', sentence: "An Ethernet header, perhaps with VLAN tags." },
    { name: 'Raw', value: 1, code: 'raw', sentence: "The IPv4 or IPv6 header itself." },
  ],
  PacketFlag: [
    { name: 'Trace', value: 1, code: 'trace', sentence: "Each stage writes what it decided to the trace ring." },
  ],
  Effect: [
    { name: 'SourceTranslated', value: 1, code: 'source-translated', sentence: "The source address or port was rewritten." },
    { name: 'DestinationTranslated', value: 2, code: 'destination-translated', sentence: "The destination address or port was rewritten." },
    { name: 'Created', value: 4, code: 'created', sentence: "A connection was created." },
    { name: 'ReplyDirection', value: 8, code: 'reply-direction', sentence: "The packet went in the reply direction of its connection." },
    { name: 'Related', value: 16, code: 'related', sentence: "The packet is an ICMP error about its connection." },
    { name: 'Invalid', value: 32, code: 'invalid', sentence: "Connection tracking calls the packet invalid." },
  ],
  ChoiceFlag: [
    { name: 'Endpoint', value: 1, code: 'endpoint', sentence: "`endpoint` and `endpointPort` are to be taken if the service offers them." },
    { name: 'SourcePort', value: 2, code: 'source-port', sentence: "`sourcePort` is to be taken as masquerade port if it is free." },
  ],
  Direction: [
    { name: 'Ingress', value: 0, code: 'ingress', sentence: "" },
    { name: 'Egress', value: 1, code: 'egress', sentence: "" },
  ],
  PortShape: [
    { name: 'Prefixes', value: 131071, code: 'prefixes', sentence: "Bits 0 to 16: prefixes of so many bits of a port, 0 being the whole protocol." },
    { name: 'AnyProtocol', value: 131072, code: 'any-protocol', sentence: "Every protocol, those without ports included." },
    { name: 'Names', value: 262144, code: 'names', sentence: "Container ports by name." },
  ],
  RulesetFlag: [
    { name: 'Present', value: 1, code: 'present', sentence: "There is such a ruleset." },
    { name: 'Isolated', value: 2, code: 'isolated', sentence: "A NetworkPolicy selects the pod: what no rule allows is refused." },
    { name: 'HasBlocks', value: 4, code: 'has-blocks', sentence: "Some rule is about addresses: map `policy-blocks` has prefixes in this scope." },
  ],
  PortProtocol: [
    { name: 'Any', value: 0, code: 'any', sentence: "" },
  ],
  TierAction: [
    { name: 'None', value: 0, code: 'none', sentence: "" },
    { name: 'Accept', value: 1, code: 'accept', sentence: "" },
    { name: 'Deny', value: 2, code: 'deny', sentence: "" },
    { name: 'Pass', value: 3, code: 'pass', sentence: "" },
  ],
  PolicyTier: [
    { name: 'Default', value: 0, code: 'default', sentence: "Nothing did: what no rule speaks of is allowed." },
    { name: 'Admin', value: 1, code: 'admin', sentence: "" },
    { name: 'NetworkPolicy', value: 2, code: 'network-policy', sentence: "" },
    { name: 'Baseline', value: 3, code: 'baseline', sentence: "" },
  ],
  PortKind: [
    { name: 'None', value: 0, code: 'none', sentence: "" },
    { name: 'Host', value: 1, code: 'host', sentence: "The node's own stack." },
    { name: 'Uplink', value: 2, code: 'uplink', sentence: "The network outside the node." },
    { name: 'Pod', value: 3, code: 'pod', sentence: "A pod of this node." },
  ],
  PortNumber: [
    { name: 'None', value: 0, code: 'none', sentence: "" },
    { name: 'Host', value: 1, code: 'host', sentence: "" },
    { name: 'Uplink', value: 2, code: 'uplink', sentence: "" },
  ],
  RouteKind: [
    { name: 'None', value: 0, code: 'none', sentence: "" },
    { name: 'Local', value: 1, code: 'local', sentence: "To the node's own stack." },
    { name: 'Forward', value: 2, code: 'forward', sentence: "Out through a port." },
  ],
  LocalityFlag: [
    { name: 'Pod', value: 1, code: 'pod', sentence: "The local-traffic detector takes it for a pod." },
    { name: 'Node', value: 2, code: 'node', sentence: "It is an address of this node." },
  ],
  FrontendKind: [
    { name: 'None', value: 0, code: 'none', sentence: "" },
    { name: 'ClusterIp', value: 1, code: 'cluster-ip', sentence: "" },
    { name: 'ExternalIp', value: 2, code: 'external-ip', sentence: "" },
    { name: 'LoadBalancer', value: 3, code: 'load-balancer', sentence: "" },
    { name: 'NodePort', value: 4, code: 'node-port', sentence: "" },
  ],
  FrontendFlag: [
    { name: 'SourceRanges', value: 1, code: 'source-ranges', sentence: "Only sources in map `source-ranges` under the service's number may use it." },
    { name: 'OwnSource', value: 2, code: 'own-source', sentence: "With SourceRanges: the front-end's own address is allowed as a source (ipvs mode)." },
    { name: 'NotFromNode', value: 4, code: 'not-from-node', sentence: "With SourceRanges: the node's own packets are refused, whatever their source (ipvs mode)." },
    { name: 'NodeSkipsReject', value: 8, code: 'node-skips-reject', sentence: "The node's own packets go on as they are while there is no endpoint, since kube-proxy's rule for external addresses is not in its OUTPUT chain (iptables mode)." },
    { name: 'WholeLoopback', value: 16, code: 'whole-loopback', sentence: "127.0.0.1 stands for all of 127.0.0.0/8 (iptables mode)." },
  ],
  ServiceFlag: [
    { name: 'Present', value: 1, code: 'present', sentence: "The entry is in use." },
    { name: 'InternalLocal', value: 2, code: 'internal-local', sentence: "internalTrafficPolicy: Local." },
    { name: 'ExternalLocal', value: 4, code: 'external-local', sentence: "externalTrafficPolicy: Local, and it is honoured." },
    { name: 'HasAnyEndpoints', value: 8, code: 'has-any-endpoints', sentence: "Some endpoint somewhere is usable (kube-proxy's \"has any\")." },
    { name: 'Affinity', value: 16, code: 'affinity', sentence: "sessionAffinity: ClientIP." },
  ],
  EndpointSet: [
    { name: 'Cluster', value: 0, code: 'cluster', sentence: "Usable endpoints anywhere." },
    { name: 'Local', value: 1, code: 'local', sentence: "Usable endpoints on this node." },
  ],
  EndpointFlag: [
    { name: 'Local', value: 1, code: 'local', sentence: "It is on this node." },
  ],
  LoadFlag: [
    { name: 'InSet', value: 1, code: 'in-set', sentence: "It is in its front-end's set of servers (scheduler lblcr)." },
  ],
  ServiceAddressKind: [
    { name: 'None', value: 0, code: 'none', sentence: "" },
    { name: 'ClusterIp', value: 1, code: 'cluster-ip', sentence: "A ClusterIP in use: other ports and protocols are rejected." },
    { name: 'Unallocated', value: 2, code: 'unallocated', sentence: "Inside a Service CIDR: dropped." },
  ],
  Trace: [
    { name: 'None', value: 0, code: 'none', sentence: "" },
    { name: 'Parsed', value: 1, code: 'parsed', sentence: "Parsed. first = IP protocol, second = TCP flags or ICMP type, address and port = destination." },
    { name: 'Refused', value: 2, code: 'refused', sentence: "Refused by the parser. first = Reason." },
    { name: 'ConnectionFound', value: 3, code: 'connection-found', sentence: "A connection is known. first = 0 original, 1 reply direction, second = ConnectionState." },
    { name: 'ConnectionNew', value: 4, code: 'connection-new', sentence: "No connection is known." },
    { name: 'ConnectionRelated', value: 5, code: 'connection-related', sentence: "An ICMP error about a known connection. first = direction it travels in." },
    { name: 'ConnectionInvalid', value: 6, code: 'connection-invalid', sentence: "The packet is invalid to connection tracking. first = ConnectionState it was in." },
    { name: 'FrontendFound', value: 7, code: 'frontend-found', sentence: "A front-end was dialled. first = service, second = FrontendKind, address and port = front-end." },
    { name: 'FrontendNone', value: 8, code: 'frontend-none', sentence: "Nothing is served at this address and port. address and port = destination." },
    { name: 'SourceRangeRefused', value: 9, code: 'source-range-refused', sentence: "The source is in none of the Service's ranges. first = service, address = source." },
    { name: 'EndpointSetUsed', value: 10, code: 'endpoint-set-used', sentence: "The set that endpoints are taken from. first = service, second = EndpointSet, third = its size." },
    { name: 'EndpointNone', value: 11, code: 'endpoint-none', sentence: "The service has nothing to offer. first = service, second = Reason." },
    { name: 'EndpointChosen', value: 12, code: 'endpoint-chosen', sentence: "An endpoint was chosen. first = service, second = EndpointCause, third = Balancing, fourth and fifth = its active and inactive connections before this one, address and port = endpoint." },
    { name: 'MasqueradeDue', value: 13, code: 'masquerade-due', sentence: "The source will be masqueraded. first = MasqueradeCause." },
    { name: 'ServiceAddressUnserved', value: 14, code: 'service-address-unserved', sentence: "The destination is a service address that serves nothing here. first = ServiceAddressKind." },
    { name: 'PolicyNotIsolated', value: 15, code: 'policy-not-isolated', sentence: "No policy selects a pod in this direction. first = its identity, second = Direction." },
    { name: 'PolicyExempt', value: 16, code: 'policy-exempt', sentence: "Policy does not apply. first = PolicyExemption, second = Direction." },
    { name: 'PolicyAllowed', value: 17, code: 'policy-allowed', sentence: "Policy allows it. first = ruleset, second = Direction, third = PolicyTier that decided, fourth = rank of its rule, fifth = protocol, address = the other end, port = destination port." },
    { name: 'PolicyDenied', value: 18, code: 'policy-denied', sentence: "Policy refuses it. As PolicyAllowed." },
    { name: 'PolicyOutdated', value: 19, code: 'policy-outdated', sentence: "The connection was admitted by an older policy, and is judged again. first = its revision, address and port = destination, translated." },
    { name: 'Routed', value: 20, code: 'routed', sentence: "The route was looked up. first = RouteKind, second = port, address = destination." },
    { name: 'SourceChosen', value: 21, code: 'source-chosen', sentence: "The masquerade source. address and port = new source, first = ports tried." },
    { name: 'ConnectionCreated', value: 22, code: 'connection-created', sentence: "The connection was entered. first = service." },
    { name: 'SourceRewritten', value: 23, code: 'source-rewritten', sentence: "The source was rewritten. address and port = new source." },
    { name: 'DestinationRewritten', value: 24, code: 'destination-rewritten', sentence: "The destination was rewritten. address and port = new destination." },
    { name: 'FragmentFollows', value: 25, code: 'fragment-follows', sentence: "The fragment goes the way of the first one of its datagram. first = Verdict on that one." },
    { name: 'Answered', value: 26, code: 'answered', sentence: "An answer was made. first = Reason, address = its source." },
    { name: 'Decided', value: 27, code: 'decided', sentence: "The end. first = Verdict, second = Reason, third = port it leaves by." },
  ],
  EndpointCause: [
    { name: 'Drawn', value: 0, code: 'drawn', sentence: "Drawn by hash of seed and connection." },
    { name: 'Affinity', value: 1, code: 'affinity', sentence: "Session affinity." },
    { name: 'TakenOver', value: 2, code: 'taken-over', sentence: "Taken over from the caller." },
    { name: 'Scheduled', value: 3, code: 'scheduled', sentence: "By Maglev table, or by the ipvs scheduler in use." },
  ],
  MasqueradeCause: [
    { name: 'None', value: 0, code: 'none', sentence: "" },
    { name: 'All', value: 1, code: 'all', sentence: "masqueradeAll." },
    { name: 'NotLocal', value: 2, code: 'not-local', sentence: "The source is not local and dials a ClusterIP." },
    { name: 'ExternalPolicy', value: 3, code: 'external-policy', sentence: "externalTrafficPolicy: Cluster." },
    { name: 'NodeSource', value: 4, code: 'node-source', sentence: "The node itself dials a front-end whose policy is Local." },
    { name: 'Hairpin', value: 5, code: 'hairpin', sentence: "The endpoint is the source itself." },
  ],
  PolicyExemption: [
    { name: 'None', value: 0, code: 'none', sentence: "" },
    { name: 'Self', value: 1, code: 'self', sentence: "The pod talks to itself." },
    { name: 'OwnNode', value: 2, code: 'own-node', sentence: "The pod's own node talks to it." },
    { name: 'OtherNode', value: 3, code: 'other-node', sentence: "The pod is not on this node." },
    { name: 'ToOwnNode', value: 4, code: 'to-own-node', sentence: "The pod talks to its own node, and the node's settings allow that." },
    { name: 'EssentialIcmp', value: 5, code: 'essential-icmp', sentence: "ICMP that the node's settings always let through." },
  ],
  Verdict: [
    { name: 'Drop', value: 0, code: 'drop', sentence: "Nothing leaves." },
    { name: 'Forward', value: 1, code: 'forward', sentence: "It leaves through another port, rewritten or not." },
    { name: 'Local', value: 2, code: 'local', sentence: "It is handed to the node's own stack." },
    { name: 'Reply', value: 3, code: 'reply', sentence: "The dataplane answered it: the answer leaves through the port the packet came from." },
    { name: 'Hold', value: 4, code: 'hold', sentence: "It waits for the first fragment of its datagram; what becomes of it shows later." },
  ],
  Reason: [
    { name: 'None', value: 0, code: 'none', sentence: "The packet was forwarded or delivered in the ordinary way." },
    { name: 'TruncatedEthernet', value: 1, code: 'truncated-ethernet', sentence: "The frame ends inside its Ethernet header or VLAN tags." },
    { name: 'UnknownEthertype', value: 2, code: 'unknown-ethertype', sentence: "The frame carries neither IPv4 nor IPv6 nor ARP." },
    { name: 'TooManyVlanTags', value: 3, code: 'too-many-vlan-tags', sentence: "The frame carries more VLAN tags than the two that 802.1ad stacks." },
    { name: 'TruncatedIpv4', value: 4, code: 'truncated-ipv4', sentence: "The packet ends inside its IPv4 header." },
    { name: 'BadIpv4Version', value: 5, code: 'bad-ipv4-version', sentence: "The version field of the IPv4 header is not 4." },
    { name: 'BadIpv4HeaderLength', value: 6, code: 'bad-ipv4-header-length', sentence: "The IPv4 header length is below 20 bytes." },
    { name: 'BadIpv4TotalLength', value: 7, code: 'bad-ipv4-total-length', sentence: "The IPv4 total length is shorter than the header or longer than the frame." },
    { name: 'TruncatedIpv6', value: 8, code: 'truncated-ipv6', sentence: "The packet ends inside its IPv6 header." },
    { name: 'BadIpv6Version', value: 9, code: 'bad-ipv6-version', sentence: "The version field of the IPv6 header is not 6." },
    { name: 'BadIpv6PayloadLength', value: 10, code: 'bad-ipv6-payload-length', sentence: "The IPv6 payload length is longer than the frame." },
    { name: 'TruncatedIpv6Extension', value: 11, code: 'truncated-ipv6-extension', sentence: "The packet ends inside an IPv6 extension header." },
    { name: 'TooManyIpv6Extensions', value: 12, code: 'too-many-ipv6-extensions', sentence: "The packet has more IPv6 extension headers than the dataplane follows." },
    { name: 'TruncatedTcp', value: 13, code: 'truncated-tcp', sentence: "The packet ends inside its TCP header." },
    { name: 'BadTcpDataOffset', value: 14, code: 'bad-tcp-data-offset', sentence: "The TCP data offset is below 20 bytes or beyond the segment." },
    { name: 'TruncatedUdp', value: 15, code: 'truncated-udp', sentence: "The packet ends inside its UDP header." },
    { name: 'BadUdpLength', value: 16, code: 'bad-udp-length', sentence: "The UDP length is below 8 bytes or beyond the datagram." },
    { name: 'TruncatedSctp', value: 17, code: 'truncated-sctp', sentence: "The packet ends inside its SCTP common header." },
    { name: 'TruncatedIcmp', value: 18, code: 'truncated-icmp', sentence: "The packet ends inside its ICMP or ICMPv6 header." },
    { name: 'BadQuotedPacket', value: 19, code: 'bad-quoted-packet', sentence: "The packet quoted by an ICMP error is cut off or malformed." },
    { name: 'BadFragment', value: 20, code: 'bad-fragment', sentence: "The fragment is empty or would reach beyond the largest datagram." },
    { name: 'MartianSource', value: 21, code: 'martian-source', sentence: "The source address is one no packet may have: multicast, broadcast, unspecified, loopback or the node's own." },
    { name: 'MartianDestination', value: 22, code: 'martian-destination', sentence: "The destination is a loopback address, which only the node itself may call." },
    { name: 'MappedAddress', value: 23, code: 'mapped-address', sentence: "An IPv6 header holds an IPv4-mapped address, which never belongs on a wire." },
    { name: 'UnknownPort', value: 24, code: 'unknown-port', sentence: "The packet came in by a port that the node does not have." },
    { name: 'BadIpOption', value: 25, code: 'bad-ip-option', sentence: "An option of the IPv4 header or of the IPv6 hop-by-hop header is malformed; senders of IPv4 packets and of bad jumbograms are told parameter problem." },
    { name: 'UnknownIpOption', value: 26, code: 'unknown-ip-option', sentence: "The node does not know an IPv6 hop-by-hop option that says it must be known; the sender is told parameter problem if the option says that, too." },
    { name: 'SourceRoute', value: 27, code: 'source-route', sentence: "The IPv4 header names the routers to go by, and the node follows no such list." },
    { name: 'MisplacedHopByHop', value: 28, code: 'misplaced-hop-by-hop', sentence: "The packet is for the node itself, and has an IPv6 hop-by-hop header that is not its first one; the sender is told parameter problem." },
    { name: 'FragmentBeforeFirst', value: 29, code: 'fragment-before-first', sentence: "A later fragment came before the first one of its datagram: it is held until that is there." },
    { name: 'FragmentTableFull', value: 30, code: 'fragment-table-full', sentence: "There is no room to remember another fragmented datagram." },
    { name: 'FragmentHoldFull', value: 31, code: 'fragment-hold-full', sentence: "A later fragment came before the first one of its datagram, and no room is left to hold it." },
    { name: 'FragmentTimeout', value: 32, code: 'fragment-timeout', sentence: "The fragment was held until its time was over: the first one of its datagram never came." },
    { name: 'FragmentDuplicate', value: 33, code: 'fragment-duplicate', sentence: "All bytes of the fragment were there before: it is not sent twice." },
    { name: 'FragmentOverlap', value: 34, code: 'fragment-overlap', sentence: "Fragments of this datagram overlap, or contradict each other about its length: none of it goes on." },
    { name: 'ConntrackInvalid', value: 35, code: 'conntrack-invalid', sentence: "Connection tracking calls the packet invalid, and the mode drops such packets." },
    { name: 'ConntrackFull', value: 36, code: 'conntrack-full', sentence: "The connection table is full of connections that have been answered." },
    { name: 'IcmpUnrelated', value: 37, code: 'icmp-unrelated', sentence: "The ICMP error quotes a packet of no known connection." },
    { name: 'RedirectTranslated', value: 38, code: 'redirect-translated', sentence: "The ICMP redirect is about a translated connection: whoever followed it would get past the translation." },
    { name: 'SourceRange', value: 39, code: 'source-range', sentence: "The source address is in none of the Service's loadBalancerSourceRanges." },
    { name: 'RejectNoEndpoints', value: 40, code: 'reject-no-endpoints', sentence: "The Service has no endpoint at all; the sender is told port unreachable." },
    { name: 'NoLocalEndpoints', value: 41, code: 'no-local-endpoints', sentence: "The traffic policy is Local and no endpoint is on this node." },
    { name: 'RejectUnknownServicePort', value: 42, code: 'reject-unknown-service-port', sentence: "The ClusterIP is in use but does not serve this port or protocol; the sender is told port unreachable." },
    { name: 'UnallocatedServiceAddress', value: 43, code: 'unallocated-service-address', sentence: "The address is in a Service CIDR but belongs to no Service." },
    { name: 'PolicyDeniedEgress', value: 44, code: 'policy-denied-egress', sentence: "Policy of the source pod refuses the connection: a rule denies it, or none allows it." },
    { name: 'PolicyDeniedIngress', value: 45, code: 'policy-denied-ingress', sentence: "Policy of the destination pod refuses the connection: a rule denies it, or none allows it." },
    { name: 'NoRoute', value: 46, code: 'no-route', sentence: "No route leads to the destination." },
    { name: 'NotForwardable', value: 47, code: 'not-forwardable', sentence: "The destination is multicast or link-local, which is not forwarded." },
    { name: 'TimeExceeded', value: 48, code: 'time-exceeded', sentence: "The time to live (hop limit) ran out on this node; the sender is told time exceeded." },
    { name: 'PacketTooBig', value: 49, code: 'packet-too-big', sentence: "The packet is longer than the MTU of the port it would leave by, and must not be cut; the sender is told that MTU." },
    { name: 'NoMasqueradeAddress', value: 50, code: 'no-masquerade-address', sentence: "The packet is to be masqueraded, but the node has no address of its family." },
    { name: 'MasqueradePortsExhausted', value: 51, code: 'masquerade-ports-exhausted', sentence: "Every masquerade port towards this destination is taken." },
  ],
};

/** Type of the keys and values of each map; keys of arrays are numbers. */
export interface Maps {
  'config': { key: number; value: Config };
  'timeouts': { key: number; value: TimeoutSeconds };
  'ports': { key: number; value: Port };
  'routes': { key: PrefixKey; value: Route };
  'localities': { key: PrefixKey; value: Locality };
  'frontends': { key: FrontendKey; value: Frontend };
  'services': { key: number; value: Service };
  'endpoints': { key: EndpointKey; value: Endpoint };
  'source-ranges': { key: PrefixKey; value: SourceRange };
  'service-addresses': { key: PrefixKey; value: ServiceAddress };
  'affinities': { key: AffinityKey; value: Affinity };
  'identities': { key: IdentityKey; value: Identity };
  'rulesets': { key: number; value: Ruleset };
  'policies': { key: PolicyKey; value: PortSet };
  'policy-blocks': { key: PrefixKey; value: PortSet };
  'port-rulings': { key: PortKey; value: PortRuling };
  'port-names': { key: PortNameKey; value: PortName };
  'connections': { key: FlowKey6; value: Connection };
  'fragments': { key: FragmentKey; value: Fragment };
  'counters': { key: number; value: Counters };
  'reasons': { key: number; value: ReasonCount };
  'maglev': { key: EndpointKey; value: MaglevSlot };
  'loads': { key: LoadKey; value: Load };
  'turns': { key: FrontendKey; value: Turn };
  'exhaustions': { key: ExhaustionKey; value: Exhaustion };
  'digests': { key: number; value: Digest };
}
export type MapName = keyof Maps;
export interface MapInfo {
  readonly id: number;
  readonly kind: 'array' | 'hash' | 'prefix';
  readonly key: StructName | 'u32';
  readonly value: StructName;
  readonly doc: string;
}
export const maps: Readonly<Record<MapName, MapInfo>> = {
  'config': {
    id: 1,
    kind: 'array',
    key: 'u32',
    value: 'Config',
    doc: "settings, key 0.",
  },
  'timeouts': {
    id: 2,
    kind: 'array',
    key: 'u32',
    value: 'TimeoutSeconds',
    doc: "lifetimes by Timeout.",
  },
  'ports': {
    id: 3,
    kind: 'array',
    key: 'u32',
    value: 'Port',
    doc: "where packets come in and go out.",
  },
  'routes': {
    id: 4,
    kind: 'prefix',
    key: 'PrefixKey',
    value: 'Route',
    doc: "where a destination is.",
  },
  'localities': {
    id: 5,
    kind: 'prefix',
    key: 'PrefixKey',
    value: 'Locality',
    doc: "what kind of source an address is.",
  },
  'frontends': {
    id: 6,
    kind: 'hash',
    key: 'FrontendKey',
    value: 'Frontend',
    doc: "addresses and ports that are served.",
  },
  'services': {
    id: 7,
    kind: 'array',
    key: 'u32',
    value: 'Service',
    doc: "ports of Services.",
  },
  'endpoints': {
    id: 8,
    kind: 'hash',
    key: 'EndpointKey',
    value: 'Endpoint',
    doc: "where they are served.",
  },
  'source-ranges': {
    id: 9,
    kind: 'prefix',
    key: 'PrefixKey',
    value: 'SourceRange',
    doc: "who may use a load balancer's address.",
  },
  'service-addresses': {
    id: 10,
    kind: 'prefix',
    key: 'PrefixKey',
    value: 'ServiceAddress',
    doc: "ClusterIPs and Service CIDRs.",
  },
  'affinities': {
    id: 11,
    kind: 'hash',
    key: 'AffinityKey',
    value: 'Affinity',
    doc: "which endpoint a client stays with; written by the dataplane.",
  },
  'identities': {
    id: 12,
    kind: 'hash',
    key: 'IdentityKey',
    value: 'Identity',
    doc: "which class of pods an address is.",
  },
  'rulesets': {
    id: 13,
    kind: 'array',
    key: 'u32',
    value: 'Ruleset',
    doc: "what the policies of a pod say in one direction.",
  },
  'policies': {
    id: 14,
    kind: 'hash',
    key: 'PolicyKey',
    value: 'PortSet',
    doc: "what a ruleset says of an identity.",
  },
  'policy-blocks': {
    id: 15,
    kind: 'prefix',
    key: 'PrefixKey',
    value: 'PortSet',
    doc: "what it says of an address; the scope is the ruleset.",
  },
  'port-rulings': {
    id: 16,
    kind: 'hash',
    key: 'PortKey',
    value: 'PortRuling',
    doc: "what a port set says of a port.",
  },
  'port-names': {
    id: 17,
    kind: 'hash',
    key: 'PortNameKey',
    value: 'PortName',
    doc: "what a pod calls its ports.",
  },
  'connections': {
    id: 18,
    kind: 'hash',
    key: 'FlowKey6',
    value: 'Connection',
    doc: "live connections; written by the dataplane, the host may delete.",
  },
  'fragments': {
    id: 19,
    kind: 'hash',
    key: 'FragmentKey',
    value: 'Fragment',
    doc: "datagrams in pieces; written by the dataplane.",
  },
  'counters': {
    id: 20,
    kind: 'array',
    key: 'u32',
    value: 'Counters',
    doc: "totals, key 0; written by the dataplane.",
  },
  'reasons': {
    id: 21,
    kind: 'array',
    key: 'u32',
    value: 'ReasonCount',
    doc: "packets by Reason; written by the dataplane.",
  },
  'maglev': {
    id: 22,
    kind: 'hash',
    key: 'EndpointKey',
    value: 'MaglevSlot',
    doc: "tables for consistent hashing.",
  },
  'loads': {
    id: 23,
    kind: 'hash',
    key: 'LoadKey',
    value: 'Load',
    doc: "connections by front-end and endpoint; written by the dataplane.",
  },
  'turns': {
    id: 24,
    kind: 'hash',
    key: 'FrontendKey',
    value: 'Turn',
    doc: "what schedulers remember of a front-end; written by the dataplane.",
  },
  'exhaustions': {
    id: 25,
    kind: 'hash',
    key: 'ExhaustionKey',
    value: 'Exhaustion',
    doc: "destinations that ran out of masquerade ports; written by the dataplane, the host may delete.",
  },
  'digests': {
    id: 26,
    kind: 'array',
    key: 'u32',
    value: 'Digest',
    doc: "sums of what became of packets, by the port they left by; written by the dataplane.",
  },
};
