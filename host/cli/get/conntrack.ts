// The connections of a node in the shape of `conntrack -L`, as far as the connection table knows
// them: it keeps no mark. Source: libnetfilter_conntrack src/conntrack/snprintf_default.c.

import type { ConnectionView, Tuple } from '../../cluster/connections.ts';
import type { Dataplane } from '../../cluster/cluster.ts';
import { familyOf } from '../../net/address.ts';
import { protocolNumber } from '../../net/protocol.ts';
import { hasPorts } from '../../scenario/probe.ts';
import type { NodeTable, TableContent } from './node-table.ts';

/** A connection, and how long it has left. */
export interface ListedConnection extends ConnectionView {
  readonly secondsLeft: number;
}

/** Linux's names of states, where they are not spelled like ours. */
const linuxStates: Readonly<Record<string, string>> = {
  'syn-received': 'SYN_RECV',
  'sctp-shutdown-received': 'SHUTDOWN_RECD',
};
/** Protocols whose state Linux shows. */
const withStates = ['TCP', 'SCTP'];
/** Protocol numbers of the families (AF_INET, AF_INET6), as the extended form begins. */
const families = { 4: ['ipv4', 2], 6: ['ipv6', 10] } as const;

export const conntrack: NodeTable = {
  names: ['conntrack', 'connections'],
  outputs: ['table', 'extended', 'json', 'yaml'],
  contentOf: listContent,
};

function listContent(
  dataplane: Dataplane,
  { nowMs, namespace }: { readonly nowMs: number; readonly namespace: string | undefined },
): TableContent {
  const connections = dataplane
    .connections()
    .filter(({ expiresAtMs }) => expiresAtMs > nowMs)
    .filter(({ service }) => namespace === undefined || service?.namespace === namespace)
    .map((connection): ListedConnection => {
      const secondsLeft = Math.floor((connection.expiresAtMs - nowMs) / 1000);
      return { ...connection, secondsLeft };
    });
  const format = (isExtended: boolean) =>
    connections.map((connection) => formatConnection(connection, isExtended)).join('\n');
  const entries = connections.length === 1 ? 'entry has' : 'entries have';
  return {
    data: { version: 1, node: dataplane.node, connections },
    table: format(false),
    extended: format(true),
    note: `${connections.length} flow ${entries} been shown.`,
  };
}

/** One line; the extended form adds the family, packets and bytes. */
export function formatConnection(connection: ListedConnection, isExtended: boolean): string {
  const { protocol, original, reply, flags, secondsLeft, state } = connection;
  const number = protocolNumber(protocol) ?? 0;
  const [family, familyNumber] = families[familyOf(original.source)];
  const counted = (packets: number, bytes: number) =>
    isExtended ? [`packets=${packets}`, `bytes=${bytes}`] : [];
  return [
    ...(isExtended ? [family.padEnd(8), familyNumber] : []),
    protocol.toLowerCase().padEnd(8),
    number,
    secondsLeft,
    ...(withStates.includes(protocol) ? [linuxState(state)] : []),
    ...formatTuple(original, number),
    ...counted(connection.originalPackets, connection.originalBytes),
    ...(flags.includes('seen-reply') ? [] : ['[UNREPLIED]']),
    ...formatTuple(reply, number),
    ...counted(connection.replyPackets, connection.replyBytes),
    ...(flags.includes('assured') ? ['[ASSURED]'] : []),
  ].join(' ');
}

function linuxState(state: string): string {
  const name = state
    .replace(/^sctp-/, '')
    .toUpperCase()
    .replaceAll('-', '_');
  return linuxStates[state] ?? name;
}

function formatTuple(tuple: Tuple, protocol: number): string[] {
  const { source, destination, sourcePort, destinationPort } = tuple;
  const addresses = [`src=${source}`, `dst=${destination}`];
  if (hasPorts(protocol)) return [...addresses, `sport=${sourcePort}`, `dport=${destinationPort}`];
  const { icmpType: type, icmpCode: code } = tuple;
  if (type === undefined) return addresses;
  return [...addresses, `type=${type}`, `code=${code}`, `id=${sourcePort}`];
}
