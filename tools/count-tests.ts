// Prints how many tests of a vitest report passed and how many failed. A file that could not be
// loaded counts as one failure, and so does a run without a report. Parameters: the report, the
// exit code of the run.

import { existsSync, readFileSync } from 'node:fs';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

const [path = '', exitCode = '1'] = process.argv.slice(2);
const { passed, failed } = countTests(path);
console.log(passed, failed === 0 && exitCode !== '0' ? 1 : failed);

function countTests(file: string): { passed: number; failed: number } {
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length };
}
