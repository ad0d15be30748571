// What a packet costs by kind of traffic, family, connections in use, state of the connection and
// size of the frame. Source: RFC 6985 for the sizes (IMIX).

import { Instance } from '../dataplane/instance.ts';
import { applyPlan } from '../reconcile/apply.ts';
import { TrafficSender, type LoadPacket } from './bench-connections.ts';
import { imixPayloadBytes } from './bench-frames.ts';
import { medianOf } from './bench-parts.ts';
import { compileTraffic, scatter, trafficPaths } from './bench-traffic.ts';
import type { Traffic, TrafficKind } from './bench-traffic.ts';
import { formatColumns } from './columns.ts';
import type { Terminal } from './terminal.ts';

const workingSets = [1, 1000, 100_000, 1_000_000, 4_000_000];
const rounds = 5;
/** One packet of so many opens a connection where they are mixed. */
const mixedShare = 10;
const nodePortServices = 1000;
const policies = 100;

/** Nanoseconds a packet: medians of the rounds. */
export interface MatrixRow {
  readonly path: TrafficKind['path'];
  readonly family: 4 | 6;
  /** That select the clients. */
  readonly policies: number;
  readonly connections: number;
  readonly established64: number;
  readonly establishedImix: number;
  /** Of packets that open connections. */
  readonly new64: number;
  readonly mixed64: number;
  readonly mixedImix: number;
}

type Cell = Exclude<keyof MatrixRow, 'path' | 'family' | 'policies' | 'connections'>;

export interface MatrixOptions {
  readonly services: number;
  /** Working sets beyond this are left out. */
  readonly mostConnections: number;
  readonly packetsOfRound: number;
}

/** Measures every kind of traffic with every working set. */
export async function measureMatrix(
  options: MatrixOptions,
  terminal: Terminal,
): Promise<MatrixRow[]> {
  const rows: MatrixRow[] = [];
  for (const kind of listKinds(options.services)) {
    const traffic = compileTraffic(kind);
    for (const connections of workingSets.filter((set) => set <= options.mostConnections)) {
      terminal.progress(`${kind.path}, IPv${kind.family}, ${connections} connections`);
      rows.push(await measureRow(traffic, { ...options, connections }, terminal));
    }
  }
  return rows;
}

/** The rows in columns. */
export function formatMatrix(rows: readonly MatrixRow[]): string {
  const heads = ['TRAFFIC', 'FAMILY', 'CONNECTIONS', 'EST 64 B', 'EST IMIX', 'NEW', 'MIX 64 B'];
  const cells = rows.map((row) => {
    const name = row.policies > 0 ? `${row.path}, ${row.policies} policies` : row.path;
    const { established64, establishedImix, new64, mixed64, mixedImix } = row;
    const costs = [established64, establishedImix, new64, mixed64, mixedImix];
    return [
      ...[name, `IPv${row.family}`, row.connections.toLocaleString('en')],
      ...costs.map((cost) => cost.toFixed(0)),
    ];
  });
  return formatColumns([...heads, 'MIX IMIX'], cells);
}

function listKinds(services: number): TrafficKind[] {
  const paths = trafficPaths.map((path) => ({ path, policies: 0 }));
  const kinds = [...paths, { path: 'ClusterIP' as const, policies }];
  return kinds.flatMap(({ path, policies: count }) =>
    ([4, 6] as const).map((family) => {
      const most = path === 'masqueraded node port' ? nodePortServices : services;
      return { path, family, policies: count, services: Math.min(services, most) };
    }),
  );
}

async function measureRow(
  traffic: Traffic,
  { connections, packetsOfRound }: MatrixOptions & { readonly connections: number },
  terminal: Terminal,
): Promise<MatrixRow> {
  const opened = rounds * (packetsOfRound + (2 * packetsOfRound) / mixedShare);
  const capacity = traffic.capacityFor(connections + opened + 1);
  const instance = await Instance.create({ capacity });
  applyPlan(instance, traffic.operations);
  const sender = new TrafficSender(instance, traffic);
  sender.open(0, connections);
  const packets = drawPackets(traffic, connections);
  const costs: Record<Cell, number[]> = {
    ...{ established64: [], establishedImix: [], new64: [], mixed64: [], mixedImix: [] },
  };
  const cells = Object.keys(costs) as Cell[];
  for (let round = 0; round < rounds; round++) {
    for (const cell of cells) {
      costs[cell].push(sender.time(packets[cell], packetsOfRound, () => terminal.now()));
    }
  }
  const medians = cells.map((cell) => [cell, medianOf(costs[cell])]);
  const { path, family, policies: count } = traffic.kind;
  const what = { path, family, policies: count, connections };
  return { ...what, ...(Object.fromEntries(medians) as Record<Cell, number>) };
}

/** Packets without end for each cell; no connection is opened twice. */
function drawPackets(traffic: Traffic, connections: number): Record<Cell, Iterator<LoadPacket>> {
  const opening = traffic.openingOf(0);
  const sizes = imixPayloadBytes(traffic.kind.family).map((bytes) => traffic.establishedOf(bytes));
  let next = connections;
  let drawn = 0;
  const draw = (templates: typeof sizes): LoadPacket => {
    const number = scatter(drawn++);
    const template = templates[drawn % templates.length]!;
    return { connection: number % connections, template };
  };
  function* repeat(newEvery: number, templates: typeof sizes): Generator<LoadPacket> {
    for (let count = 1; ; count++) {
      if (count % newEvery === 0) yield { connection: next++, template: opening };
      else yield draw(templates);
    }
  }
  const smallest = sizes.slice(0, 1);
  return {
    established64: repeat(Infinity, smallest),
    establishedImix: repeat(Infinity, sizes),
    new64: repeat(1, smallest),
    mixed64: repeat(mixedShare, smallest),
    mixedImix: repeat(mixedShare, sizes),
  };
}
