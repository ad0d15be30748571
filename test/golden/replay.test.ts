// Golden: what the dataplane sends is what a real Linux node sent, packet by packet and byte by byte, on both sides.

import { describe, expect, test } from 'vitest';
import { replayCaptures } from '../../host/replay/replay.ts';
import { captureInput, openNode } from './captures.ts';

const pod1 = 'pod/default/pod1';
const pod9 = 'pod/default/pod9';

/** Captures of each run, and how many packets leave the node in them. */
const runs: Readonly<Record<string, readonly [sent: number, ...captures: string[]]>> = {
  'http-clusterip': [
    251,
    `${pod9}=http-clusterip.before.pod9.pcap`,
    `${pod1}=http-clusterip.after.pod1.pcap`,
  ],
  'http-lb-local': [
    271,
    'uplink=http-lb-local.before.client.pcap',
    `${pod1}=http-lb-local.after.pod1.pcap`,
  ],
  'http-nodeport': [
    245,
    'uplink=http-nodeport.before.client.pcap',
    `${pod1}=http-nodeport.after.pod1.pcap`,
  ],
  'dns-clusterip': [
    108,
    `${pod9}=dns-clusterip.before.pod9.pcap`,
    `${pod1}=dns-clusterip.after.pod1.pcap`,
  ],
  'http-ipv6': [
    363,
    'uplink=http-ipv6.before.client.pcap',
    `${pod9}=http-ipv6.before.pod9.pcap`,
    `${pod1}=http-ipv6.after.pod1.pcap`,
  ],
};

const noDifference = { different: [], onlyReal: 0, onlyPodplane: 0, notCaptured: 0, unmatched: [] };

describe.each(Object.entries(runs))('%s', (run, [sent, ...captures]) => {
  const replay = async (inputs = captures.map((capture) => captureInput(capture))) =>
    replayCaptures(await openNode(), inputs, { check: true });

  test('every packet as Linux sent it', async () => {
    const { check } = await replay();
    // One neighbour advertisement of the node is in the capture of the DNS run.
    const hostStack = run === 'dns-clusterip' ? 1 : 0;
    expect(check).toEqual({ compared: sent, equal: sent, hostStack, ...noDifference });
  });

  test('the same verdict log again', async () => {
    expect((await replay()).digest).toBe((await replay()).digest);
  });

  test('a changed byte is found', async () => {
    const [last = ''] = captures.slice(-1);
    const changeFirstPacket = (bytes: Uint8Array): Uint8Array => {
      const changed = Uint8Array.from(bytes);
      changed[changed.length - 1]! ^= 1;
      return changed;
    };
    const inputs = captures.map((capture) =>
      captureInput(capture, capture === last ? changeFirstPacket : undefined),
    );
    const { check } = await replay(inputs);
    expect(check?.equal).toBeLessThan(sent);
    expect((check?.different.length ?? 0) + (check?.unmatched.length ?? 0)).toBeGreaterThan(0);
  });
});

test('one side alone says what it cannot know', async () => {
  const input = captureInput(`${pod1}=http-nodeport.after.pod1.pcap`);
  const { check } = replayCaptures(await openNode(), [input], { check: true });
  expect(check).toMatchObject({ different: [], onlyReal: 0, onlyPodplane: 0 });
  expect(check?.hostStack).toBeGreaterThan(100);
});
