// What the commands print of a packet that goes through several nodes.

import { describe, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

const captures = 'examples/captures';

async function printed(...words: string[]): Promise<string> {
  const { code, out } = await runCli([...words, '-q']);
  expect(code).toBe(0);
  return out;
}

describe('trace through two nodes', () => {
  const captured = ['-f', `${captures}/nodes-and-pods.yaml`, '-f', `${captures}/objects.json`];
  const ends = ['--from', '203.0.113.7', '--to', 'node/node-b', '--port', '30080'];
  const hopsOf = (way: { path: { node: string; enters: string; outcome: object }[] }) =>
    way.path.map(({ node, enters }) => `${node} ${enters}`);

  test('every hop with its node, and the answer', async () => {
    const words = ['trace', ...captured, ...ends];
    const report = JSON.parse(await printed(...words, '--reply', '-o', 'json'));
    const last = report.path.at(-1);
    expect(report).toMatchObject({
      node: 'node-b',
      enters: 'uplink',
      outcome: last.outcome,
      leaves: last.leaves,
    });
    expect(report.steps).toEqual(report.path.flatMap(({ steps }: { steps: [] }) => steps));
    expect(hopsOf(report.reply).map((hop) => hop.split(' ')[0])).toEqual(
      hopsOf(report)
        .map((hop) => hop.split(' ')[0])
        .toReversed(),
    );
    const out = await printed(...words, '--reply');
    const lines = out.split('\n').filter((line) => line.startsWith('enters '));
    expect(lines).toEqual(
      [...hopsOf(report), ...hopsOf(report.reply)].map(
        (hop) => `enters ${hop.replace(' ', ' by ')}`,
      ),
    );
  });

  test('--node shows one node alone, as ever', async () => {
    const words = ['trace', ...captured, ...ends, '--node', 'node-b', '-o', 'json'];
    const report = JSON.parse(await printed(...words));
    expect(report).not.toHaveProperty('path');
    expect(report.node).toBe('node-b');
    const { code, err } = await runCli([...words, '--via', 'node-b']);
    expect(code).toBe(2);
    expect(err).toContain('--via: only one node is traced');
  });

  test('--via chooses who takes what is for nobody', async () => {
    const dial = ['--from', '203.0.113.7', '--to', '10.96.0.10', '--port', '80'];
    for (const node of ['node-a', 'node-b']) {
      const words = ['trace', ...captured, ...dial, '--via', node, '-o', 'json'];
      expect(JSON.parse(await printed(...words)).node).toBe(node);
    }
    const { code, err } = await runCli(['trace', ...captured, ...dial, '--via', 'node-x']);
    expect(code).toBe(2);
    expect(err).toContain('--via: there is no node "node-x"');
  });
});

test('test names the node that refuses, and lists the path', async () => {
  const whole = 'test/scenario/whole-cluster.yaml';
  expect(await printed('test', whole)).toContain(
    'the destination refuses another pod: drop (policy-denied-ingress) at node-b\n',
  );
  const { scenarios } = JSON.parse(await printed('test', whole, '-o', 'json'));
  expect(scenarios[0].flows[2]).toMatchObject({
    name: 'the destination refuses another pod',
    outcomes: [{ verdict: 'drop', reason: 'policy-denied-ingress', node: 'node-b', count: 1 }],
    path: [
      { node: 'node-a', verdict: 'forward', reason: null },
      { node: 'node-b', verdict: 'drop', reason: 'policy-denied-ingress' },
    ],
  });
});
