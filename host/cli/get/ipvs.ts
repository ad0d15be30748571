// The virtual servers of a node in ipvs mode, in the shape of `ipvsadm -Ln`. Source: ipvsadm.c
// print_service_entry.

import type { Dataplane } from '../../cluster/cluster.ts';
import { formatEndpoint } from '../../scenario/connection.ts';
import {
  listVirtualServers,
  type RealServer,
  type VirtualServer,
} from '../../survey/virtual-servers.ts';
import type { NodeTable, TableContent } from './node-table.ts';

const heads = [
  'IP Virtual Server version 1.2.1 (size=4096)',
  'Prot LocalAddress:Port Scheduler Flags',
  '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
];
/** kube-proxy has mh hash the source port as well. */
const schedulerFlags: Readonly<Record<string, string>> = { mh: ' (mh-port)' };

export const ipvs: NodeTable = {
  names: ['ipvs', 'ipvsadm'],
  outputs: ['table', 'json', 'yaml'],
  mode: 'ipvs',
  contentOf: serverContent,
};

function serverContent(
  dataplane: Dataplane,
  { namespace }: { readonly namespace: string | undefined },
): TableContent {
  const servers = listVirtualServers(dataplane).filter(
    ({ service }) => namespace === undefined || service?.namespace === namespace,
  );
  return {
    data: { version: 1, node: dataplane.node, virtualServers: servers },
    table: [...heads, ...servers.flatMap(serverLines)].join('\n'),
  };
}

function serverLines(server: VirtualServer): string[] {
  const { protocol, address, port, scheduler, persistentSeconds } = server;
  const flags = schedulerFlags[scheduler] ?? '';
  const persistent = persistentSeconds > 0 ? ` persistent ${persistentSeconds}` : '';
  const head = `${protocol.padEnd(4)} ${formatEndpoint(address, port)} ${scheduler}`;
  return [head + flags + persistent, ...server.realServers.map(realServerLine)];
}

function realServerLine(server: RealServer): string {
  const { address, port, forward, weight, activeConnections, inactiveConnections } = server;
  return [
    '  ->',
    formatEndpoint(address, port).padEnd(28),
    forward.padEnd(7),
    String(weight).padEnd(6),
    String(activeConnections).padEnd(10),
    String(inactiveConnections).padEnd(10),
  ]
    .join(' ')
    .trimEnd();
}
