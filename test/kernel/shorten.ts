// Makes a story that differs as short as it gets: drops steps and what is special about them, as
// long as it still differs in the same way. All candidates of a round run side by side.

import { race, type Contest, type Divergence } from './race.ts';
import type { Step, Story } from './step.ts';

const ROUNDS = 30;
/** Fields by which kinds of difference are told apart. */
const NAMED = 4;

/** The shortest story found that diverges in the same verdict and fields. */
export async function shorten(contest: Contest, divergence: Divergence): Promise<Divergence> {
  let shortest = divergence;
  for (let round = 0; round < ROUNDS; round++) {
    const found = await race(contest, candidates(shortest));
    const next = found.find((one) => one !== null && kindOf(one) === kindOf(divergence));
    if (next === undefined || next === null) return shortest;
    shortest = next;
  }
  return shortest;
}

/** What divergences of one kind have in common. */
export function kindOf({ difference, verdicts }: Divergence): string {
  const { fields, onlyKernel, onlyPodplane } = difference;
  const all = [...new Set(fields.map(({ field }) => field))];
  // Two packets that have little in common differ in everything: the first fields tell as much.
  const names = [...all.slice(0, NAMED), ...(all.length > NAMED ? ['…'] : [])].join(' ');
  const sides = [
    onlyKernel.length > 0 ? 'only the kernel sends' : '',
    onlyPodplane.length > 0 ? 'only podplane sends' : '',
    names,
  ];
  return `${[...new Set(verdicts)].join(', ')}: ${sides.filter((side) => side !== '').join(', ')}`;
}

function candidates({ story, step }: Divergence): Story[] {
  const steps = story.steps.slice(0, step + 1);
  const without = steps.map((_, index) => steps.toSpliced(index, 1));
  const plainer = steps.flatMap((one, index) =>
    simplify(one).map((simple) => steps.with(index, simple)),
  );
  const shorter = [...without, ...plainer].filter(({ length }) => length > 0);
  const simpler: Partial<Story>[] = [{ caller: 'outside' }, { door: { kind: 'pod' } }];
  const changed = simpler.filter((change) =>
    Object.entries(change).some(
      ([name, value]) => JSON.stringify(story[name as keyof Story]) !== JSON.stringify(value),
    ),
  );
  return [
    ...shorter.map((some) => ({ ...story, steps: some })),
    ...changed.map((change) => ({ ...story, steps, ...change })),
  ];
}

/** The step with one thing less. */
function simplify(step: Step): Step[] {
  const plain = { ttl: 63, typeOfService: 0, hasOptions: false, isWhole: true };
  const { cut, damage, ...rest } = step;
  const simpler: Step[] = [];
  if (JSON.stringify(step.envelope) !== JSON.stringify(plain)) {
    simpler.push({ ...step, envelope: plain });
  }
  if (cut !== undefined) simpler.push({ ...rest, ...(damage && { damage }) });
  if (damage !== undefined) simpler.push({ ...rest, ...(cut && { cut }) });
  if (step.content.kind === 'segment') {
    const zero = { sequence: 0, acknowledgement: 0, payloadBytes: 0, options: 'none' } as const;
    for (const [name, value] of Object.entries(zero)) {
      if (step.content[name as keyof typeof zero] === value) continue;
      simpler.push({ ...step, content: { ...step.content, [name]: value } });
    }
  }
  return simpler;
}
