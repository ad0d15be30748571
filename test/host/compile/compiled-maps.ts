// Compiled maps read the way the packet path reads them: exact keys, longest prefixes.
// Knows no objects.

import {
  Direction,
  maps,
  RulesetFlag,
  type MapName,
  type Maps,
  type Structs,
} from '../../../host/abi/abi.gen.ts';
import { decode } from '../../../host/abi/struct.ts';
import type { DesiredState, NodeConfig } from '../../../host/compile/desired.ts';
import {
  compileNode,
  defaultNodeConfig,
  type Compiled,
} from '../../../host/compile/compile-node.ts';
import { emptyNumbering, type Numbering } from '../../../host/compile/numbering.ts';
import type { ClusterState } from '../../../host/controllers/state.ts';
import { parseAddress } from '../../../host/net/address.ts';

export function compile(
  state: ClusterState,
  config: Partial<NodeConfig> = {},
  numbering: Numbering = emptyNumbering,
): Compiled {
  return compileNode(state, 'node-a', { ...defaultNodeConfig, ...config }, { numbering });
}

/** Entries of a map, decoded; keys of arrays are numbers. */
export function entries<N extends MapName>(
  desired: DesiredState,
  name: N,
): [Maps[N]['key'], Maps[N]['value']][] {
  const { key, value } = maps[name];
  return [...(desired[name] ?? [])].map(([keyText, valueBytes]) => {
    const keyBytes = Uint8Array.from(keyText, (character) => character.charCodeAt(0));
    const decoded = key === 'u32' ? decodeIndex(keyBytes) : decode(key, keyBytes);
    return [decoded as Maps[N]['key'], decode(value, valueBytes) as Maps[N]['value']];
  });
}

type PrefixMapName =
  'routes' | 'localities' | 'source-ranges' | 'service-addresses' | 'policy-blocks';

/** Value of the longest prefix that contains the address. */
export function longest<N extends PrefixMapName>(
  desired: DesiredState,
  name: N,
  address: string,
  scope = 0,
): Maps[N]['value'] | undefined {
  const bits = addressBits(address);
  const found = entries(desired, name)
    .filter(([key]) => key.scope === scope)
    .filter(([key]) => bits.startsWith(addressBits(key.address).slice(0, key.lengthBits)))
    .toSorted(([a], [b]) => b.lengthBits - a.lengthBits);
  return found[0]?.[1];
}

function decodeIndex(bytes: Uint8Array): number {
  return new DataView(bytes.buffer).getUint32(0, true);
}

function addressBits(address: string): string {
  const bytes = address === '::' ? new Uint8Array(16) : parseAddress(address)!;
  return [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

export interface Flow {
  source: string;
  destination: string;
  /** TCP 0, UDP 1, SCTP 2, anything else 3. */
  protocol: number;
  port: number;
}

export type Judgement = 'allowed' | 'denied-egress' | 'denied-ingress';

/** The verdict of the maps on one new connection, NetworkPolicy alone. */
export class PolicyMaps {
  readonly #desired: DesiredState;
  readonly #identities: Map<string, Structs['Identity']>;
  readonly #rulesets: Map<number, Structs['Ruleset']>;
  readonly #policies: Map<string, Structs['PortSet']>;
  readonly #rulings: Map<string, Structs['PortRuling']>;
  readonly #names: Map<string, number>;

  constructor(desired: DesiredState) {
    this.#desired = desired;
    this.#identities = new Map(
      entries(desired, 'identities').map(([key, value]) => [key.address, value]),
    );
    this.#rulesets = new Map(
      entries(desired, 'rulesets') as unknown as [number, Structs['Ruleset']][],
    );
    this.#policies = new Map(
      entries(desired, 'policies').map(([key, value]) => [`${key.ruleset} ${key.identity}`, value]),
    );
    this.#rulings = new Map(
      entries(desired, 'port-rulings').map(([{ portSet, protocol, number, length }, value]) => [
        `${portSet} ${protocol} ${number}/${length}`,
        value,
      ]),
    );
    this.#names = new Map(
      entries(desired, 'port-names').map(([{ namedPorts, protocol, port, position }, value]) => [
        `${namedPorts} ${protocol} ${port} ${position}`,
        value.name,
      ]),
    );
  }

  judge(flow: Flow): Judgement {
    if (flow.source === flow.destination) return 'allowed';
    if (!this.admits(flow, Direction.Egress)) return 'denied-egress';
    const isNode = (longest(this.#desired, 'localities', flow.source)?.flags ?? 0) & 2;
    if (isNode !== 0) return 'allowed';
    return this.admits(flow, Direction.Ingress) ? 'allowed' : 'denied-ingress';
  }

  /** The ruleset of a pod of this node, 0 if it has none. */
  rulesetOf(address: string, direction: Direction): number {
    const identity = this.#identities.get(address);
    return (direction === Direction.Ingress ? identity?.ingress : identity?.egress) ?? 0;
  }

  admits(flow: Flow, direction: Direction): boolean {
    const isIngress = direction === Direction.Ingress;
    const [end, peer] = isIngress
      ? [flow.destination, flow.source]
      : [flow.source, flow.destination];
    const number = this.rulesetOf(end, direction);
    const ruleset = this.#rulesets.get(number);
    if (ruleset === undefined || (ruleset.flags & RulesetFlag.Isolated) === 0) return true;
    const identity = this.#identities.get(peer);
    const told = identity && this.#policies.get(`${number} ${identity.identity}`);
    const block = longest(this.#desired, 'policy-blocks', peer, number);
    const ofPods = identity === undefined ? 0 : (told?.portSet ?? ruleset.podsSet);
    const near = identity && this.#policies.get(`${number} ${identity.neighbour}`);
    const sets = [ruleset.anySet, ofPods, near?.portSet ?? 0, block?.portSet ?? 0];
    return sets.some((set) => this.#allows(set, flow));
  }

  #allows(portSet: number, flow: Flow): boolean {
    if (portSet === 0) return false;
    const protocol = [6, 17, 132, 1][flow.protocol]!;
    const isAllowed = (key: string) => this.#rulings.get(`${portSet} ${key}`)?.isAllowed === 1;
    const found =
      flow.protocol === 3
        ? undefined
        : Array.from({ length: 17 }, (_, short) => 16 - short)
            .map(
              (length) => `${protocol} ${(flow.port >> (16 - length)) << (16 - length)}/${length}`,
            )
            .find((key) => this.#rulings.has(`${portSet} ${key}`));
    if (isAllowed(found ?? '0 0/0')) return true;
    const table = this.#identities.get(flow.destination)?.namedPorts ?? 0;
    for (let position = 0; ; position++) {
      const name = this.#names.get(`${table} ${protocol} ${flow.port} ${position}`);
      if (name === undefined) return false;
      if (isAllowed(`${protocol} ${name}/17`)) return true;
    }
  }
}
