// Every scenario about a rule, in each of its modes, on the dataplane with the model as judge; and
// the page that says which rule is covered by what, which is refused while a rule has nothing.

import { existsSync, readFileSync } from 'node:fs';
import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { modes } from '../../../host/scenario/read-config.ts';
import { runScenario } from '../../../host/scenario/run.ts';
import { JudgedSubject } from '../judged-subject.ts';
import { namedTests } from './named-tests.ts';
import { loadRuleScenarios, readRulePages, type Rule, type RulePage } from './rule-scenarios.ts';

const pages = readRulePages();
const rules = pages.flatMap((page) => page.rules);
const scenarios = await loadRuleScenarios();

const cases = scenarios.map(
  (played) =>
    [`${played.scenario.name}, ${played.mode}: ${played.rules.join(' ')}`, played] as const,
);

describe('scenarios', () => {
  test.each(cases)('%s', async (_, { scenario }) => {
    const subject = new JudgedSubject(scenario);
    const report = await runScenario(scenario, subject);
    const failures = report.flows.flatMap((flow) =>
      flow.failures.map((text) => `${flow.name}: ${text}`),
    );
    expect(failures).toEqual([]);
    expect(subject.differences).toEqual([]);
  });
});

describe('coverage', () => {
  test('scenarios and tests name rules that there are, and each has its own name', () => {
    const known = new Set(rules.map(({ id }) => id));
    const named = [...scenarios.flatMap((played) => played.rules), ...Object.keys(namedTests)];
    expect(named.filter((id) => !known.has(id))).toEqual([]);
    expect(scenarios.filter((played) => played.rules.length === 0)).toEqual([]);
    expect(new Set(cases.map(([title]) => title)).size).toBe(cases.length);
  });

  test.each(rules.map((rule) => [rule.id, rule] as const))('%s is covered', (_, rule) => {
    expect(uncoveredModes(rule)).toEqual([]);
  });

  test('every rule has a number of its own', () => {
    expect(pages.map((page) => page.rules.length)).toEqual([79, 80]);
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });

  test.each(Object.entries(namedTests))('the test for %s exists', (_, named) => {
    for (const { file, title } of named) {
      expect(existsSync(file) && readFileSync(file, 'utf8').includes(title), title).toBe(true);
    }
  });

  test('docs/reference/rules.md', async () => {
    const page = await format(coveragePage().join('\n'), { parser: 'markdown' });
    await expect(page).toMatchFileSnapshot('../../../docs/reference/rules.md');
  });
});

/** Modes without a scenario, or `any`; a named test stands for all. */
function uncoveredModes({ id, modes: due }: Rule): string[] {
  if (namedTests[id] !== undefined) return [];
  const played = scenarios.filter((scenario) => scenario.rules.includes(id));
  if (due.length === 0) return played.length > 0 ? [] : ['any'];
  return due.filter((mode) => !played.some((scenario) => scenario.mode === mode));
}

function coveragePage(): string[] {
  return [
    '# What covers each rule',
    '',
    'This page is generated; `npx vitest run test/scenario/rules -u` writes it anew. The rules',
    'are those of [Services](service-rules.md) and [policies](policy-rules.md); scenarios are in',
    '`test/scenario/rules`, and each is played on the dataplane with the reference model as judge',
    'of every packet.',
    '',
    ...pages.flatMap(coverageTable),
  ];
}

function coverageTable({ title, file, rules: listed }: RulePage): string[] {
  const hasModes = listed.some(({ modes: due }) => due.length > 0);
  const row = ({ id }: Rule) =>
    `| ${id} | ${[...scenarioTexts(id, hasModes), ...testTexts(id)].join('; ')} |`;
  return [
    `## [${title}](${file})`,
    '',
    '| rule | covered by |',
    '| ---- | ---------- |',
    ...listed.map(row),
    '',
  ];
}

/** Names of scenarios, with the modes they are played in where those matter. */
function scenarioTexts(id: string, hasModes: boolean): string[] {
  const byScenario = new Map<string, string[]>();
  for (const { rules: named, scenario, mode } of scenarios) {
    if (!named.includes(id)) continue;
    const played = byScenario.get(scenario.name) ?? [];
    byScenario.set(scenario.name, [...played, mode]);
  }
  return [...byScenario].map(([name, played]) => {
    const where = played.length === modes.length ? 'all modes' : played.join(', ');
    return hasModes ? `\`${name}\` (${where})` : `\`${name}\``;
  });
}

function testTexts(id: string): string[] {
  return (namedTests[id] ?? []).map(({ file, title }) => `\`${file}\`: ${title}`);
}
