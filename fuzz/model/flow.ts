// What policy is asked: a connection, and one end of it. Judges nothing.

import type { Pod } from '../../host/kubernetes/types.ts';

/** A connection as policy sees it: its destination translated, its source not yet. */
export interface Flow {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  /** Absent for protocols without ports. */
  readonly destinationPort: number | null;
  /** It was sent to a Service. */
  readonly isThroughService?: boolean;
  /** Its source is about to become the node's. */
  readonly isMasqueraded?: boolean;
  /** An ICMP echo request, or an error that belongs to no connection. */
  readonly isEssentialIcmp?: boolean;
}

export type Direction = 'Ingress' | 'Egress';

/** One end of a flow: the pod that is judged, and the address that it talks to. */
export interface End {
  readonly flow: Flow;
  readonly direction: Direction;
  readonly subject: Pod;
  readonly peer: string;
}
