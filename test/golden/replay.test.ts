// Golden: what the dataplane sends is what a real Linux node sent, packet by packet and byte by
// byte, on both sides, of every run that was captured. Left out is only what a node may choose
// freely (host/replay/free-choice.ts): the identification of IPv6 fragments, which Linux makes
// anew, and that of the node's own errors, or their flow label.

import { describe, expect, test } from 'vitest';
import { withHeaderChecksum } from '../../fuzz/arbitrary/pieces.ts';
import { formatAddress } from '../../host/net/address.ts';
import { LinkType } from '../../host/pcap/packet.ts';
import { replayCaptures } from '../../host/replay/replay.ts';
import { concatenate, encodeCapture, readAll } from '../host/pcap-arbitrary.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';
import type { CaptureInput } from '../../host/replay/place.ts';
import { captureInput, openNode } from './captures.ts';

/** Of a pcap file. */
const headerBytes = 24;
const pod1 = 'pod/default/pod1';
const pod9 = 'pod/default/pod9';

interface Run {
  /** Packets that leave the node. */
  sent: number;
  /** Packets of the node's own: neighbour advertisements and redirects. */
  hostStack: number;
  captures: readonly string[];
  config?: Partial<NodeConfig>;
}

const threeSides = (run: string, compression = ''): string[] => [
  `uplink=${run}.before.client.pcap${compression}`,
  `${pod9}=${run}.before.pod9.pcap${compression}`,
  `${pod1}=${run}.after.pod1.pcap${compression}`,
];

const runs: Readonly<Record<string, Run>> = {
  'http-clusterip': {
    sent: 251,
    hostStack: 0,
    captures: [`${pod9}=http-clusterip.before.pod9.pcap`, `${pod1}=http-clusterip.after.pod1.pcap`],
  },
  'http-lb-local': {
    sent: 271,
    hostStack: 0,
    captures: ['uplink=http-lb-local.before.client.pcap', `${pod1}=http-lb-local.after.pod1.pcap`],
  },
  'http-nodeport': {
    sent: 245,
    hostStack: 0,
    captures: ['uplink=http-nodeport.before.client.pcap', `${pod1}=http-nodeport.after.pod1.pcap`],
  },
  'dns-clusterip': {
    sent: 108,
    hostStack: 1,
    captures: [`${pod9}=dns-clusterip.before.pod9.pcap`, `${pod1}=dns-clusterip.after.pod1.pcap`],
  },
  'http-hairpin': {
    sent: 56,
    hostStack: 4,
    captures: [`${pod1}=http-hairpin.before.and_after_pod1.pcap`],
  },
  'http-ipv6': { sent: 364, hostStack: 0, captures: threeSides('http-ipv6') },
  'tcp-resets': { sent: 82, hostStack: 0, captures: threeSides('tcp-resets') },
  'udp-refused': { sent: 13, hostStack: 0, captures: threeSides('udp-refused') },
  ttl: { sent: 10, hostStack: 0, captures: threeSides('ttl') },
  'udp-fragments': { sent: 208, hostStack: 1, captures: threeSides('udp-fragments', '.gz') },
  // All packets and the node's forty errors: its link to node-b takes 1400 bytes.
  pmtu: {
    sent: 782,
    hostStack: 3,
    captures: [
      'uplink=pmtu.before.client.pcap.gz',
      `${pod9}=pmtu.before.pod9.pcap.gz`,
      'uplink=pmtu.after.between.pcap.gz',
    ],
    config: { mtu: { uplink: 1400 } },
  },
  'pmtu, taken at podr': {
    sent: 782,
    hostStack: 2,
    captures: [
      'uplink=pmtu.before.client.pcap.gz',
      'uplink=pmtu.after.podr.pcap.gz',
      `${pod9}=pmtu.before.pod9.pcap.gz`,
    ],
    config: { mtu: { uplink: 1400 } },
  },
  'http-many': {
    sent: 1370,
    hostStack: 1,
    captures: [
      `${pod9}=http-many.before.pod9.pcap.gz`,
      `${pod1}=http-many.after.pod1.pcap.gz`,
      'uplink=http-many.after.podr.pcap.gz',
      'pod/default/pod2=http-many.after.pod2.pcap.gz',
    ],
  },
};

/** podr lies behind node-b: what was captured there is put back before node-b's own hop. */
function beforeNodeB(bytes: Uint8Array): Uint8Array {
  const packets = readAll(bytes).map((packet) => {
    const frame = packet.frame.slice();
    const ip = frame.subarray(14);
    const isIPv4 = ip[0]! >> 4 === 4;
    const isToPodr = isIPv4
      ? ip.subarray(16, 20).join('.') === '10.244.2.5'
      : formatAddress(ip, 24) === 'fd00:10:244:2::5';
    ip[isIPv4 ? 8 : 7]! += isToPodr ? 1 : -1;
    withHeaderChecksum(ip);
    return { ...packet, frame };
  });
  const format = { name: 'pcap', littleEndian: true, hasNanoseconds: false } as const;
  return encodeCapture(format, LinkType.Ethernet, packets);
}

const inputOf = (capture: string): CaptureInput =>
  captureInput(capture, capture.includes('podr') ? beforeNodeB : undefined);

const noDifference = { different: [], onlyReal: 0, onlyPodplane: 0, notCaptured: 0, unmatched: [] };

describe.each(Object.entries(runs))('%s', (_, { sent, hostStack, captures, config }) => {
  const replay = async (inputs = captures.map(inputOf)) =>
    replayCaptures(await openNode(config), inputs, { check: true });

  test('every packet as Linux sent it', async () => {
    const { check } = await replay();
    expect(check).toEqual({ compared: sent, equal: sent, hostStack, ...noDifference });
  });

  test('the same verdict log again', async () => {
    expect((await replay()).digest).toBe((await replay()).digest);
  });

  test('a changed byte is found', async () => {
    const [last = ''] = captures.slice(-1);
    const inputs = captures.map((capture) =>
      capture === last ? captureInput(capture, changeLastByte) : inputOf(capture),
    );
    const { check } = await replay(inputs);
    expect(check?.equal).toBeLessThan(sent);
    expect((check?.different.length ?? 0) + (check?.unmatched.length ?? 0)).toBeGreaterThan(0);
  });
});

test('one side alone says what it cannot know', async () => {
  const input = captureInput(`${pod1}=http-nodeport.after.pod1.pcap`);
  const { check, left } = replayCaptures(await openNode(), [input], { check: true });
  expect(check).toEqual({ compared: 0, equal: 0, hostStack: left, ...noDifference });
  expect(left).toBe(83);
});

test('a packet that is missing on either side is found', async () => {
  const before = `${pod9}=http-clusterip.before.pod9.pcap`;
  const after = `${pod1}=http-clusterip.after.pod1.pcap`;
  // The first packet opens a connection: 74 bytes behind a header of 16.
  const withoutFirst = (bytes: Uint8Array): Uint8Array =>
    concatenate([bytes.subarray(0, headerBytes), bytes.subarray(headerBytes + 16 + 74)]);
  const replay = async (inputs: CaptureInput[]) =>
    replayCaptures(await openNode(), inputs, { check: true }).check;
  expect(await replay([captureInput(before), captureInput(after, withoutFirst)])).toMatchObject({
    equal: 250,
    onlyReal: 0,
    onlyPodplane: 1,
  });
  // Without the SYN the answer to it is no part of any connection.
  const check = await replay([captureInput(before, withoutFirst), captureInput(after)]);
  expect(check?.equal).toBeLessThan(251);
  expect(check?.onlyReal).toBeGreaterThan(0);
});

test('any changed byte of a packet is found, from the IP header up', async () => {
  const before = `${pod9}=http-clusterip.before.pod9.pcap`;
  const after = `${pod1}=http-clusterip.after.pod1.pcap`;
  const start = headerBytes + 16;
  for (let at = start + 14; at < start + 74; at++) {
    const change = (bytes: Uint8Array): Uint8Array => {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 0x10;
      return changed;
    };
    const inputs = [captureInput(before), captureInput(after, change)];
    const { check } = replayCaptures(await openNode(), inputs, { check: true });
    expect(check?.equal, `byte ${at - start}`).toBe(250);
    expect(check?.different.length || check?.onlyPodplane, `byte ${at - start}`).toBeGreaterThan(0);
  }
});

function changeLastByte(bytes: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[changed.length - 1]! ^= 1;
  return changed;
}
