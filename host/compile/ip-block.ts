// Blocks of addresses that rules name: one block minus its exceptions. Knows addresses only.
// Sources: Kubernetes IPBlock; network-policy-api CIDR.

import type { NetworkPolicyPeer } from '../kubernetes/types.ts';
import { formatPrefix, parsePrefix, prefixContains, type Prefix } from '../net/prefix.ts';
import { addressPrefix } from './prefix-key.ts';

export interface IpBlock {
  readonly prefix: Prefix;
  readonly except: readonly Prefix[];
  /** Equal blocks have equal text. */
  readonly text: string;
}

/** The block of a peer; null where the peer has none, or one that cannot match anything. */
export function parseIpBlock({ ipBlock }: NetworkPolicyPeer): IpBlock | null {
  const prefix = ipBlock === undefined ? null : parsePrefix(ipBlock.cidr);
  if (ipBlock === undefined || prefix === null) return null;
  const except = ipBlock.except.map(parsePrefix).filter((inner) => inner !== null);
  const text = [formatPrefix(prefix), ...except.map(formatPrefix).toSorted()].join();
  return { prefix, except, text };
}

/** A block without exceptions. */
export function blockOf(prefix: Prefix): IpBlock {
  return { prefix, except: [], text: formatPrefix(prefix) };
}

/** The block that is one address, in canonical spelling. */
export function blockOfAddress(address: string): IpBlock {
  return blockOf(addressPrefix(address));
}

/** Whether an address of 16 bytes is in the block and in none of its exceptions. */
export function blockContains(block: IpBlock, address: Uint8Array): boolean {
  const isExcepted = block.except.some((inner) => prefixContains(inner, address));
  return prefixContains(block.prefix, address) && !isExcepted;
}
