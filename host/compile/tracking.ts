// How connections are tracked: how long each state lives, and where dataplanes differ. Linux is the
// reference; the other profiles keep its states and differ in time and in what happens to a
// connection whose endpoint is gone.
// Sources: Linux net/netfilter/nf_conntrack_proto_*.c; pkg/proxy/conntrack/sysctls.go; cilium
// bpf/lib/conntrack.h, pkg/option/config.go; calico felix/bpf/conntrack/timeouts.

import { ConfigFlag, Timeout } from '../abi/abi.gen.ts';
import type { NodeConfig } from './desired.ts';
import type { Entry } from './entries.ts';

export type Profile = NonNullable<NodeConfig['profile']>;

export const profiles: readonly Profile[] = ['kube-proxy', 'cilium', 'calico'];

/** Linux's lives in seconds, but established and close-wait TCP as kube-proxy sets them. */
const linux: Readonly<Record<keyof typeof Timeout, number>> = {
  TcpNone: 300,
  TcpSynSent: 120,
  TcpSynReceived: 60,
  TcpEstablished: 86_400,
  TcpFinWait: 120,
  TcpCloseWait: 3600,
  TcpLastAck: 30,
  TcpTimeWait: 120,
  TcpClose: 10,
  TcpSynSent2: 120,
  Udp: 30,
  UdpStream: 120,
  Icmp: 30,
  SctpClosed: 10,
  SctpCookieWait: 3,
  SctpCookieEchoed: 3,
  SctpEstablished: 210,
  SctpShutdownSent: 3,
  SctpShutdownReceived: 3,
  SctpShutdownAckSent: 3,
  SctpHeartbeatSent: 30,
  Other: 600,
  Fragment: 30,
  TcpRetransmitted: 300,
  TcpUnacknowledged: 300,
};

/** A connection is opening, established until both sides have closed, then over. */
function threeStages(opening: number, established: number, closed: number) {
  return {
    TcpSynSent: opening,
    TcpSynReceived: opening,
    TcpSynSent2: opening,
    TcpEstablished: established,
    TcpFinWait: established,
    TcpCloseWait: established,
    TcpRetransmitted: established,
    TcpUnacknowledged: established,
    TcpLastAck: closed,
    TcpTimeWait: closed,
    TcpClose: closed,
  };
}

function everySctp(seconds: number) {
  return {
    SctpClosed: seconds,
    SctpCookieWait: seconds,
    SctpCookieEchoed: seconds,
    SctpEstablished: seconds,
    SctpShutdownSent: seconds,
    SctpShutdownReceived: seconds,
    SctpShutdownAckSent: seconds,
    SctpHeartbeatSent: seconds,
  };
}

const lives: Readonly<Record<Profile, Readonly<typeof linux>>> = {
  'kube-proxy': linux,
  cilium: {
    ...linux,
    ...threeStages(60, 8000, 10),
    ...everySctp(60),
    Udp: 60,
    UdpStream: 60,
    Icmp: 60,
    Other: 60,
  },
  calico: {
    ...linux,
    ...threeStages(20, 3600, 30),
    ...everySctp(600),
    // After a reset it lives a little longer than after both FINs.
    TcpClose: 40,
    Udp: 60,
    UdpStream: 60,
    Icmp: 5,
  },
};

/** Entries of map `timeouts`. */
export function compileTimeouts({
  profile = 'kube-proxy',
}: Pick<NodeConfig, 'profile'>): Entry<'timeouts'>[] {
  const names = Object.keys(linux) as (keyof typeof linux)[];
  return names.map((name) => [Timeout[name], { seconds: lives[profile][name] }]);
}

/** ConfigFlag bits that say how connections are tracked. */
export function trackingFlags({ profile = 'kube-proxy', beLiberal, loose }: NodeConfig): number {
  // Only Linux follows the windows of TCP, and looks at the time of an entry that it finds.
  const isLinux = profile === 'kube-proxy';
  const isLiberal = beLiberal ?? !isLinux;
  return (
    ((loose ?? true) ? ConfigFlag.LoosePickup : 0) |
    (isLiberal ? ConfigFlag.BeLiberal : 0) |
    (isLinux ? 0 : ConfigFlag.ExpireBySweep)
  );
}
