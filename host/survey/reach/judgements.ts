// Why one connection is let through or not, at either end: what the dataplane says in its trace,
// and the policies and rules that compilation recorded behind those numbers.

import { Direction, Trace, type TraceStep } from '../../abi/abi.gen.ts';
import type { RuleName } from '../../compile/desired.ts';
import { encodePacket } from '../../net/packet.ts';
import { openingPacket, protocolIn } from '../../scenario/probe.ts';
import type { PortRun } from './port-runs.ts';
import type { Pair, Reach } from './reach.ts';

/** What policies say at one end. */
export interface Judgement {
  /** `open`: no policy isolates the end, or none is asked. */
  readonly state: 'open' | 'allowed' | 'denied';
  /** The rules that allow it; of a denial the policies that isolate the end. */
  readonly rules: readonly RuleName[];
}

export interface Judgements {
  readonly egress: Judgement;
  /** Open also where egress denies: it is not asked. */
  readonly ingress: Judgement;
}

const untouched: Judgement = { state: 'open', rules: [] };

/** Source port that no packet of an interview has. */
const sourcePort = 60_999;
/** Later than every interview: no connection of one lives. */
const timeMs = Number.MAX_SAFE_INTEGER / 4;

/** Sends one packet of the run of ports between the two ends, tracing it. */
export function judgePair(reach: Reach, pair: Pair, run: PortRun): Judgements {
  const { dataplane } = reach;
  const { source, destination, port } = reach.questionFor(pair, run);
  const protocol = protocolIn(reach.questionFor(pair, run).protocol, pair.source.family);
  const packet = openingPacket({
    source,
    destination,
    protocol,
    sourcePort,
    destinationPort: port,
  });
  const place = { port: dataplane.portOf(source), timeMs, link: 'raw' as const };
  dataplane.trace(encodePacket(packet, 'raw'), place);
  const steps = dataplane.instance.traceSteps();
  const find = (direction: Direction) =>
    steps.flatMap((step) => judgementOf(reach, step, direction) ?? []).at(-1) ?? untouched;
  return { egress: find(Direction.Egress), ingress: find(Direction.Ingress) };
}

/** What a step says of a direction; null when it is of something else. */
function judgementOf(
  { dataplane: { names } }: Reach,
  { code, first: subject, second, third: peerKind, fourth: peer, fifth: portClass }: TraceStep,
  direction: Direction,
): Judgement | null {
  if (second !== direction) return null;
  if (code === Trace.PolicyDenied) {
    return { state: 'denied', rules: names.isolatedBy(subject, direction) };
  }
  if (code !== Trace.PolicyAllowed) return null;
  const rules = names.admittedBy({ subject, direction, peerKind, peer, portClass });
  return { state: 'allowed', rules };
}
