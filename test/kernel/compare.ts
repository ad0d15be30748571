// One step on both sides: which packets left, where, and in which bytes they differ. What the
// kernel may choose freely is taken over first; what is known and wanted is told apart by reason.

import { describeFrame } from '../../host/net/describe.ts';
import { takeOverFreeChoices } from '../../host/replay/free-choice.ts';
import { comparePackets, type FieldDifference } from '../../host/replay/packet-fields.ts';
import type { PlacedPacket } from './flow.ts';
import type { Departure } from './ours.ts';

/** What differs at one step; empty lists when nothing does. */
export interface StepDifference {
  readonly fields: readonly FieldDifference[];
  /** Packets that only one side sent, in words. */
  readonly onlyKernel: readonly string[];
  readonly onlyPodplane: readonly string[];
}

/** Compares what left on both sides; null if it is the same. Order counts within a place. */
export function compareStep(
  kernel: readonly PlacedPacket[],
  podplane: readonly Departure[],
): StepDifference | null {
  const fields: FieldDifference[] = [];
  const onlyPodplane: string[] = [];
  const unmatched = [...kernel];
  for (const ours of podplane) {
    const at = findPartner(unmatched, ours);
    if (at < 0) {
      onlyPodplane.push(describe(ours));
      continue;
    }
    const [theirs] = unmatched.splice(at, 1);
    const sent = { bytes: ours.packet, isAnswer: ours.isAnswer, hadPartialChecksum: false };
    const adopted = takeOverFreeChoices(sent, theirs!.packet);
    fields.push(...comparePackets(theirs!.packet, adopted));
  }
  const onlyKernel = unmatched.map(describe);
  if (fields.length + onlyKernel.length + onlyPodplane.length === 0) return null;
  return { fields, onlyKernel, onlyPodplane };
}

/** Fragments leave in the order of either side: the one at the same place in its datagram. */
function findPartner(packets: readonly PlacedPacket[], { place, packet }: PlacedPacket): number {
  const offset = offsetOf(packet);
  const isSame = (other: PlacedPacket): boolean =>
    other.place === place && offsetOf(other.packet) === offset;
  const exact = packets.findIndex(isSame);
  return exact >= 0 ? exact : packets.findIndex((other) => other.place === place);
}

/** IPv4: flags and offset of a fragment; IPv6: of the fragment header, if that comes first. */
function offsetOf(packet: Uint8Array): number {
  const at = packet[0]! >> 4 === 4 ? 6 : packet[6] === 44 ? 42 : -1;
  return at < 0 ? 0 : ((packet[at]! << 8) | packet[at + 1]!) & (at === 6 ? 0x1fff : 0xfff8);
}

function describe({ place, packet }: PlacedPacket): string {
  return `${place}: ${describeFrame(packet, 'raw')}`;
}
