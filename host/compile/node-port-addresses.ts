// Which of the node's addresses answer on node ports, by mode. Knows no Services.
// Source: pkg/proxy/util/nodeport_addresses.go.

import type { Family } from '../kubernetes/types.ts';
import { familyOf, parseAddress } from '../net/address.ts';
import { parsePrefix, prefixContains, type Prefix } from '../net/prefix.ts';
import type { NodeView } from './node-view.ts';

/** What stands for loopback among front-ends, which are exact addresses. */
export const loopback4 = '127.0.0.1';
const loopback6 = '::1';

/**
 * Addresses that accept node ports. `primary` means the node's own address; no block of the family
 * means every address, as does an empty list, except in nftables mode, where it means `primary`.
 */
export function nodePortAddresses(view: NodeView, family: Family): readonly string[] {
  const primary = view.primary.get(family);
  if (wantsPrimary(view) && primary !== undefined) return [primary];
  const blocks = blocksOf(view, family);
  const candidates = localAddresses(view, family);
  if (blocks.length === 0) return candidates;
  return candidates.filter((address) => {
    const bytes = parseAddress(address)!;
    return blocks.some((block) => prefixContains(block, bytes));
  });
}

/** Whether every local IPv4 address is meant, and not the interfaces' own in some blocks. */
export function matchesAllIPv4(view: NodeView): boolean {
  const isNarrowed = wantsPrimary(view) && view.primary.has(4);
  const blocks = blocksOf(view, 4);
  return !isNarrowed && (blocks.length === 0 || blocks.some((b) => b.lengthBits === 96));
}

function wantsPrimary({ config: { mode, nodePortAddresses: listed } }: NodeView): boolean {
  return listed.includes('primary') || (listed.length === 0 && mode === 'nftables');
}

function blocksOf({ config }: NodeView, family: Family): Prefix[] {
  const blocks = config.nodePortAddresses.map(parsePrefix).filter((block) => block !== null);
  return blocks.filter((block) => block.family === family);
}

/** Every local address, loopback included: where iptables refuses while there is no endpoint. */
export function refusingAddresses(view: NodeView, family: Family): readonly string[] {
  return [...addressesOf(view, family), family === 4 ? loopback4 : loopback6];
}

/**
 * Every local address that a node port could be dialled at; loopback only in iptables mode, and
 * only IPv4. ipvs leaves out link-local ones.
 */
function localAddresses(view: NodeView, family: Family): readonly string[] {
  const { mode, localhostNodePorts } = view.config;
  const addresses = addressesOf(view, family);
  if (mode === 'ipvs') return addresses.filter((address) => !/^fe[89ab]/.test(address));
  const hasLoopback = family === 4 && mode === 'iptables' && localhostNodePorts;
  return hasLoopback ? [...addresses, loopback4] : addresses;
}

function addressesOf(view: NodeView, family: Family): readonly string[] {
  return view.addresses.filter((address) => familyOf(address) === family);
}
