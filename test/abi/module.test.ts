// The module that is built now is the one this host speaks to: its imports, its exports, its ABI;
// and a module that is not is refused with a reason.

import { test as propertyTest, fc } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { ABI_HASH, MapStatus, maps } from '../../host/abi/abi.gen.ts';
import type { MapName } from '../../host/abi/abi.gen.ts';
import { embeddedBytes, embeddedModule } from '../../host/dataplane/embedded.ts';
import { Engine } from '../../host/dataplane/engine.ts';
import { Instance } from '../../host/dataplane/instance.ts';
import { loadModule, moduleExports } from '../../host/dataplane/load.ts';
import { encodeIndex } from '../../host/dataplane/map-handle.ts';
import { entryBytes } from './entry-bytes.ts';

const module = await embeddedModule();

/** `(module)`, with the sections that follow. */
function wasm(...sections: number[]): Promise<WebAssembly.Module> {
  return WebAssembly.compile(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections]));
}

/** `i32.const value` as a module has it. */
function constant(value: number): number[] {
  const bytes = [0x41];
  let rest = value | 0;
  while (rest < -64 || rest > 63) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return [...bytes, rest & 0x7f];
}

/** The module as if it was built from another assembly/abi. */
function withHash(hash: number): Promise<WebAssembly.Module> {
  const bytes = embeddedBytes();
  const current = constant(ABI_HASH);
  const other = constant(hash);
  const at = bytes.findIndex((_, index) =>
    current.every((byte, offset) => bytes[index + offset] === byte),
  );
  expect(at).toBeGreaterThan(0);
  expect(other.length).toBe(current.length);
  bytes.set(other, at);
  return WebAssembly.compile(bytes);
}

describe('the module', () => {
  test('imports nothing', () => {
    expect(WebAssembly.Module.imports(module)).toEqual([]);
  });

  test('exports exactly the list', () => {
    const names = WebAssembly.Module.exports(module).map(({ name }) => name);
    expect(names.toSorted()).toEqual(moduleExports);
  });

  test('speaks the ABI of this host', () => {
    const { exports } = loadModule(module);
    expect(exports.abiHash() >>> 0).toBe(ABI_HASH);
  });
});

describe('another module', () => {
  test('of another ABI is refused', async () => {
    const other = (ABI_HASH ^ 1) >>> 0;
    await expect(Instance.create({ module: await withHash(other) })).rejects.toThrow(
      `module speaks ABI 0x${other.toString(16).padStart(8, '0')}, ` +
        `this host 0x${ABI_HASH.toString(16).padStart(8, '0')}; rebuild`,
    );
  });

  test('that imports something is refused', async () => {
    // (import "env" "abort" (func))
    const type = [1, 4, 1, 0x60, 0, 0];
    const imported = [2, 13, 1, 3, 0x65, 0x6e, 0x76, 5, 0x61, 0x62, 0x6f, 0x72, 0x74, 0, 0];
    const importing = await wasm(...type, ...imported);
    expect(() => loadModule(importing)).toThrow(
      'module imports env.abort; a dataplane imports nothing',
    );
  });

  test('with other exports is refused', async () => {
    const empty = await wasm();
    expect(() => loadModule(empty)).toThrow(
      'module is no podplane dataplane: it lacks abiHash, digest, initialise, layout',
    );
    // (memory (export "heap") 1)
    const heap = [5, 3, 1, 0, 1, 7, 8, 1, 4, 0x68, 0x65, 0x61, 0x70, 2, 0];
    const other = await wasm(...heap);
    expect(() => loadModule(other)).toThrow('has unknown heap');
  });
});

describe('entries cross the boundary', async () => {
  const capacity = { connections4: 64, connections6: 64, endpoints: 4096 };
  const instance = await Instance.create({ module, capacity });
  const isReadOnly = (name: MapName): boolean =>
    maps[name].doc.includes('written by the dataplane');
  const names = Object.keys(maps) as MapName[];

  describe.each(names.filter((name) => !isReadOnly(name)))('%s', (name) => {
    const { kind, key, value } = maps[name];
    const keys = key === 'u32' ? fc.constant(encodeIndex(0)) : entryBytes(key).map(maskPrefix);
    // An array element that is all zero is an absent one.
    const values = entryBytes(value).filter((bytes) => kind !== 'array' || bytes.some(Boolean));

    /** A prefix has no bits beyond its length: /128 has none to lose. */
    function maskPrefix(bytes: Uint8Array): Uint8Array {
      if (kind === 'prefix') new DataView(bytes.buffer).setUint32(20, 128, true);
      return bytes;
    }

    propertyTest.prop([keys, values, values])('come back as they went in', (at, first, second) => {
      const map = instance.map(name);
      map.updateBytes(at, first);
      expect(map.lookUpBytes(at)).toEqual(first);
      map.updateBytes(at, second);
      expect(map.lookUpBytes(at)).toEqual(second);
      expect([...map.entriesBytes()]).toEqual([[at, second]]);
      expect(map.deleteBytes(at)).toBe(true);
      expect(map.deleteBytes(at)).toBe(false);
      expect(map.lookUpBytes(at)).toBeUndefined();
      expect([...map.entriesBytes()]).toEqual([]);
    });
  });

  test.each(names.filter(isReadOnly))('%s is written by the dataplane only', (name) => {
    const map = instance.map(name);
    const { key, value } = maps[name];
    const at = key === 'u32' ? encodeIndex(0) : fc.sample(entryBytes(key), 1)[0]!;
    const bytes = fc.sample(entryBytes(value), 1)[0]!;
    expect(() => map.updateBytes(at, bytes)).toThrow(
      expect.objectContaining({ name: 'MapError', map: name, status: 'read-only' }),
    );
  });

  test('there is no other map', () => {
    const engine = Engine.create(module, capacity);
    expect(engine.exports.mapLookUp(0)).toBe(MapStatus.UnknownMap);
    expect(engine.exports.mapUpdate(99)).toBe(MapStatus.UnknownMap);
    expect(engine.exports.mapDelete(99)).toBe(MapStatus.UnknownMap);
    expect(engine.exports.mapNext(99, 0)).toBe(0);
  });
});
