// What longest-prefix matching loses and has to be given back: each prefix must carry everything
// that the prefixes around it say. Knows prefixes and opaque items only.

import { formatPrefix, parsePrefix, prefixContains, type Prefix } from '../net/prefix.ts';

/** An item holds for the addresses of a prefix, except those of some prefixes inside it. */
export interface Span<T> {
  readonly prefix: Prefix;
  readonly except: readonly Prefix[];
  readonly item: T;
}

/** The items that hold for the addresses whose longest prefix this is. */
export interface Nest<T> {
  readonly prefix: Prefix;
  readonly items: readonly T[];
}

interface Edge<T> {
  readonly prefix: Prefix;
  readonly opens: T[];
  readonly closes: T[];
}

const mappedIPv4 = parsePrefix('0.0.0.0/0')!;

/**
 * Cuts the address space at every prefix and says for each which items hold there, in the order of
 * `spans`. A prefix where none holds is listed when it cuts a hole into a larger one.
 */
export function nestSpans<T>(spans: readonly Span<T>[]): Nest<T>[] {
  const edges = collectEdges(spans);
  const lengths = new Set([...edges.values()].map((edge) => edge.prefix.lengthBits));
  const order = new Map(spans.map((span, index) => [span.item, index]));
  return [...edges.values()].map(({ prefix }) => {
    const around = enclosing(edges, lengths, prefix);
    const closed = new Set(around.flatMap((edge) => edge.closes));
    const open = new Set(around.flatMap((edge) => edge.opens));
    const items = [...open].filter((item) => !closed.has(item));
    return { prefix, items: items.toSorted((a, b) => order.get(a)! - order.get(b)!) };
  });
}

function collectEdges<T>(spans: readonly Span<T>[]): Map<string, Edge<T>> {
  const edges = new Map<string, Edge<T>>();
  const edgeAt = (prefix: Prefix): Edge<T> => {
    const key = formatPrefix(prefix);
    const edge = edges.get(key) ?? { prefix, opens: [], closes: [] };
    edges.set(key, edge);
    return edge;
  };
  for (const span of spans) {
    edgeAt(span.prefix).opens.push(span.item);
    for (const prefix of span.except) edgeAt(prefix).closes.push(span.item);
  }
  // In 128 bits ::/0 reaches over IPv4-mapped addresses, which it does not mean.
  if (spans.some((span) => reachesOverIPv4(span.prefix))) edgeAt(mappedIPv4);
  return edges;
}

function reachesOverIPv4(prefix: Prefix): boolean {
  const asIPv4 = { ...prefix, family: 4 as const };
  return prefix.family === 6 && prefix.lengthBits < 96 && prefixContains(asIPv4, mappedIPv4.bytes);
}

/** The edges whose prefix contains this one, itself included. `lengths` are those that occur. */
function enclosing<T>(
  edges: ReadonlyMap<string, Edge<T>>,
  lengths: ReadonlySet<number>,
  inner: Prefix,
): Edge<T>[] {
  const found: Edge<T>[] = [];
  const shortest = inner.family === 4 ? 96 : 0;
  const bytes = inner.bytes.slice();
  for (let lengthBits = inner.lengthBits; lengthBits >= shortest; lengthBits--) {
    if (lengthBits < 128) bytes[lengthBits >> 3]! &= 0xff00 >> (lengthBits & 7);
    if (!lengths.has(lengthBits)) continue;
    const edge = edges.get(formatPrefix({ bytes, lengthBits, family: inner.family }));
    if (edge !== undefined) found.push(edge);
  }
  return found;
}
