// The dataplane's side of a round: packets in, with the kernel's choices, and what leaves the node
// out. Knows the public classes, not what is right.

import { Verdict } from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import type { Dataplane } from '../../host/cluster/cluster.ts';
import type { ChoiceInput } from '../../host/dataplane/vector.ts';
import { findNetworkPacket } from '../../host/replay/network-packet.ts';
import type { PlacedPacket } from './flow.ts';

/** A packet that enters, with the choices that the kernel made for it. */
export interface ArrivingPacket extends PlacedPacket {
  readonly choice?: ChoiceInput;
}

/** What left because of one packet. */
export interface Departure extends PlacedPacket {
  /** The dataplane made it itself. */
  readonly isAnswer: boolean;
}

export interface Decision {
  /** The packet, and fragments that waited for it. */
  readonly left: readonly Departure[];
  /** `forward none`, `drop conntrack-invalid`: its own, and those of fragments that it let go. */
  readonly verdicts: readonly string[];
}

/** The clock stands: nothing expires in a run. */
const timeMs = 1000;

/** What the dataplane does with packets, in order. */
export function decide(dataplane: Dataplane, packets: readonly ArrivingPacket[]): Decision[] {
  const decisions = packets.map(() => ({ left: [] as Departure[], verdicts: [] as string[] }));
  const inputs = packets.map(({ place, packet, choice }) => ({
    frame: packet.slice(),
    port: dataplane.port(place),
    timeMs,
    link: 'raw' as const,
    ...(choice && { choice }),
  }));
  dataplane.processBatch(inputs, (index, { verdict, reason, outPort, frame }) => {
    const { left, verdicts } = decisions[index]!;
    verdicts.push(`${codeOf('Verdict', verdict)} ${codeOf('Reason', reason)}`);
    if (verdict === Verdict.Drop || verdict === Verdict.Hold) return;
    const packet = findNetworkPacket(frame, 'raw')?.slice() ?? frame.slice();
    const place = dataplane.portName(outPort);
    left.push({ place, packet, isAnswer: verdict === Verdict.Reply });
  });
  return decisions;
}
