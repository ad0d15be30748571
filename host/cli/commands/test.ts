// `podplane test`: runs scenario files and says, flow by flow, what happened and what was expected.

import { dirname, resolve } from 'node:path';
import { readManifestFiles } from '../../files/manifests.ts';
import { formatProblem, InputError, type Problem } from '../../problem.ts';
import { subjectOf } from '../../scenario/dataplane-subject.ts';
import { nodeSettings } from '../../scenario/read-config.ts';
import { readScenarios } from '../../scenario/read.ts';
import {
  summarizeTest,
  type FlowReport,
  type ScenarioReport,
  type TestReport,
} from '../../scenario/report.ts';
import { runScenario } from '../../scenario/run.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { clusterOptions, outputOption, readInput, readSettings } from '../cluster-options.ts';
import type { Call, Command } from '../command.ts';
import { serialize } from '../serialize.ts';
import type { Terminal } from '../terminal.ts';

const { mode, config, seed } = clusterOptions;

export const testCommand: Command = {
  name: 'test',
  summary: 'Run scenario files: flows through a cluster, with what is expected of them',
  arguments: '<scenario…>',
  argumentCount: { least: 1, most: Infinity },
  options: {
    output: outputOption(['table', 'json', 'yaml']),
    mode: mode!,
    config: config!,
    seed: seed!,
  },
  examples: [
    { command: 'podplane test shop.scenario.yaml', does: 'print each flow; exit 1 if one fails' },
    { command: 'podplane test -o json tests/*.yaml', does: 'the same for programs' },
    {
      command: 'podplane test --mode iptables shop.scenario.yaml',
      does: 'with the older semantics',
    },
  ],
  run: runTest,
};

async function runTest({ arguments: files, options, terminal }: Call): Promise<number> {
  const scenarios = await loadScenarios(files, (warning) =>
    terminal.note(`warning: ${formatProblem(warning)}`),
  );
  const settings = nodeSettings(await readSettings(options));
  const reports: ScenarioReport[] = [];
  for (const scenario of scenarios) {
    terminal.progress(`scenario ${reports.length + 1} of ${scenarios.length}: ${scenario.name}`);
    const configured = { ...scenario, config: { ...scenario.config, ...settings } };
    reports.push(await runScenario(configured, subjectOf(configured)));
  }
  const report = summarizeTest(reports);
  const output = options.text('output');
  if (output === 'json' || output === 'yaml') terminal.print(serialize(report, output));
  else printReport(report, terminal);
  return report.failed > 0 ? 1 : 0;
}

/**
 * Scenarios of files, each with the objects of its manifests. Throws InputError with the problems
 * of all files.
 */
export async function loadScenarios(
  files: readonly string[],
  warn: (warning: Problem) => void,
): Promise<Scenario[]> {
  const problems: Problem[] = [];
  const scenarios: Scenario[] = [];
  for (const file of files) {
    try {
      const read = readScenarios(await readInput(file), file);
      read.warnings.forEach(warn);
      for (const scenario of read.scenarios) scenarios.push(await withManifests(scenario, warn));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new InputError(problems);
  return scenarios;
}

/**
 * Paths are relative to the scenario's file; inline objects come last and so replace those of the
 * files.
 */
async function withManifests(
  scenario: Scenario,
  warn: (warning: Problem) => void,
): Promise<Scenario> {
  const paths = scenario.manifests.map((path) => resolve(dirname(scenario.file), path));
  const read = await readManifestFiles(paths);
  read.warnings.forEach(warn);
  return { ...scenario, objects: [...read.objects, ...scenario.objects] };
}

function printReport(report: TestReport, terminal: Terminal): void {
  for (const scenario of report.scenarios) {
    terminal.print(terminal.style('bold', `${scenario.name} (${scenario.file})`));
    for (const flow of scenario.flows) printFlow(flow, terminal);
  }
  const { passed, failed } = report;
  const verdict = failed > 0 ? `${failed} failed, ${passed} passed` : `${passed} passed`;
  terminal.print(terminal.style(failed > 0 ? 'red' : 'green', verdict));
}

function printFlow(flow: FlowReport, terminal: Terminal): void {
  const mark = flow.pass ? terminal.style('green', 'ok  ') : terminal.style('red', 'FAIL');
  terminal.print(`  ${mark}  ${flow.name}: ${describeFlow(flow)}`);
  for (const failure of flow.failures) terminal.print(`          ${failure}`);
}

function describeFlow({ outcomes, endpoints, masquerade }: FlowReport): string {
  const fates = outcomes.map(({ verdict, reason, node, count }) => {
    const times = count === 1 ? '' : ` x${count}`;
    const refuser = node === undefined ? '' : ` at ${node}`;
    return `${verdict}${reason === null ? '' : ` (${reason})`}${refuser}${times}`;
  });
  const shown = endpoints.slice(0, 3).join(', ');
  const more = endpoints.length > 3 ? ` + ${endpoints.length - 3} more` : '';
  const where = endpoints.length === 0 ? '' : ` to ${shown}${more}`;
  return `${fates.join(', ')}${where}${masquerade ? ', masqueraded' : ''}`;
}
