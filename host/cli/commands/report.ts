// `podplane report merge`: the reports of a replay's parts, added up.

import { mergeReports } from '../../replay/merge-reports.ts';
import { parseReport } from '../../replay/read-report.ts';
import { outputOption, readInput } from '../cluster-options.ts';
import { UsageError, type Call, type Command } from '../command.ts';
import { printReplay } from '../replay-summary.ts';

export const reportCommand: Command = {
  name: 'report',
  summary: 'Add up the reports of a replay in parts',
  arguments: 'merge <report…>',
  argumentCount: { least: 2, most: Infinity },
  options: { output: outputOption(['table', 'json', 'yaml']) },
  examples: [
    {
      command: 'podplane report merge 0.json 1.json 2.json 3.json',
      does: 'what `replay --shard 0/4` to `3/4` printed, as one report',
    },
  ],
  run: runReport,
};

async function runReport(call: Call): Promise<number> {
  const [verb, ...files] = call.arguments;
  if (verb !== 'merge') throw new UsageError(`unknown verb "${verb}"`, 'merge');
  const named = [];
  for (const file of files) {
    const text = new TextDecoder().decode(await readInput(file));
    named.push({ file, report: parseReport(text, file) });
  }
  printReplay(call, mergeReports(named));
  return 0;
}
