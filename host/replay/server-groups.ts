// Which addresses and ports belong together: front-ends and endpoints, joined by the Services that
// lead from one to the other. Whatever a Service translates stays within one group, and so does all
// that its connections share: session affinity, masquerade ports towards an endpoint.

import { hashBytes } from './hash.ts';
import type { ReplaySubject } from './subject.ts';

/** Numbers of groups by address and port; a number is a hash, the same for every reader. */
export type ServerGroups = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** Reads the compiled maps. */
export function readServerGroups(subject: ReplaySubject): ServerGroups {
  const sets = new DisjointSets();
  const ends = new Map<string, { address: string; port: number }>();
  const join = (service: number, { address, port }: { address: string; port: number }): void => {
    const name = nameOfEnd(address, port);
    ends.set(name, { address, port });
    sets.join(name, `service ${service}`);
  };
  for (const [key, { service }] of subject.map('frontends').entries()) join(service, key);
  for (const [{ service }, endpoint] of subject.map('endpoints').entries()) join(service, endpoint);
  return numberGroups(sets, ends);
}

function numberGroups(
  sets: DisjointSets,
  ends: ReadonlyMap<string, { address: string; port: number }>,
): ServerGroups {
  const numbers = new Map<string, number>();
  const groups = new Map<string, Map<number, number>>();
  // The first by name stands for its group, whatever numbers the Services have.
  for (const name of [...ends.keys()].sort()) {
    const { address, port } = ends.get(name)!;
    const root = sets.find(name);
    const number = numbers.get(root) ?? hashText(name);
    numbers.set(root, number);
    const ports = groups.get(address) ?? new Map<number, number>();
    groups.set(address, ports.set(port, number));
  }
  return groups;
}

/** Hash of a text of ASCII characters. */
export function hashText(text: string): number {
  const bytes = new TextEncoder().encode(text);
  return hashBytes(bytes, bytes.length).low;
}

function nameOfEnd(address: string, port: number): string {
  return `${address} ${port}`;
}

/** Things that are joined step by step (union-find, with halved paths). */
class DisjointSets {
  private readonly parents = new Map<string, string>();

  /** The one that stands for all that are joined with this one. */
  find(name: string): string {
    let at = name;
    for (;;) {
      const parent = this.parents.get(at) ?? at;
      if (parent === at) return at;
      const above = this.parents.get(parent) ?? parent;
      this.parents.set(at, above);
      at = above;
    }
  }

  join(one: string, other: string): void {
    this.parents.set(this.find(one), this.find(other));
  }
}
