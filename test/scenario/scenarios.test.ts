// Every scenario file of this folder and of the examples: on the dataplane, with the model as
// judge of each packet.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadScenarios } from '../../host/cli/commands/test.ts';
import { runScenario } from '../../host/scenario/run.ts';
import { JudgedSubject } from './judged-subject.ts';

const files = [
  ...readdirSync('test/scenario')
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join('test/scenario', name))
    .filter((name) => readFileSync(name, 'utf8').includes('kind: Scenario')),
  'examples/shop/shop.scenario.yaml',
];

test('there are scenarios', () => expect(files.length).toBeGreaterThan(15));

describe.each(files)('%s', async (file) => {
  // One of the documents that scenarios build on lost its indentation before it came here.
  const scenarios = await loadScenarios([file], ({ message }) =>
    expect(message).toBe('the manifest has lost its indentation'),
  );

  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    async (_, scenario) => {
      const subject = new JudgedSubject(scenario);
      const report = await runScenario(scenario, subject);
      const failures = report.flows.flatMap((flow) =>
        flow.failures.map((text) => `${flow.name}: ${text}`),
      );
      expect(failures).toEqual([]);
      expect(subject.differences).toEqual([]);
    },
  );
});
