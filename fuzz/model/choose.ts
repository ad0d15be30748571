// Which of the endpoints offered a new connection may get: the one that session affinity holds its
// client to, else what balancing allows.

import type { PacketFields } from '../../host/net/packet.ts';
import type { Affinity } from './affinities.ts';
import { heldEndpoints } from './affinities.ts';
import type { Connection } from './connections.ts';
import type { Answer, ChoiceMemory } from './schedulers.ts';
import { askScheduler, connectionsAt } from './schedulers.ts';
import type { ServiceDecision } from './services.ts';
import type { ModelSettings } from './world.ts';

export interface Choosing {
  readonly settings: ModelSettings;
  readonly offer: ServiceDecision & { kind: 'offered' };
  readonly packet: PacketFields;
  readonly timeMs: number;
  /** Live ones, without the one that the packet may reopen. */
  readonly connections: readonly Connection[];
  readonly affinities: readonly Affinity[];
  readonly choices: ChoiceMemory;
}

/** The endpoints that are right, and what is remembered once one was seen to be taken. */
export function chooseEndpoints(choosing: Choosing): Answer {
  const { settings, offer, packet, timeMs, connections, affinities, choices } = choosing;
  const { source, sourcePort = 0, destination, destinationPort = 0, protocol } = packet;
  const frontend = { address: destination, port: destinationPort, protocol };
  const held = heldEndpoints(affinities, offer, {
    client: source,
    nowMs: timeMs,
    // ipvs: a client's live connections prolong the persistence under which they began.
    isConnected: (endpoint) =>
      settings.mode === 'ipvs' &&
      connectionsAt(connections, frontend, endpoint, source).some(({ isSticky }) => isSticky),
  });
  if (held.isDecided) return { legal: held.endpoints, after: () => choices };
  const answer = askScheduler({
    settings,
    memory: choices,
    connections,
    client: { source, sourcePort },
    frontend,
    endpoints: offer.endpoints,
    timeMs,
  });
  if (held.endpoints.length === 0) return answer;
  const legal = offer.endpoints.filter((endpoint) =>
    [...answer.legal, ...held.endpoints].includes(endpoint),
  );
  return { legal, after: () => choices };
}
