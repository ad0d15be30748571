// What a packet does to its connection, protocol by protocol, and how long the connection lives
// then. Source: Linux nf_conntrack_proto_{tcp,udp,icmp,icmpv6,sctp,generic}.c, and for the other
// profiles cilium bpf/lib/conntrack.h and calico felix/bpf/conntrack.

import type { PacketFields } from '../../host/net/packet.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import type { SctpConnection, SctpMemory, SctpState } from './sctp.ts';
import { followSctp, openSctp } from './sctp.ts';
import type { TcpConnection, TcpLives } from './tcp.ts';
import { followTcp, openTcp, tcpLife } from './tcp.ts';
import type { Direction, TcpState } from './tcp-states.ts';
import type { TcpMemory } from './tcp-window.ts';
import type { ModelSettings } from './world.ts';

export type ConnectionState = TcpState | SctpState | 'unreplied' | 'replied';

export type TrackingSettings = Pick<ModelSettings, 'profile' | 'beLiberal' | 'loose'>;

/** The part of a connection that packets change. */
export interface Tracked {
  state: ConnectionState;
  /** The reply side was heard. */
  isAnswered: boolean;
  /** It is not given up when the table is full. */
  isAssured: boolean;
  /** TCP only. */
  tcp?: TcpMemory;
  /** SCTP only. */
  sctp?: SctpMemory;
}

/** A packet's effect, to be taken over or not. */
export interface Progress {
  readonly verdict: 'valid' | 'ignored' | 'invalid' | 'reopens' | 'ends';
  readonly after: Tracked & { readonly expiresAtMs: number };
}

/** What an IPv6 packet of headers alone ends with (RFC 8200, section 4.7). */
const NO_NEXT_HEADER = 59;

/** Requests that open a connection, by protocol. */
const icmpRequests: Readonly<Record<number, readonly number[]>> = {
  [Ip.Icmp]: [8, 13, 15, 17],
  [Ip.Icmpv6]: [128, 139],
};

/** What is known of the connection that a packet opens; null if it cannot. */
export function openingOf(packet: PacketFields, settings: TrackingSettings): Tracked | null {
  const { protocol, icmpType = 0, source } = packet;
  const isIPv6 = source.includes(':');
  switch (protocol) {
    case Ip.Tcp:
      return openTcp(packet, settings.loose ?? true);
    case Ip.Sctp: {
      const opened = openSctp(packet);
      return opened && { ...opened, state: opened.state!, isAnswered: false };
    }
    case Ip.Icmp:
    case Ip.Icmpv6: {
      const isOfFamily = isIPv6 === (protocol === Ip.Icmpv6);
      const isRequest = icmpRequests[protocol]!.includes(icmpType);
      return isOfFamily && isRequest ? unreplied : null;
    }
    case NO_NEXT_HEADER:
      return isIPv6 ? null : unreplied;
    default:
      return unreplied;
  }
}

const unreplied: Tracked = { state: 'unreplied', isAnswered: false, isAssured: false };

/** A connection, and the direction that a packet of it travels in. */
interface Travelling {
  readonly connection: Tracked & { readonly createdAtMs: number; readonly expiresAtMs: number };
  readonly direction: Direction;
}

/** What a packet does to its connection; the connection itself stays as it is. */
export function follow(
  { connection, direction }: Travelling,
  packet: PacketFields,
  nowMs: number,
  settings: TrackingSettings,
): Progress {
  const { expiresAtMs, createdAtMs } = connection;
  const { state, isAnswered, isAssured, tcp, sctp } = connection;
  const after = structuredClone({ state, isAnswered, isAssured, tcp, sctp }) as Tracked;
  const isStream = isAnswered && nowMs > createdAtMs + STREAM_AGE_MS;
  const verdict = step({ connection: after, direction }, packet, { ...settings, isStream });
  const isRenewed = verdict === 'valid';
  const lifeMs = 1000 * lifeSeconds(after, packet.protocol, { ...settings, isStream });
  const endsAtMs = isRenewed ? nowMs + lifeMs : expiresAtMs;
  const isHeard = isRenewed || verdict === 'ignored';
  if (isHeard && direction === 'reply') after.isAnswered = true;
  const givenUpMs = nowMs + 1000 * tcpLives[settings.profile ?? 'kube-proxy'].unacknowledged;
  const mayEndEarly = after.tcp?.isGivenUp === true && endsAtMs - nowMs >= LONG_MS;
  const ends = mayEndEarly ? Math.min(endsAtMs, givenUpMs) : endsAtMs;
  return { verdict, after: { ...after, expiresAtMs: ends } };
}

/** A UDP connection that was answered is a stream once it is older than this. */
const STREAM_AGE_MS = 2000;

/** A connection that both ends gave up does not live long, unless it has less than this left. */
const LONG_MS = 120_000;

type Circumstances = TrackingSettings & { readonly isStream: boolean };

function step(
  { connection, direction }: { connection: Tracked; direction: Direction },
  packet: PacketFields,
  settings: Circumstances,
): Progress['verdict'] {
  const { profile = 'kube-proxy', beLiberal = profile !== 'kube-proxy' } = settings;
  if (connection.tcp !== undefined) {
    return followTcp(connection as TcpConnection, direction, packet, beLiberal);
  }
  if (connection.sctp !== undefined) {
    return followSctp(connection as SctpConnection, direction, packet);
  }
  if (direction === 'reply') connection.state = 'replied';
  if (packet.protocol === Ip.Udp && settings.isStream) connection.isAssured = true;
  return 'valid';
}

/** Linux's lives in seconds, TCP as kube-proxy sets it. */
const linuxTcp: TcpLives = {
  'syn-sent': 120,
  'syn-received': 60,
  established: 86_400,
  'fin-wait': 120,
  'close-wait': 3600,
  'last-ack': 30,
  'time-wait': 120,
  close: 10,
  'syn-sent-2': 120,
  retransmitted: 300,
  unacknowledged: 300,
};

/** The others know an opening, a time in between, and an end. */
function shortTcp(opening: number, open: number, over: number, reset: number): TcpLives {
  return {
    'syn-sent': opening,
    'syn-received': opening,
    'syn-sent-2': opening,
    established: open,
    'fin-wait': open,
    'close-wait': open,
    retransmitted: open,
    unacknowledged: open,
    'last-ack': over,
    'time-wait': over,
    close: reset,
  };
}

const tcpLives = {
  'kube-proxy': linuxTcp,
  cilium: shortTcp(60, 8000, 10, 10),
  calico: shortTcp(20, 3600, 30, 40),
};

const linuxSctp: Readonly<Record<SctpState, number>> = {
  'sctp-closed': 10,
  'sctp-cookie-wait': 3,
  'sctp-cookie-echoed': 3,
  'sctp-established': 210,
  'sctp-shutdown-sent': 3,
  'sctp-shutdown-received': 3,
  'sctp-shutdown-ack-sent': 3,
  'sctp-heartbeat-sent': 30,
};

/** Seconds that a connection lives after a packet that it takes for valid. */
export function lifeSeconds(tracked: Tracked, protocol: number, settings: Circumstances): number {
  const { profile = 'kube-proxy', isStream } = settings;
  const isLinux = profile === 'kube-proxy';
  const other = profile === 'cilium' ? 60 : 600;
  switch (protocol) {
    case Ip.Tcp:
      return tcpLife(tracked as TcpConnection, tcpLives[profile]);
    case Ip.Sctp:
      return isLinux ? linuxSctp[tracked.state as SctpState] : other;
    case Ip.Udp:
      return isLinux ? (isStream ? 120 : 30) : 60;
    case Ip.Icmp:
    case Ip.Icmpv6:
      return { 'kube-proxy': 30, cilium: 60, calico: 5 }[profile];
    default:
      return other;
  }
}
