// Which connections count as active where connections are counted. Source: Linux
// net/netfilter/ipvs/ip_vs_proto_tcp.c tcp_state_active, ip_vs_proto_sctp.c, ip_vs_proto_udp.c.

import { ConnectionState } from "../abi/connection";

/**
 * TCP: from its first packet until a FIN or RST. SCTP: while it is established. Others, which have
 * states of their own: never, for they do not say when they are over.
 */
export function isActive(state: u8): bool {
  return (
    state == ConnectionState.SynSent ||
    state == ConnectionState.SynSent2 ||
    state == ConnectionState.SynReceived ||
    state == ConnectionState.Established ||
    state == ConnectionState.SctpEstablished
  );
}
