// Which Node a pod runs on. Real schedulers weigh load; here a pod's place follows from its own
// name, or from its number among its workload's pods, so that no pod moves because another one
// came.

import type { Labels, Node, Pod, PodSpec } from '../kubernetes/types.ts';
import { matchesLabels } from '../kubernetes/selector.ts';
import { familyOf } from '../net/address.ts';
import { formatPrefix, parsePrefix } from '../net/prefix.ts';
import type { Inputs } from './inputs.ts';
import { canonicalText } from './hash.ts';
import { nameOf } from './written.ts';

export interface Scheduler {
  readonly nodes: readonly Node[];
  readonly byName: ReadonlyMap<string, Node>;
  /** Address of a Node, or one of its pod ranges -> the Node's name. */
  readonly byPlace: ReadonlyMap<string, string>;
  /** Lengths of the pod ranges, as they are written: `4/24`. */
  readonly rangeLengths: ReadonlySet<string>;
  /** Node selector -> Nodes it selects: most pods have one of a few. */
  readonly eligible: Map<string, readonly Node[]>;
}

export function createScheduler(nodes: readonly Node[]): Scheduler {
  const byPlace = new Map<string, string>();
  const rangeLengths = new Set<string>();
  for (const { metadata, spec, status } of nodes) {
    for (const { address } of status.addresses) byPlace.set(address, metadata.name);
    for (const text of spec.podCIDRs) {
      const prefix = parsePrefix(text);
      if (prefix === null) continue;
      const canonical = formatPrefix(prefix);
      byPlace.set(canonical, metadata.name);
      rangeLengths.add(`${prefix.family}${canonical.slice(canonical.indexOf('/'))}`);
    }
  }
  const byName = new Map(nodes.map((node) => [node.metadata.name, node]));
  return { nodes, byName, byPlace, rangeLengths, eligible: new Map() };
}

/** Nodes whose labels a pod's nodeSelector accepts, sorted by name. */
export function eligibleNodes(scheduler: Scheduler, { nodeSelector }: PodSpec): readonly Node[] {
  if (nodeSelector === undefined) return scheduler.nodes;
  const key = canonicalText(nodeSelector);
  let nodes = scheduler.eligible.get(key);
  if (nodes === undefined) {
    nodes = nodesWith(scheduler.nodes, nodeSelector);
    scheduler.eligible.set(key, nodes);
  }
  return nodes;
}

function nodesWith(nodes: readonly Node[], selector: Labels): Node[] {
  return nodes.filter(({ metadata }) => matchesLabels(selector, metadata.labels));
}

/**
 * The Node for a pod that names none:
 *   1. the Node whose address or pod range the pod's written address is in;
 *   2. the Node it was on, if that is still there and eligible;
 *   3. number `turn` of the eligible ones, counted round and round.
 * Undefined when no Node is eligible.
 */
export function chooseNode(
  scheduler: Scheduler,
  pod: Pod,
  turn: number,
  { previous }: Inputs,
): string | undefined {
  const addressed = nodeAround(scheduler, pod.status.podIPs[0]);
  if (addressed !== undefined) return addressed; // 1
  const eligible = eligibleNodes(scheduler, pod.spec);
  const earlier = previous.pods.get(nameOf(pod.metadata))?.spec.nodeName;
  const before = earlier === undefined ? undefined : scheduler.byName.get(earlier);
  if (before !== undefined && eligible.includes(before)) return earlier; // 2
  return eligible[turn % eligible.length]?.metadata.name; // 3
}

function nodeAround(scheduler: Scheduler, address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const own = scheduler.byPlace.get(address);
  if (own !== undefined) return own;
  const family = familyOf(address);
  for (const entry of scheduler.rangeLengths) {
    if (!entry.startsWith(`${family}/`)) continue;
    const range = parsePrefix(`${address}${entry.slice(1)}`)!;
    const name = scheduler.byPlace.get(formatPrefix(range));
    if (name !== undefined) return name;
  }
  return undefined;
}
