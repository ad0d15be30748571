// How much an instance holds unless the caller says otherwise, and which number sizes which map.
// Memory is sized from these once and never grows.

import type { Capacity, MapName } from '../abi/abi.gen.ts';

/** About 35 MB of memory: a node with some thousand Services, and 80 thousand connections. */
export const defaultCapacity: Readonly<Capacity> = {
  vectorPackets: 256,
  blockBytes: 1024 * 1024,
  traceSteps: 4096,
  ports: 1024,
  prefixes: 16_384,
  frontends: 16_384,
  services: 8192,
  endpoints: 32_768,
  affinities: 8192,
  identities: 16_384,
  policies: 32_768,
  portSets: 8192,
  connections4: 65_536,
  connections6: 16_384,
  fragments: 1024,
  maglevSlots: 16_384,
  rulesets: 2048,
  heldFragments: 1024,
  heldBytes: 1024 * 1024,
  seedLow: 1,
  seedHigh: 0,
};

/** The capacity to raise when a map that the host fills is full. */
export const capacityOfMap: Readonly<Partial<Record<MapName, keyof Capacity>>> = {
  ports: 'ports',
  digests: 'ports',
  routes: 'prefixes',
  localities: 'prefixes',
  frontends: 'frontends',
  services: 'services',
  endpoints: 'endpoints',
  'source-ranges': 'prefixes',
  'service-addresses': 'prefixes',
  identities: 'identities',
  rulesets: 'rulesets',
  policies: 'policies',
  'policy-blocks': 'prefixes',
  'port-rulings': 'portSets',
  'port-names': 'portSets',
  maglev: 'maglevSlots',
  affinities: 'affinities',
  fragments: 'fragments',
  turns: 'frontends',
};
