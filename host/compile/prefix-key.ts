// Prefixes as keys of the maps that match the longest one. Knows nothing of what the maps say.

import type { Structs } from '../abi/abi.gen.ts';
import { familyOf, formatAddress, parseAddress } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';

/**
 * The key of a prefix; `scope` is what the prefix belongs to, 0 where the map has one scope only.
 */
export function prefixKey(prefix: Prefix, scope = 0): Structs['PrefixKey'] {
  return { address: formatAddress(prefix.bytes), scope, lengthBits: prefix.lengthBits };
}

/** The prefix that holds one address alone. The address is in canonical spelling. */
export function addressPrefix(address: string): Prefix {
  const bytes = parseAddress(address);
  if (bytes === null) throw new RangeError(`${address} is not an address`);
  return { bytes, lengthBits: 128, family: familyOf(address) };
}
