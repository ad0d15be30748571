// The maps that policies are kept in.

import {
  Identity,
  IdentityKey,
  PolicyKey,
  PortKey,
  PortName,
  PortNameKey,
  PortRuling,
  PortSet,
  Ruleset,
  RulesetFlag,
} from "../abi/policy";
import { ArrayTable, findElement, openArrayTable } from "../table/array-table";
import { HashTable, findValue, openHashTable } from "../table/hash-table";
import { PrefixTable, findLongest, openPrefixTable } from "../table/prefix-table";

let identities = changetype<HashTable>(0);
let rulesets = changetype<ArrayTable>(0);
let policies = changetype<HashTable>(0);
let blocks = changetype<PrefixTable>(0);
let portRulings = changetype<HashTable>(0);
let portNames = changetype<HashTable>(0);

const identityKey = changetype<IdentityKey>(memory.data(offsetof<IdentityKey>(), 8));
const policyKey = changetype<PolicyKey>(memory.data(offsetof<PolicyKey>(), 8));
const portKey = changetype<PortKey>(memory.data(offsetof<PortKey>(), 8));
const portNameKey = changetype<PortNameKey>(memory.data(offsetof<PortNameKey>(), 8));

/** Makes map `identities`. */
export function openIdentities(capacity: u32, seed: u64): HashTable {
  identities = openHashTable(offsetof<IdentityKey>(), offsetof<Identity>(), capacity, seed);
  return identities;
}

/** Makes map `rulesets`. */
export function openRulesets(capacity: u32): ArrayTable {
  rulesets = openArrayTable(offsetof<Ruleset>(), capacity);
  return rulesets;
}

/** Makes map `policies`. */
export function openPolicies(capacity: u32, seed: u64): HashTable {
  policies = openHashTable(offsetof<PolicyKey>(), offsetof<PortSet>(), capacity, seed);
  return policies;
}

/** Makes map `policy-blocks`. */
export function openPolicyBlocks(capacity: u32, seed: u64): PrefixTable {
  blocks = openPrefixTable(offsetof<PortSet>(), capacity, seed);
  return blocks;
}

/** Makes map `port-rulings`. */
export function openPortRulings(capacity: u32, seed: u64): HashTable {
  portRulings = openHashTable(offsetof<PortKey>(), offsetof<PortRuling>(), capacity, seed);
  return portRulings;
}

/** Makes map `port-names`. */
export function openPortNames(capacity: u32, seed: u64): HashTable {
  portNames = openHashTable(offsetof<PortNameKey>(), offsetof<PortName>(), capacity, seed);
  return portNames;
}

/** The pod an address belongs to, as policies see it, or null if it is no pod's. */
export function findIdentity(high: u64, low: u64): Identity | null {
  identityKey.addressHigh = high;
  identityKey.addressLow = low;
  return changetype<Identity | null>(findValue(identities, changetype<usize>(identityKey)));
}

/** What the policies of a pod say in one direction, or null if there are none. */
export function findRuleset(number: u32): Ruleset | null {
  const value: usize = number == 0 ? 0 : findElement(rulesets, number);
  if (value == 0) return null;
  const ruleset = changetype<Ruleset>(value);
  return ruleset.flags & RulesetFlag.Present ? ruleset : null;
}

/** What a ruleset says of an identity that it tells apart, or null. */
export function findPolicy(ruleset: u32, identity: u32): PortSet | null {
  policyKey.ruleset = ruleset;
  policyKey.identity = identity;
  return changetype<PortSet | null>(findValue(policies, changetype<usize>(policyKey)));
}

/** What a ruleset says of an address, or null. */
export function findPolicyBlock(ruleset: u32, high: u64, low: u64): PortSet | null {
  return changetype<PortSet | null>(findLongest(blocks, ruleset, high, low));
}

/** An entry of map `port-rulings`, or null. */
export function findRuling(
  portSet: u32,
  protocol: u32,
  number: u32,
  length: u32,
): PortRuling | null {
  portKey.portSet = portSet;
  portKey.number = number;
  portKey.protocol = protocol;
  portKey.length = length;
  return changetype<PortRuling | null>(findValue(portRulings, changetype<usize>(portKey)));
}

/** The name at a position of the names of a container port (wire order), or 0 behind the last. */
export function findPortName(namedPorts: u32, protocol: u8, port: u16, position: u8): u32 {
  portNameKey.namedPorts = namedPorts;
  portNameKey.port = port;
  portNameKey.protocol = protocol;
  portNameKey.position = position;
  const value = findValue(portNames, changetype<usize>(portNameKey));
  return value == 0 ? 0 : changetype<PortName>(value).name;
}
