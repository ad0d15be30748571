// Which packets modes treat differently: the rows of the table of modes, each found, and no others.

import { expect, test } from 'vitest';
import { compareModes, type Mode, type ModeDifference } from '../../../host/index.ts';
import { town } from './town.ts';

async function differences(...modes: Mode[]): Promise<readonly ModeDifference[]> {
  return (await compareModes(town(), modes, { node: 'a' })).differences;
}

/** `what to`, each once. */
const places = (all: readonly ModeDifference[]) =>
  [...new Set(all.map(({ what, to }) => `${what} ${to}`))].toSorted();

/** Front-ends of a Service share session affinity, but for ipvs mode. */
const sharedAffinity = 'external IP 192.0.2.82:80/TCP';

test('nftables and iptables differ exactly where the table of modes says', async () => {
  const found = await differences('nftables', 'iptables');
  expect(places(found)).toEqual([
    // The choice is the caller, on another node: only iptables masquerades.
    'ClusterIP 10.96.0.10:80/TCP',
    // The node's own packets to an address without endpoints: only nftables rejects.
    'external IP 192.0.2.81:80/TCP',
    // Loopback, and an address that is not the node's first: no node port in nftables mode.
    'node port 127.0.0.1:30080/TCP',
    'node port 192.168.0.2:30080/TCP',
    'node port 192.168.9.2:30080/TCP',
    'ping 10.96.0.10/ICMP',
    'ping 10.96.0.11/ICMP',
    'ping 10.96.0.12/ICMP',
    'stray RST 10.96.0.10:80/TCP',
    'stray RST 10.96.0.11:80/TCP',
    'stray RST 10.96.0.12:80/TCP',
    'unallocated address 10.96.0.1:80/TCP',
    'unserved port 10.96.0.10:81/TCP',
    'unserved port 10.96.0.11:81/TCP',
    'unserved port 10.96.0.12:81/TCP',
    'unserved protocol 10.96.0.10:80/UDP',
    'unserved protocol 10.96.0.11:80/UDP',
    'unserved protocol 10.96.0.12:80/UDP',
  ]);
  const remote = found.filter(
    ({ to }) => to === '10.96.0.10:80/TCP' || to === '192.168.0.2:30080/TCP',
  );
  const hairpins = remote.filter(({ what }) => what !== 'stray RST');
  for (const { from, fields, outcomes } of hairpins) {
    expect(from.class).toBe('endpoint-elsewhere');
    expect(fields).toEqual(['masquerade']);
    expect(outcomes.nftables?.masquerade).toBe(false);
    expect(outcomes.iptables?.masquerade).toBe(true);
  }
  expect(hairpins).toHaveLength(2);
});

test('nftables and ipvs differ exactly where the table of modes says', async () => {
  expect(places(await differences('nftables', 'ipvs'))).toEqual([
    sharedAffinity,
    // No way round policy Local for pods and the node.
    'node port 192.168.0.2:30080/TCP',
    // Any address but loopback has the node port, not only the node's first.
    'node port 192.168.9.2:30080/TCP',
    // An invalid packet reaches the node's own stack, for ClusterIPs are addresses of the node.
    'stray RST 10.96.0.10:80/TCP',
    'stray RST 10.96.0.11:80/TCP',
    'stray RST 10.96.0.12:80/TCP',
    'unallocated address 10.96.0.1:80/TCP',
  ]);
});

test('iptables and ipvs differ exactly where the table of modes says', async () => {
  expect(places(await differences('iptables', 'ipvs'))).toEqual([
    // The choice is the caller, on another node: only iptables masquerades.
    'ClusterIP 10.96.0.10:80/TCP',
    'external IP 192.0.2.81:80/TCP',
    sharedAffinity,
    'node port 127.0.0.1:30080/TCP',
    // Policy Local and its way round.
    'node port 192.168.0.2:30080/TCP',
    'node port 192.168.9.2:30080/TCP',
    'ping 10.96.0.10/ICMP',
    'ping 10.96.0.11/ICMP',
    'ping 10.96.0.12/ICMP',
    'stray RST 10.96.0.10:80/TCP',
    'stray RST 10.96.0.11:80/TCP',
    'stray RST 10.96.0.12:80/TCP',
    'unserved port 10.96.0.10:81/TCP',
    'unserved port 10.96.0.11:81/TCP',
    'unserved port 10.96.0.12:81/TCP',
    'unserved protocol 10.96.0.10:80/UDP',
    'unserved protocol 10.96.0.11:80/UDP',
    'unserved protocol 10.96.0.12:80/UDP',
  ]);
});

test('each row says what became of the packet in each mode', async () => {
  const found = await differences('nftables', 'iptables');
  const pick = (to: string, name: string) =>
    found.find((row) => row.to === to && row.from.class === name);
  expect(pick('192.0.2.81:80/TCP', 'node')).toMatchObject({
    service: 'default/empty',
    fields: ['verdict', 'reason'],
    outcomes: {
      nftables: { verdict: 'reply', reason: 'reject-no-endpoints' },
      iptables: { verdict: 'forward', reason: null },
    },
  });
  expect(pick('192.0.2.81:80/TCP', 'outside')).toBeUndefined();
  expect(pick('10.96.0.1:80/TCP', 'outside')).toMatchObject({
    service: null,
    outcomes: { nftables: { verdict: 'drop', reason: 'unallocated-service-address' } },
  });
});

test('ipvs lets policy Local bind pods as well', async () => {
  const found = await differences('nftables', 'ipvs');
  const pod = found.find(
    ({ to, from }) => to === '192.168.0.2:30080/TCP' && from.class === 'pod-here',
  );
  expect(pod).toMatchObject({
    fields: ['endpoints'],
    outcomes: {
      nftables: { endpoints: ['10.244.1.5:8080', '10.244.2.5:8080'] },
      ipvs: { endpoints: ['10.244.1.5:8080'] },
    },
  });
});

test('who was at one front-end stays with its endpoint at another, but for ipvs mode', async () => {
  const found = await differences('nftables', 'ipvs');
  const rows = found.filter(({ what, to }) => `${what} ${to}` === sharedAffinity);
  expect(rows.length).toBeGreaterThan(2);
  for (const { fields, outcomes } of rows) {
    expect(fields).toEqual(['affinity']);
    expect([outcomes.nftables?.affinity, outcomes.ipvs?.affinity]).toEqual([true, false]);
  }
});

test('three modes at once; a mode does not differ from itself', async () => {
  const all = await compareModes(town(), ['nftables', 'iptables', 'ipvs'], { node: 'a' });
  expect(all.modes).toEqual(['nftables', 'iptables', 'ipvs']);
  expect(all.differences.length).toBeGreaterThan(0);
  for (const { outcomes } of all.differences) expect(Object.keys(outcomes)).toHaveLength(3);
  expect(await differences('ipvs', 'ipvs')).toEqual([]);
});
