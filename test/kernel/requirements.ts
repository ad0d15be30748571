// What this machine lacks for the comparison, and how to get it. Asks, and changes nothing.

import { spawnSync } from 'node:child_process';

interface Requirement {
  readonly name: string;
  readonly isMet: () => boolean;
  readonly remedy: string;
}

const succeeds = (command: string, ...parameters: string[]): boolean =>
  spawnSync(command, parameters, { stdio: 'ignore' }).status === 0;

const probe = 'podplane-probe';

const requirements: readonly Requirement[] = [
  { name: 'Linux', isMet: () => process.platform === 'linux', remedy: 'run it on Linux' },
  { name: 'root', isMet: () => process.getuid?.() === 0, remedy: 'run it with sudo' },
  {
    name: 'ip',
    isMet: () => succeeds('ip', '-Version'),
    remedy: 'apt-get install iproute2',
  },
  {
    name: 'sysctl',
    isMet: () => succeeds('sysctl', '--version'),
    remedy: 'apt-get install procps',
  },
  { name: 'nft', isMet: () => succeeds('nft', '--version'), remedy: 'apt-get install nftables' },
  {
    name: 'python3',
    isMet: () => succeeds('python3', '--version'),
    remedy: 'apt-get install python3',
  },
  {
    name: 'network namespaces and veth',
    isMet: hasNamespaces,
    remedy: 'a kernel with CONFIG_NET_NS and CONFIG_VETH, outside an unprivileged container',
  },
  {
    name: 'nftables with NAT',
    isMet: () =>
      succeeds(
        'nft',
        '--check',
        'add table ip podplane; add chain ip podplane c { type nat hook prerouting priority 0; }',
      ),
    remedy: 'a kernel with CONFIG_NF_TABLES, CONFIG_NFT_NAT and CONFIG_NF_CONNTRACK',
  },
];

/** `nft: apt-get install nftables`, for everything that is missing. */
export function findMissing(): string[] {
  const missing: string[] = [];
  for (const { name, isMet, remedy } of requirements) {
    if (!isMet()) missing.push(`${name}: ${remedy}`);
  }
  return missing;
}

function hasNamespaces(): boolean {
  const isMade =
    succeeds('ip', 'netns', 'add', probe) &&
    succeeds('ip', '-n', probe, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'two');
  spawnSync('ip', ['netns', 'delete', probe], { stdio: 'ignore' });
  return isMade;
}
