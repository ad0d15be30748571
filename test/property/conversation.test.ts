// One connection at a time, in depth: any segments from both ends with time passing between them.
// The model says whether the connection still lives after each.

import * as fc from 'fast-check';
import { test } from 'vitest';
import { subjectNode } from '../../fuzz/arbitrary/cluster.ts';
import { tcpFlags } from '../../fuzz/arbitrary/packet.ts';
import { sampleObjects } from '../../fuzz/targets/sample-cluster.ts';
import { NodeUnderTest } from '../../fuzz/subject/node-under-test.ts';
import { Model } from '../../fuzz/model/model.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { runs } from './setup.ts';

interface Turn {
  readonly isReply: boolean;
  readonly tcpFlags: number;
  readonly waitMs: number;
}

/** Waits that end just before, at and after the lives of states. */
const waits = [10, 30, 60, 120, 300, 3600, 86400].flatMap((s) => [
  s * 1000 - 1,
  s * 1000,
  s * 1000 + 1,
]);

const turn: fc.Arbitrary<Turn> = fc.record({
  isReply: fc.boolean(),
  tcpFlags: tcpFlags(),
  waitMs: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(0, 1, 2001) },
    fc.constantFrom(...waits),
  ),
});

const client = '203.0.113.7';
const turns = fc.array(turn, { minLength: 1, maxLength: 12, size: 'max' });

test.each([
  ['TCP', Ip.Tcp],
  ['UDP', Ip.Udp],
  ['SCTP', Ip.Sctp],
])('%s conversations with a node port go on and end as the model says', async (_, protocol) => {
  await fc.assert(
    fc.asyncProperty(turns, async (told) => {
      const log = await converse(told, protocol);
      if (log !== null) throw new Error(log.join('\n'));
    }),
    runs(300),
  );
});

/** The lines of a conversation that went wrong, or null. */
async function converse(told: readonly Turn[], protocol: number): Promise<string[] | null> {
  const place = { node: subjectNode, config: defaultNodeConfig };
  const node = await NodeUnderTest.create(sampleObjects, place);
  const settings = defaultNodeConfig;
  const model = new Model({ node: subjectNode, settings, complete: () => node.state });
  const request = packetOf(client, 40000, '192.168.0.2', protocol === Ip.Udp ? 30053 : 30080);
  let answer: PacketFields | null = null;
  let answerPort = 'uplink';
  let timeMs = 0;
  const log: string[] = [];
  for (const { isReply, tcpFlags: flags, waitMs } of told) {
    timeMs += waitMs;
    const ends = isReply && answer !== null ? answer : request;
    const where = { port: ends === request ? 'uplink' : answerPort, timeMs };
    const packet = { ...ends, protocol, ...(protocol === Ip.Tcp ? { tcpFlags: flags } : {}) };
    const { outcome } = node.send(packet, where);
    const wrong = model.judge(packet, where, outcome);
    log.push(
      `${timeMs} ${ends === request ? 'request' : 'answer'} flags ${flags} => ${outcome.verdict}`,
    );
    if (wrong.length > 0) return [...log, ...wrong];
    if (ends === request && outcome.packet !== null && outcome.verdict === 'forward') {
      const { source, sourcePort, destination, destinationPort } = outcome.packet;
      answer = packetOf(destination, destinationPort!, source, sourcePort!);
      answerPort = outcome.port!;
    }
  }
  return null;
}

function packetOf(
  source: string,
  sourcePort: number,
  destination: string,
  destinationPort: number,
): PacketFields {
  return { source, destination, sourcePort, destinationPort, protocol: Ip.Tcp };
}
