// Prints how many tests of a vitest report passed and how many failed. A file that could not be loaded counts as one
// failure, and so does a run without a report. Parameters: the report, the exit code of the run.

import { existsSync, readFileSync } from 'node:fs';

const [report = '', exitCode = '1'] = process.argv.slice(2);
const { numPassedTests = 0, numFailedTests = 0, testResults = [] } = existsSync(report)
  ? JSON.parse(readFileSync(report, 'utf8'))
  : {};
const unloaded = testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
).length;
const failed = numFailedTests + unloaded;
console.log(numPassedTests, failed === 0 && exitCode !== '0' ? 1 : failed);
