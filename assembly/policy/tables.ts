// The maps that policies are kept in.

import {
  BlockClass,
  Identity,
  IdentityKey,
  PeerKind,
  PolicyEntry,
  PolicyKey,
  PortClass,
  PortClassNumber,
  PortSetKey,
  PortSetWord,
} from "../abi/policy";
import { ArrayTable, findElement, openArrayTable } from "../table/array-table";
import { HashTable, findValue, openHashTable } from "../table/hash-table";
import { PrefixTable, findLongest, openPrefixTable } from "../table/prefix-table";
import { swap16 } from "../wire/byte-order";
import { SCTP, TCP, UDP } from "../wire/transport";

const PORTS: u32 = 65536;
const PROTOCOLS: u32 = 3;

let identities = changetype<HashTable>(0);
let blocks = changetype<PrefixTable>(0);
let portClasses = changetype<ArrayTable>(0);
let portSets = changetype<HashTable>(0);
let policies = changetype<HashTable>(0);

const identityKey = changetype<IdentityKey>(memory.data(offsetof<IdentityKey>(), 8));
const policyKey = changetype<PolicyKey>(memory.data(offsetof<PolicyKey>(), 8));
const portSetKey = changetype<PortSetKey>(memory.data(offsetof<PortSetKey>(), 8));

/** Makes map `identities`. */
export function openIdentities(capacity: u32, seed: u64): HashTable {
  identities = openHashTable(offsetof<IdentityKey>(), offsetof<Identity>(), capacity, seed);
  return identities;
}

/** Makes map `blocks`. */
export function openBlocks(capacity: u32, seed: u64): PrefixTable {
  blocks = openPrefixTable(offsetof<BlockClass>(), capacity, seed);
  return blocks;
}

/** Makes map `port-classes`. */
export function openPortClasses(): ArrayTable {
  portClasses = openArrayTable(offsetof<PortClass>(), PROTOCOLS * PORTS);
  return portClasses;
}

/** Makes map `port-sets`. */
export function openPortSets(capacity: u32, seed: u64): HashTable {
  portSets = openHashTable(offsetof<PortSetKey>(), offsetof<PortSetWord>(), capacity, seed);
  return portSets;
}

/** Makes map `policies`. */
export function openPolicies(capacity: u32, seed: u64): HashTable {
  policies = openHashTable(offsetof<PolicyKey>(), offsetof<PolicyEntry>(), capacity, seed);
  return policies;
}

/** The class of pods an address belongs to, or null if it is no pod's. */
export function findIdentity(high: u64, low: u64): Identity | null {
  identityKey.addressHigh = high;
  identityKey.addressLow = low;
  return changetype<Identity | null>(findValue(identities, changetype<usize>(identityKey)));
}

/** The class of an address among the ipBlocks, or 0. */
export function findBlock(high: u64, low: u64): u32 {
  const value = findLongest(blocks, 0, high, low);
  return value == 0 ? 0 : changetype<BlockClass>(value).block;
}

/** The class of a destination port, in wire order. */
export function classOfPort(protocol: u8, port: u16): u32 {
  let row: u32 = 0;
  if (protocol == UDP) row = 1;
  else if (protocol == SCTP) row = 2;
  else if (protocol != TCP) return PortClassNumber.NoPort;
  const value = findElement(portClasses, row * PORTS + swap16(port));
  const named = changetype<PortClass>(value).portClass;
  return named != PortClassNumber.Unnamed ? named : PortClassNumber.RestOfTcp + row;
}

/** The entry of map `policies`, or null. */
export function findPolicy(
  subject: u32,
  direction: u32,
  kind: PeerKind,
  peer: u32,
): PolicyEntry | null {
  policyKey.subject = subject;
  policyKey.direction = <u16>direction;
  policyKey.peerKind = <u16>kind;
  policyKey.peer = peer;
  return changetype<PolicyEntry | null>(findValue(policies, changetype<usize>(policyKey)));
}

/** True when the set of ports holds the class. */
export function hasPortClass(portSet: u32, portClass: u32): bool {
  portSetKey.portSet = portSet;
  portSetKey.word = portClass >> 6;
  const value = findValue(portSets, changetype<usize>(portSetKey));
  if (value == 0) return false;
  const word = changetype<PortSetWord>(value);
  const bits = portClass & 32 ? word.bitsHigh : word.bitsLow;
  return ((bits >> (portClass & 31)) & 1) != 0;
}
