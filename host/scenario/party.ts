// One end of a flow: the addresses and ports that a name stands for. Made by the address book;
// knows no packets.

import type { ResolvConf } from '../dns/resolv-conf.ts';
import type { Resolution } from '../dns/resolver.ts';
import type { Family, Protocol } from '../kubernetes/types.ts';
import { familyOf } from '../net/address.ts';

/** A port that can be dialled by name. */
export interface NamedPort {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
}

export interface Party {
  /** As written. */
  readonly text: string;
  /** `pod shop/web-0`, `service shop/web`, `node node-a`, or the address itself. */
  readonly object: string;
  /** Canonical, the primary one first; empty when nothing can be dialled. */
  readonly addresses: readonly string[];
  /** Whether connections go to one address after the other, as the records are given in turns. */
  readonly takesTurns?: boolean;
  readonly ports: readonly NamedPort[];
  /** How this end resolves names. */
  readonly conf: ResolvConf;
  /** The questions that led here, where a DNS name was given. */
  readonly resolution?: Resolution;
  /**
   * What had to be settled to get the addresses: a CNAME, the choice among a headless Service's
   * pods.
   */
  readonly note?: string;
  /** Port that a URL names or implies, or that an SRV record gives. */
  readonly impliedPort?: number;
}

/** A name that stands for nothing, or a port that an end does not have. */
export class UnresolvedError extends Error {
  readonly expected: string | undefined;

  constructor(message: string, expected?: string) {
    super(message);
    this.name = 'UnresolvedError';
    this.expected = expected;
  }
}

/**
 * The port to dial: the number given, the port of that name, or the only one there is. Throws
 * UnresolvedError.
 */
export function portToDial(
  party: Party,
  asked: number | string | undefined,
  protocol: string,
): number {
  if (typeof asked === 'number') return asked;
  const port = asked ?? party.impliedPort;
  if (typeof port === 'number') return port;
  const offered = party.ports.filter((candidate) => candidate.protocol === protocol);
  const found = offered.filter(({ name }) => port === undefined || name === port);
  if (found.length === 1 || (port !== undefined && found.length > 1)) return found[0]!.port;
  const wanted = port === undefined ? 'a port is needed' : `no ${protocol} port named "${port}"`;
  throw new UnresolvedError(`${party.object}: ${wanted}`, describePorts(offered));
}

function describePorts(ports: readonly NamedPort[]): string {
  if (ports.length === 0) return 'give its number';
  const spellings = ports.map(({ name, port }) => (name === '' ? `${port}` : `${port} (${name})`));
  return `one of ${spellings.join(', ')}`;
}

/** An address to dial from, and those to dial: more than one where a name leads to several. */
export interface Addresses {
  readonly source: string;
  readonly destinations: readonly string[];
}

/** The first family in which both ends have an address. Throws UnresolvedError. */
export function addressesOfOneFamily(from: Party, to: Party, family?: Family): Addresses {
  const families = family === undefined ? familiesOf(to) : [family];
  for (const candidate of families) {
    const [source] = ofFamily(from, candidate);
    const destinations = ofFamily(to, candidate);
    if (source !== undefined && destinations.length > 0) {
      return { source, destinations: destinations.slice(0, to.takesTurns ? undefined : 1) };
    }
  }
  const asked = family === undefined ? 'an address family in common' : `IPv${family} on both ends`;
  const ends = `${describeFamilies(from)}, ${describeFamilies(to)}`;
  throw new UnresolvedError(`no ${asked}: ${ends}`, 'give both ends an address of one family');
}

function ofFamily(party: Party, family: Family): string[] {
  return party.addresses.filter((address) => familyOf(address) === family);
}

export function familiesOf(party: Party): readonly Family[] {
  return [...new Set(party.addresses.map(familyOf))];
}

function describeFamilies(party: Party): string {
  const families = familiesOf(party).map((family) => `IPv${family}`);
  return `${party.object} has ${families.length === 0 ? 'no address' : families.join(' and ')}`;
}
