// No packet makes the dataplane read or write outside the packet or its own tables, whatever its
// bytes say.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { subjectNode } from '../../fuzz/arbitrary/cluster.ts';
import { anyFrame } from '../../fuzz/arbitrary/packet.ts';
import { sampleObjects } from '../../fuzz/targets/sample-cluster.ts';
import { Cluster } from '../../host/cluster/cluster.ts';
import { compileNode, defaultNodeConfig } from '../../host/compile/compile-node.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';
import { encodePacket } from '../../host/net/packet.ts';
import { sourceOf } from '../../host/pcap/block-reader.ts';
import { openCapture } from '../../host/pcap/reader.ts';
import { applyPlan } from '../../host/reconcile/apply.ts';
import { plan } from '../../host/reconcile/plan.ts';
import { captureFiles, readCapture } from '../golden/captures.ts';
import { GuardedInstance } from './guard.ts';

/** Small, so that tables are full most of the time. */
const capacity = {
  vectorPackets: 1,
  blockBytes: 128 * 1024,
  traceSteps: 8,
  ports: 16,
  prefixes: 128,
  frontends: 64,
  services: 32,
  endpoints: 128,
  affinities: 8,
  identities: 16,
  policies: 16,
  portSets: 16,
  connections4: 32,
  connections6: 32,
  fragments: 4,
  maglevSlots: 16,
};

/** A node with every kind of front-end. */
async function guardedNode(settings: Partial<NodeConfig> = {}): Promise<GuardedInstance> {
  const { state } = Cluster.from(sampleObjects, { controllers: false });
  const { desired } = compileNode(state, subjectNode, { ...defaultNodeConfig, ...settings });
  const guarded = await GuardedInstance.create(capacity);
  applyPlan(guarded.instance, plan({}, desired));
  return guarded;
}

const links = ['raw', 'ethernet'] as const;
const modes: readonly Partial<NodeConfig>[] = [
  { mode: 'nftables' },
  { mode: 'iptables' },
  { mode: 'ipvs', scheduler: 'lblcr' },
];

test.each(modes)('random frames: %j', async (settings) => {
  const guarded = await guardedNode(settings);
  let timeMs = 0;
  for (const link of links) {
    for (const frame of fc.sample(anyFrame(link), { seed: 1, numRuns: 10_000 })) {
      guarded.process(frame, { port: (timeMs % 4) + 1, timeMs, link, trace: timeMs % 3 === 0 });
      timeMs += 20;
    }
    guarded.instance.sweep(timeMs, 100);
  }
  expect(guarded.instance.poisoned).toBeNull();
  expect(guarded.accesses).toBeGreaterThan(1_000_000);
});

test('real packets, cut off at every byte of their headers', async () => {
  const guarded = await guardedNode();
  let cuts = 0;
  for (const file of captureFiles) {
    const reader = openCapture(sourceOf(readCapture(file)), file);
    for (let packet = reader.next(); packet !== null; packet = reader.next()) {
      if (packet.number > 40) break;
      for (let length = 0; length <= Math.min(120, packet.frame.length); length++) {
        const entry = { port: 2, timeMs: packet.timeMs, link: 'ethernet' as const };
        guarded.process(packet.frame.subarray(0, length), entry);
        cuts += 1;
      }
    }
  }
  expect(cuts).toBeGreaterThan(10_000);
});

test('the zones are there, and who touches one is caught', async () => {
  const guarded = await guardedNode();
  expect(guarded.guardedBytes).toBeGreaterThan(64 * 20 + capacity.blockBytes);
  const packet = { source: '203.0.113.7', destination: '10.96.0.10', protocol: 6 };
  const frame = encodePacket({ ...packet, sourcePort: 1, destinationPort: 80 }, 'raw');
  const half = frame.subarray(0, 30);
  const entry = { port: 2, timeMs: 0, link: 'raw' as const };
  expect(() => guarded.process(half, entry, frame.length)).toThrow(/load of \d bytes .*of bounds/);
});
