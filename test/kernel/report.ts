// What a run found, for people.

import { describeFrame } from '../../host/net/describe.ts';
import type { Contest, Divergence } from './race.ts';
import { kindOf } from './shorten.ts';
import type { Step, Story } from './step.ts';

/** Counts by topic, verdict and reason. */
export function formatSummary(
  { packets, steps, explained, verdicts }: Contest,
  stories: readonly Story[],
  divergences: readonly Divergence[],
): string {
  const topics = countBy(stories.map(({ topic, family }) => `${topic} IPv${family}`));
  const kinds = countBy(divergences.map((one) => `${one.story.topic}: ${kindOf(one)}`));
  return [
    `${stories.length} flows, ${steps} steps, ${packets} packets in; ` +
      `${divergences.length} unexplained differences`,
    section('flows', topics),
    section('packets by verdict', verdicts),
    section('explained differences', explained),
    section('unexplained differences', kinds),
  ].join('\n');
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function section(title: string, counts: ReadonlyMap<string, number>): string {
  const lines = [...counts].toSorted((one, other) => other[1] - one[1]);
  return [`${title}:`, ...lines.map(([name, count]) => `  ${count}  ${name}`)].join('\n');
}

/** A story, step by step, and where it diverged. */
export function formatDivergence({
  story,
  step,
  entered,
  verdicts,
  difference,
}: Divergence): string {
  const { topic, family, caller, door, initial } = story;
  const head = { topic, family, caller, door, initial };
  const { fields, onlyKernel, onlyPodplane } = difference;
  return [
    '',
    `difference: ${JSON.stringify(head)}`,
    ...story.steps.slice(0, step + 1).map((one) => `  ${formatStep(one)}`),
    ...firstOf(entered.map(({ place, packet }) => `in ${place}: ${describeFrame(packet, 'raw')}`)),
    ...firstOf(verdicts.map((verdict) => `podplane decides: ${verdict}`)),
    ...firstOf(
      fields.map(({ field, real, podplane }) => `${field}: ${real}, podplane ${podplane}`),
    ),
    ...firstOf(onlyKernel.map((text) => `only the kernel sends ${text}`)),
    ...firstOf(onlyPodplane.map((text) => `only podplane sends ${text}`)),
  ].join('\n');
}

const LINES = 6;

function firstOf(lines: readonly string[]): string[] {
  const more = lines.length > LINES ? [`  and ${lines.length - LINES} more`] : [];
  return [...lines.slice(0, LINES).map((line) => `  ${line}`), ...more];
}

function formatStep({ from, envelope, content, cut, damage }: Step): string {
  return JSON.stringify({ from, ...content, ...envelope, cut, damage });
}
