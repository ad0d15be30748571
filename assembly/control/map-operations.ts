// Map operations by id, as bpf(2) has them: look up, update, delete, next. Keys and values travel
// in the fixed areas.

import { MapId, MapStatus } from "../abi/map";
import { PrefixKey } from "../abi/route";
import { ArrayTable, findElement, isPresent } from "../table/array-table";
import { ExpiringTable, enterLive } from "../table/expiring-table";
import { HashTable, enterKey, entryAt, findValue, nextEntry, removeKey } from "../table/hash-table";
import { PrefixTable, enterPrefix, isPrefix, removePrefix } from "../table/prefix-table";
import { keyArea, valueArea } from "./areas";
import { deleteConnection, lookUpConnection, nextConnection } from "./connection-map";
import { restoreConnection, restoreFragment, restoreLoad } from "./restore";
import { Access, Container, MapRecord, findMap } from "./map-registry";

/**
 * Copies the value under the key at `keyArea` to `valueArea`. Prefix maps: the very prefix, not the
 * longest match.
 */
export function lookUp(id: u32): MapStatus {
  const map = findMap(id);
  if (map.container == Container.None) return MapStatus.UnknownMap;
  if (map.container == Container.Connections) return lookUpConnection();
  if (map.container == Container.Array) return lookUpElement(changetype<ArrayTable>(map.table));
  const table = hashOf(map);
  const value = findValue(table, keyArea);
  if (value == 0) return MapStatus.NotFound;
  memory.copy(valueArea, value, table.valueBytes);
  return MapStatus.Ok;
}

/** Enters or replaces the value under a key. */
export function update(id: u32): MapStatus {
  const map = findMap(id);
  if (map.container == Container.None) return MapStatus.UnknownMap;
  if (map.access != Access.Write) return MapStatus.ReadOnly;
  if (map.container == Container.Array) {
    const table = changetype<ArrayTable>(map.table);
    const element = findElement(table, load<u32>(keyArea));
    if (element == 0) return MapStatus.BadKey;
    memory.copy(element, valueArea, table.valueBytes);
    return MapStatus.Ok;
  }
  const isPrefixMap = map.container == Container.Prefix;
  if (isPrefixMap && !isPrefix(changetype<PrefixKey>(keyArea))) return MapStatus.BadKey;
  const value = isPrefixMap
    ? enterPrefix(changetype<PrefixTable>(map.table), keyArea)
    : enterKey(changetype<HashTable>(map.table), keyArea);
  if (value == 0) return MapStatus.Full;
  memory.copy(value, valueArea, hashOf(map).valueBytes);
  return MapStatus.Ok;
}

/**
 * Enters an entry of a map that the dataplane writes, as another instance had it: connections with
 * both tuples, or not at all.
 */
export function restore(id: u32): MapStatus {
  const map = findMap(id);
  if (map.container == Container.None) return MapStatus.UnknownMap;
  if (map.container == Container.Connections) return restoreConnection();
  if (id == MapId.Loads) return restoreLoad();
  if (id == MapId.Fragments) return restoreFragment();
  if (map.access == Access.Write || map.container == Container.Array) return MapStatus.ReadOnly;
  const value =
    map.container == Container.Expiring
      ? enterLive(changetype<ExpiringTable>(map.table), keyArea, 0, load<u64>(valueArea))
      : enterKey(changetype<HashTable>(map.table), keyArea);
  if (value == 0) return MapStatus.Full;
  memory.copy(value, valueArea, hashOf(map).valueBytes);
  return MapStatus.Ok;
}

/** Takes out the entry under a key; in an array, its value becomes all zeroes. */
export function remove(id: u32): MapStatus {
  const map = findMap(id);
  if (map.container == Container.None) return MapStatus.UnknownMap;
  if (map.access == Access.Read) return MapStatus.ReadOnly;
  if (map.container == Container.Connections) return deleteConnection();
  if (map.container == Container.Array) return clearElement(changetype<ArrayTable>(map.table));
  const isRemoved =
    map.container == Container.Prefix
      ? removePrefix(changetype<PrefixTable>(map.table), keyArea)
      : removeKey(hashOf(map), keyArea);
  return isRemoved ? MapStatus.Ok : MapStatus.NotFound;
}

/**
 * Copies the entry after `cursor` (0 = the beginning) to the areas; returns its cursor, or 0 at the
 * end.
 */
export function next(id: u32, cursor: u32): u32 {
  const map = findMap(id);
  if (map.container == Container.None) return 0;
  if (map.container == Container.Connections) return nextConnection(cursor);
  if (map.container == Container.Array) {
    return nextElement(changetype<ArrayTable>(map.table), cursor);
  }
  const table = hashOf(map);
  const number = nextEntry(table, cursor);
  if (number == 0) return 0;
  const entry = entryAt(table, number);
  memory.copy(keyArea, entry, table.keyBytes);
  memory.copy(valueArea, entry + table.keyBytes, table.valueBytes);
  return number;
}

function hashOf(map: MapRecord): HashTable {
  if (map.container == Container.Prefix) return changetype<PrefixTable>(map.table).hash;
  if (map.container == Container.Expiring) return changetype<ExpiringTable>(map.table).hash;
  return changetype<HashTable>(map.table);
}

function lookUpElement(table: ArrayTable): MapStatus {
  const number = load<u32>(keyArea);
  if (findElement(table, number) == 0) return MapStatus.BadKey;
  if (!isPresent(table, number)) return MapStatus.NotFound;
  memory.copy(valueArea, findElement(table, number), table.valueBytes);
  return MapStatus.Ok;
}

function clearElement(table: ArrayTable): MapStatus {
  const number = load<u32>(keyArea);
  if (findElement(table, number) == 0) return MapStatus.BadKey;
  if (!isPresent(table, number)) return MapStatus.NotFound;
  memory.fill(findElement(table, number), 0, table.valueBytes);
  return MapStatus.Ok;
}

/** Cursors of an array are numbers + 1, so that 0 can be the beginning. */
function nextElement(table: ArrayTable, cursor: u32): u32 {
  for (let number = cursor; number < table.capacity; number++) {
    if (!isPresent(table, number)) continue;
    store<u32>(keyArea, number);
    memory.copy(valueArea, findElement(table, number), table.valueBytes);
    return number + 1;
  }
  return 0;
}
