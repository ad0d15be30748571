// Many stories at once through the kernel and the dataplane: in each round one step of every story.
// The kernel goes first, so that its choices can be taken over and its packets answered.

import type { Dataplane } from '../../host/cluster/cluster.ts';
import type { ChoiceInput } from '../../host/dataplane/vector.ts';
import { isIcmpError, locatePacket } from '../../host/net/packet-layout.ts';
import { findChoice } from '../../host/replay/check.ts';
import { hasTransportPorts, readTuple } from '../../host/replay/network-packet.ts';
import { compareStep, type StepDifference } from './compare.ts';
import { explain } from './explained.ts';
import { NODE_TTL, beginFlow, learn, send, type Flow, type PlacedPacket } from './flow.ts';
import { decide, type ArrivingPacket, type Decision } from './ours.ts';
import type { Story } from './step.ts';
import type { Wire } from './wire.ts';

/** Both sides, and how many flows there have been. */
export interface Contest {
  readonly wire: Wire;
  readonly dataplane: Dataplane;
  /** The rules do not forward what belongs to no connection. */
  readonly dropsInvalid: boolean;
  flows: number;
  /** The last tag given to a step. */
  tag: number;
  /** Packets in, and packets of which both sides made the same. */
  packets: number;
  steps: number;
  /** Steps that differed for a reason. */
  readonly explained: Map<string, number>;
  /** Steps by verdict of the dataplane. */
  readonly verdicts: Map<string, number>;
}

/** Where a story went different ways. */
export interface Divergence {
  readonly story: Story;
  /** Index of its step. */
  readonly step: number;
  readonly entered: readonly PlacedPacket[];
  readonly verdicts: readonly string[];
  readonly difference: StepDifference;
}

/** A step on its way. */
interface Running {
  readonly flow: Flow;
  readonly entered: readonly PlacedPacket[];
  readonly tag: number;
}

const LAST_TAG = 0xffff;

/** Runs stories side by side; the result has an element for each, null if nothing differed. */
export async function race(
  contest: Contest,
  stories: readonly Story[],
): Promise<(Divergence | null)[]> {
  const flows = stories.map((story) => beginFlow(story, contest.flows++));
  const found = stories.map((): Divergence | null => null);
  const rounds = Math.max(0, ...stories.map(({ steps }) => steps.length));
  for (let round = 0; round < rounds; round++) {
    const running = flows.flatMap((flow, index) => {
      const step = flow.isOver ? undefined : flow.story.steps[round];
      return step === undefined ? [] : [{ index, flow, step }];
    });
    const entered = running.map(({ flow, step }) => {
      const tag = (contest.tag % LAST_TAG) + 1;
      contest.tag = tag;
      return { flow, tag, entered: send(flow, step, tag) };
    });
    const results = await runRound(contest, entered);
    for (const [at, { index, flow, step }] of running.entries()) {
      const { kernel, decisions } = results[at]!;
      learn(flow, step, kernel);
      const divergence = judge(contest, flow, { ...entered[at]!, kernel, decisions });
      if (divergence !== null) found[index] = { story: flow.story, step: round, ...divergence };
    }
  }
  return found;
}

interface Result {
  readonly kernel: readonly PlacedPacket[];
  readonly decisions: readonly Decision[];
}

async function runRound(contest: Contest, running: readonly Running[]): Promise<Result[]> {
  const left = await contest.wire.exchange(running.flatMap(({ entered }) => entered));
  const byTag = new Map<number, PlacedPacket[]>();
  for (const packet of left) {
    const tag = tagOf(packet.packet);
    byTag.set(tag, [...(byTag.get(tag) ?? []), packet]);
  }
  const kernel = running.map(({ tag }) => byTag.get(tag) ?? []);
  const arrivals = running.map(({ entered }, at) => withChoice(entered, kernel[at]!));
  const decisions = decide(contest.dataplane, arrivals.flat());
  contest.packets += decisions.length;
  let next = 0;
  return arrivals.map(({ length }, at) => {
    const own = decisions.slice(next, next + length);
    next += length;
    return { kernel: kernel[at]!, decisions: own };
  });
}

/** The tag of the packet that this one is, or that it is an error about. */
function tagOf(packet: Uint8Array): number {
  const isV4 = packet[0]! >> 4 === 4;
  const layout = packet[isV4 ? 8 : 7] === NODE_TTL ? locatePacket(packet, 'raw', false) : null;
  if (layout !== null && isIcmpError(layout.protocol, packet[layout.transportAt]!)) {
    return tagOf(packet.subarray(layout.transportAt + 8));
  }
  const at = isV4 ? 4 : 2;
  return ((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0);
}

function withChoice(
  entered: readonly PlacedPacket[],
  left: readonly PlacedPacket[],
): ArrivingPacket[] {
  const choice = choiceOf(entered, left);
  return entered.map((packet) => (choice === undefined ? packet : { ...packet, choice }));
}

function choiceOf(
  entered: readonly PlacedPacket[],
  left: readonly PlacedPacket[],
): ChoiceInput | undefined {
  const before = entered.map(tupleOf).find((tuple) => tuple !== null);
  const after = left.map(tupleOf).find((tuple) => tuple !== null);
  return before && after ? findChoice(before, after) : undefined;
}

/** Of packets that have ports, later fragments excepted. */
function tupleOf({ packet }: PlacedPacket) {
  const layout = locatePacket(packet, 'raw', false);
  if (layout === null || layout.isLaterFragment || !hasTransportPorts(layout.protocol)) return null;
  return readTuple(packet);
}

function judge(
  contest: Contest,
  flow: Flow,
  { entered, kernel, decisions }: Result & Pick<Running, 'entered'>,
): Omit<Divergence, 'story' | 'step'> | null {
  contest.steps += 1;
  const verdicts = decisions.flatMap((decision) => decision.verdicts);
  for (const verdict of verdicts) add(contest.verdicts, verdict);
  const podplane = decisions.flatMap(({ left }) => left);
  const difference = compareStep(kernel, podplane);
  if (difference === null) return null;
  const { dropsInvalid } = contest;
  const sides = { entered, kernel, podplane, verdicts };
  const explanation = explain({ difference, ...sides, dropsInvalid, hadPieces: flow.hadPieces });
  flow.isOver = explanation === null || explanation.parts === true;
  if (explanation === null) return { entered, verdicts, difference };
  add(contest.explained, explanation.reason);
  return null;
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
