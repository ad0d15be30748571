// Entries carry numbers of Services and ports, which another compilation may give to others. A
// snapshot therefore says what its numbers stand for, and the dataplane that takes it in gives each
// entry its own number for the same name.

import { maps, structs, type StructName } from '../abi/abi.gen.ts';
import type { Names } from '../compile/desired.ts';
import { entriesOf, type Region, type RememberedMap } from '../dataplane/regions.ts';

type Space = 'ports' | 'services';

/** A number of an entry that stands for something with a name. */
interface Reference {
  readonly map: RememberedMap;
  readonly part: 'key' | 'value';
  readonly field: string;
  readonly space: Space;
}

const references: readonly Reference[] = [
  { map: 'connections', part: 'value', field: 'service', space: 'services' },
  { map: 'connections', part: 'value', field: 'originalPort', space: 'ports' },
  { map: 'connections', part: 'value', field: 'replyPort', space: 'ports' },
  { map: 'affinities', part: 'key', field: 'service', space: 'services' },
  { map: 'fragments', part: 'key', field: 'port', space: 'ports' },
];

type Regions = Readonly<Partial<Record<RememberedMap, Region>>>;

/** Number, as text, to name. */
export type NumberNames = Readonly<Record<Space, Readonly<Record<string, string>>>>;

/** The names of all numbers that entries refer to. */
export function nameNumbers(regions: Regions, names: Names): NumberNames {
  const known = listNames(names);
  const named: Record<Space, Record<string, string>> = { ports: {}, services: {} };
  for (const { map, part, field, space } of references) {
    for (const entry of entriesOf(map, regions[map] ?? new Uint8Array())) {
      const number = numberAt(map, part, field).read(entry[part]);
      const name = known[space].get(number);
      if (name !== undefined) named[space][number] = name;
    }
  }
  return named;
}

/** Everything here that has a number. */
function listNames(names: Names): Record<Space, ReadonlyMap<number, string>> {
  const services = [...names.serviceKeys].map(([key, number]) => [number, key] as const);
  return { ports: names.ports, services: new Map(services) };
}

export type Renumbering = Readonly<Record<Space, ReadonlyMap<number, number>>>;

/** From the snapshot's numbers to those of this node, where it has what they stand for. */
export function numberNames(named: NumberNames, names: Names): Renumbering {
  const known = listNames(names);
  const numbersOf = (space: Space) => {
    const here = new Map([...known[space]].map(([number, name]) => [name, number]));
    return new Map(
      Object.entries(named[space]).flatMap(([number, name]) => {
        const own = here.get(name);
        return own === undefined ? [] : [[Number(number), own] as const];
      }),
    );
  };
  return { ports: numbersOf('ports'), services: numbersOf('services') };
}

/**
 * Gives an entry the numbers of this node. A value that refers to nothing any more says 0; without
 * what its key refers to, an entry has no meaning here: then it is false.
 */
export function renumber(
  map: RememberedMap,
  entry: { readonly key: Uint8Array; readonly value: Uint8Array },
  numbers: Renumbering,
): boolean {
  for (const { part, field, space } of references.filter((reference) => reference.map === map)) {
    const at = numberAt(map, part, field);
    const number = numbers[space].get(at.read(entry[part])) ?? 0;
    if (number === 0 && part === 'key') return false;
    at.write(entry[part], number);
  }
  return true;
}

/** Reads and writes a number of an entry: 2 or 4 bytes, little-endian. */
function numberAt(map: RememberedMap, part: 'key' | 'value', field: string) {
  const struct = maps[map][part] as StructName;
  const { offset, kind } = structs[struct].fields.find(({ name }) => name === field)!;
  const view = ({ buffer, byteOffset }: Uint8Array) => new DataView(buffer, byteOffset + offset);
  return {
    read: (bytes: Uint8Array) =>
      kind === 'u16' ? view(bytes).getUint16(0, true) : view(bytes).getUint32(0, true),
    write: (bytes: Uint8Array, number: number) =>
      kind === 'u16'
        ? view(bytes).setUint16(0, number, true)
        : view(bytes).setUint32(0, number, true),
  };
}
