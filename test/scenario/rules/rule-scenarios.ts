// The scenarios that stand for rules: which file and mode plays which rule. A scenario says so
// itself, in its annotations. Knows no outcomes.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadScenarios } from '../../../host/cli/commands/test.ts';
import { modes } from '../../../host/scenario/read-config.ts';
import type { Scenario } from '../../../host/scenario/scenario.ts';

export type Mode = (typeof modes)[number];

/** A scenario in one of its modes. */
export interface RuleScenario {
  readonly file: string;
  readonly mode: Mode;
  readonly rules: readonly string[];
  readonly scenario: Scenario;
}

const folder = 'test/scenario/rules';

/**
 * Every scenario of this folder, once for each of its modes. Warnings are no failure: some rules
 * are about what an API server would warn of.
 */
export async function loadRuleScenarios(): Promise<RuleScenario[]> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name));
  const scenarios = await loadScenarios(files, () => {});
  return scenarios.flatMap(inEachMode);
}

/**
 * `podplane.io/rules` names the rules; `podplane.io/modes` the modes in which the same expectations
 * hold, by default only that of `spec.config`.
 */
function inEachMode(scenario: Scenario): RuleScenario[] {
  const own = scenario.config.mode ?? 'nftables';
  const rules = words(scenario.annotations['podplane.io/rules'] ?? '');
  const named = words(scenario.annotations['podplane.io/modes'] ?? own);
  return named.map(knownMode).map((mode) => {
    const config = { ...scenario.config, mode };
    return { file: scenario.file, mode, rules, scenario: { ...scenario, config } };
  });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** A rule as its page states it. */
export interface Rule {
  readonly id: string;
  /** Modes in which a scenario is due; empty: in any one. */
  readonly modes: readonly Mode[];
}

/** A page of `docs/reference` that lists rules. */
export interface RulePage {
  readonly file: string;
  readonly title: string;
  readonly rules: readonly Rule[];
}

/** The rules of Services and those of policies. */
export function readRulePages(): RulePage[] {
  return [
    readRulePage('service-rules.md', 'Service rules', dueModes),
    // What policy says is the same in every mode of the service layer.
    readRulePage('policy-rules.md', 'Policy rules', () => []),
  ];
}

/** Rules stand in rows `| R1 | text | modes | source |`; policies have no column of modes. */
function readRulePage(
  file: string,
  title: string,
  modesOf: (cell: string) => readonly Mode[],
): RulePage {
  const page = readFileSync(join('docs/reference', file), 'utf8');
  const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const rules = rows
    .filter(([, id = '']) => /^[RPA]\d+$/.test(id))
    .map(([, id = '', , due = '']) => ({ id, modes: modesOf(due) }));
  return { file, title, rules };
}

function dueModes(text: string): readonly Mode[] {
  if (text === 'same') return [];
  if (text === 'differ') return modes;
  return words(text).map(knownMode);
}

function knownMode(word: string): Mode {
  const mode = modes.find((known) => known === word);
  if (mode === undefined) throw new Error(`there is no mode ${word}`);
  return mode;
}
