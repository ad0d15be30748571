// Compiled maps read the way the packet path reads them: exact keys, longest prefixes, bit sets.
// Knows no objects.

import {
  Direction,
  maps,
  PeerKind,
  PortClassNumber,
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
import { arrayKey } from '../../../host/compile/entries.ts';
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

type PrefixMapName = 'routes' | 'localities' | 'source-ranges' | 'service-addresses' | 'blocks';

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

/** The verdict of the maps on one new connection, with the rules that admitted or isolated. */
export class PolicyMaps {
  readonly #desired: DesiredState;
  readonly #identities: Map<string, Structs['Identity']>;
  readonly #policies: Map<string, number>;
  readonly #sets: Map<string, Structs['PortSetWord']>;

  constructor(desired: DesiredState) {
    this.#desired = desired;
    const pairs = entries(desired, 'identities');
    this.#identities = new Map(pairs.map(([key, value]) => [key.address, value]));
    const policies = entries(desired, 'policies');
    this.#policies = new Map(
      policies.map(([key, value]) => [
        `${key.subject} ${key.peer} ${key.direction} ${key.peerKind}`,
        value.portSet,
      ]),
    );
    const sets = entries(desired, 'port-sets');
    this.#sets = new Map(sets.map(([key, value]) => [`${key.portSet} ${key.word}`, value]));
  }

  judge(flow: Flow): Judgement {
    if (flow.source === flow.destination) return 'allowed';
    const { source, destination } = flow;
    if (!this.#allows(flow, source, destination, Direction.Egress)) return 'denied-egress';
    const isNode = (longest(this.#desired, 'localities', source)?.flags ?? 0) & 2;
    if (isNode !== 0) return 'allowed';
    if (!this.#allows(flow, destination, source, Direction.Ingress)) return 'denied-ingress';
    return 'allowed';
  }

  portClass(flow: Flow): number {
    if (flow.protocol === 3) return PortClassNumber.NoPort;
    const value = this.#desired['port-classes']!.get(arrayKey(flow.protocol * 65536 + flow.port));
    const rest = PortClassNumber.RestOfTcp + flow.protocol;
    return value === undefined ? rest : decode('PortClass', value).portClass;
  }

  identityOf(address: string): number | undefined {
    return this.#identities.get(address)?.identity;
  }

  /** The peers under which map `policies` is asked, in order. */
  peersOf(peer: string): [number, number][] {
    const identity = this.identityOf(peer);
    const block = longest(this.#desired, 'blocks', peer)?.block ?? 0;
    return [
      [PeerKind.Any, 0],
      ...(identity === undefined ? [] : [[PeerKind.Identity, identity] as [number, number]]),
      ...(block === 0 ? [] : [[PeerKind.Block, block] as [number, number]]),
    ];
  }

  has(entry: string, portClass: number): boolean {
    const portSet = this.#policies.get(entry);
    if (portSet === undefined || portSet === 0) return false;
    const word = this.#sets.get(`${portSet} ${portClass >>> 6}`);
    const bits = (portClass & 63) < 32 ? word?.bitsLow : word?.bitsHigh;
    return (((bits ?? 0) >>> (portClass & 31)) & 1) === 1;
  }

  #allows(flow: Flow, subjectAddress: string, peer: string, direction: number): boolean {
    const subject = this.#identities.get(subjectAddress);
    if (subject === undefined || subject.local !== 1) return true;
    if (!this.#policies.has(`${subject.identity} 0 ${direction} ${PeerKind.Any}`)) return true;
    const portClass = this.portClass(flow);
    return this.peersOf(peer).some(([kind, number]) =>
      this.has(`${subject.identity} ${number} ${direction} ${kind}`, portClass),
    );
  }
}
