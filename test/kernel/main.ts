// `npm run test:kernel`: the same packets through this machine's kernel and through the dataplane.
// Exit code 0 if they agree or the machine cannot tell, 1 if they differ.

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawStories } from './arbitrary.ts';
import { openDataplane } from './cluster.ts';
import { closeNamespaces, openNamespaces } from './namespaces.ts';
import { race, type Contest, type Divergence } from './race.ts';
import { formatDivergence, formatSummary } from './report.ts';
import { findMissing } from './requirements.ts';
import { writeRules } from './rules.ts';
import { shorten } from './shorten.ts';
import { Wire } from './wire.ts';

/** Stories side by side. */
const BATCH = 1000;
/** Differences told in full. */
const LISTED = 10;

const { values } = parseArgs({
  options: {
    flows: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    mode: { type: 'string', default: 'nftables' },
    topic: { type: 'string' },
    protocol: { type: 'string' },
    show: { type: 'string', default: String(LISTED) },
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    closeNamespaces();
    process.exit(1);
  });
}
process.exitCode = await main();

async function main(): Promise<number> {
  const missing = findMissing();
  if (missing.length > 0) {
    console.log(`skipped: this machine lacks\n${missing.map((line) => `  ${line}`).join('\n')}`);
    return 0;
  }
  const mode = values.mode === 'iptables' ? 'iptables' : 'nftables';
  const [seed, flows] = [Number(values.seed), Number(values.flows)];
  console.log(`${flows} flows, seed ${seed}, ${mode} mode`);
  const dataplane = await openDataplane(mode);
  openNamespaces(writeRules(dataplane.cluster.state, mode));
  const wire = new Wire('python3', join(process.cwd(), 'test/kernel'));
  const contest: Contest = {
    ...{ wire, dataplane, flows: 0, tag: 0, packets: 0, steps: 0 },
    dropsInvalid: mode === 'iptables',
    explained: new Map(),
    verdicts: new Map(),
  };
  try {
    return await compete(contest, seed, flows);
  } finally {
    wire.close();
    closeNamespaces();
  }
}

async function compete(contest: Contest, seed: number, flows: number): Promise<number> {
  const stories = drawStories(seed, flows, {
    ...(values.topic !== undefined && { topic: values.topic }),
    ...(values.protocol !== undefined && { protocol: Number(values.protocol) }),
  });
  const divergences: Divergence[] = [];
  for (let first = 0; first < stories.length; first += BATCH) {
    const found = await race(contest, stories.slice(first, first + BATCH));
    divergences.push(...found.filter((divergence) => divergence !== null));
  }
  console.log(formatSummary(contest, stories, divergences));
  for (const divergence of divergences.slice(0, Number(values.show))) {
    console.log(formatDivergence(await shorten(contest, divergence)));
  }
  return divergences.length === 0 ? 0 : 1;
}
