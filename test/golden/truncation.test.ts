// Every packet of every included capture, cut at every byte: no trap, and every refusal has a
// reason.

import { expect, test } from 'vitest';
import { Reason, Verdict } from '../../host/abi/abi.gen.ts';
import { EtherType, readEtherType } from '../../host/net/ether-type.ts';
import { sourceOf } from '../../host/pcap/block-reader.ts';
import { openCapture } from '../../host/pcap/reader.ts';
import { captureFiles, openNode, readCapture } from './captures.ts';

test.each(captureFiles)('%s', async (file) => {
  const dataplane = await openNode();
  const { instance } = dataplane;
  const { vector } = instance;
  const port = dataplane.port('uplink');
  const withoutReason: string[] = [];
  let refused = 0;
  const run = (): void => {
    vector.run();
    for (let index = 0; index < vector.count; index++) {
      const { verdict, reason } = vector.outcome(index);
      if (verdict !== Verdict.Drop) continue;
      refused += 1;
      if (reason === Reason.None) withoutReason.push(`packet ${index} of a vector`);
    }
    vector.clear();
  };
  const reader = openCapture(sourceOf(readCapture(file)), file);
  let cuts = 0;
  for (let packet = reader.next(); packet !== null; packet = reader.next()) {
    // ARP is handed to the node's stack, whole or not.
    if (readEtherType(packet.frame, 'ethernet')?.etherType === EtherType.Arp) continue;
    for (let length = 0; length < packet.frame.length; length++) {
      const frame = packet.frame.subarray(0, length);
      if (!vector.hasRoom(length)) run();
      vector.add(frame, { port, timeMs: packet.timeMs });
      cuts += 1;
    }
  }
  run();
  // No frame here is longer than its IP packet, so whatever is cut off is missed.
  expect(refused).toBe(cuts);
  expect(withoutReason).toEqual([]);
  expect(instance.poisoned).toBeNull();
});
