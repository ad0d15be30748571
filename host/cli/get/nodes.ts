// Nodes as kubectl prints them. Source: kubectl `printNode` in
// pkg/printers/internalversion/printers.go.

import type { Node } from '../../kubernetes/types.ts';
import { writeObject } from '../../kubernetes/write.ts';
import { joined, none, unknownAge, type Resource, type Row } from './resource.ts';

const roleLabel = 'node-role.kubernetes.io/';
const unknown = '<unknown>';

export const nodes: Resource = {
  names: ['nodes', 'node', 'no'],
  nameOutput: 'node',
  isNamespaced: false,
  heads: ['STATUS', 'ROLES', 'AGE', 'VERSION'],
  wideHeads: ['INTERNAL-IP', 'EXTERNAL-IP', 'POD-CIDRS'],
  rowsOf: (state) => state.nodes.map(nodeRow),
};

function nodeRow(node: Node): Row {
  const { metadata, spec } = node;
  const roles = Object.keys(metadata.labels)
    .filter((label) => label.startsWith(roleLabel))
    .map((label) => label.slice(roleLabel.length));
  return {
    namespace: '',
    name: metadata.name,
    cells: ['Ready', joined(roles), unknownAge, unknown],
    wideCells: [
      addressOf(node, 'InternalIP'),
      addressOf(node, 'ExternalIP'),
      joined(spec.podCIDRs),
    ],
    object: writeObject(node),
  };
}

function addressOf({ status }: Node, type: string): string {
  return status.addresses.find((entry) => entry.type === type)?.address ?? none;
}
