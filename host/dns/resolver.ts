// How a client comes from a name to addresses: which questions it asks in which order, and which
// answer it takes. Pure: no sockets. Sources: resolv.conf(5) and glibc's `res_nsearch`; RFC 2782.

import type { ClusterState } from '../controllers/state.ts';
import {
  absoluteName,
  answerQuestion,
  isClusterName,
  type AddressType,
  type Answer,
  type DNSRecord,
  type Question,
} from './records.ts';
import type { ResolvConf } from './resolv-conf.ts';

/** A question that was asked, and its answer. */
export interface Query {
  readonly question: Question;
  readonly answer: Answer;
}

export interface Resolution {
  readonly conf: ResolvConf;
  /** In the order in which they are asked. */
  readonly queries: readonly Query[];
  /** A and AAAA records, the first one to be dialled first; empty if the name leads to none. */
  readonly records: readonly DNSRecord[];
  /** From an SRV record. */
  readonly port?: number;
  /** A name outside the cluster that the aliases end at; absolute. */
  readonly external?: string;
}

/** Who asks for what. */
export interface Lookup {
  readonly conf: ResolvConf;
  /** As written: absolute with a dot at the end, else subject to the search list. */
  readonly name: string;
  readonly types: readonly AddressType[];
}

/**
 * Resolves a name as the client would. A name that starts with `_` is asked for as SRV; what its
 * first record points to is dialled.
 */
export function resolveName(state: ClusterState, lookup: Lookup): Resolution {
  const { conf, name, types } = lookup;
  if (!name.startsWith('_')) return resolution(conf, search(state, lookup, types));
  const first = search(state, lookup, ['SRV']);
  const [target] = answersOf(first);
  if (target === undefined) return { conf, queries: first, records: [] };
  const rest = ask(state, conf, target.data, types);
  return { ...resolution(conf, [...first, ...rest]), port: target.port! };
}

/** The absolute names that a client tries for a name, in order. */
export function namesToTry({ search: domains, ndots }: ResolvConf, name: string): string[] {
  const absolute = absoluteName(name);
  if (name.endsWith('.')) return [absolute];
  const searched = domains.map((domain) => absolute + absoluteName(domain).replace(/^\.$/, ''));
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [absolute, ...searched] : [...searched, absolute];
}

/** Asks until a name has a record of any of the types; all types of a name are asked at once. */
function search(
  state: ClusterState,
  { conf, name }: Lookup,
  types: readonly Question['type'][],
): Query[] {
  const queries: Query[] = [];
  for (const candidate of namesToTry(conf, name)) {
    const asked = ask(state, conf, candidate, types);
    queries.push(...asked);
    if (asked.some(({ answer }) => answer.status === 'answer')) break;
  }
  return queries;
}

function ask(
  state: ClusterState,
  { asksCluster }: ResolvConf,
  name: string,
  types: readonly Question['type'][],
): Query[] {
  return types.map((type) => {
    const question: Question = { name, type };
    const unknown: Answer = { status: 'unknown', records: [] };
    return { question, answer: asksCluster ? answerQuestion(state, question) : unknown };
  });
}

function resolution(conf: ResolvConf, queries: readonly Query[]): Resolution {
  const given = answersOf(queries);
  const records = given.filter(({ type }) => type === 'A' || type === 'AAAA');
  const external = given.find(({ type, data }) => type === 'CNAME' && !isClusterName(data));
  return { conf, queries, records, ...(external && { external: external.data }) };
}

function answersOf(queries: readonly Query[]): DNSRecord[] {
  return queries.flatMap(({ answer }) => answer.records);
}
