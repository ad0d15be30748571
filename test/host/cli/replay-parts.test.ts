// A replay in parts from the command line: parts, workers, and the Job of the examples add up to
// the replay of the whole; what stands in the way is said.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, describe, expect, test } from 'vitest';
import { replayCommand } from '../../../host/cli/commands/replay.ts';
import { parseArguments } from '../../../host/cli/parse-arguments.ts';
import { runCli } from './run-cli.ts';

const captures = join(import.meta.dirname, '../../../examples/captures');
const folder = mkdtempSync(join(tmpdir(), 'podplane-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const cluster = [
  ...['nodes-and-pods.yaml', 'objects.json'].flatMap((name) => ['-f', join(captures, name)]),
  ...['--node', 'node-a'],
];
const calm = [
  'uplink=http-nodeport.before.client.pcap',
  'pod/default/pod9=dns-clusterip.before.pod9.pcap',
];
const fragmented = ['pod/default/pod9=udp-fragments.before.pod9.pcap.gz'];
const inCaptures = (text: string): string => text.replace('=', `=${captures}/`);

/** Without what the clock says. */
async function report(words: readonly string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await runCli([...words, '-o', 'json', '-q']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return { ...(JSON.parse(out) as object), seconds: 0, packetsPerSecond: 0 };
}

async function reportFiles(texts: readonly string[], count: number): Promise<string[]> {
  const files = [];
  for (let index = 0; index < count; index++) {
    const words = ['replay', ...cluster, '--shard', `${index}/${count}`, ...texts.map(inCaptures)];
    const file = join(folder, `${texts.length}-${index}-of-${count}.json`);
    writeFileSync(file, JSON.stringify(await report(words)));
    files.push(file);
  }
  return files;
}

describe.each([
  ['connections', calm],
  ['fragments, which one part takes', fragmented],
])('%s', (_, texts) => {
  const words = ['replay', ...cluster, ...texts.map(inCaptures)];

  test('parts add up', async () => {
    const merged = await report(['report', 'merge', ...(await reportFiles(texts, 3))]);
    expect(merged).toEqual(await report(words));
    expect(Object.keys(merged)).toEqual(Object.keys(await report(words)));
  });

  test('workers add up', async () => {
    expect(await report([...words, '--workers', '2'])).toEqual(await report(words));
  });
});

test('workers are refused what the whole is refused, and in its words', async () => {
  const words = ['replay', ...cluster, 'missing.pcap'];
  const whole = await runCli(words);
  expect(await runCli([...words, '--workers', '2'])).toEqual(whole);
  expect(whole.code).toBe(2);
});

test.each([
  [['--mode', 'ipvs'], 'in ipvs mode connections take turns, each after all others'],
  [['--check'], '--check needs all packets in one place'],
  [['-w', join(folder, 'out.pcap')], '--write needs all packets in one place'],
  [['--snapshot', join(folder, 'kept')], '--snapshot needs all packets in one place'],
])('%s', async (given, reason) => {
  const words = ['replay', ...cluster, ...given, inCaptures(calm[0]!)];
  const workers = await runCli([...words, '--workers', '2']);
  expect(workers.err).toContain(`note: one worker, since ${reason}\n`);
  expect(workers.out).toContain('packets');
  const part = await runCli([...words, '--shard', '0/2']);
  expect(part.code).toBe(2);
  expect(part.err).toBe(`podplane: --shard: ${reason}; a replay in one part\n`);
});

test.each(['2/2', '0', '0/0', '-1/2', 'x/2', '1/2/3'])('--shard=%s is no part', async (text) => {
  const { code, err } = await runCli(['replay', ...cluster, `--shard=${text}`, 'x.pcap']);
  expect({ code, err }).toEqual({
    code: 2,
    err: `podplane: --shard: "${text}" is no part; i/n with i from 0 to n-1\n`,
  });
});

describe('report merge refuses', () => {
  const write = (name: string, content: unknown): string => {
    const file = join(folder, name);
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };

  test.each<[string, (parts: Record<string, unknown>[]) => unknown[], RegExp]>([
    ['the whole', ([one]) => [{ ...one, shard: undefined }, one], /a\.json: no part of a replay/],
    ['a part twice', ([one]) => [one, one], /b\.json: part 0 is in .*a\.json, too/],
    ['a missing part', ([one, two]) => [one, two], /a\.json: part 2 missing; all 3 parts/],
    [
      'parts of other wholes',
      ([one, two]) => [one, { ...two, shard: { ...(two!['shard'] as object), count: 4 } }],
      /b\.json: part 1 of 4; parts of 3/,
    ],
    [
      'parts of other captures',
      ([one, two]) => [one, { ...two, lastMs: 1 }],
      /b\.json: a part of other captures/,
    ],
    ['text', ([one]) => [one, 'text'], /b\.json: no report of a replay; what `podplane replay/],
    ['other JSON', ([one]) => [one, { version: 1 }], /b\.json: no report of a replay/],
    [
      'more connections than one table holds',
      (parts) =>
        parts.map((part) => ({
          ...part,
          shard: { ...(part['shard'] as object), peakConnections: 30_000 },
        })),
      /a\.json: the parts had up to 90000 connections at once, and one table holds \d+:/,
    ],
  ])('%s', async (_, change, message) => {
    const files = await reportFiles(calm, 3);
    const parts = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as object);
    const changed = change(parts as Record<string, unknown>[]);
    const names = changed.map((content, index) => write(`${'abc'[index]!}.json`, content));
    const { code, err } = await runCli(['report', 'merge', ...names]);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  test('another verb', async () => {
    const { code, err } = await runCli(['report', 'split', 'a.json']);
    expect({ code, err }).toEqual({ code: 2, err: 'podplane: unknown verb "split"; merge\n' });
  });
});

test('the Job of the examples', async () => {
  const file = join(import.meta.dirname, '../../../examples/replay-job/job.yaml');
  const { spec } = load(readFileSync(file, 'utf8')) as {
    spec: {
      completionMode: string;
      completions: number;
      template: {
        spec: { containers: [{ args: string[]; volumeMounts: [{ mountPath: string }] }] };
      };
    };
  };
  expect(spec.completionMode).toBe('Indexed');
  const [{ args, volumeMounts }] = spec.template.spec.containers;
  const [{ mountPath }] = volumeMounts;
  const reports = [];
  for (let index = 0; index < spec.completions; index++) {
    const words = args.map((arg) =>
      arg.replace('$(JOB_COMPLETION_INDEX)', String(index)).replace(mountPath, captures),
    );
    const { arguments: texts } = parseArguments(replayCommand, words.slice(1));
    expect(texts.every((text) => existsSync(text.split('=')[1]!))).toBe(true);
    const { code, out } = await runCli(words);
    expect(code).toBe(0);
    reports.push(join(folder, `job-${index}.json`));
    writeFileSync(reports[index]!, out);
  }
  const merged = await report(['report', 'merge', ...reports]);
  const whole = args.filter((arg) => !arg.startsWith('--shard') && !arg.startsWith('--output'));
  expect(merged).toEqual(await report(whole.map((arg) => arg.replace(mountPath, captures))));
});
