// Guided fuzzing as a whole: planted faults are found, repeated and made short, the same seed gives
// the same run, and the dataplane as it is holds.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CountedModule } from '../../fuzz/guided/counted-node.ts';
import {
  runGuided,
  type Corpora,
  type GuidedOptions,
  type GuidedRun,
} from '../../fuzz/guided/main.ts';
import { guidedTargets } from '../../fuzz/guided/targets.ts';
import { compileCounted } from '../../tools/coverage/compile.ts';
import { readCountedPoints, countedWasm } from '../../tools/coverage/files.ts';
import { counterMark } from '../../tools/coverage/instrument.ts';

const example = (name: string): Uint8Array => {
  const bytes = readFileSync(new URL(`../../examples/captures/${name}`, import.meta.url));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
};
const captures = [
  'http-ipv6.before.client.pcap',
  'dns-clusterip.before.pod9.pcap',
  'udp-fragments.before.client.pcap.gz',
].map(example);
const manifests = [example('objects.json'), example('nodes-and-pods.yaml')];

const sound: CountedModule = {
  ...readCountedPoints(),
  module: new WebAssembly.Module(readFileSync(countedWasm)),
};

function run(
  target: string,
  options: Partial<GuidedOptions>,
  counted: CountedModule = sound,
): GuidedRun {
  const given = { seed: 1, runs: 200, counted, captures, manifests, ...options };
  return runGuided({ ...given, targets: [target] })[0]!;
}

test.each(guidedTargets.map(({ name }) => name))('%s: what is there holds', (target) => {
  const { failures, executions, corpus } = run(target, {});
  expect(failures).toEqual([]);
  expect(executions).toBeGreaterThan(200);
  expect(corpus).toBeGreaterThan(3);
});

test('the same seed gives the same run, another one another', () => {
  const first = run('commands', { seed: 7 });
  expect(run('commands', { seed: 7 })).toEqual(first);
  expect(run('commands', { seed: 8 })).not.toEqual(first);
});

test('more runs reach more of the dataplane', () => {
  const { reached } = run('quoted', { runs: 1 });
  expect(run('quoted', { runs: 400 }).reached).toBeGreaterThan(reached + 20);
});

test('a run goes on from what earlier runs kept, and leaves what is worth it', () => {
  const kept = new Map<string, readonly Uint8Array[]>();
  const corpora: Corpora = {
    read: (target) => kept.get(target) ?? [],
    write: (target, inputs) => void kept.set(target, inputs),
  };
  const first = run('quoted', { runs: 400, corpora });
  expect(kept.get('quoted')).toHaveLength(first.corpus);
  const twice = kept.get('quoted')!.flatMap((input) => [input, input]);
  kept.set('quoted', twice);
  const next = run('quoted', { runs: 1, corpora });
  expect(next.reached).toBeGreaterThanOrEqual(first.reached);
  expect(next.corpus).toBeLessThan(twice.length);
  expect(next.executions).toBe(first.executions - 399 + twice.length);
  run('quoted', { input: '00', corpora });
  expect(kept.get('quoted')).toHaveLength(next.corpus);
});

test('nonsense is refused', () => {
  expect(() => run('nothing', {})).toThrow('there is no guided target nothing; there are frame,');
  expect(() => run('frame', { input: '123' })).toThrow('hexadecimal');
  const endless = { seed: 1, counted: sound, captures, manifests };
  expect(() => runGuided(endless)).toThrow('fuzzing without end');
  expect(() => runGuided({ ...endless, input: '00' })).toThrow('an input is for one target');
});

/** One line of the sources, and what stands there instead. */
const faults = [
  {
    path: 'assembly/packet/parse.ts',
    right: 'if (end - at < bytes) return Reason.TruncatedIpv6Extension;',
    wrong: 'if (end - at < bytes) unreachable();',
  },
  {
    path: 'assembly/nat/rewrite-error.ts',
    right:
      'update(packet.transport + ICMP_CHECKSUM, difference(before, sumBytes(message, bytes)));',
    wrong: '',
  },
] as const;

describe('planted faults', () => {
  let faulty: CountedModule;

  beforeAll(async () => {
    const planted = new Set<string>();
    const { wasm, points } = await compileCounted('.', (path, text) => {
      const fault = faults.find((one) => one.path === path);
      if (fault === undefined) return text;
      if (text.includes(fault.right)) planted.add(path);
      return text.replace(fault.right, fault.wrong);
    });
    expect(planted.size).toBe(faults.length);
    faulty = { module: new WebAssembly.Module(Buffer.from(wasm)), mark: counterMark, points };
  }, 300_000);

  test('are found, made short, and repeated by what is printed', () => {
    const printed: string[] = [];
    const print = (line: string): void => void printed.push(line);
    const { failures } = run('frame', { runs: 3000, print }, faulty);
    const trap = failures.find(({ message }) => message.includes('unreachable'));
    expect(trap?.input.length).toBeLessThan(110);
    expect(trap?.story.join()).toContain('raw: IP6');
    const hex = Buffer.from(trap!.input).toString('hex');
    expect(trap!.command).toBe(`podplane fuzz --guided frame --input=${hex}`);
    expect(printed.join('\n')).toContain(`repeat it with: ${trap!.command}`);
    const again = run('frame', { input: hex }, faulty);
    expect(again.failures.map(({ message }) => message)).toEqual([trap!.message]);
    expect(run('frame', { input: hex }).failures).toEqual([]);
  });

  test('break the laws of packets, too: an ICMP error leaves with an old checksum', () => {
    const { failures } = run('quoted', { runs: 200 }, faulty);
    expect(failures.map(({ message }) => message)).toEqual([
      'a packet with right checksums left with a wrong one',
    ]);
    expect(failures[0]!.story.at(-1)).toContain('ICMP');
  });
});
