// One number for all that became of the packets of a replay: the dataplane's sums by port, each
// times a number of the port's name, modulo 2^64. Digests of parts add up to the whole's.

import type { ReplaySubject } from './subject.ts';
import { hashBytes } from './hash.ts';

/** The digest of all that the dataplane has added up so far. */
export function readDigest(subject: ReplaySubject): bigint {
  let digest = 0n;
  for (const [port, sum] of subject.map('digests').entries()) {
    const name = port === 0 ? '' : subject.portName(port);
    digest += wordOf(sum) * factorOf(name);
  }
  return digest;
}

/** 16 hexadecimal digits. */
export function formatDigest(digest: bigint): string {
  return BigInt.asUintN(64, digest).toString(16).padStart(16, '0');
}

/** The reverse of `formatDigest`. */
export function parseDigest(text: string): bigint {
  return BigInt(`0x${text}`);
}

/** Odd, so that no sum is lost. */
function factorOf(name: string): bigint {
  const bytes = new TextEncoder().encode(name);
  return wordOf(hashBytes(bytes, bytes.length)) | 1n;
}

function wordOf({ low, high }: { readonly low: number; readonly high: number }): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}
