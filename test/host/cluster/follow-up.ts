// What holds for every update of a cluster: it leads where a fresh start leads, in the objects, in
// the maps of a node, in what their numbers stand for and in what has to go from other tables.

import { expect } from 'vitest';
import { compileNode, defaultNodeConfig } from '../../../host/compile/compile-node.ts';
import type { Compiled } from '../../../host/compile/compile-node.ts';
import { findDepartures, findGone, findServing } from '../../../host/compile/departures.ts';
import type { Names, NodeConfig } from '../../../host/compile/desired.ts';
import type { Numbering, NumberSpace } from '../../../host/compile/numbering.ts';
import type { ServicePart } from '../../../host/compile/service-part.ts';
import { completeCluster, completeWritten } from '../../../host/controllers/complete.ts';
import { defaultControllerOptions, type ClusterState } from '../../../host/controllers/state.ts';
import type { WrittenObjects } from '../../../host/controllers/written.ts';
import { plan } from '../../../host/reconcile/plan.ts';

type Mode = NodeConfig['mode'];

const nodes = ['node-a', 'node-b'] as const;

/** A cluster, and what one of its nodes was compiled to. */
export interface Followed {
  readonly written: WrittenObjects;
  readonly state: ClusterState;
  readonly config: NodeConfig;
  readonly compiled: Compiled;
}

export function begin(written: WrittenObjects, mode: Mode): Followed {
  const config = { ...defaultNodeConfig, mode };
  const state = completeWritten(written, defaultControllerOptions, undefined);
  return { written, state, config, compiled: compileNode(state, nodes[0], config) };
}

/** The update to these objects, once it has been found to be what a fresh start comes to. */
export function follow(before: Followed, written: WrittenObjects): Followed {
  const { config, compiled: old } = before;
  const objects = Object.values(written).flat();
  // A copy is a state that no completion remembers.
  const fresh = completeCluster(objects, defaultControllerOptions, { ...before.state });
  const state = completeWritten(written, defaultControllerOptions, before.state);
  expect(state).toEqual(fresh);
  expect(listValueless(state)).toEqual([]);
  const compiled = compileNode(state, nodes[0], config, old);
  const { numbering, parts } = compiled;
  const anew = compileNode(fresh, nodes[0], config, { numbering });
  expectSame(compiled, anew);
  expectNumbered(old.numbering, numbering);
  expect(namesIn(numbering)).toEqual(namesIn(compileNode(fresh, nodes[0], config).numbering));
  expect(leavingOf(parts.services)).toEqual(
    leavingOf({ ...parts.services, changes: everyGroup(old, anew) }),
  );
  const sibling = compileNode(state, nodes[1], config, { numbering, sibling: parts });
  expectSame(sibling, compileNode(fresh, nodes[1], config, { numbering }));
  return { written, state, config, compiled };
}

/** Fields that are there without a value: what is not known is absent. */
function listValueless(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, field]) => {
    return field === undefined ? [name] : listValueless(field);
  });
}

function expectSame(one: Compiled, other: Compiled): void {
  expect(plan(other.desired, one.desired)).toEqual([]);
  const [told, expected] = [one, other].map((compiled) => JSON.stringify(tellNames(compiled)));
  expect(told).toBe(expected);
}

function tellNames({ names, numbering }: Compiled): unknown {
  const numbersOf = (space: NumberSpace) =>
    Array.from({ length: numbering[space]?.next ?? 0 }, (_, number) => number);
  const addresses = [...names.addresses.keys(), '203.0.113.9', '10.9.9.9', '2001:db8::9'];
  return {
    ports: [...names.ports],
    services: numbersOf('services').map((number) => names.services.get(number)),
    keys: [...names.serviceKeys].toSorted(),
    identities: numbersOf('identities').map((number) => names.identities.get(number)),
    rulesets: numbersOf('rulesets').map((number) => names.rulesets.get(number)),
    addresses: [...names.addresses],
    portOf: addresses.map((address) => names.portOf(address)),
    explained: explain(names, numbersOf('rulesets'), addresses),
  };
}

/** Each ruleset is asked about every third address, in turn. */
function explain(names: Names, rulesets: readonly number[], addresses: readonly string[]) {
  return rulesets.flatMap((ruleset) =>
    addresses
      .filter((_, at) => (at + ruleset) % 3 === 0)
      .map((peer, at) =>
        names.explainRuleset({
          ruleset,
          peer,
          destination: addresses[(at * 7 + ruleset) % addresses.length]!,
          protocol: at % 5 === 4 ? 1 : 6,
          port: [80, 8080, 9090][at % 3]!,
        }),
      ),
  );
}

/** Whoever stays keeps its number, and every number is somebody's or free. */
function expectNumbered(before: Numbering, after: Numbering): void {
  for (const [space, { numbers, free, next }] of Object.entries(after)) {
    const old = before[space as NumberSpace];
    const kept = [...(old?.numbers ?? [])].filter(([name]) => numbers.has(name));
    expect(kept.map(([name]) => [name, numbers.get(name)])).toEqual(kept);
    const all = [...numbers.values(), ...free].toSorted((a, b) => a - b);
    const first = next - all.length;
    expect(all).toEqual(Array.from(all, (_, at) => first + at));
    expect([numbers.size, numbers.has('')]).toEqual([[...numbers].length, false]);
  }
}

/** The names in use; those of identities are told by selectors, not by their numbers. */
function namesIn(numbering: Numbering): Record<string, string[]> {
  const selectors = new Map([...(numbering.selectors?.numbers ?? [])].map(([a, b]) => [`${b}`, a]));
  const spell = (name: string) => {
    const [side, ...scopes] = name.split(' ');
    return `${side} ${scopes
      .map((scope) => selectors.get(scope))
      .toSorted()
      .join()}`;
  };
  return Object.fromEntries(
    Object.entries(numbering).map(([space, { numbers }]) => {
      const names = [...numbers.keys()];
      return [space, (space === 'identities' ? names.map(spell) : names).toSorted()];
    }),
  );
}

/** What leaves, by what an update says of it; `changes` may name groups that did not change. */
function leavingOf(part: ServicePart): unknown {
  const sorted = <V>(map: ReadonlyMap<number, V>) => [...map].toSorted(([a], [b]) => a - b);
  return [sorted(findDepartures(part)), sorted(findGone(part)), findServing(part)];
}

function everyGroup(before: Compiled, after: Compiled): ServicePart['changes'] {
  const [old, now] = [before.parts.services.groups, after.parts.services.groups];
  const owners = new Set([...old.keys(), ...now.keys()]);
  return [...owners].map((owner) => ({ before: old.get(owner), after: now.get(owner) }));
}
