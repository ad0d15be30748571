// Every subject plays stories as the model says it may, and one that does not is found out: in what
// leaves, in what it says, and in what it does not say.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { subjectNode } from '../../fuzz/arbitrary/cluster.ts';
import { story } from '../../fuzz/arbitrary/story.ts';
import { runFuzz } from '../../fuzz/main.ts';
import { everything } from '../../fuzz/subject/claims.ts';
import { modelSubjects } from '../../fuzz/subject/model-subject.ts';
import type { Answer, Arrival, Subject, SubjectSource } from '../../fuzz/subject/subject.ts';
import {
  reloadedWasmSubjects,
  WasmSubject,
  wasmInVectors,
  wasmRestored,
  wasmSubjects,
} from '../../fuzz/subject/wasm-subject.ts';
import { wasmAcrossWorkers } from '../../fuzz/subject/workers.ts';
import { playStory } from '../../fuzz/targets/story.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import { readObject } from '../../host/kubernetes/read.ts';
import type { KubernetesObject } from '../../host/kubernetes/types.ts';
import { writeObject } from '../../host/kubernetes/write.ts';
import { runs } from '../property/setup.ts';

const settings = { node: subjectNode, config: defaultNodeConfig };

test.each<[string, SubjectSource]>(
  [
    wasmInVectors(7),
    wasmInVectors(64),
    reloadedWasmSubjects,
    wasmRestored(3),
    wasmAcrossWorkers(3),
    modelSubjects,
  ].map((source) => [source.name, source]),
)('%s: every packet of a story ends as the model says it may', async (_, source) => {
  await fc.assert(
    fc.asyncProperty(story(), async (plot) => {
      const subject = await source.start(settings);
      const { vectorPackets = 1 } = source;
      const { log, wrong } = await playStory(plot, defaultNodeConfig, { subject, vectorPackets });
      expect(wrong, log.join('\n')).toEqual([]);
      await subject.close();
    }),
    runs(40),
  );
});

test('vectors hold many packets, and the same comes of them as one by one', async () => {
  const sizes: number[] = [];
  class Counting extends WasmSubject {
    override send(arrivals: readonly Arrival[]): Answer[] {
      sizes.push(arrivals.length);
      return super.send(arrivals);
    }
  }
  await fc.assert(
    fc.asyncProperty(story(), async (plot) => {
      const cast = { subject: new Counting(settings), vectorPackets: 16 };
      const inVectors = await playStory(plot, defaultNodeConfig, cast);
      const oneByOne = await playStory(plot);
      expect(inVectors.log).toEqual(oneByOne.log);
    }),
    runs(40),
  );
  expect(Math.max(...sizes)).toBeGreaterThan(4);
});

/** Objects as reading leaves them: with every default, and nothing that means nothing. */
test('objects that are written and read again are the same', () => {
  fc.assert(
    fc.property(story(), ({ objects }) => {
      const read = (object: KubernetesObject) =>
        readObject(writeObject(object), 'test').objects[0]!;
      const once = objects.map(read);
      expect(once.map(read)).toEqual(once);
      for (const [index, { kind, metadata }] of objects.entries()) {
        expect(once[index]).toMatchObject({ kind, metadata });
      }
    }),
    runs(50),
  );
});

/** Our dataplane with one thing changed in every answer. */
function liar(change: (answer: Answer) => Answer): SubjectSource {
  const start = (): Subject => {
    const honest = new WasmSubject(settings);
    return {
      apply: (objects) => honest.apply(objects),
      delete: (references) => honest.delete(references),
      advance: (timeMs) => honest.advance(timeMs),
      send: (arrivals) => honest.send(arrivals).map(change),
      dump: () => honest.dump(),
      close: () => honest.close(),
    };
  };
  return { name: 'a liar', claims: everything, start, close: () => {} };
}

const lies: readonly [string, (answer: Answer) => Answer, string | null][] = [
  [
    'another hop',
    (answer) => {
      const { verdict, frame } = answer;
      const isForwarded4 = verdict === 'forward' && frame[0] === 0x45;
      return isForwarded4 ? { ...answer, frame: frame.with(8, frame[8]! - 1) } : answer;
    },
    'packet.ttl: expected ',
  ],
  [
    'a checksum',
    (answer) => ({ ...answer, frame: answer.frame.map((byte, at) => byte ^ (at === 10 ? 1 : 0)) }),
    'a checksum is wrong',
  ],
  ['a frame cut off', (answer) => ({ ...answer, frame: answer.frame.subarray(0, 20) }), 'no whole'],
  ['another reason', (answer) => ({ ...answer, reason: 'because' }), 'got because'],
  [
    'another Service',
    (answer) => ({ ...answer, service: { namespace: 'a', name: 'b' } }),
    'service: expected default/s0, got a/b',
  ],
  ['no reason and no Service', ({ verdict, port, frame }) => ({ verdict, port, frame }), null],
];

test.each(lies)('a dataplane that tells %s', async (_, change, expected) => {
  const subject = liar(change);
  const { failures } = await runFuzz({ subject, targets: ['story'], seed: 1, runs: 50 });
  if (expected === null) expect(failures).toEqual([]);
  else expect(failures[0]?.message).toContain(expected);
});

test('targets that are about our own dataplane, or about more, are not for others', async () => {
  const run = (subject: SubjectSource, targets?: readonly string[]) =>
    runFuzz({ subject, seed: 1, runs: 1, ...(targets && { targets }) });
  await expect(run(wasmSubjects, ['frame'])).rejects.toThrow(
    "target frame is not for the dataplane: it is about podplane's own dataplane",
  );
  const small = { ...wasmSubjects, claims: { ...everything, protocols: ['UDP' as const] } };
  await expect(run(small, ['balance'])).rejects.toThrow('it claims too little');
  expect(Object.keys((await run(small)).runs)).toEqual(['story', 'story-iptables', 'story-ipvs']);
});
