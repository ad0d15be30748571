// `podplane demo`, which `npm start` runs: a real capture through the cluster it was taken in,
// under a policy that was not there that day; what it cuts off, and one of those packets step by
// step.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { Cluster } from '../../cluster/cluster.ts';
import { readManifestFiles } from '../../files/manifests.ts';
import { replayCaptures } from '../../replay/replay.ts';
import { openingPacket } from '../../scenario/probe.ts';
import { openCaptures } from '../capture-files.ts';
import { UsageError, type Call, type Command } from '../command.ts';
import type { Terminal } from '../terminal.ts';
import { printTrace } from '../trace/print.ts';
import { traceProbe } from '../trace/report.ts';
import { traceNode } from '../trace/tracer.ts';
import { printSummary } from '../replay-summary.ts';

const manifest = createRequire(import.meta.url).resolve('podplane/package.json');
/** As seen from where the program was started, which is how the objects' places are then shown. */
const examples = relative('.', join(dirname(manifest), 'examples'));
const captures = [
  'pod/default/pod9=http-clusterip.before.pod9.pcap',
  'pod/default/pod1=http-clusterip.after.pod1.pcap',
  'uplink=http-nodeport.before.client.pcap',
  'pod/default/pod9=udp-refused.before.pod9.pcap',
  'uplink=ttl.before.client.pcap',
];
const manifests = ['captures/nodes-and-pods.yaml', 'captures/objects.json', 'demo/policy.yaml'];
const node = 'node-a';
const tcp = 6;
/** The client outside dials the node port of Service web, pod9 its ClusterIP. */
const fromOutside = { source: '203.0.113.7', destination: '192.168.50.11', destinationPort: 30080 };
const fromPod = { source: '10.244.1.9', destination: '10.96.0.10', destinationPort: 80 };

export const demoCommand: Command = {
  name: 'demo',
  summary: 'Show what podplane does, with a real capture and its cluster',
  arguments: '',
  argumentCount: { least: 0, most: 0 },
  options: {},
  examples: [{ command: 'podplane demo', does: 'what `npm start` shows' }],
  run: runDemo,
};

async function runDemo({ terminal }: Call): Promise<number> {
  if (!existsSync(join(examples, 'demo'))) {
    throw new UsageError('the examples are not in this package', 'run it from a clone: npm start');
  }
  const { objects } = await readManifestFiles(manifests.map((path) => join(examples, path)));
  const cluster = Cluster.from(objects);
  const heading = (text: string) => terminal.print(`\n${terminal.style('bold', text)}\n`);
  heading('1. Real packets, and a policy that was not there that day: what would it have cut off?');
  terminal.print(
    `manifests  ${manifests.join('\n           ')}\ncaptures   ${captures.join('\n           ')}\n`,
  );
  const opened = await openCaptures(captures.map(placeInExamples));
  const report = replayCaptures(await cluster.dataplane({ node }), opened.captures, {
    now: () => terminal.now(),
    progress: ({ packets }) => terminal.progress(`${packets} packets`),
  });
  opened.close();
  printSummary(report, terminal);
  heading('2. One of the packets it cuts off, step by step, with the objects that decide');
  await traceOne(cluster, fromOutside, terminal);
  heading('3. One that it lets through');
  await traceOne(cluster, fromPod, terminal);
  terminal.print('\nNext: `npx podplane --help`, or README.md.');
  return 0;
}

/** Traces a SYN through a fresh dataplane. */
async function traceOne(cluster: Cluster, ends: typeof fromPod, terminal: Terminal): Promise<void> {
  const tracer = traceNode(await cluster.dataplane({ node }));
  const packet = openingPacket({ ...ends, protocol: tcp, sourcePort: 40000 });
  printTrace(traceProbe(tracer, { packet, notes: [] }), terminal);
}

function placeInExamples(text: string): string {
  const [place, file] = text.split('=') as [string, string];
  return `${place}=${join(examples, 'captures', file)}`;
}
