// A trace as numbered sentences: names first, then the packet, node by node.

import { sentenceOf, valueOf } from '../../abi/enum.ts';
import type { ExplainedStep } from '../../cluster/explain.ts';
import type { Terminal } from '../terminal.ts';
import type { HopReport, TraceReport, WayReport } from './report.ts';

/** The whole report, for people. */
export function printTrace(report: TraceReport, terminal: Terminal): void {
  for (const note of report.notes) terminal.print(`note: ${note}`);
  const { packet, enters, outcome, reply } = report;
  const isOfNames = ({ code }: ExplainedStep): boolean => code.startsWith('dns-');
  const steps = [
    report.steps,
    ...[...(report.wayBack ?? []), ...(reply ? [reply] : [])].map((hop) => hop.steps),
  ].flat();
  const printer = new TracePrinter(terminal, steps);
  printer.printSteps(report.steps.filter(isOfNames));
  if (packet === undefined || enters === undefined || outcome === undefined) return;
  const ownSteps = report.steps.filter((step) => !isOfNames(step));
  printer.printWay({ ...report, packet, enters, outcome, steps: ownSteps });
  if (reply === null) terminal.print('nobody answers');
  if (!reply) return;
  terminal.print('');
  printer.printWay(reply);
}

/** Steps have numbers that go on from node to node, and a column as wide as all need. */
class TracePrinter {
  readonly #terminal: Terminal;
  readonly #width: number;
  #printed = 0;

  constructor(terminal: Terminal, steps: readonly ExplainedStep[]) {
    this.#terminal = terminal;
    this.#width = Math.max(...steps.map(({ code }) => code.length));
  }

  printWay(way: WayReport): void {
    this.#terminal.print(this.#terminal.style('bold', way.packet));
    for (const hop of way.path ?? [way]) this.#printHop(hop);
    if (way.wayBack === undefined) return;
    this.#terminal.print('the answer goes back');
    for (const hop of way.wayBack) this.#printHop(hop);
  }

  printSteps(steps: readonly ExplainedStep[]): void {
    for (const { code, text, details = [] } of steps) {
      const number = String(++this.#printed).padStart(3);
      const name = this.#terminal.style('dim', code.padEnd(this.#width));
      this.#terminal.print(`${number}  ${name}  ${text}`);
      const indent = ' '.repeat(this.#width + 7);
      for (const detail of details) this.#terminal.print(`${indent}- ${detail}`);
    }
  }

  #printHop({ node, enters, steps, outcome, leaves }: HopReport): void {
    this.#terminal.print(`enters ${node} by ${enters}`);
    this.printSteps(steps);
    const { verdict, reason, port } = outcome;
    const isGood = verdict === 'forward' || verdict === 'local';
    const head = this.#terminal.style(isGood ? 'green' : 'red', verdict.toUpperCase());
    const where = port === null ? '' : ` by ${port}`;
    const why = reason === null ? '' : ` (${reason}: ${explainReason(reason)})`;
    this.#terminal.print(`${head}${where}${why}`);
    if (leaves !== undefined) this.#terminal.print(`leaves as ${leaves}`);
  }
}

function explainReason(code: string): string {
  const value = valueOf('Reason', code);
  return value === undefined ? code : sentenceOf('Reason', value);
}
