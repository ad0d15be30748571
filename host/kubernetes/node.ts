// Reads a Node: the addresses it answers on and the pod addresses it owns. Source: core/v1
// `NodeSpec`, `NodeStatus`.

import { formatPrefix } from '../net/prefix.ts';
import type { FieldReader } from './field-reader.ts';
import { readMeta } from './meta.ts';
import { checkDNSSubdomain } from './names.ts';
import type { Node } from './types.ts';
import { readAddress, readBlock, readCondition, readQuantity } from './values.ts';

export function readNode(root: FieldReader): Node {
  return {
    kind: 'Node',
    metadata: readMeta(root, { isNamespaced: false, checkName: checkDNSSubdomain }),
    spec: { podCIDRs: readPodCIDRs(root.field('spec')) },
    status: readNodeStatus(root.field('status')),
  };
}

function readNodeStatus(status: FieldReader): Node['status'] {
  const cpu = readQuantity(status.field('allocatable').field('cpu'));
  const conditions = status.field('conditions').items().map(readCondition);
  return {
    addresses: status.field('addresses').items().map(readNodeAddress),
    ...(cpu !== undefined && { allocatable: { cpu } }),
    ...(conditions.length > 0 && { conditions }),
  };
}

/** `podCIDR` is the older form: the first of `podCIDRs` where both are written. */
function readPodCIDRs(spec: FieldReader): string[] {
  const list = spec.field('podCIDRs');
  const single = spec.field('podCIDR');
  const items = list.items();
  const isSingle = items.length === 0 && !single.isAbsent && single.value !== '';
  const blocks = (isSingle ? [single] : items)
    .map(readBlock)
    .filter((block) => block !== undefined);
  if (blocks.length > new Set(blocks.map((block) => block.family)).size) {
    list.invalid('may specify no more than one CIDR for each IP family');
  }
  return blocks.map(formatPrefix);
}

function readNodeAddress(reader: FieldReader): { type: string; address: string } {
  const type = reader.field('type').requiredText();
  const address = reader.field('address');
  const isAddress = type === 'InternalIP' || type === 'ExternalIP';
  return { type, address: (isAddress ? readAddress(address) : address.text()) ?? '' };
}
