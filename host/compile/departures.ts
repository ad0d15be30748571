// What a change of Services leaves behind in the tables that packets fill: clients that hold to an
// endpoint that has left, UDP connections to one that no longer serves. Says what must go; knows no
// table. Sources: pkg/proxy/conntrack/cleanup.go CleanStaleEntries; pkg/proxy/nftables/proxier.go,
// where the affinity set of an endpoint goes with its chain.

import { compareTexts } from '../controllers/written.ts';
import type { Family } from '../kubernetes/types.ts';
import { families } from './node-view.ts';
import type { BackedPort } from './service-backing.ts';
import type { ServiceGroup } from './service-group.ts';
import type { GroupChange, ServicePart } from './service-part.ts';
import { isKeyOf } from './service-port.ts';

/** Endpoints that left, by service number, as `socketText`. */
export type Departures = ReadonlyMap<number, ReadonlySet<string>>;

/** Where UDP connections may go on to, by what they were opened to; sockets as `socketText`. */
export interface ServingSockets {
  readonly families: ReadonlySet<Family>;
  /** By address and port of a front-end. */
  readonly bySocket: ReadonlyMap<string, ReadonlySet<string>>;
  /** By family and number of a node port, at whatever address. */
  readonly byNodePort: ReadonlyMap<string, ReadonlySet<string>>;
}

export function socketText(address: string, port: number): string {
  return `${address} ${port}`;
}

/** Endpoints that Services with session affinity no longer offer to anybody. */
export function findDepartures({ changes }: ServicePart): Departures {
  const departures = new Map<number, ReadonlySet<string>>();
  for (const { before, after } of changes) {
    const offered = offeredByNumber(after?.ports ?? []);
    for (const [number, sockets] of offeredByNumber(before?.ports ?? [])) {
      const left = [...sockets].filter((socket) => offered.get(number)?.has(socket) !== true);
      if (left.length > 0) departures.set(number, new Set(left));
    }
  }
  return departures;
}

/**
 * Endpoints that no slice of their Service lists any more, neither ready nor on their way out. The
 * slices of a Service that is deleted mean nothing.
 */
export function findGone({ changes }: ServicePart): Departures {
  const gone = new Map<number, ReadonlySet<string>>();
  for (const { before, after } of changes) {
    const listed = listedSockets(after);
    const left = new Set([...listedSockets(before)].filter((socket) => !listed.has(socket)));
    if (left.size === 0) continue;
    const backings = before?.ports.flatMap((port) => port.backings) ?? [];
    for (const { number } of backings) gone.set(number, left);
  }
  return gone;
}

function listedSockets(group: ServiceGroup | undefined): Set<string> {
  const listed = [...(group?.endpoints.values() ?? [])].flat();
  return new Set(listed.map(({ address, port }) => socketText(address, port)));
}

function offeredByNumber(ports: readonly BackedPort[]): Map<number, Set<string>> {
  const backings = ports.flatMap((port) => port.backings);
  return new Map(
    backings
      .filter(({ affinitySeconds }) => affinitySeconds > 0)
      .map(({ number, cluster, local }) => [
        number,
        new Set([...cluster, ...local].map(({ address, port }) => socketText(address, port))),
      ]),
  );
}

/**
 * Where the UDP connections of all Services may go on to; null unless the endpoints of a Service
 * with a UDP port changed. A Service port without a serving endpoint is left out: its connections
 * are left to time out.
 */
export function findServing({ changes, groups }: ServicePart): ServingSockets | null {
  const changed = families.filter((family) =>
    changes.some((change) => hasOtherUdpEndpoints(change, family)),
  );
  if (changed.length === 0) return null;
  const bySocket = new Map<string, ReadonlySet<string>>();
  const byNodePort = new Map<string, ReadonlySet<string>>();
  const owners = [...groups].sort(([a], [b]) => compareTexts(a, b));
  for (const [, { ports, endpoints }] of owners) {
    for (const { port } of ports.filter((one) => one.port.port.protocol === 'UDP')) {
      const serving = (endpoints.get(port.key) ?? []).filter(({ isServing }) => isServing);
      if (serving.length === 0) continue;
      const sockets = new Set(serving.map((one) => socketText(one.address, one.port)));
      for (const address of [port.clusterIP, ...port.vips, ...port.externalIPs]) {
        addFirst(bySocket, socketText(address, port.port.port), sockets);
      }
      if (port.nodePort !== 0) addFirst(byNodePort, `${port.family} ${port.nodePort}`, sockets);
    }
  }
  return { families: new Set(changed), bySocket, byNodePort };
}

/** Where two Services claim one place, the first by name has it. */
function addFirst<V>(map: Map<string, V>, key: string, value: V): void {
  if (!map.has(key)) map.set(key, value);
}

/** Whether a Service with a UDP port has other endpoints than before, or in another condition. */
function hasOtherUdpEndpoints({ before, after }: GroupChange, family: Family): boolean {
  const keysOf = (group: ServiceGroup | undefined) => [...(group?.endpoints.keys() ?? [])];
  const isUdp = (key: string) => isKeyOf(key, 'UDP', family);
  if (![...keysOf(before), ...keysOf(after)].some(isUdp)) return false;
  const textOf = (group: ServiceGroup | undefined) =>
    JSON.stringify(
      [...(group?.endpoints ?? [])].filter(([key]) => isKeyOf(key, null, family)).sort(),
    );
  return textOf(before) !== textOf(after);
}
