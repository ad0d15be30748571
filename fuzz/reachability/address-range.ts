// Addresses as whole numbers and blocks as ranges of them, from their canonical spelling. Shares
// nothing with the addresses of the host, so that it can contradict them.

/** From the first address to the last, both of one family. */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** A block in canonical spelling. */
export function rangeOf(block: string): AddressRange {
  const [address = '', length = ''] = block.split('/');
  const family = address.includes(':') ? 6 : 4;
  const bits = BigInt((family === 6 ? 128 : 32) - Number(length));
  const first = (numberOf(address) >> bits) << bits;
  return { family, first, last: first + (1n << bits) - 1n };
}

export function isWithin(address: string, { family, first, last }: AddressRange): boolean {
  if ((family === 6) !== address.includes(':')) return false;
  const number = numberOf(address);
  return first <= number && number <= last;
}

function numberOf(address: string): bigint {
  if (!address.includes(':')) return join(address.split('.').map(BigInt), 8n);
  const [front = [], back = []] = address
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':').map((group) => BigInt(`0x${group}`))));
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => 0n);
  return join([...front, ...zeros, ...back], 16n);
}

function join(digits: readonly bigint[], bits: bigint): bigint {
  return digits.reduce((number, digit) => (number << bits) | digit, 0n);
}
