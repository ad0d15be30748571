// `podplane lint`: what the policies of a cluster do not do, or should not, with place and cure.

import { FieldFinder } from '../../files/positions.ts';
import type { LintFinding } from '../../survey/lint/finding.ts';
import { lintCluster } from '../../survey/lint.ts';
import { manifestOptions, outputOption, readCluster } from '../cluster-options.ts';
import type { Call, Command } from '../command.ts';
import { serialize } from '../serialize.ts';
import type { Terminal } from '../terminal.ts';

export const lintCommand: Command = {
  name: 'lint',
  summary: 'Find policies that do nothing, and what policies break',
  arguments: '',
  argumentCount: { least: 0, most: 0 },
  options: { ...manifestOptions, output: outputOption(['table', 'json', 'yaml']) },
  examples: [
    { command: 'podplane lint -f manifests/', does: 'exit 1 if there are warnings' },
    { command: 'podplane lint -f manifests/ -o json', does: 'for programs' },
  ],
  run: runLint,
};

/** A finding with the column of its field, where it is in a file. */
type PlacedFinding = LintFinding & { readonly column?: number };

async function runLint(call: Call): Promise<number> {
  const { cluster, settings } = await readCluster(call);
  const report = await lintCluster(cluster, settings);
  const finder = new FieldFinder();
  const findings: PlacedFinding[] = [];
  for (const finding of report.findings) findings.push(await placeFinding(finder, finding));
  const output = call.options.text('output');
  const { terminal } = call;
  if (output === 'json' || output === 'yaml') {
    terminal.print(serialize({ ...report, findings }, output));
  } else {
    printFindings(findings, terminal);
  }
  return report.warnings > 0 ? 1 : 0;
}

async function placeFinding(finder: FieldFinder, finding: LintFinding): Promise<PlacedFinding> {
  const { source, path } = finding;
  const position = source === undefined ? null : await finder.find({ source, path });
  if (source === undefined || position === null) return finding;
  const { line, column } = position;
  return { ...finding, source: { ...source, line }, column };
}

function printFindings(findings: readonly PlacedFinding[], to: Terminal): void {
  for (const { code, severity, object, path, message, cure, source, column } of findings) {
    const place = [source?.file, source?.line, column].filter((part) => part !== undefined);
    const tone = severity === 'warning' ? to.style('yellow', severity) : severity;
    const subject = [nameObject(object), path].filter((part) => part !== '').join(' ');
    const head = [place.join(':'), tone, subject].filter((part) => part !== '').join(': ');
    to.print(`${head}: ${message} (${code})\n  ${cure}`);
  }
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  const summary = `${count(warnings, 'warning')}, ${findings.length - warnings} for information`;
  to.print(to.style(warnings > 0 ? 'yellow' : 'green', summary));
}

/** `NetworkPolicy shop/web` for `NetworkPolicy/shop/web`. */
function nameObject(key: string): string {
  return key.replace('/', ' ');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
