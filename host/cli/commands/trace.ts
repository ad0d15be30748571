// `podplane trace`: one packet through every node on its way, every step with the object that
// decided it.

import { Network } from '../../cluster/network.ts';
import {
  nodeOption,
  clusterOptions,
  outputOption,
  readCluster,
  readNode,
} from '../cluster-options.ts';
import { UsageError, type Call, type Command } from '../command.ts';
import { serialize } from '../serialize.ts';
import { printTrace } from '../trace/print.ts';
import { makeProbe, probeOptions, requireEnds } from '../trace/probe.ts';
import { traceProbe } from '../trace/report.ts';
import { traceNetwork, traceNode, type Tracer } from '../trace/tracer.ts';

export const traceCommand: Command = {
  name: 'trace',
  summary: 'Follow one packet, every step with the object that decided it',
  arguments: '',
  argumentCount: { least: 0, most: 0 },
  options: {
    ...clusterOptions,
    ...probeOptions,
    reply: { type: 'boolean', help: 'then also the answer of whoever received it' },
    via: {
      type: 'string',
      value: 'node',
      help: 'who takes a packet from outside to a load balancer; default: the first',
    },
    output: outputOption(['table', 'json', 'yaml']),
  },
  examples: [
    {
      command: 'podplane trace -f shop.yaml --from "pod shop/web" --to http://cart.shop/',
      does: 'from a pod to a Service, its name resolved as the pod would',
    },
    {
      command: 'podplane trace -f shop.yaml --from 203.0.113.7 --to node --port 30080',
      does: 'from outside to a node port',
    },
    {
      command: 'podplane trace -f shop.yaml --from "pod shop/web" --to 10.0.0.10 --protocol ICMP',
      does: 'a ping',
    },
    {
      command: 'podplane trace -f shop.yaml --node node-b --from 10.244.1.9 --to "pod shop/web"',
      does: 'what one node does, instead of every node on the way',
    },
  ],
  run: runTrace,
};

async function runTrace(call: Call): Promise<number> {
  const { options, terminal } = call;
  requireEnds(options);
  const tracer = await startTracer(call);
  const report = traceProbe(tracer, makeProbe(tracer.book, options), options.flag('reply'));
  const output = options.text('output');
  if (output === 'json' || output === 'yaml') terminal.print(serialize(report, output));
  else printTrace(report, terminal);
  return 0;
}

/** All nodes, unless there is but one, or one is asked for. Throws UsageError, InputError. */
async function startTracer(call: Call): Promise<Tracer> {
  const { options } = call;
  const { cluster, settings: config } = await readCluster(call);
  const chosen = nodeOption(cluster, options);
  const via = readNode(cluster, options, 'via');
  const isWhole = chosen.node === undefined && cluster.state.nodes.length > 1;
  if (isWhole) return traceNetwork(await Network.create(cluster, { config }), via);
  if (via !== undefined) throw new UsageError('--via: only one node is traced', 'no --node');
  return traceNode(await cluster.dataplane({ ...chosen, config }));
}
