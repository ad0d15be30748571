// Which combinations of TCP flags a segment may have. Facts: Linux nf_conntrack_proto_tcp.c,
// tcp_valid_flags.

import { ACK, FIN, RST, SYN } from "../wire/transport";

const URG: u8 = 32;

/** False for combinations that only scanners send; PSH, ECE and CWR may always be there. */
export function areFlagsSane(flags: u8): bool {
  const kind = flags & (SYN | FIN | RST | ACK | URG);
  return (
    kind == SYN ||
    kind == (SYN | URG) ||
    kind == (SYN | ACK) ||
    kind == RST ||
    kind == (RST | ACK) ||
    kind == (FIN | ACK) ||
    kind == (FIN | ACK | URG) ||
    kind == ACK ||
    kind == (ACK | URG)
  );
}
