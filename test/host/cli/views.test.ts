// The views that are known by heart, as the commands print them: conntrack, ipvsadm, endpoints,
// health checks, the explanation of a Service, the comparison of modes.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatConnection } from '../../../host/cli/get/conntrack.ts';
import { manifests } from '../survey/town.ts';
import { runCli } from './run-cli.ts';

const captures = 'examples/captures';
const captured = ['-f', `${captures}/objects.json`, '-f', `${captures}/nodes-and-pods.yaml`];
let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'podplane-'));
  file = join(folder, 'town.yaml');
  writeFileSync(file, manifests);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What is printed without notes, by line. */
async function linesOf(...words: string[]): Promise<string[]> {
  const { code, out, err } = await runCli([...words, '-q']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out.trimEnd().split('\n');
}

const cells = (lines: readonly string[]) => lines.map((line) => line.split(/ {3,}/));

describe('get conntrack', () => {
  const tuple = { source: '10.0.0.1', sourcePort: 7, destination: '10.0.0.2', destinationPort: 8 };
  const connection = {
    protocol: 'TCP',
    original: tuple,
    reply: { source: '10.0.0.3', sourcePort: 9, destination: '10.0.0.1', destinationPort: 7 },
    state: 'established',
    flags: ['seen-reply', 'assured'],
    service: null,
    createdAtMs: 0,
    expiresAtMs: 0,
    originalPackets: 3,
    originalBytes: 180,
    replyPackets: 2,
    replyBytes: 120,
    originalPort: null,
    replyPort: null,
    secondsLeft: 431999,
  };

  test.each([
    [
      'an assured connection',
      {},
      'tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=7 dport=8 ' +
        'src=10.0.0.3 dst=10.0.0.1 sport=9 dport=7 [ASSURED]',
    ],
    [
      'a datagram without answer',
      { protocol: 'UDP', state: 'unreplied', flags: [] },
      'udp      17 431999 src=10.0.0.1 dst=10.0.0.2 sport=7 dport=8 ' +
        '[UNREPLIED] src=10.0.0.3 dst=10.0.0.1 sport=9 dport=7',
    ],
    [
      'a ping, by its type and identifier',
      {
        protocol: 'ICMP',
        original: { ...tuple, icmpType: 8, icmpCode: 0 },
        reply: { ...tuple, icmpType: 0, icmpCode: 0 },
        state: 'replied',
        flags: ['seen-reply'],
      },
      'icmp     1 431999 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7 ' +
        'src=10.0.0.1 dst=10.0.0.2 type=0 code=0 id=7',
    ],
    [
      'Linux’s own name of a state',
      { state: 'syn-received', flags: ['seen-reply'] },
      'tcp      6 431999 SYN_RECV src=10.0.0.1 dst=10.0.0.2 sport=7 dport=8 ' +
        'src=10.0.0.3 dst=10.0.0.1 sport=9 dport=7',
    ],
    [
      'an association',
      { protocol: 'SCTP', state: 'sctp-cookie-wait', flags: ['seen-reply'] },
      'sctp     132 431999 COOKIE_WAIT src=10.0.0.1 dst=10.0.0.2 sport=7 dport=8 ' +
        'src=10.0.0.3 dst=10.0.0.1 sport=9 dport=7',
    ],
  ])('%s', (_, change, line) => {
    expect(formatConnection({ ...connection, ...change }, false)).toBe(line);
  });

  test('extended, with the family and both counters', () => {
    expect(formatConnection(connection, true)).toBe(
      'ipv4     2 tcp      6 431999 ESTABLISHED ' +
        'src=10.0.0.1 dst=10.0.0.2 sport=7 dport=8 packets=3 bytes=180 ' +
        'src=10.0.0.3 dst=10.0.0.1 sport=9 dport=7 packets=2 bytes=120 [ASSURED]',
    );
  });

  test('after a replay, with the time left at its last packet', async () => {
    const capture = `uplink=${captures}/http-nodeport.before.client.pcap`;
    const words = ['get', 'conntrack', ...captured, '--node', 'node-a'];
    const lines = await linesOf(...words, capture);
    expect(lines).toHaveLength(7);
    expect(lines[0]).toMatch(/^tcp {6}6 1\d\d SYN_SENT src=203\.0\.113\.7 dst=192\.168\.50\.11 /);
    expect(lines[0]).toContain(' sport=41472 dport=30080 [UNREPLIED] src=10.244.1.5 ');
    const json = JSON.parse((await linesOf(...words, capture, '-o', 'json')).join('\n'));
    expect(json).toMatchObject({ version: 1, node: 'node-a' });
    expect(json.connections[0].original.sourcePort).toBe(41472);
    expect(json.connections[0].secondsLeft).toBeGreaterThan(100);
    expect((await runCli([...words, capture])).err).toContain('7 flow entries have been shown.');
    expect((await linesOf(...words, capture, '-n', 'elsewhere'))[0]).toBe('');
  });

  test('after one packet', async () => {
    const ends = ['--from', 'pod default/client', '--to', 'service default/near'];
    const [line] = await linesOf('get', 'conntrack', '-f', file, '--node', 'a', ...ends);
    expect(line).toBe(
      'tcp      6 120 SYN_SENT src=10.244.1.9 dst=10.96.0.12 sport=40000 dport=80 ' +
        '[UNREPLIED] src=10.244.1.5 dst=10.244.1.9 sport=8080 dport=40000',
    );
  });

  test('what cannot be is refused', async () => {
    const base = ['get', 'conntrack', '-f', file, '--node', 'a'];
    const both = await runCli([...base, 'x.pcap', '--from', 'node', '--to', 'node']);
    expect(both).toMatchObject({ code: 2, out: '' });
    const half = await runCli([...base, '--from', 'node']);
    expect(half.err).toContain('--to is missing');
    const form = await runCli([...base, '-o', 'name']);
    expect(form.err).toContain('one of table, extended, json, yaml');
    const kind = await runCli(['get', 'svc', '-f', file, '-o', 'extended']);
    expect(kind).toMatchObject({ code: 2, out: '' });
  });
});

describe('get ipvs', () => {
  test('in the shape of ipvsadm -Ln', async () => {
    const settings = join(folder, 'settings.yaml');
    writeFileSync(settings, 'mode: ipvs\nscheduler: mh\n');
    const words = ['get', 'ipvs', '-f', file, '--node', 'a', '--config', settings];
    expect((await linesOf(...words)).slice(0, 8)).toEqual([
      'IP Virtual Server version 1.2.1 (size=4096)',
      'Prot LocalAddress:Port Scheduler Flags',
      '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
      'TCP  10.96.0.10:80 mh (mh-port)',
      '  -> 10.244.1.5:8080              Masq    1      0          0',
      '  -> 10.244.2.5:8080              Masq    1      0          0',
      'TCP  10.96.0.11:80 mh (mh-port)',
      'TCP  10.96.0.12:80 mh (mh-port) persistent 10800',
    ]);
  });

  test('counts the connections of a packet, and needs no --mode', async () => {
    const ends = ['--from', 'pod default/client', '--to', 'service default/near'];
    const words = ['get', 'ipvs', '-f', file, '--node', 'a', ...ends, '-o', 'json'];
    const { virtualServers } = JSON.parse((await linesOf(...words)).join('\n'));
    const near = virtualServers.find((server: { address: string }) => {
      return server.address === '10.96.0.12';
    });
    expect(near.realServers[0]).toMatchObject({ activeConnections: 1, inactiveConnections: 0 });
  });

  test('no other mode has virtual servers', async () => {
    const { code, err } = await runCli(['get', 'ipvs', '-f', file, '--mode', 'iptables']);
    expect(code).toBe(2);
    expect(err).toContain('a node in iptables mode has no table "ipvs"; --mode ipvs');
  });
});

test('get services -o wide says what the node answers to health checks', async () => {
  const rows = cells(await linesOf('get', 'svc', 'web', '-o', 'wide', '-f', file, '--node', 'b'));
  expect(rows[0]?.at(-1)).toBe('HEALTH CHECK');
  expect(rows[1]?.at(-1)).toBe('32000: 200, weight 1');
  const { code, err } = await runCli(['get', 'svc', '-o', 'wide', '-f', file, '--node', 'c']);
  expect(code).toBe(2);
  expect(err).toContain('there is no node "c"');
});

test('get endpoints -o wide shows each endpoint and its sets on the node', async () => {
  const plain = await linesOf('get', 'ep', 'web', '-f', file);
  expect(cells(plain)[0]).toEqual(['NAME', 'ENDPOINTS', 'AGE']);
  const rows = cells(await linesOf('get', 'ep', '-o', 'wide', '-f', file, '--node', 'a'));
  expect(rows[0]).toEqual(
    'NAME PORT ENDPOINT READY SERVING TERMINATING NODE ZONE HINTS SETS'.split(' '),
  );
  const none = '<none>';
  const there = '10.244.2.5:8080';
  expect(rows.slice(1)).toEqual([
    ['empty', none, none, none, none, none, none, none, none, none],
    [
      'near',
      'TCP',
      '10.244.1.5:8080',
      'true',
      'true',
      'false',
      'a',
      none,
      'zone=zone-a',
      'cluster',
    ],
    ['near', 'TCP', there, 'true', 'true', 'false', 'b', none, 'zone=zone-b', none],
    ['web', 'TCP', '10.244.1.5:8080', 'true', 'true', 'false', 'a', none, none, 'cluster,local'],
    ['web', 'TCP', '10.244.1.6:8080', 'false', 'true', 'true', 'a', none, none, none],
    ['web', 'TCP', there, 'true', 'true', 'false', 'b', none, none, 'cluster'],
  ]);
});

describe('explain', () => {
  test('a table for each front-end, with fields and places', async () => {
    const lines = await linesOf('explain', 'service', 'default/web', '-f', file, '--node', 'a');
    expect(lines[0]).toMatch(/^Service default\/web \(.*town\.yaml:\d+\), on a in nftables mode$/);
    expect(lines).toContain('load balancer 192.0.2.80:80/TCP');
    const outside = cells(lines).find(
      (row) => row[0] === 'outside' && row[2] === 'drop (source-range)',
    );
    expect(outside?.at(-1)).toMatch(/^spec\.loadBalancerSourceRanges \(.*town\.yaml:\d+\)$/);
    const wide = await linesOf('explain', 'svc', 'web', '-f', file, '--node', 'a', '-o', 'wide');
    expect(wide.join('\n')).toContain('is in none of the loadBalancerSourceRanges of');
  });

  test('as JSON', async () => {
    const words = ['explain', 'svc', 'empty', '-f', file, '--node', 'a', '-o', 'json'];
    const report = JSON.parse((await linesOf(...words)).join('\n'));
    expect(report).toMatchObject({ version: 1, node: 'a', mode: 'nftables' });
    expect(report.frontends.map(({ address }: { address: string }) => address)).toEqual([
      '10.96.0.11',
      '192.0.2.81',
    ]);
  });

  test('a Service that programs nothing says so; a wrong name is put right', async () => {
    const [, line] = await linesOf('explain', 'svc', 'shop/payments', '-f', 'examples/shop');
    expect(line).toMatch(/^It programs nothing/);
    const { code, err } = await runCli(['explain', 'svc', 'wep', '-f', file]);
    expect(code).toBe(2);
    expect(err).toContain('did you mean "default/web"?');
    expect((await runCli(['explain', 'pod', 'web', '-f', file])).code).toBe(2);
  });
});

describe('diff', () => {
  test('lists what differs, and exits 1', async () => {
    const words = ['diff', '--mode', 'nftables', '--mode', 'iptables', '-f', file, '--node', 'a'];
    const { code, out } = await runCli(words);
    expect(code).toBe(1);
    const lines = out.trimEnd().split('\n');
    expect(cells(lines)[0]?.slice(-2)).toEqual(['NFTABLES', 'IPTABLES']);
    expect(lines.at(-1)).toMatch(/^\d+ of \d+ packets differ on a$/);
    const json = JSON.parse((await runCli([...words, '-o', 'json'])).out);
    expect(json).toMatchObject({ version: 1, node: 'a', modes: ['nftables', 'iptables'] });
    expect(lines.at(-1)).toContain(`${json.differences.length} of ${json.packets} `);
  });

  test('exits 0 where nothing differs', async () => {
    const bare = join(folder, 'bare.yaml');
    writeFileSync(
      bare,
      'apiVersion: v1\nkind: Node\nmetadata: { name: a }\n' +
        'status: { addresses: [{ type: InternalIP, address: 192.168.0.2 }] }\n',
    );
    const modes = ['--mode', 'iptables', '--mode', 'ipvs'];
    const { code, out } = await runCli(['diff', ...modes, '-f', bare]);
    expect({ code, out }).toEqual({ code: 0, out: '0 of 3 packets differ on a\n' });
  });

  test.each([
    [[], 'is not two sets of manifests'],
    [['--mode', 'ipvs'], 'is not two sets of manifests'],
    [['--mode', 'ipvs', '--mode', 'ipvs'], 'diff needs two different modes'],
  ])('needs two sets or two modes, not %j', async (modes, message) => {
    const { code, err } = await runCli(['diff', '-f', file, ...modes]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  test('refuses a mode that is none', async () => {
    const words = ['diff', '-f', file, '--mode', 'ipvs', '--mode', 'userspace'];
    expect((await runCli(words)).err).toContain('--mode: unknown value "userspace"');
  });
});
