// The subject that gets operations on maps, with any key and any value: a map may refuse, and what
// it took it must give back.

import { maps, type MapName } from '../../host/abi/abi.gen.ts';
import { sizeOf } from '../../host/abi/struct.ts';
import { MapError } from '../../host/dataplane/errors.ts';
import { ByteReader } from './byte-reader.ts';
import { CountedNode, type CountedModule } from './counted-node.ts';
import { dictionaryOf } from './dictionary.ts';
import { writeHex } from '../subject/hex.ts';
import type { ByteSubject } from './byte-subject.ts';

const names = Object.keys(maps) as MapName[];
const verbs = ['update', 'look-up', 'delete', 'next', 'restore'] as const;
type Verb = (typeof verbs)[number];

interface Operation {
  readonly verb: Verb;
  readonly map: MapName;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export function mapSubject(counted: CountedModule): ByteSubject {
  const node = new CountedNode(counted, () => {}, true);
  return {
    seeds: names.flatMap((_, map) => verbs.map((_verb, verb) => Uint8Array.of(verb, map))),
    dictionary: dictionaryOf(node),
    get counters() {
      return node.counters;
    },
    run(input) {
      node.reset();
      for (const operation of readOperations(input)) perform(node, operation);
    },
    describe: (input) =>
      [...readOperations(input)].map(({ verb, map, key }) => `${verb} ${map} ${writeHex(key)}`),
  };
}

function* readOperations(input: Uint8Array): Generator<Operation> {
  const bytes = new ByteReader(input);
  while (!bytes.isOver) {
    const verb = verbs[bytes.byte() % verbs.length]!;
    const map = names[bytes.byte() % names.length]!;
    const { key, value } = maps[map];
    const keyBytes = bytes.fill(key === 'u32' ? 4 : sizeOf(key));
    const hasValue = verb === 'update' || verb === 'restore';
    yield { verb, map, key: keyBytes, value: bytes.fill(hasValue ? sizeOf(value) : 0) };
  }
}

/** Throws Error where the map does not behave; a refusal is fine. */
function perform(node: CountedNode, { verb, map, key, value }: Operation): void {
  const entries = node.instance.map(map);
  try {
    if (verb === 'look-up') entries.lookUpBytes(key);
    else if (verb === 'next') Array.from(entries.entriesBytes());
    else if (verb === 'restore') entries.restoreBytes(key, value);
    else if (verb === 'update') {
      entries.updateBytes(key, value);
      const isThere = value.every((byte) => byte === 0) || entries.lookUpBytes(key) !== undefined;
      if (!isThere) throw new Error(`${map} lost what it took`);
    } else {
      entries.deleteBytes(key);
      const isArray = entries.info.kind === 'array';
      const isGone = isArray || entries.lookUpBytes(key) === undefined;
      if (!isGone) throw new Error(`${map} kept what was deleted`);
    }
  } catch (error) {
    if (!(error instanceof MapError)) throw error;
  }
}
