// Which connections count as active where connections are counted. Source: Linux
// net/netfilter/ipvs/ip_vs_proto_tcp.c tcp_state_active, ip_vs_proto_sctp.c, ip_vs_proto_udp.c.

import { ConnectionState } from "../abi/connection";
import { SCTP, TCP } from "../wire/transport";

/**
 * TCP: from its first packet until a FIN or RST. SCTP: while it is established. Others: never, for
 * they do not say when they are over.
 */
export function isActive(protocol: u8, state: u8): bool {
  if (protocol == SCTP) return state == ConnectionState.SctpEstablished;
  if (protocol != TCP) return false;
  return (
    state == ConnectionState.SynSent ||
    state == ConnectionState.SynSent2 ||
    state == ConnectionState.SynReceived ||
    state == ConnectionState.Established
  );
}
