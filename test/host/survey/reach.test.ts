// One dataplane that has every pod says what the dataplanes of the real nodes say, one after the
// other: the source's node, then the destination's.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Cluster, type Dataplane } from '../../../host/index.ts';
import { encodePacket } from '../../../host/net/packet.ts';
import { openingPacket, protocolIn } from '../../../host/scenario/probe.ts';
import { protocolOfRun, type PortRun } from '../../../host/survey/reach/port-runs.ts';
import { pickEnds, Reach, type Pair } from '../../../host/survey/reach/reach.ts';
import { clusterArbitrary } from '../compile/arbitrary-cluster.ts';
import { runs } from '../../property/setup.ts';

/** The dataplanes of the real nodes. */
class RealNodes {
  readonly #dataplanes: ReadonlyMap<string, Dataplane>;
  readonly #homes: ReadonlyMap<string, string>;
  #sourcePort = 20_000;

  static async of(cluster: Cluster): Promise<RealNodes> {
    const started = cluster.state.nodes.map(async ({ metadata: { name } }) => {
      return [name, await cluster.dataplane({ node: name })] as const;
    });
    return new RealNodes(cluster, new Map(await Promise.all(started)));
  }

  constructor({ state }: Cluster, dataplanes: ReadonlyMap<string, Dataplane>) {
    this.#dataplanes = dataplanes;
    this.#homes = new Map([
      ...state.pods.map(({ metadata, spec }) => {
        return [`${metadata.namespace}/${metadata.name}`, spec.nodeName!] as const;
      }),
      ...state.nodes.map(({ metadata: { name } }) => [name, name] as const),
    ]);
  }

  /** Whether it is a pod and its own node: that gets in whatever policies say. */
  isAtHome({ source, destination }: Pair): boolean {
    return source.kind === 'node' && this.#homes.get(destination.name) === source.name;
  }

  /** Whether a packet gets from the one end to the other. */
  lets({ source, destination }: Pair, { protocol, port }: { protocol: number; port: number }) {
    const here = this.#homes.get(source.name) ?? null;
    const there = destination.kind === 'pod' ? this.#homes.get(destination.name)! : null;
    const frame = this.#packet(source.address, destination.address, { protocol, port });
    const passes = (node: string | null) => {
      const dataplane = node === null ? undefined : this.#dataplanes.get(node);
      if (dataplane === undefined) return true;
      const place = { port: dataplane.portOf(source.address), link: 'raw' as const };
      return ['forward', 'local'].includes(dataplane.process(frame, place).verdict);
    };
    return passes(here) && (there === here || passes(there));
  }

  #packet(source: string, destination: string, to: { protocol: number; port: number }): Uint8Array {
    this.#sourcePort = 20_000 + ((this.#sourcePort + 1) % 30_000);
    const protocol = protocolIn(to.protocol, source.includes(':') ? 6 : 4);
    const ports = { sourcePort: this.#sourcePort, destinationPort: to.port };
    return encodePacket(openingPacket({ source, destination, protocol, ...ports }), 'raw');
  }
}

/** Every pair of ends that can talk. */
function pairsOf(reach: Reach): Pair[] {
  return reach.ends.flatMap((source) =>
    reach.ends
      .filter((destination) => destination.address !== source.address)
      .filter((destination) => destination.family === source.family)
      .filter((destination) => source.kind === 'pod' || destination.kind === 'pod')
      .map((destination) => ({ source, destination })),
  );
}

test('answers are those of the real nodes, at the first and last port of every run', async () => {
  await fc.assert(
    fc.asyncProperty(clusterArbitrary, async (state) => {
      const cluster = new Cluster({ controllers: false, podCIDRs: state.podCIDRs });
      const { nodes, namespaces, pods, policies } = state;
      cluster.apply([...nodes, ...namespaces, ...pods, ...policies]);
      const reach = await Reach.of(cluster);
      const real = await RealNodes.of(cluster);
      for (const [turn, pair] of pairsOf(reach).entries()) {
        if (real.isAtHome(pair)) continue;
        const [from, to] = [pair.source, pair.destination].map(({ address }) =>
          reach.classOf(address)!,
        );
        const open = reach.between(from!, to!)!;
        to!.runs.forEach((run: PortRun, index) => {
          const port = turn % 2 === 0 ? run.first : run.last;
          const isOpen = real.lets(pair, { protocol: protocolOfRun(run), port });
          const { source, destination } = pair;
          const said = `${source.name} to ${destination.address} ${run.protocol} ${port}`;
          expect(`${said}: ${open[index]}`).toBe(`${said}: ${isOpen}`);
        });
      }
      reach.close();
    }),
    runs(25),
  );
}, 60_000);

test('ends that fare alike share a class, and the class is asked once', async () => {
  const pod = (name: string, address: string, app: string) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${app} } }
spec: { nodeName: a, containers: [{ name: c, image: c, ports: [{ containerPort: 80 }] }] }
status: { phase: Running, podIP: ${address} }
`;
  const manifests = [
    'apiVersion: v1\nkind: Node\nmetadata: { name: a }\nspec: { podCIDR: 10.244.0.0/24 }\n',
    pod('x1', '10.244.0.2', 'x'),
    pod('x2', '10.244.0.3', 'x'),
    pod('x3', '10.244.0.4', 'x'),
    pod('z', '10.244.0.5', 'z'),
  ].join('---\n');
  const reach = await Reach.of(Cluster.from(manifests));
  const classOf = (address: string) => reach.classOf(`10.244.0.${address}`)!;
  expect(classOf('2')).toBe(classOf('3'));
  const pair = pickEnds(classOf('2'), classOf('2'))!;
  expect([pair.source.name, pair.destination.name]).toEqual(['default/x1', 'default/x2']);
  expect(reach.between(classOf('2'), classOf('2'))!.every((each) => each)).toBe(true);
  reach.close();
});
