// Session affinity: which endpoints a client stays with. One record for each client, Service port
// and endpoint, renewed by every new connection. Source: the affinity sets of
// pkg/proxy/nftables/proxier.go.

import type { Endpoint } from './endpoints.ts';
import type { ServiceDecision } from './services.ts';

type Offer = ServiceDecision & { kind: 'offered' };

export interface Affinity {
  readonly client: string;
  /** Service port, `ServiceDecision.key`. */
  readonly key: string;
  readonly endpoint: Endpoint;
  readonly expiresAtMs: number;
  /** False when the packet went nowhere, so that nobody saw which of several endpoints it got. */
  readonly isCertain: boolean;
}

/** Who asks, and when. */
export interface Caller {
  readonly client: string;
  readonly nowMs: number;
  /** Whether live connections hold the client to an endpoint. */
  isConnected(endpoint: Endpoint): boolean;
}

/**
 * What this client may be held to: the first endpoint with a live record. A record that is not
 * certain may be there or not: while there is no other, nothing is decided.
 */
export function heldEndpoints(
  affinities: readonly Affinity[],
  { key, endpoints, affinityMs }: Offer,
  { client, nowMs, isConnected }: Caller,
): { readonly isDecided: boolean; readonly endpoints: readonly Endpoint[] } {
  if (affinityMs === null) return { isDecided: false, endpoints: [] };
  const live = affinities.filter(
    (record) => record.key === key && record.client === client && nowMs < record.expiresAtMs,
  );
  const recordOf = (candidate: Endpoint) =>
    live.find(({ endpoint }) => isSameEndpoint(endpoint, candidate));
  const certain = endpoints.findIndex(
    (candidate) => recordOf(candidate)?.isCertain || isConnected(candidate),
  );
  const possible = endpoints.filter(
    (candidate, index) =>
      index === certain || ((certain < 0 || index < certain) && recordOf(candidate) !== undefined),
  );
  return { isDecided: certain >= 0, endpoints: possible };
}

/** The records after a client got an endpoint, or may have got it. */
export function keepAffinity(affinities: readonly Affinity[], kept: Affinity): Affinity[] {
  const isSame = ({ key, client, endpoint }: Affinity) =>
    key === kept.key && client === kept.client && isSameEndpoint(endpoint, kept.endpoint);
  const isLiveAnyway = (record: Affinity) =>
    isSame(record) && record.isCertain && record.expiresAtMs >= kept.expiresAtMs;
  if (!kept.isCertain && affinities.some(isLiveAnyway)) return [...affinities];
  return [...affinities.filter((record) => !isSame(record)), kept];
}

function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}
