// Settings that every stage may read: map `config`, and the seed.

import { Config, ConfigFlag } from "../abi/config";
import { ArrayTable, findElement, openArrayTable } from "../table/array-table";

export let config = changetype<Config>(0);

/** Seed of every hash and every choice. */
export let seed: u64 = 0;

/** Makes map `config`. */
export function openConfig(value: u64): ArrayTable {
  seed = value;
  const table = openArrayTable(offsetof<Config>(), 1);
  config = changetype<Config>(findElement(table, 0));
  return table;
}

/** True when the flag is set. */
export function isSet(flag: ConfigFlag): bool {
  return (config.flags & flag) != 0;
}
