// The maps by id: what holds each one, and who may write it.

import { MapId } from "../abi/map";
import { allocate } from "../table/arena";

/** What holds a map's entries. */
export enum Container {
  None,
  Array,
  Hash,
  Prefix,
  Expiring,
  Connections,
}

/** What the host may do to a map. */
export enum Access {
  Read,
  /** Read, and take entries out. */
  Delete,
  Write,
}

/** One map. */
@unmanaged
@final
export class MapRecord {
  container: u32;
  /** The container itself. */
  table: usize;
  /** An Access. */
  access: u32;
}

const MAPS: u32 = MapId.Digests + 1;

let records: usize = 0;

/** Makes an empty registry. */
export function openRegistry(): void {
  records = allocate(<u64>MAPS * offsetof<MapRecord>());
}

/** Enters a map. */
export function register(id: MapId, container: Container, table: usize, access: Access): void {
  const record = recordAt(id);
  record.container = container;
  record.table = table;
  record.access = access;
}

/** The map with this id; its container is None if there is none. */
export function findMap(id: u32): MapRecord {
  return recordAt(id < MAPS ? id : MapId.None);
}

function recordAt(id: u32): MapRecord {
  return changetype<MapRecord>(records + <usize>id * offsetof<MapRecord>());
}
