// What may become of a packet, and why: the only list of verdicts and reasons. The host derives
// names and sentences from it: a member's name in kebab-case is the stable code, its comment the
// sentence for people.

/** What happens to the packet. */
export enum Verdict {
  /** Nothing leaves. */
  Drop,
  /** It leaves through another port, rewritten or not. */
  Forward,
  /** It is handed to the node's own stack. */
  Local,
  /** The dataplane answered it: the answer leaves through the port the packet came from. */
  Reply,
  /** It waits for the first fragment of its datagram; what becomes of it shows later. */
  Hold,
}

/** Why the outcome is not a plain forward. */
export enum Reason {
  /** The packet was forwarded or delivered in the ordinary way. */
  None,

  /** The frame ends inside its Ethernet header or VLAN tags. */
  TruncatedEthernet,
  /** The frame carries neither IPv4 nor IPv6 nor ARP. */
  UnknownEthertype,
  /** The frame carries more VLAN tags than the two that 802.1ad stacks. */
  TooManyVlanTags,
  /** The packet ends inside its IPv4 header. */
  TruncatedIpv4,
  /** The version field of the IPv4 header is not 4. */
  BadIpv4Version,
  /** The IPv4 header length is below 20 bytes. */
  BadIpv4HeaderLength,
  /** The IPv4 total length is shorter than the header or longer than the frame. */
  BadIpv4TotalLength,
  /** The packet ends inside its IPv6 header. */
  TruncatedIpv6,
  /** The version field of the IPv6 header is not 6. */
  BadIpv6Version,
  /** The IPv6 payload length is longer than the frame. */
  BadIpv6PayloadLength,
  /** The packet ends inside an IPv6 extension header. */
  TruncatedIpv6Extension,
  /** The packet has more IPv6 extension headers than the dataplane follows. */
  TooManyIpv6Extensions,
  /** The packet ends inside its TCP header. */
  TruncatedTcp,
  /** The TCP data offset is below 20 bytes or beyond the segment. */
  BadTcpDataOffset,
  /** The packet ends inside its UDP header. */
  TruncatedUdp,
  /** The UDP length is below 8 bytes or beyond the datagram. */
  BadUdpLength,
  /** The packet ends inside its SCTP common header. */
  TruncatedSctp,
  /** The packet ends inside its ICMP or ICMPv6 header. */
  TruncatedIcmp,
  /** The packet quoted by an ICMP error is cut off or malformed. */
  BadQuotedPacket,
  /** The fragment is empty or would reach beyond the largest datagram. */
  BadFragment,
  /**
   * The source address is one no packet may have: multicast, broadcast, unspecified, loopback or
   * the node's own.
   */
  MartianSource,
  /** The destination is a loopback address, which only the node itself may call. */
  MartianDestination,
  /** An IPv6 header holds an IPv4-mapped address, which never belongs on a wire. */
  MappedAddress,
  /** The packet came in by a port that the node does not have. */
  UnknownPort,
  /**
   * An option of the IPv4 header or of the IPv6 hop-by-hop header is malformed; senders of IPv4
   * packets and of bad jumbograms are told parameter problem.
   */
  BadIpOption,
  /**
   * The node does not know an IPv6 hop-by-hop option that says it must be known; the sender is
   * told parameter problem if the option says that, too.
   */
  UnknownIpOption,
  /** The IPv4 header names the routers to go by, and the node follows no such list. */
  SourceRoute,
  /**
   * The packet is for the node itself, and has an IPv6 hop-by-hop header that is not its first one;
   * the sender is told parameter problem.
   */
  MisplacedHopByHop,

  /** A later fragment came before the first one of its datagram: it is held until that is there. */
  FragmentBeforeFirst,
  /** There is no room to remember another fragmented datagram. */
  FragmentTableFull,
  /** A later fragment came before the first one of its datagram, and no room is left to hold it. */
  FragmentHoldFull,
  /** The fragment was held until its time was over: the first one of its datagram never came. */
  FragmentTimeout,
  /** All bytes of the fragment were there before: it is not sent twice. */
  FragmentDuplicate,
  /**
   * Fragments of this datagram overlap, or contradict each other about its length: none of it goes
   * on.
   */
  FragmentOverlap,

  /** Connection tracking calls the packet invalid, and the mode drops such packets. */
  ConntrackInvalid,
  /** The connection table is full of connections that have been answered. */
  ConntrackFull,
  /** The ICMP error quotes a packet of no known connection. */
  IcmpUnrelated,
  /**
   * The ICMP redirect is about a translated connection: whoever followed it would get past the
   * translation.
   */
  RedirectTranslated,

  /** The source address is in none of the Service's loadBalancerSourceRanges. */
  SourceRange,
  /** The Service has no endpoint at all; the sender is told port unreachable. */
  RejectNoEndpoints,
  /** The traffic policy is Local and no endpoint is on this node. */
  NoLocalEndpoints,
  /**
   * The ClusterIP is in use but does not serve this port or protocol; the sender is told port
   * unreachable.
   */
  RejectUnknownServicePort,
  /** The address is in a Service CIDR but belongs to no Service. */
  UnallocatedServiceAddress,

  /** Policy of the source pod refuses the connection: a rule denies it, or none allows it. */
  PolicyDeniedEgress,
  /** Policy of the destination pod refuses the connection: a rule denies it, or none allows it. */
  PolicyDeniedIngress,

  /** No route leads to the destination. */
  NoRoute,
  /** The destination is multicast or link-local, which is not forwarded. */
  NotForwardable,
  /** The time to live (hop limit) ran out on this node; the sender is told time exceeded. */
  TimeExceeded,
  /**
   * The packet is longer than the MTU of the port it would leave by, and must not be cut; the
   * sender is told that MTU.
   */
  PacketTooBig,

  /** The packet is to be masqueraded, but the node has no address of its family. */
  NoMasqueradeAddress,
  /** Every masquerade port towards this destination is taken. */
  MasqueradePortsExhausted,
}
