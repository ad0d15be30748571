// A reload in mid-capture changes no verdict: captures through one dataplane, and through one that
// is replaced by its snapshot between any two packets.

import { expect, test } from 'vitest';
import type { Dataplane } from '../../host/cluster/cluster.ts';
import { followPackets } from '../../host/replay/passage.ts';
import { originFinder } from '../../host/replay/place.ts';
import { captureInput, openNode } from './captures.ts';

/** Small, for there are many of them. */
const capacity = {
  vectorPackets: 4,
  blockBytes: 256 * 1024,
  traceSteps: 16,
  prefixes: 512,
  frontends: 512,
  services: 512,
  endpoints: 2048,
  connections4: 512,
  connections6: 512,
  maglevSlots: 16,
};

const pod1 = 'pod/default/pod1';
const pod9 = 'pod/default/pod9';
const threeSides = (run: string): string[] => [
  `uplink=${run}.before.client.pcap`,
  `${pod9}=${run}.before.pod9.pcap`,
  `${pod1}=${run}.after.pod1.pcap`,
];

/** A reload before every so many packets. */
const runs: Readonly<Record<string, { every: number; captures: readonly string[] }>> = {
  'dns-clusterip': {
    every: 1,
    captures: [`${pod9}=dns-clusterip.before.pod9.pcap`, `${pod1}=dns-clusterip.after.pod1.pcap`],
  },
  'http-hairpin': {
    every: 1,
    captures: [`${pod1}=http-hairpin.before.and_after_pod1.pcap`],
  },
  'tcp-resets': { every: 1, captures: threeSides('tcp-resets') },
  'udp-refused': { every: 1, captures: threeSides('udp-refused') },
  'http-ipv6': { every: 17, captures: threeSides('http-ipv6') },
};

test.each(Object.entries(runs))('%s', async (_, { every, captures }) => {
  const { cluster } = await openNode();
  const start = () => cluster.dataplane({ node: 'node-a', capacity });
  const calm = await start();
  let restless = await start();
  let fed = 0;
  let reloads = 0;
  const inputs = captures.map((capture) => captureInput(capture));
  for (const { merged, kind, port } of followPackets(inputs, originFinder(calm))) {
    if (kind !== 'entered') continue;
    const { packet, header } = merged;
    if (fed++ % every === 0) {
      const snapshot = restless.snapshot();
      restless.close();
      restless = await start();
      restless.restore(snapshot);
      reloads += 1;
    }
    const place = { port: port, timeMs: packet.timeMs, link: header.link };
    const expected = calm.process(merged.frame, place);
    expect(restless.process(merged.frame, place), `packet ${packet.number}`).toEqual(expected);
  }
  expect(reloads).toBeGreaterThan(5);
  expect(viewOf(restless)).toEqual(viewOf(calm));
});

/** In an order of their own: a table need not be laid out alike. */
function viewOf(dataplane: Dataplane): string[] {
  return dataplane
    .connections()
    .map((connection) => JSON.stringify(connection))
    .toSorted();
}
