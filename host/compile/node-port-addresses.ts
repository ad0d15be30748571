// Which of the node's addresses answer on node ports, by mode. Knows no Services.
// Source: pkg/proxy/util/nodeport_addresses.go.

import type { Family } from '../kubernetes/types.ts';
import { familyOf, parseAddress } from '../net/address.ts';
import { parsePrefix, prefixContains } from '../net/prefix.ts';
import type { NodeView } from './node-view.ts';

/** Front-ends are exact addresses, so of 127.0.0.0/8 only this one answers. */
const loopback = '127.0.0.1';

/**
 * Addresses that accept node ports. `primary` means the node's own address; no block of the family
 * means every address, as does an empty list, except in nftables mode, where it means `primary`.
 */
export function nodePortAddresses(view: NodeView, family: Family): readonly string[] {
  const { mode, nodePortAddresses: listed } = view.config;
  const primary = view.primary.get(family);
  const wantsPrimary = listed.includes('primary') || (listed.length === 0 && mode === 'nftables');
  if (wantsPrimary && primary !== undefined) return [primary];
  const blocks = listed.map(parsePrefix).filter((block) => block?.family === family);
  const candidates = localAddresses(view, family);
  if (blocks.length === 0) return candidates;
  return candidates.filter((address) => {
    const bytes = parseAddress(address)!;
    return blocks.some((block) => prefixContains(block!, bytes));
  });
}

/**
 * Every local address that a node port could be dialled at; loopback only in iptables mode, and
 * only IPv4.
 */
export function localAddresses(view: NodeView, family: Family): readonly string[] {
  const { mode, localhostNodePorts } = view.config;
  const addresses = view.addresses.filter((address) => familyOf(address) === family);
  const hasLoopback = family === 4 && mode === 'iptables' && localhostNodePorts;
  return hasLoopback ? [...addresses, loopback] : addresses;
}
