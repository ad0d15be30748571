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
}

/** What is offered to this client: the first endpoint with a live record, else all. */
export function legalEndpoints(
  affinities: readonly Affinity[],
  { key, endpoints }: Offer,
  client: string,
  nowMs: number,
): readonly Endpoint[] {
  const live = affinities.filter(
    (record) => record.key === key && record.client === client && nowMs < record.expiresAtMs,
  );
  const kept = endpoints.find((candidate) =>
    live.some(({ endpoint }) => isSameEndpoint(endpoint, candidate)),
  );
  return kept === undefined ? endpoints : [kept];
}

/** The records after a client got an endpoint. */
export function keepAffinity(affinities: readonly Affinity[], kept: Affinity): Affinity[] {
  const isOther = ({ key, client, endpoint }: Affinity) =>
    key !== kept.key || client !== kept.client || !isSameEndpoint(endpoint, kept.endpoint);
  return [...affinities.filter(isOther), kept];
}

function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}
