// Which node an address belongs to, and by which port packets from it come in: the wire between the
// nodes as one table. The pod network is routed: packets travel as they are, without encapsulation.
// Knows no packets and no Services.

import { canonicalAddresses, hasOwnNetwork, nodeAddresses } from '../compile/node-view.ts';
import { podPortName } from '../compile/routes.ts';
import type { ClusterState } from '../controllers/state.ts';
import { familyOf, parseAddress } from '../net/address.ts';
import { parsePrefix, prefixContains, type Prefix } from '../net/prefix.ts';

/** Where a packet starts or ends: a port of a node, or the network outside of all nodes. */
export interface NetworkPort {
  /** Null: outside; the port is then `uplink`. */
  readonly node: string | null;
  readonly port: string;
}

/** Where everything is that is at no node. */
export const outside: NetworkPort = { node: null, port: 'uplink' };

interface PodRange {
  readonly node: string;
  readonly prefix: Prefix;
}

/** The addresses of one state of a cluster. */
export class Atlas {
  readonly state: ClusterState;
  readonly #ports = new Map<string, NetworkPort>();
  readonly #ranges: readonly PodRange[];

  /** Of several claims to an address a node's counts, else the first pod's. */
  constructor(state: ClusterState) {
    this.state = state;
    for (const pod of state.pods.filter(hasOwnNetwork)) {
      const node = pod.spec.nodeName ?? null;
      if (node === null) continue;
      const port = { node, port: podPortName(pod) };
      for (const address of pod.status.podIPs) {
        if (!this.#ports.has(address)) this.#ports.set(address, port);
      }
    }
    for (const node of state.nodes) {
      const host = { node: node.metadata.name, port: 'host' };
      for (const address of canonicalAddresses(nodeAddresses(node))) this.#ports.set(address, host);
    }
    this.#ranges = state.nodes.flatMap(({ metadata, spec }) =>
      spec.podCIDRs.flatMap((cidr) => {
        const prefix = parsePrefix(cidr);
        return prefix === null ? [] : [{ node: metadata.name, prefix }];
      }),
    );
  }

  /** The port that has an address, in canonical spelling; `outside` if none has. */
  find(address: string): NetworkPort {
    return this.#ports.get(address) ?? outside;
  }

  /**
   * The node that packets to an address are routed to: the one that has it, or that has the pod
   * range around it; null for the rest of the world.
   */
  findNode(address: string): string | null {
    const { node } = this.find(address);
    return node ?? this.#findRange(address)?.node ?? null;
  }

  #findRange(address: string): PodRange | undefined {
    const bytes = parseAddress(address);
    if (bytes === null) return undefined;
    const family = familyOf(address);
    return this.#ranges.find(
      ({ prefix }) => prefix.family === family && prefixContains(prefix, bytes),
    );
  }
}
