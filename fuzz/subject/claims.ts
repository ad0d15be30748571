// What a subject says that it can do. Stories for it are about nothing else, so that a small
// dataplane can be tested for what it is.

import type { NodeConfig } from '../../host/compile/desired.ts';

/** Every feature, and what a story may hold when it is claimed. */
export const features = {
  'cluster-ip': 'Services with a ClusterIP, dialled by pods of the node; endpoints on other nodes',
  masquerade: 'clients from outside, and endpoints on the node, which may dial themselves',
  'session-affinity': 'Services with sessionAffinity ClientIP',
  'node-ports': 'Services with node ports; needs masquerade',
  'external-addresses': 'external IPs and load-balancer addresses; needs masquerade',
  'traffic-policies': 'internalTrafficPolicy and externalTrafficPolicy Local',
  topology: 'hints for zones and nodes',
  draining: 'endpoints that terminate and still serve',
  'network-policies': 'NetworkPolicies',
  answers: 'ICMP errors of its own: no endpoints, no such port, time exceeded; objects deleted',
  'icmp-errors': 'ICMP errors about translated packets, from either end or a router',
  'tcp-states': 'TCP segments of every kind, in and out of order',
  expiry: 'pauses in which connections and affinities end; with TCP needs tcp-states',
} as const;

/** What makes no sense without another. */
const needs: Readonly<Partial<Record<keyof typeof features, keyof typeof features>>> = {
  'node-ports': 'masquerade',
  'external-addresses': 'masquerade',
  expiry: 'tcp-states',
};

export type Feature = keyof typeof features;

const protocols = ['TCP', 'UDP', 'SCTP', 'ICMP'] as const;
const modes = ['nftables', 'iptables', 'ipvs'] as const;
const families: readonly (4 | 6)[] = [4, 6];
const featureNames = Object.keys(features) as Feature[];

export interface Claims {
  /** ICMP: echo requests and replies, of either family. */
  readonly protocols: readonly (typeof protocols)[number][];
  readonly families: readonly (4 | 6)[];
  /** Whose Service semantics. */
  readonly modes: readonly NodeConfig['mode'][];
  readonly features: readonly Feature[];
}

/** All there is. */
export const everything: Claims = { protocols, families, modes, features: featureNames };

export function isEverything(claims: Claims): boolean {
  const lists = ['protocols', 'families', 'features'] as const;
  return lists.every((list) => claims[list].length === everything[list].length);
}

/** As a `hello` writes them, in a line for people. */
export function describeClaims({ protocols: spoken, families: known, ...rest }: Claims): string {
  const family = known.map((number) => `IPv${number}`).join(' ');
  return [spoken.join(' '), family, rest.modes.join(' '), rest.features.join(' ')].join('; ');
}

/**
 * Reads claims from the fields of a `hello`; whatever is not written is claimed least: IPv4,
 * nftables mode. Returns what is wrong with them as well, a sentence for each.
 */
export function parseClaims(hello: Readonly<Record<string, unknown>>): {
  readonly claims: Claims;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const list = <T>(field: string, known: readonly T[], least: readonly unknown[]): T[] => {
    const written = hello[field] ?? least;
    const values: readonly unknown[] = Array.isArray(written) ? written : [written];
    for (const value of values.filter((one) => !known.some((other) => other === one))) {
      problems.push(`${field}: ${JSON.stringify(value)}; expected some of ${known.join(', ')}`);
    }
    const kept = known.filter((value) => values.includes(value));
    if (kept.length === 0) problems.push(`${field}: none; expected some of ${known.join(', ')}`);
    return kept;
  };
  const claims = {
    protocols: list('protocols', protocols, []),
    families: list('families', families, [4]),
    modes: list('modes', modes, ['nftables']),
    features: list('features', featureNames, ['cluster-ip']),
  };
  for (const [name, other] of Object.entries(needs)) {
    const isNeedless = name === 'expiry' && !claims.protocols.includes('TCP');
    const has = (feature: string) => claims.features.some((claimed) => claimed === feature);
    if (!has(name) || has(other) || isNeedless) continue;
    problems.push(`features: ${name} without ${other}; expected both, or neither`);
  }
  return { claims, problems };
}
