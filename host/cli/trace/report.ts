// A traced packet in words: what `trace -o json` prints, version 1.

import type { ExplainedStep } from '../../cluster/explain.ts';
import type { Hop, Journey } from '../../cluster/journey.ts';
import type { Outcome } from '../../cluster/outcome.ts';
import { describeFrame } from '../../net/describe.ts';
import { decodePacket, encodePacket } from '../../net/packet.ts';
import { answerTo } from '../../scenario/probe.ts';
import type { Impossible, Probe } from './probe.ts';
import { link, type Tracer } from './tracer.ts';

type OutcomeReport = Pick<Outcome, 'verdict' | 'reason' | 'port' | 'service' | 'effects'>;

/** What one node did with a packet. */
export interface HopReport {
  readonly node: string;
  /** As what it came in, and the port by which. */
  readonly packet: string;
  readonly enters: string;
  readonly steps: readonly ExplainedStep[];
  readonly outcome: OutcomeReport;
  /** The packet that leaves; absent when none does. */
  readonly leaves?: string;
}

/** A packet's way: how it came in at the first node, and what the last one made of it. */
export interface WayReport extends HopReport {
  /** In a whole cluster: every node on the way. The steps above are those of all. */
  readonly path?: readonly HopReport[];
  /** In a whole cluster: the way back of an answer that a node gave itself. */
  readonly wayBack?: readonly HopReport[];
}

export interface TraceReport extends Partial<WayReport> {
  readonly version: 1;
  readonly node: string;
  readonly notes: readonly string[];
  /**
   * The questions for names (`dns-…`), then the packet's way. Without the fields that follow when
   * the name stands for no address, so that no packet can be sent.
   */
  readonly steps: readonly ExplainedStep[];
  /** `--reply`: the answer of whoever received the packet; null when nobody did. */
  readonly reply?: WayReport | null;
}

/** Sends a probe, and the answer to it if asked, and puts everything about them into words. */
export function traceProbe(
  tracer: Tracer,
  probe: Probe | Impossible,
  isAnswered = false,
): TraceReport {
  const { notes, nameSteps = [] } = probe;
  const head = { version: 1, node: tracer.book.node, notes } as const;
  if (!('packet' in probe)) return { ...head, steps: nameSteps };
  const { packet } = probe;
  const journey = tracer.send(encodePacket(packet, link), tracer.find(packet.source));
  const way = reportWay(tracer, journey);
  return {
    ...head,
    ...way,
    steps: [...nameSteps, ...way.steps],
    ...(isAnswered && { reply: traceAnswer(tracer, journey) }),
  };
}

function traceAnswer(tracer: Tracer, { arrivedAt, frame }: Journey): WayReport | null {
  const received = arrivedAt === null ? null : decodePacket(frame, link);
  if (arrivedAt === null || received === null) return null;
  return reportWay(tracer, tracer.send(encodePacket(answerTo(received), link), arrivedAt));
}

/** A journey that has been through one node at least. */
function reportWay({ isWhole }: Tracer, { hops, answer }: Journey): WayReport {
  const path = hops.map(reportHop);
  const { node, packet, enters } = path[0]!;
  const { outcome, leaves } = path.at(-1)!;
  const wayBack = answer?.hops.map(reportHop) ?? [];
  return {
    node,
    packet,
    enters,
    steps: path.flatMap(({ steps }) => steps),
    outcome,
    ...(leaves !== undefined && { leaves }),
    ...(isWhole && { path }),
    ...(wayBack.length > 0 && { wayBack }),
  };
}

function reportHop({ node, enters, frame, steps, outcome }: Hop): HopReport {
  const { verdict, reason, port, service, effects } = outcome;
  return {
    node,
    packet: describeFrame(frame, link),
    enters,
    steps,
    outcome: { verdict, reason, port, service, effects },
    ...(verdict !== 'drop' && { leaves: describeFrame(outcome.frame, link) }),
  };
}
