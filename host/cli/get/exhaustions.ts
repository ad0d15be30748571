// The destinations of a node that ran out of masquerade ports: a port that is taken towards one is
// free towards another, so the shortage is each destination's own.

import type { Dataplane } from '../../cluster/cluster.ts';
import { formatEndpoint } from '../../scenario/connection.ts';
import { formatColumns } from '../columns.ts';
import type { NodeTable, TableContent } from './node-table.ts';

const heads = ['PROTOCOL', 'DESTINATION', 'PACKETS'];

export const exhaustions: NodeTable = {
  names: ['exhaustions', 'exhausted'],
  outputs: ['table', 'json', 'yaml'],
  contentOf: listContent,
};

function listContent(dataplane: Dataplane): TableContent {
  const listed = dataplane.exhaustions();
  const rows = listed.map(({ protocol, destination, destinationPort, packets }) => [
    protocol,
    formatEndpoint(destination, destinationPort),
    String(packets),
  ]);
  return {
    data: { version: 1, node: dataplane.node, exhaustions: listed },
    table: rows.length === 0 ? '' : formatColumns(heads, rows),
    ...(rows.length === 0 && { note: 'No destination ran out of masquerade ports.' }),
  };
}
