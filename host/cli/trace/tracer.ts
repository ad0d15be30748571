// What a trace runs through: the nodes of a whole cluster, or one of them alone. The same questions
// to both, so that one report tells either.

import type { NetworkPort } from '../../cluster/atlas.ts';
import type { Dataplane } from '../../cluster/cluster.ts';
import { travel, type Journey } from '../../cluster/journey.ts';
import type { Network } from '../../cluster/network.ts';
import type { PacketPlace } from '../../cluster/process.ts';
import type { AddressBook } from '../../scenario/object-party.ts';

/** How the packets of traces are framed. */
export const link = 'raw';

export interface Tracer {
  /** Whom names stand for. */
  readonly book: AddressBook;
  /** Whether a packet may meet several nodes. */
  readonly isWhole: boolean;
  /** Where a packet with this source starts. */
  find(address: string): NetworkPort;
  /** Sends a packet, every step explained. */
  send(frame: Uint8Array, at: NetworkPort): Journey;
}

/** Every node of a cluster; `via` takes what outside sends to an address of no node or pod. */
export function traceNetwork(network: Network, via?: string): Tracer {
  const { cluster } = network;
  const entry = via === undefined ? {} : { via };
  return {
    book: { state: cluster.state, node: cluster.nodeName(via) },
    isWhole: true,
    find: (address) => network.find(address, via),
    send: (frame, at) => network.send(frame, { at, link, trace: true, ...entry }),
  };
}

/** One node: whatever leaves it has arrived. */
export function traceNode(dataplane: Dataplane): Tracer {
  const { node, cluster } = dataplane;
  const terrain = {
    route: () => null,
    entry: () => node,
    pass: (_: string, frame: Uint8Array, place: PacketPlace) => dataplane.trace(frame, place),
  };
  return {
    book: { state: cluster.state, node },
    isWhole: false,
    find: (address) => ({ node, port: dataplane.portOf(address) }),
    send: (frame, at) => travel(terrain, frame, { at, link, trace: true }),
  };
}
