// Two network namespaces: the node, with its links, routes and rules, and one that holds the far
// ends of all links and has no addresses, so that nobody answers but the node. Knows no packets.
// Sources: ip-netns(8), Linux Documentation/networking/ip-sysctl.rst and nf_conntrack-sysctl.rst.

import { spawnSync } from 'node:child_process';
import { links, nodeAddress, type Link } from './cluster.ts';

export const nodeNamespace = 'podplane-node';
export const farNamespace = 'podplane-far';

/** Link addresses: of the node, of those it sends to, and of the far ends, which listen to none. */
const nodeMac = '02:00:00:00:00:02';
const neighbourMac = '02:00:00:00:00:01';
const farMac = '02:00:00:00:00:03';

/** No story waits, so no timeout may strike in the middle of one. */
const timeouts = [
  ...['udp_timeout', 'udp_timeout_stream', 'icmp_timeout', 'icmpv6_timeout', 'generic_timeout'],
  ...['syn_sent', 'syn_recv', 'fin_wait', 'close_wait', 'last_ack', 'time_wait', 'close'].map(
    (state) => `tcp_timeout_${state}`,
  ),
  ...['tcp_timeout_max_retrans', 'tcp_timeout_unacknowledged'],
  ...['closed', 'cookie_wait', 'cookie_echoed', 'established', 'heartbeat_sent'].map(
    (state) => `sctp_timeout_${state}`,
  ),
  ...['shutdown_sent', 'shutdown_recd', 'shutdown_ack_sent'].map(
    (state) => `sctp_timeout_${state}`,
  ),
];

const settings: Readonly<Record<string, string>> = {
  'net.ipv4.ip_forward': '1',
  'net.ipv6.conf.all.forwarding': '1',
  'net.ipv4.conf.all.rp_filter': '0',
  'net.ipv4.conf.default.rp_filter': '0',
  'net.ipv4.conf.all.send_redirects': '0',
  'net.ipv4.conf.default.send_redirects': '0',
  // An error bears the mark of the packet it answers: the rules tell by it who answered.
  'net.ipv4.fwmark_reflect': '1',
  'net.ipv6.fwmark_reflect': '1',
  'net.ipv4.icmp_ratelimit': '0',
  'net.ipv4.icmp_msgs_per_sec': '1000000',
  'net.ipv4.icmp_msgs_burst': '1000000',
  'net.ipv6.icmp.ratelimit': '0',
  // Datagrams that never get whole stay until the end, and take no room from others.
  'net.ipv4.ipfrag_high_thresh': '1073741824',
  'net.netfilter.nf_conntrack_frag6_high_thresh': '1073741824',
  // Checksums left to offload are wrong in captures: the dataplane does not judge them either.
  'net.netfilter.nf_conntrack_checksum': '0',
  ...Object.fromEntries(timeouts.map((name) => [`net.netfilter.nf_conntrack_${name}`, '3600'])),
};

/** Makes both namespaces anew and loads the rules; throws with what the tool said. */
export function openNamespaces(rules: string): void {
  closeNamespaces();
  for (const name of [nodeNamespace, farNamespace]) run('ip', ['netns', 'add', name]);
  run('ip', ['-n', nodeNamespace, '-batch', '-'], nodeCommands().join('\n'));
  run('ip', ['-n', farNamespace, '-batch', '-'], farCommands().join('\n'));
  const assignments = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  inNode('sysctl', ['-q', '-w', ...assignments]);
  inNode('nft', ['-f', '-'], rules);
}

/** Removes both, if they are there. */
export function closeNamespaces(): void {
  for (const name of [nodeNamespace, farNamespace]) spawnSync('ip', ['netns', 'delete', name]);
}

function nodeCommands(): string[] {
  return [
    'link set lo up',
    ...links.flatMap(({ device }) => [
      `link add ${device} address ${nodeMac} type veth peer name ${device} netns ${farNamespace}`,
      `link set ${device} addrgenmode none`,
      `link set ${device} up`,
    ]),
    `address add ${nodeAddress[4]}/24 dev uplink`,
    `address add ${nodeAddress[6]}/64 dev uplink nodad`,
    ...links.flatMap((link) => [...routeCommands(link, 4), ...routeCommands(link, 6)]),
  ];
}

function routeCommands({ device, far }: Link, family: 4 | 6): string[] {
  const route =
    device === 'uplink'
      ? `default via ${far[family]}`
      : `${far[family]}/${family === 4 ? 32 : 128}`;
  return [
    `route add ${route} dev ${device}`,
    `neighbour add ${far[family]} lladdr ${neighbourMac} dev ${device} nud permanent`,
  ];
}

function farCommands(): string[] {
  return links.flatMap(({ device }) => [
    `link set ${device} addrgenmode none`,
    `link set ${device} address ${farMac} arp off`,
    `link set ${device} up`,
  ]);
}

function inNode(command: string, parameters: readonly string[], input = ''): void {
  run('ip', ['netns', 'exec', nodeNamespace, command, ...parameters], input);
}

function run(command: string, parameters: readonly string[], input = ''): void {
  const { status, stderr, error } = spawnSync(command, parameters, { input, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${parameters.join(' ')}: ${stderr.trim()}`);
}
