// Puts a question about policy to three that know nothing of each other: the dataplane, the model,
// and the sets of flows. Each flow is one new connection, so that one cluster answers many.

import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { encodePacket, TcpFlag, type PacketFields } from '../../host/net/packet.ts';
import { policyNodes } from '../arbitrary/policy-cluster.ts';
import type { PolicyQuestion } from '../arbitrary/policy-question.ts';
import { Model } from '../model/model.ts';
import type { PolicyFlow } from '../reachability/question.ts';
import { findRefusals } from '../reachability/reachability.ts';
import { NodeUnderTest } from '../subject/node-under-test.ts';

/** What these clusters need at most: a new instance for each must cost little. */
const capacity = {
  vectorPackets: 64,
  blockBytes: 8192,
  traceSteps: 1,
  ports: 32,
  prefixes: 512,
  frontends: 4,
  services: 4,
  endpoints: 4,
  affinities: 4,
  identities: 64,
  policies: 1024,
  portSets: 2048,
  rulesets: 64,
  connections4: 128,
  connections6: 128,
  fragments: 4,
  maglevSlots: 4,
};
const firstPort = 20_000;
const timeMs = 1_000_000;

/** Everything that they disagree about, a line for each. */
export async function findDisagreements(question: PolicyQuestion): Promise<string[]> {
  const { objects, openPoints, flows } = question;
  const [node] = policyNodes;
  const config = { ...defaultNodeConfig, policy: openPoints };
  const subject = await NodeUnderTest.create(objects, { node, config, capacity });
  const { state } = subject;
  const model = new Model({ node, settings: config, complete: () => state });
  const refusals = findRefusals({ state, node, openPoints, flows });
  const packets = flows.map(packetOf);
  const places = flows.map(({ source }) => ({ port: model.portOf(source), timeMs }));
  const link = 'raw';
  const sent = subject.sendAll(
    packets.map((packet, at) => ({ ...places[at]!, frame: encodePacket(packet, link), link })),
  );
  return flows.flatMap((flow, at) => {
    const { outcome } = sent[at]!;
    const wrong = model.judge(packets[at]!, places[at]!, outcome);
    const told = outcome.reason?.startsWith('policy-') ? outcome.reason : null;
    const expected = refusals[at] ?? null;
    if (told !== expected) wrong.push(`by sets of flows ${expected}, by the dataplane ${told}`);
    return wrong.map((text) => `${describe(flow)}: ${text}`);
  });
}

/** The packet that opens a flow; `index` makes it another connection than those of other flows. */
export function packetOf(
  { source, destination, protocol, port }: PolicyFlow,
  index: number,
): PacketFields {
  const ends = { source, destination, protocol };
  if (protocol === Ip.Icmp) return { ...ends, icmpType: 8, icmpIdentifier: index };
  if (protocol === Ip.Icmpv6) return { ...ends, icmpType: 128, icmpIdentifier: index };
  if (port === null) return ends;
  const ports = { sourcePort: firstPort + index, destinationPort: port };
  return { ...ends, ...ports, ...(protocol === Ip.Tcp && { tcpFlags: TcpFlag.Syn }) };
}

function describe({ source, destination, protocol, port }: PolicyFlow): string {
  return `${source} > ${destination}, protocol ${protocol}${port === null ? '' : `, port ${port}`}`;
}
