// `podplane diff`: what two sets of manifests let through differently, or what several modes do.

import { groupings } from '../../survey/reach/groups.ts';
import { modes } from '../../scenario/read-config.ts';
import { applyOption, clusterOptions, outputOption } from '../cluster-options.ts';
import type { Command } from '../command.ts';
import { diffManifests } from '../diff/manifests.ts';
import { diffModes } from '../diff/modes.ts';

export const diffCommand: Command = {
  name: 'diff',
  summary: 'List what two sets of manifests, or several modes, let through differently',
  arguments: '',
  argumentCount: { least: 0, most: 0 },
  options: {
    ...clusterOptions,
    filename: {
      ...clusterOptions['filename']!,
      help: 'the old manifests, then the new ones; each a file, a folder, or -',
    },
    apply: applyOption,
    by: {
      type: 'string',
      choices: groupings,
      help: 'what connections are between; default workload',
    },
    mode: {
      type: 'string',
      multiple: true,
      choices: modes,
      help: 'two or three: compare these modes of one set of manifests; one: the mode of both sets',
    },
    output: outputOption(['table', 'json', 'yaml']),
  },
  examples: [
    {
      command: 'podplane diff -f main/manifests -f branch/manifests',
      does: 'connections lost and gained by a change, for its review; exit 1 if there are any',
    },
    {
      command: 'kubectl get all,netpol -A -o yaml | podplane diff -f - --apply change.yaml',
      does: 'what a change would do to a cluster',
    },
    {
      command: 'podplane diff --mode nftables --mode iptables -f cluster.yaml',
      does: 'what changes when kube-proxy changes its mode; exit 1 if anything does',
    },
    {
      command: 'podplane diff --mode iptables --mode ipvs --node node-2 -f cluster.yaml -o json',
      does: 'on one node, for programs',
    },
  ],
  run: (call) => (call.options.list('mode').length > 1 ? diffModes(call) : diffManifests(call)),
};
