// Entries of maps for people: numbers that stand for something are followed by what they stand for.

import { maps, type EnumName, type MapName, type StructName } from '../abi/abi.gen.ts';
import { codeOf, codesOfBits } from '../abi/enum.ts';
import { namePolicy } from '../cluster/story.ts';
import type { Names } from '../compile/desired.ts';
import { protocolName } from '../net/protocol.ts';

export interface DescribedEntry {
  readonly key: unknown;
  readonly value: unknown;
  /** What the numbers stand for, by field; absent when none has a name. */
  readonly names?: Readonly<Record<string, string>>;
}

type Meaning = (value: number, names: Names) => string | undefined;

const member =
  (name: EnumName): Meaning =>
  (value) =>
    codeOf(name, value);
const bits =
  (name: EnumName): Meaning =>
  (value) =>
    codesOfBits(name, value).join(' | ') || undefined;
const protocol: Meaning = protocolName;
const portName: Meaning = (value, { ports }) => ports.get(value);
const identity: Meaning = (value, { identities }) => identities.get(value)?.join(', ');
const ruleset: Meaning = (value, { rulesets }) =>
  rulesets.get(value)?.map(namePolicy).join(', ') || undefined;
const service: Meaning = (value, { services }) => {
  const found = services.get(value);
  return found && `${found.namespace}/${found.name}:${found.portName || found.port}`;
};

/** What the fields of structs in maps stand for. */
const meanings: Partial<Record<StructName, Readonly<Record<string, Meaning>>>> = {
  Config: { flags: bits('ConfigFlag') },
  Port: { kind: member('PortKind') },
  Route: { kind: member('RouteKind'), port: portName },
  Locality: { flags: bits('LocalityFlag') },
  FrontendKey: { protocol },
  Frontend: { service, kind: member('FrontendKind'), flags: bits('FrontendFlag') },
  Service: { flags: bits('ServiceFlag') },
  EndpointKey: { service, set: member('EndpointSet') },
  Endpoint: { flags: bits('EndpointFlag') },
  AffinityKey: { service },
  ServiceAddress: { kind: member('ServiceAddressKind') },
  Identity: { identity, neighbour: identity, ingress: ruleset, egress: ruleset },
  Ruleset: { flags: bits('RulesetFlag') },
  PolicyKey: { ruleset, identity },
  PortKey: { protocol },
  PortRuling: { adminAction: member('TierAction'), baselineAction: member('TierAction') },
  PortNameKey: { protocol },
  FlowKey6: { protocol },
  Connection: {
    state: member('ConnectionState'),
    flags: bits('ConnectionFlag'),
    service,
    originalPort: portName,
    replyPort: portName,
  },
};

/** What the keys of array maps stand for. */
const keyMeanings: Partial<Record<MapName, Meaning>> = {
  timeouts: member('Timeout'),
  ports: portName,
  services: service,
  rulesets: ruleset,
  reasons: member('Reason'),
};

/** An entry with the names of its numbers. */
export function describeEntry(
  map: MapName,
  entry: { key: unknown; value: unknown },
  names: Names,
): DescribedEntry {
  const { key: keyStruct, value: valueStruct } = maps[map];
  const found = {
    ...(typeof entry.key === 'number'
      ? nameOne('key', keyMeanings[map]?.(entry.key, names))
      : nameFields(keyStruct as StructName, entry.key, names)),
    ...nameFields(valueStruct, entry.value, names),
  };
  return Object.keys(found).length === 0 ? entry : { ...entry, names: found };
}

function nameFields(struct: StructName, value: unknown, names: Names): Record<string, string> {
  const found: Record<string, string> = {};
  const fields = value as Readonly<Record<string, unknown>>;
  for (const [field, meaning] of Object.entries(meanings[struct] ?? {})) {
    Object.assign(found, nameOne(field, meaning(Number(fields[field]), names)));
  }
  return found;
}

function nameOne(field: string, name: string | undefined): Record<string, string> {
  return name === undefined ? {} : { [field]: name };
}
