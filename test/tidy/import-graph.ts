// Questions to the graph of imports: what reaches what, and where it goes round in a circle.

/** Node to the nodes it imports. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** The nodes of one circle, first = last; null if there is none. */
export function findCycle(graph: Graph): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const search = (node: string): string[] | null => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return null;
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = search(next);
      if (cycle !== null) return cycle;
    }
    path.pop();
    done.add(node);
    return null;
  };
  for (const node of graph.keys()) {
    const cycle = search(node);
    if (cycle !== null) return cycle;
  }
  return null;
}

/** Everything that the entries import, directly or not, and the entries themselves. */
export function reachable(graph: Graph, entries: readonly string[]): Set<string> {
  const reached = new Set(entries);
  for (const node of reached) graph.get(node)?.forEach((next) => reached.add(next));
  return reached;
}
