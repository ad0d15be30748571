// Differences between the kernel and the dataplane that are known and wanted, each with its reason.
// Everything else is a fault of one of them.

import { describeFrame } from '../../host/net/describe.ts';
import { foldToChecksum, sumWords } from '../../host/net/checksum.ts';
import { Ip, locatePacket, transportChecksum } from '../../host/net/packet-layout.ts';
import { comparePackets } from '../../host/replay/packet-fields.ts';
import type { StepDifference } from './compare.ts';
import type { PlacedPacket } from './flow.ts';

/** A step as both sides saw it. */
export interface Observation {
  readonly difference: StepDifference;
  readonly entered: readonly PlacedPacket[];
  readonly kernel: readonly PlacedPacket[];
  /** What the dataplane decided about each packet that entered. */
  readonly verdicts: readonly string[];
}

/** Each with what it is about, for the report. */
const explanations: Readonly<Record<string, (seen: Observation) => boolean>> = {
  // The dataplane leaves SCTP's CRC to whoever sends the packet: docs/decisions/0009.
  'SCTP checksum left to the sender': ({ difference }) =>
    isOnlyFields(difference) && difference.fields.every(({ field }) => field === 'sctp.checksum'),
  // Linux rejects nothing that has a wrong checksum (nf_reject_ip6_csum_ok); the dataplane judges
  // none, because checksums left to offload are wrong in captures.
  'no reject for a wrong checksum': ({ difference, entered, kernel, verdicts }) =>
    kernel.length === 0 &&
    difference.onlyPodplane.length === 1 &&
    verdicts.some((verdict) => verdict.startsWith('reply reject-')) &&
    entered.every(({ packet }) => !hasRejectableChecksum(packet)),
  // To Linux a malformed transport header is an invalid packet, which nftables mode forwards like
  // any other; the dataplane drops it and says why.
  'malformed transport header dropped': ({ entered, kernel, verdicts }) =>
    verdicts.every((verdict) => malformed.test(verdict)) &&
    kernel.length === entered.length &&
    kernel.every(({ packet }, at) => isUntranslated(entered[at]!.packet, packet)),
};

const malformed = /^drop (truncated-(tcp|udp|sctp|icmp)|bad-(tcp|udp|quoted)-)/;

/** The reason why a difference is no fault; null if there is none. */
export function explain(seen: Observation): string | null {
  const found = Object.entries(explanations).find(([, applies]) => applies(seen));
  return found?.[0] ?? null;
}

function isOnlyFields({ onlyKernel, onlyPodplane }: StepDifference): boolean {
  return onlyKernel.length + onlyPodplane.length === 0;
}

/** As nf_reject_verify_csum and nf_ip_checksum have it, which sum unknown protocols too. */
function hasRejectableChecksum(packet: Uint8Array): boolean {
  const layout = locatePacket(packet, 'raw');
  if (layout === null) return true;
  const { family, protocol, transportAt, endAt } = layout;
  const unchecked: readonly number[] = [Ip.Sctp, 47, 50, 51];
  if (unchecked.includes(protocol)) return true;
  const isAbsent =
    protocol === Ip.Udp && (packet[transportAt + 6]! | packet[transportAt + 7]!) === 0;
  if (isAbsent) return true;
  const hasPseudoHeader = family === 6 || protocol === Ip.Tcp || protocol === Ip.Udp;
  if (hasPseudoHeader) return transportChecksum(packet, layout) === 0;
  return foldToChecksum(sumWords(packet, transportAt, endAt)) === 0;
}

/** Forwarded as it came, a hop later; or delivered; or answered because it had no hop left. */
function isUntranslated(entered: Uint8Array, left: Uint8Array): boolean {
  const hopped = ['ipv4.ttl', 'ipv4.checksum', 'ipv6.hopLimit'];
  const hops = entered[entered[0]! >> 4 === 4 ? 8 : 7]!;
  const isSame = comparePackets(entered, left).every(({ field }) => hopped.includes(field));
  return isSame || (hops <= 1 && describeFrame(left, 'raw').includes('time exceeded'));
}
