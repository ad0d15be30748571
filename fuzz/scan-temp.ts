import * as fc from 'fast-check';
import { story } from './arbitrary/story.ts';
import { playStory } from './targets/story.ts';
import { defaultNodeConfig } from '../host/compile/compile-node.ts';
const seed = Number(process.argv[2] ?? 1),
  runs = Number(process.argv[3] ?? 500),
  mode = (process.argv[4] ?? 'nftables') as 'nftables';
const buckets = new Map<string, { n: number; log: readonly string[]; wrong: readonly string[] }>();
let good = 0,
  lines = 0;
const verdicts = new Map<string, number>();
for (const told of fc.sample(story(40), { seed, numRuns: runs })) {
  try {
    const { log, wrong } = await playStory(told, {
      ...defaultNodeConfig,
      mode,
      masqueradeAll: false,
    });
    lines += log.length;
    for (const l of log) {
      const m = /=> (\w+(?: \([\w-]+\))?)/.exec(l)?.[1] ?? l.split(' ')[0]!;
      verdicts.set(m, (verdicts.get(m) ?? 0) + 1);
    }
    if (wrong.length === 0) {
      good++;
      continue;
    }
    const key = wrong
      .map((w) => w.replace(/[0-9a-f.:]*\d[0-9a-f.:]*/g, '#'))
      .join(' | ')
      .slice(0, 160);
    const b = buckets.get(key);
    if (!b) buckets.set(key, { n: 1, log, wrong });
    else {
      b.n++;
      if (log.length < b.log.length) {
        b.log = log;
        b.wrong = wrong;
      }
    }
  } catch (e) {
    const key = 'threw ' + String(e).slice(0, 150);
    const b = buckets.get(key);
    if (!b) buckets.set(key, { n: 1, log: [String((e as Error).stack)], wrong: [] });
    else b.n++;
  }
}
console.log({ good, lines }, Object.fromEntries([...verdicts].sort((a, b) => b[1] - a[1])));
for (const [k, b] of [...buckets].sort((a, b) => b[1].n - a[1].n).slice(0, 14)) {
  console.log('==', b.n, k);
  console.log([...b.log.slice(-7), ...b.wrong].join('\n').slice(0, 2500));
}
