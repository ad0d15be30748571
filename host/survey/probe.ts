// One packet through a dataplane, and what its trace says of Services: the set of endpoints, the
// masquerade, the fate. Reads the trace that the dataplane makes; judges nothing itself.

import { EndpointCause, EndpointSet, MasqueradeCause, Trace } from '../abi/abi.gen.ts';
import type { TraceStep } from '../abi/abi.gen.ts';
import { codeOf } from '../abi/enum.ts';
import type { Dataplane } from '../cluster/cluster.ts';
import type { ExplainedStep } from '../cluster/explain.ts';
import type { Outcome } from '../cluster/outcome.ts';
import { encodePacket, type PacketFields } from '../net/packet.ts';
import { formatEndpoint } from '../scenario/connection.ts';
import type { Source } from './sources.ts';
import { listEndpoints } from './endpoint-list.ts';

/** A step as the dataplane wrote it, and in words. */
export interface Step {
  readonly raw: TraceStep;
  readonly explained: ExplainedStep;
}

/** What became of one packet. */
export interface Finding {
  readonly verdict: Outcome['verdict'];
  readonly reason: string | null;
  /** Which set the endpoint is drawn from; null when none is. */
  readonly set: 'cluster' | 'local' | null;
  /** Every endpoint of that set, `ip:port`, sorted. */
  readonly endpoints: readonly string[];
  /** Whether the source becomes the node's; a packet that stays on the node keeps its own. */
  readonly masquerade: boolean;
  /** Whether session affinity says which endpoint: the client was there before. */
  readonly affinity: boolean;
  readonly steps: readonly Step[];
}

const link = 'raw';
const firstSourcePort = 20_000;
const sourcePorts = 12_000;
/** Turns a source port into one that no packet of a survey has of itself. */
const otherPort = 0x4000;

/** A source port for each packet of a survey, so that none belongs to another's connection. */
export function sourcePortOf(index: number): number {
  return firstSourcePort + (index % sourcePorts);
}

/** Sends a packet, tracing it. A source that is an endpoint is answered by itself, if it may be. */
export function probe(dataplane: Dataplane, packet: PacketFields, source: Source): Finding {
  const first = send(dataplane, packet, source.endpoint);
  const chosen = first.steps.find(({ raw }) => raw.code === Trace.EndpointChosen)?.raw;
  if (source.endpoint !== undefined || chosen?.address !== source.address) return first;
  // A pod that happens to be an endpoint was given itself: another endpoint shows the ordinary way.
  const used = setUsed(first.steps)!;
  const offered = listEndpoints(dataplane, used.first, used.second);
  const other = offered.find(({ address }) => address !== source.address);
  const again = { ...packet, sourcePort: (packet.sourcePort ?? 0) ^ otherPort };
  return other === undefined ? first : send(dataplane, again, other);
}

function send(
  dataplane: Dataplane,
  packet: PacketFields,
  endpoint: { readonly address: string; readonly port: number } | undefined,
): Finding {
  const { outcome, steps: explained } = dataplane.trace(encodePacket(packet, link), {
    port: dataplane.portOf(packet.source),
    link,
    ...(endpoint && { choice: { endpoint } }),
  });
  const raw = dataplane.instance.traceSteps();
  const steps = explained.map((step, index) => ({ explained: step, raw: raw[index]! }));
  return { ...readSteps(dataplane, steps), ...describeFate(outcome, steps), steps };
}

function readSteps(
  dataplane: Dataplane,
  steps: readonly Step[],
): Pick<Finding, 'set' | 'endpoints'> {
  const used = setUsed(steps);
  if (used === undefined) return { set: null, endpoints: [] };
  const endpoints = listEndpoints(dataplane, used.first, used.second);
  const texts = endpoints.map(({ address, port }) => formatEndpoint(address, port)).toSorted();
  return { set: used.second === EndpointSet.Local ? 'local' : 'cluster', endpoints: texts };
}

function setUsed(steps: readonly Step[]): TraceStep | undefined {
  return steps.find(({ raw }) => raw.code === Trace.EndpointSetUsed)?.raw;
}

function describeFate(
  { verdict, reason }: Outcome,
  steps: readonly Step[],
): Pick<Finding, 'verdict' | 'reason' | 'masquerade' | 'affinity'> {
  const chosen = steps.find(({ raw }) => raw.code === Trace.EndpointChosen)?.raw;
  return {
    verdict,
    reason,
    masquerade: verdict !== 'local' && masqueradeCause(steps) !== null,
    affinity: chosen?.second === EndpointCause.Affinity,
  };
}

/** Code of the cause for which a masquerade is due, null when none is. */
export function masqueradeCause(steps: readonly Step[]): string | null {
  const due = steps.find(({ raw }) => raw.code === Trace.MasqueradeDue)?.raw;
  if (due === undefined || due.first === MasqueradeCause.None) return null;
  return codeOf('MasqueradeCause', due.first);
}
