// Golden, under every link header that captures have: the packets behind it come out as Linux sent
// them, and the header as it came. Made from the captures of Ethernet links.

import { describe, expect, test } from 'vitest';
import { LinkType } from '../../host/pcap/packet.ts';
import { replayCaptures } from '../../host/replay/replay.ts';
import type { CaptureInput } from '../../host/replay/place.ts';
import { concatenate, encodeCapture, readAll, type Written } from '../host/pcap-arbitrary.ts';
import { captureInput, openNode } from './captures.ts';

const ethernetBytes = 14;
const addressBytes = 12;
const format = { name: 'pcap', littleEndian: true, hasNanoseconds: true } as const;

const pod1 = 'pod/default/pod1';
const pod9 = 'pod/default/pod9';

/** A link's header, by the EtherType of what follows it. */
interface Link {
  readonly linkType: number;
  header(etherType: readonly number[]): number[];
}

const isIPv6 = (etherType: readonly number[]): boolean => etherType[0] === 0x86;
const stations = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
const station = [0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];

const ethernet: Link = {
  linkType: LinkType.Ethernet,
  header: (etherType) => [...stations, ...etherType],
};

const links: Readonly<Record<string, Link>> = {
  'VLAN (802.1Q)': {
    linkType: LinkType.Ethernet,
    header: (etherType) => [...stations, 0x81, 0x00, 0x20, 0x64, ...etherType],
  },
  'QinQ (802.1ad)': {
    linkType: LinkType.Ethernet,
    header: (etherType) => [...stations, 0x88, 0xa8, 0, 7, 0x81, 0x00, 0x0f, 0xff, ...etherType],
  },
  'raw IP': { linkType: LinkType.Raw, header: () => [] },
  'Linux cooked, version 1': {
    linkType: LinkType.LinuxCooked,
    header: (etherType) => [0, 0, ...station, ...etherType],
  },
  'Linux cooked, version 2': {
    linkType: LinkType.LinuxCooked2,
    header: (etherType) => [...etherType, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, ...station.slice(4)],
  },
  'BSD loopback': {
    linkType: LinkType.Loopback,
    header: (etherType) => [isIPv6(etherType) ? 30 : 2, 0, 0, 0],
  },
  'BSD loopback, network order': {
    linkType: LinkType.LoopbackNetworkOrder,
    header: (etherType) => [0, 0, 0, isIPv6(etherType) ? 24 : 2],
  },
};

/** A capture of an Ethernet link, under another header. */
function under(link: Link, argument: string): CaptureInput {
  return captureInput(argument, (bytes) => {
    const packets = readAll(bytes).map((packet): Written => {
      const header = link.header([...packet.frame.subarray(addressBytes, ethernetBytes)]);
      const frame = Uint8Array.of(...header, ...packet.frame.subarray(ethernetBytes));
      return { ...packet, frame, originalLengthBytes: frame.length, linkType: link.linkType };
    });
    return encodeCapture(format, link.linkType, packets);
  });
}

const runs = [
  { run: 'http-nodeport', places: { uplink: 'before.client', [pod1]: 'after.pod1' }, sent: 245 },
  {
    run: 'http-ipv6',
    places: { uplink: 'before.client', [pod9]: 'before.pod9', [pod1]: 'after.pod1' },
    sent: 364,
  },
  {
    run: 'udp-refused',
    places: { uplink: 'before.client', [pod9]: 'before.pod9', [pod1]: 'after.pod1' },
    sent: 13,
  },
];

// Those that say which way a packet went are in tcpdump.test.ts.
const silent = Object.entries(links).filter(([name]) => !name.startsWith('Linux cooked'));

describe.each(silent)('%s', (_, link) => {
  test.each(runs)('$run, as Linux sent it', async ({ run, places, sent }) => {
    const inputs = Object.entries(places).map(([place, side]) =>
      under(link, `${place}=${run}.${side}.pcap`),
    );
    const { check } = replayCaptures(await openNode(), inputs, { check: true });
    expect(check).toMatchObject({ compared: sent, equal: sent, different: [], unmatched: [] });
  });
});

/** What leaves of one capture, whose packets all count as coming in. */
async function rewrite(link: Link, file: string): Promise<Written[]> {
  const chunks: Uint8Array[] = [];
  const write = (part: Uint8Array): void => void chunks.push(part.slice());
  replayCaptures(await openNode(), [under(link, file)], { write });
  return readAll(concatenate(chunks));
}

describe.each(Object.entries(links))('%s', (_, link) => {
  test.each(['http-ipv6.before.client.pcap', 'udp-refused.before.pod9.pcap'])(
    'rewritten, %s has the same packets behind the same headers',
    async (file) => {
      const plain = await rewrite(ethernet, file);
      const rewritten = await rewrite(link, file);
      expect(rewritten).toHaveLength(plain.length);
      for (const [index, { frame }] of plain.entries()) {
        const header = link.header([...frame.subarray(addressBytes, ethernetBytes)]);
        // An answer goes back to the station that the packet came from.
        const isSwapped = frame[5] !== stations[5] && link.linkType === LinkType.Ethernet;
        if (isSwapped) header.unshift(...header.splice(6, 6));
        const expected = [...header, ...frame.subarray(ethernetBytes)];
        expect([...rewritten[index]!.frame]).toEqual(expected);
      }
    },
  );
});
