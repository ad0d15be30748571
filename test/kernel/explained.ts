// Differences between the kernel and the dataplane that are known and wanted, each with its reason.
// Everything else is a fault of one of them.

import { describeFrame } from '../../host/net/describe.ts';
import { foldToChecksum, sumWords } from '../../host/net/checksum.ts';
import { Ip, locatePacket, transportChecksum } from '../../host/net/packet-layout.ts';
import { comparePackets } from '../../host/replay/packet-fields.ts';
import { compareStep, type StepDifference } from './compare.ts';
import { isFragment, putTogether } from './datagrams.ts';
import type { PlacedPacket } from './flow.ts';
import type { Departure } from './ours.ts';

/** A step as both sides saw it. */
export interface Observation {
  readonly difference: StepDifference;
  readonly entered: readonly PlacedPacket[];
  readonly kernel: readonly PlacedPacket[];
  readonly podplane: readonly Departure[];
  /** The kernel's rules do not forward what belongs to no connection. */
  readonly dropsInvalid: boolean;
  /** One of the flow's packets came in pieces, now or before. */
  readonly hadPieces: boolean;
  /** What the dataplane decided about each packet that entered. */
  readonly verdicts: readonly string[];
}

interface Explanation {
  /** What it is about, for the report. */
  readonly reason: string;
  readonly applies: (seen: Observation) => boolean;
  /** One side has seen a packet that the other has not: what follows says nothing more. */
  readonly parts?: boolean;
}

const explanations: readonly Explanation[] = [
  {
    // The dataplane leaves SCTP's CRC to whoever sends the packet: docs/decisions/0009.
    reason: 'SCTP checksum left to the sender',
    applies: ({ difference }) => hasOnlyFields(difference, /^sctp\.checksum$/),
  },
  {
    // So in the quotes of errors, whose own checksum follows.
    reason: 'quoted SCTP checksum left to the sender',
    applies: ({ difference }) =>
      hasOnlyFields(difference, /^icmp\.(checksum|quoted\.sctp\.checksum)$/) &&
      difference.fields.some(({ field }) => field === 'icmp.quoted.sctp.checksum'),
  },
  {
    // Linux rejects nothing that has a wrong checksum (nf_reject_ip6_csum_ok); the dataplane judges
    // none, because checksums left to offload are wrong in captures.
    reason: 'no reject for a wrong checksum',
    applies: ({ difference, entered, kernel, verdicts }) =>
      kernel.length === 0 &&
      difference.onlyPodplane.length === 1 &&
      verdicts.some((verdict) => verdict.startsWith('reply reject-')) &&
      putTogether(entered).every(({ packet }) => !hasRejectableChecksum(packet)),
  },
  {
    // To Linux a malformed transport header is an invalid packet, which nftables mode forwards like
    // any other; the dataplane drops it and says why.
    reason: 'malformed transport header dropped',
    applies: ({ entered, kernel, verdicts }) =>
      verdicts.every((verdict) => malformed.test(verdict)) && areUntranslated(entered, kernel),
  },
  // Linux puts a datagram together, decides about it and cuts it again; in the dataplane fragments
  // follow their first: docs/decisions/0013.
  {
    reason: 'fragments leave cut as they came',
    applies: ({ entered, kernel, podplane }) =>
      entered.some(({ packet }) => isFragment(packet)) &&
      compareStep(putTogether(kernel), putTogether(podplane)) === null,
  },
  {
    reason: 'an error about a datagram quotes its first fragment',
    applies: ({ entered, difference }) =>
      entered.some(({ packet }) => isFragment(packet)) && hasOnlyFields(difference, ofQuotes),
  },
  {
    reason: 'fragments of a datagram that never gets whole leave',
    applies: ({ entered, kernel }) =>
      kernel.length === 0 && putTogether(entered).every(({ packet }) => isFragment(packet)),
    parts: true,
  },
  {
    reason: 'first fragment without the whole transport header dropped',
    applies: ({ entered, podplane, verdicts }) =>
      entered.some(({ packet }) => isFragment(packet)) &&
      podplane.length === 0 &&
      verdicts.some((verdict) => malformed.test(verdict)),
    parts: true,
  },
  {
    // A segment in pieces ends nobody knows where, so that windows hold nothing against it, nor
    // against what follows; Linux has it whole. To one side a later segment may then be invalid.
    reason: 'windows do not count after a segment in pieces',
    applies: ({ entered, kernel, podplane, hadPieces, dropsInvalid }) =>
      hadPieces &&
      entered.every(({ packet }) => locatePacket(packet, 'raw')?.protocol === Ip.Tcp) &&
      [kernel, podplane].some(
        (left) =>
          areUntranslated(putTogether(entered), putTogether(left)) ||
          (dropsInvalid && left.length === 0),
      ),
    parts: true,
  },
  {
    // The node's own stack believes errors that are sent to it, and IPv6 then forwards by that, too
    // (ip6_forward, __ip6_rt_update_pmtu); the dataplane has no part in what the stack learns.
    reason: 'path MTU that an error told the node itself',
    applies: ({ kernel, podplane }) =>
      kernel.length === 1 &&
      podplane.every(({ isAnswer }) => !isAnswer) &&
      describeFrame(kernel[0]!.packet, 'raw').includes('ICMPv6 packet too big'),
    parts: true,
  },
];

const malformed = /^drop (truncated-(tcp|udp|sctp|icmp)|bad-(tcp|udp|quoted)-)/;

/** Lengths, checksums and what is quoted: all that depends on how much of a datagram is there. */
const ofQuotes =
  /^(ipv4\.(totalLength|checksum)|ipv6\.payloadLength|icmp\.checksum|icmp\.quoted\.)/;

/** Why a difference is no fault; null if there is no reason. */
export function explain(seen: Observation): Explanation | null {
  return explanations.find(({ applies }) => applies(seen)) ?? null;
}

function hasOnlyFields(difference: StepDifference, names: RegExp): boolean {
  const { fields, onlyKernel, onlyPodplane } = difference;
  const isElsewhere = onlyKernel.length + onlyPodplane.length > 0;
  return !isElsewhere && fields.every(({ field }) => names.test(field));
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

function areUntranslated(entered: readonly PlacedPacket[], left: readonly PlacedPacket[]): boolean {
  const isSame = ({ packet }: PlacedPacket, at: number) =>
    isUntranslated(entered[at]!.packet, packet);
  return entered.length === left.length && left.every(isSame);
}

/** Forwarded as it came, a hop later; or delivered; or answered because it had no hop left. */
function isUntranslated(entered: Uint8Array, left: Uint8Array): boolean {
  const hopped = ['ipv4.ttl', 'ipv4.checksum', 'ipv6.hopLimit'];
  const hops = entered[entered[0]! >> 4 === 4 ? 8 : 7]!;
  const isSame = comparePackets(entered, left).every(({ field }) => hopped.includes(field));
  return isSame || (hops <= 1 && describeFrame(left, 'raw').includes('time exceeded'));
}
