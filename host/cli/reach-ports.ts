// The ports of a connection in one cell, and what the marks in it mean.

import type { MatrixConnection } from '../survey/matrix.ts';

type Ports = Pick<MatrixConnection, 'ports' | 'unused' | 'isPartial'>;

/** `TCP 8080, UDP 53 (TCP 443) ~`. */
export function describePorts({ ports, unused, isPartial }: Ports): string {
  const parts = [...(ports.length > 0 ? [joinProtocols(ports)] : [])];
  if (unused.length > 0) parts.push(`(${joinProtocols(unused)})`);
  if (isPartial) parts.push('~');
  return parts.join(' ');
}

/** Ports of one protocol behind its name: `TCP 80,443, UDP 53`. */
function joinProtocols(texts: readonly string[]): string {
  const joined: string[] = [];
  let before = '';
  for (const text of texts) {
    const [protocol = '', port] = text.split(' ');
    if (port !== undefined && protocol === before) joined[joined.length - 1] += `,${port}`;
    else joined.push(text);
    before = port === undefined ? '' : protocol;
  }
  return joined.join(', ');
}

/** What the marks that occur mean; empty when none does. */
export function legendOf(connections: readonly (Ports & { readonly from: string })[]): string[] {
  const hasUnused = connections.some(({ unused }) => unused.length > 0);
  const hasPartial = connections.some(({ isPartial }) => isPartial);
  const hasNodes = connections.some(({ from }) => from === 'nodes');
  return [
    ...(hasNodes ? ['nodes: other nodes than the pod’s own, which always gets in'] : []),
    ...(hasUnused
      ? ['(TCP 1): allowed, but no container declares it and no Service leads there']
      : []),
    ...(hasPartial ? ['~: not between all members of the two, or not on all of the ports'] : []),
  ];
}
