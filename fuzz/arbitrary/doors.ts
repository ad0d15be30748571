// Where the Services of generated clusters can be dialled: most packets of a story go there, since
// an address and a port that were drawn each for itself seldom fit together.

import { Ip } from '../../host/net/packet-layout.ts';

/** What is dialled. */
export interface Door {
  readonly destination: string;
  readonly protocol: number;
  readonly destinationPort: number;
}

/** Every protocol of a Service that has ports `web`, `dns` and `assoc`, behind each address. */
export function doorsOf(
  addresses: readonly string[],
  { web, dns }: { readonly web: number; readonly dns: number },
): Door[] {
  return addresses.flatMap((destination) => [
    { destination, protocol: Ip.Tcp, destinationPort: web },
    { destination, protocol: Ip.Udp, destinationPort: dns },
    { destination, protocol: Ip.Sctp, destinationPort: web },
  ]);
}
