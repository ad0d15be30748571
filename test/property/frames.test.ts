// Whatever the bytes: no trap, a reason for each refusal, and the same outcome whatever else is in
// the vector.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { subjectNode } from '../../fuzz/arbitrary/cluster.ts';
import { anyFrame } from '../../fuzz/arbitrary/packet.ts';
import type { ArrivingFrame } from '../../fuzz/subject/node-under-test.ts';
import { NodeUnderTest } from '../../fuzz/subject/node-under-test.ts';
import { sampleObjects } from '../../fuzz/targets/sample-cluster.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import type { LinkType } from '../../host/net/packet-layout.ts';
import { runs } from './setup.ts';

function freshNode(): Promise<NodeUnderTest> {
  return NodeUnderTest.create(sampleObjects, { node: subjectNode, config: defaultNodeConfig });
}

const ports = ['uplink', 'host', 'pod/default/p0', 'pod/default/p1'];

function arrival(linkType: LinkType): fc.Arbitrary<ArrivingFrame> {
  return fc.record({
    frame: anyFrame(linkType),
    link: fc.constant(linkType),
    port: fc.constantFrom(...ports),
    timeMs: fc.constant(1000),
  });
}

const arrivals = fc.array(fc.oneof(arrival('raw'), arrival('ethernet')), {
  minLength: 1,
  maxLength: 40,
  size: 'max',
});

test('no bytes trap, and what is dropped has a reason', async () => {
  const node = await freshNode();
  fc.assert(
    fc.property(arrivals, (sent) => {
      for (const [index, { outcome, frame }] of node.sendAll(sent).entries()) {
        expect(outcome.reason === null).toBe(['forward', 'local'].includes(outcome.verdict));
        const isWhole = outcome.verdict === 'forward' || outcome.verdict === 'local';
        if (isWhole) expect(frame.length).toBe(sent[index]!.frame.length);
        else if (outcome.verdict === 'drop') expect(frame.length).toBe(0);
      }
      expect(node.dataplane.instance.poisoned).toBeNull();
    }),
    runs(300),
  );
});

test('outcomes do not depend on how packets are cut into vectors', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 7 }), async (sent, size) => {
      const [whole, pieces] = await Promise.all([freshNode(), freshNode()]);
      const atOnce = whole.sendAll(sent);
      const inPieces = Array.from({ length: Math.ceil(sent.length / size) }, (_, index) =>
        pieces.sendAll(sent.slice(index * size, (index + 1) * size)),
      );
      expect(inPieces.flat()).toEqual(atOnce);
    }),
    runs(50),
  );
});

test('equal seeds and packets give equal outcomes', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, async (sent) => {
      const [one, two] = await Promise.all([freshNode(), freshNode()]);
      expect(two.sendAll(sent)).toEqual(one.sendAll(sent));
    }),
    runs(20),
  );
});
