// The whole cluster is what its nodes are: every node on a packet's way is judged by a model of
// that node, and the way itself by where the objects say that addresses are.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cluster, nodes, podSketches } from '../../fuzz/arbitrary/cluster.ts';
import { story, type Opening } from '../../fuzz/arbitrary/story.ts';
import { Model } from '../../fuzz/model/model.ts';
import { defaultModelSettings } from '../../fuzz/model/world.ts';
import { Cluster } from '../../host/cluster/cluster.ts';
import type { Hop, Journey } from '../../host/cluster/journey.ts';
import { Network } from '../../host/cluster/network.ts';
import { decodePacket, encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { answerTo, openingPacket } from '../../host/scenario/probe.ts';

const link = 'raw';

/** The node that an address is at, by the objects; null: outside. */
function nodeOfAddress(address: string): string | null {
  const pod = podSketches.find(({ ips }) => ips.includes(address));
  const node = nodes.find(({ status }) => status.addresses.some((one) => one.address === address));
  return node?.metadata.name ?? pod?.node ?? null;
}

interface Stage {
  readonly network: Network;
  readonly models: ReadonlyMap<string, Model>;
  /** What was seen, so that the test cannot pass on nothing. */
  readonly seen: Set<string>;
}

function judgeHop({ models }: Stage, { node, enters, frame, outcome }: Hop): void {
  const { verdict, reason, port, service } = outcome;
  const leaves = verdict === 'drop' ? null : decodePacket(outcome.frame, link);
  const actual = { verdict, reason, port, service, packet: leaves };
  const packet = decodePacket(frame, link)!;
  const where = { port: enters, timeMs: 0 };
  expect(models.get(node)!.judge(packet, where, actual)).toEqual([]);
}

/** Each hop is right, and follows from the one before. */
function judgeJourney(stage: Stage, { hops, verdict, reason, answer, arrivedAt }: Journey): void {
  for (const [index, hop] of hops.entries()) {
    judgeHop(stage, hop);
    const { outcome, node } = hop;
    const goesOn = outcome.verdict === 'forward' && outcome.port === 'uplink';
    const destination = decodePacket(outcome.frame, link)?.destination ?? '';
    const owner = goesOn ? nodeOfAddress(destination) : null;
    const next = owner === node ? null : owner;
    expect(hops[index + 1]?.node ?? null).toBe(next);
  }
  if (answer !== null) judgeJourney(stage, answer);
  const last = hops.at(-1);
  if (last === undefined) return;
  expect({ verdict, reason }).toEqual({
    verdict: last.outcome.verdict,
    reason: last.outcome.reason,
  });
  expect(arrivedAt !== null).toBe(verdict === 'forward' || verdict === 'local');
  stage.seen.add(`${hops.length} ${reason ?? verdict}`);
}

function play(stage: Stage, opening: Opening): void {
  const { network } = stage;
  const packet = openingPacket(opening);
  const at = network.find(packet.source);
  expect(at.node).toBe(nodeOfAddress(packet.source));
  const there = network.send(encodePacket(packet, link), { at, link });
  judgeJourney(stage, there);
  if (there.arrivedAt === null) return;
  const received: PacketFields = decodePacket(there.frame, link)!;
  const answer = encodePacket(answerTo(received), link);
  const back = network.send(answer, { at: there.arrivedAt, link });
  judgeJourney(stage, back);
}

test('every node decides as a model of it, and packets go where addresses are', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(cluster(), story(12), async (objects, { steps }) => {
      const joined = Cluster.from(objects, { controllers: false });
      const network = await Network.create(joined);
      const complete = () => joined.state;
      const models = new Map(
        nodes.map(({ metadata: { name: node } }) => [
          node,
          new Model({ node, settings: defaultModelSettings, complete }),
        ]),
      );
      for (const step of steps) {
        if (step.kind === 'send') play({ network, models, seen }, step.opening);
      }
    }),
    { numRuns: 150 },
  );
  expect([...seen]).toEqual(
    expect.arrayContaining([
      '1 policy-denied-egress',
      '2 policy-denied-ingress',
      '2 forward',
      '2 local',
      '1 reject-no-endpoints',
    ]),
  );
});
