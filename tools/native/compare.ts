// The comparison at one number of connections: contestants take turns, round by round, first on
// packets of established connections, then on packets that open one.

import { medianOf } from '../../host/cli/bench-parts.ts';
import type { Phase, Subject } from './subject.ts';

/** What a contestant's packets cost in one phase. */
export interface Row {
  readonly connections: number;
  readonly phase: Phase;
  readonly name: string;
  /** Median of the rounds. */
  readonly nanoseconds: number;
  readonly least: number;
  /** Times what the first contestant needs: median of the rounds. */
  readonly ratio: number;
}

export interface Course {
  readonly connections: number;
  readonly rounds: number;
  /** Takes one line of progress. */
  readonly print: (line: string) => void;
}

/** Packets of each round of established connections, at least; all are sent equally often. */
const establishedPackets = 500_000;
/** Packets of each round that opens connections, at least: small tables are filled again. */
const openingPackets = 100_000;

/** Every contestant's rows, in the order of the contestants. */
export async function compareAll(subjects: readonly Subject[], course: Course): Promise<Row[]> {
  const { connections, rounds, print } = course;
  const turns = Math.ceil(establishedPackets / connections);
  for (const subject of subjects) {
    print(`${subject.name}: opening ${connections} connections`);
    await subject.establish();
    await subject.time('established', turns * connections);
  }
  print('rounds of established connections');
  const established = await playRounds(subjects, rounds, (subject) =>
    subject.time('established', turns * connections),
  );
  const fillings = Math.ceil(openingPackets / connections);
  print('rounds of new connections');
  const opening = await playRounds(subjects, rounds, async (subject) => {
    let spent = 0;
    for (let filling = 0; filling < fillings; filling++) {
      await subject.clear();
      spent += await subject.time('opening', connections);
    }
    return spent / fillings;
  });
  return [
    ...rowsOf(subjects, established, { connections, phase: 'established' }),
    ...rowsOf(subjects, opening, { connections, phase: 'opening' }),
  ];
}

/** For each contestant what each round cost. */
async function playRounds(
  subjects: readonly Subject[],
  rounds: number,
  play: (subject: Subject) => Promise<number>,
): Promise<number[][]> {
  const costs = subjects.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, subject] of subjects.entries()) costs[index]!.push(await play(subject));
  }
  return costs;
}

function rowsOf(
  subjects: readonly Subject[],
  costs: readonly (readonly number[])[],
  where: Pick<Row, 'connections' | 'phase'>,
): Row[] {
  const [first] = costs;
  return subjects.map(({ name }, index) => {
    const own = costs[index]!;
    const ratios = own.map((cost, round) => cost / first![round]!);
    const nanoseconds = medianOf(own);
    return { ...where, name, nanoseconds, least: Math.min(...own), ratio: medianOf(ratios) };
  });
}
