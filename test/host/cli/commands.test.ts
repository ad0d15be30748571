// What the commands print for a small cluster, to the letter where the contract is to the letter.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../../host/cli/commands.ts';
import { version } from '../../../host/cli/version.ts';
import { maps } from '../../../host/abi/abi.gen.ts';
import { cells, printed, runCli } from './run-cli.ts';

const shop = 'examples/shop/shop.yaml';
const scenario = 'examples/shop/shop.scenario.yaml';
const captures = 'examples/captures';
let folder: string;

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'podplane-'))));
afterAll(() => rmSync(folder, { recursive: true }));

describe('get', () => {
  const manifests = `apiVersion: v1
kind: Service
metadata: { name: front }
spec:
  type: NodePort
  clusterIP: 10.96.0.5
  selector: { app: front }
  ports: [{ port: 80, nodePort: 30080 }]
---
apiVersion: v1
kind: Service
metadata: { name: alias }
spec: { type: ExternalName, externalName: db.example.com }
---
apiVersion: v1
kind: Service
metadata: { name: peers }
spec: { clusterIP: None, selector: { app: front }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: front-0, labels: { app: front } }
spec: { nodeName: node-a, containers: [{ name: c }] }
status: { podIP: 10.244.0.7 }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: nobody }
spec: { podSelector: { matchExpressions: [{ key: app, operator: In, values: [b, a] }] } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
`;
  const file = () => {
    const path = join(folder, 'cluster.yaml');
    writeFileSync(path, manifests);
    return path;
  };

  test('services, as kubectl prints the types', async () => {
    expect(cells(await printed('get', 'svc', '-f', file()))).toEqual([
      ['NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE'],
      ['alias', 'ExternalName', '<none>', 'db.example.com', '<none>', '<unknown>'],
      ['front', 'NodePort', '10.96.0.5', '<none>', '80:30080/TCP', '<unknown>'],
      ['peers', 'ClusterIP', 'None', '<none>', '80/TCP', '<unknown>'],
    ]);
  });

  test('endpoints, pods, policies, nodes', async () => {
    expect(cells(await printed('get', 'ep', '-f', file()))).toContainEqual([
      'front',
      '10.244.0.7:80',
      '<unknown>',
    ]);
    expect(cells(await printed('get', 'po', '-o', 'wide', '-f', file()))[1]).toEqual([
      'front-0',
      '1/1',
      'Running',
      '0',
      '<unknown>',
      '10.244.0.7',
      'node-a',
      '<none>',
      '<none>',
    ]);
    expect(cells(await printed('get', 'netpol', '-f', file()))[1]).toEqual([
      'nobody',
      'app in (a,b)',
      '<unknown>',
    ]);
    expect(cells(await printed('get', 'no', '-f', file()))[1]?.slice(0, 2)).toEqual([
      'node-a',
      'Ready',
    ]);
  });

  test('-A and other namespaces bring their column, -n takes it away', async () => {
    expect(cells(await printed('get', 'svc', '-A', '-f', file()))[0]![0]).toBe('NAMESPACE');
    expect(cells(await printed('get', 'svc', '-f', shop))[0]![0]).toBe('NAMESPACE');
    expect(cells(await printed('get', 'svc', '-n', 'shop', '-f', shop))[0]![0]).toBe('NAME');
    expect(await runCli(['get', 'svc', '-n', 'none', '-q', '-f', shop])).toMatchObject({
      code: 0,
      out: '',
    });
  });

  test('what was read comes out as it would from an API server, and reads again', async () => {
    const list = JSON.parse(await printed('get', 'svc', '-o', 'json', '-f', file()));
    expect(list).toMatchObject({
      apiVersion: 'v1',
      kind: 'List',
      items: [{ metadata: { name: 'alias' } }, { spec: { clusterIP: '10.96.0.5' } }, {}],
    });
    expect(load(await printed('get', 'svc', '-o', 'yaml', '-f', file()))).toEqual(list);
    for (const kind of ['svc', 'po', 'netpol', 'no']) {
      const path = join(folder, `${kind}.json`);
      writeFileSync(path, await printed('get', kind, '-o', 'json', '-f', file()));
      expect(await printed('get', kind, '-o', 'name', '-f', path)).toBe(
        await printed('get', kind, '-o', 'name', '-f', file()),
      );
    }
  });

  test('what is left aside is said on standard error', async () => {
    const { err } = await runCli(['get', 'svc', '-f', file()]);
    expect(err).toContain('skipped (no effect on packets here): ConfigMap');
    expect(err).toContain('settings');
  });
});

describe('trace', () => {
  test('names the policy that refuses', async () => {
    const words = ['trace', '-f', shop, '--from', 'pod shop/database', '--to', 'http://backend/'];
    const out = await printed(...words);
    expect(out).toMatch(
      /isolated by NetworkPolicy shop\/backend-from-frontend \(examples\/shop\/shop\.yaml:\d+\)/,
    );
    expect(out).toMatch(/^DROP \(policy-denied-ingress: /m);
    const report = JSON.parse(await printed(...words, '-o', 'json'));
    expect(report).toMatchObject({
      version: 1,
      outcome: { verdict: 'drop', reason: 'policy-denied-ingress', port: null },
    });
    expect(report.steps.at(-1).code).toBe('decided');
    expect(report).not.toHaveProperty('leaves');
  });

  test('says that an ExternalName programs nothing', async () => {
    const out = await printed(
      'trace',
      '-f',
      shop,
      '--from',
      'node',
      '--to',
      'service shop/payments',
    );
    expect(out).toBe(
      'note: service shop/payments is an ExternalName: DNS answers with CNAME ' +
        'api.payments.example, and no packet is translated\n',
    );
  });
});

describe('trace resolves names', () => {
  const words = (from: string, to: string) => ['trace', '-f', shop, '--from', from, '--to', to];

  test('as the pod asks, before the packet is sent', async () => {
    const call = words('pod shop/database', 'backend.shop.svc.cluster.local');
    const lines = (await printed(...call)).split('\n');
    expect(lines.slice(0, 7).map((line) => line.replaceAll(/ +/g, ' ').trim())).toEqual([
      "1 dns-resolver pod shop/database asks 10.96.0.10, the cluster's DNS; search " +
        'shop.svc.cluster.local svc.cluster.local cluster.local; ndots:5',
      '2 dns-nxdomain A backend.shop.svc.cluster.local.shop.svc.cluster.local.: NXDOMAIN',
      '3 dns-nxdomain A backend.shop.svc.cluster.local.svc.cluster.local.: NXDOMAIN',
      '4 dns-nxdomain A backend.shop.svc.cluster.local.cluster.local.: NXDOMAIN',
      '5 dns-answer A backend.shop.svc.cluster.local.: 10.96.206.63 (service shop/backend)',
      '6 dns-resolved "backend.shop.svc.cluster.local" is 10.96.206.63 (service shop/backend, ' +
        'examples/shop/shop.yaml:30)',
      'IP 10.244.1.59.40000 > 10.96.206.63.80: TCP [S], seq 1000, length 0',
    ]);
    expect(lines[8]).toMatch(/^ {2}7 {2}parsed /);
  });

  test('also for programs, with the place of the object', async () => {
    const call = words('pod shop/database', 'http://backend/');
    const { steps } = JSON.parse(await printed(...call, '-o', 'json'));
    const codes = steps.map(({ code }: { code: string }) => code);
    expect(codes.slice(0, 4)).toEqual(['dns-resolver', 'dns-answer', 'dns-resolved', 'parsed']);
    expect(steps[2].source).toEqual({ file: shop, line: expect.any(Number) });
  });

  test('an alias to the outside: the questions, and no packet', async () => {
    const report = JSON.parse(
      await printed(...words('pod shop/database', 'payments'), '-o', 'json'),
    );
    expect(report).toMatchObject({
      notes: [/CNAME api\.payments\.example, and no packet is translated$/].map((text) =>
        expect.stringMatching(text),
      ),
      steps: [
        { code: 'dns-resolver' },
        {
          code: 'dns-answer',
          text: 'A payments.shop.svc.cluster.local.: CNAME api.payments.example.',
        },
      ],
    });
    expect(report).not.toHaveProperty('packet');
  });

  test('a plain name of a node, which is no DNS name', async () => {
    const out = await printed(...words('pod shop/database', 'node-1'), '--port', '22');
    expect(out).toMatch(/dns-none +"node-1" is no DNS name; it is the name of node node-1, 192/);
  });

  test('a Service as an object is not asked for', async () => {
    const out = await printed(...words('pod shop/database', 'service shop/backend'));
    expect(out).not.toContain('dns-');
  });

  test('a headless Service without pods is no name', async () => {
    const path = join(folder, 'headless.yaml');
    const spec = '{ clusterIP: None, selector: { app: db }, ports: [{ port: 80 }] }';
    writeFileSync(path, `apiVersion: v1\nkind: Service\nmetadata: { name: db }\nspec: ${spec}\n`);
    const { code, err } = await runCli(['trace', '-q', '-f', path, '--from', 'node', '--to', 'db']);
    expect(code).toBe(2);
    expect(err).toContain('A db.default.svc.cluster.local.: NXDOMAIN');
    expect(err).toMatch(/; service default\/db is headless and has no ready endpoint [^;]*\n$/);
    expect(await printed('trace', '-f', path, '--from', 'node', '--to', 'service default/db')).toBe(
      'note: service default/db is headless and has no ready pods: its name resolves to nothing\n',
    );
  });
});

describe('map', () => {
  test('list has every map', async () => {
    const { maps: listed } = JSON.parse(await printed('map', 'list', '-f', shop, '-o', 'json'));
    expect(listed.map(({ name }: { name: string }) => name)).toEqual(Object.keys(maps));
  });

  test('dump says what numbers stand for, and every map can be dumped', async () => {
    for (const name of Object.keys(maps)) {
      expect(JSON.parse(await printed('map', 'dump', name, '-f', shop))).toBeInstanceOf(Array);
    }
    const [first] = JSON.parse(await printed('map', 'dump', 'endpoints', '-f', shop));
    expect(first.names).toEqual({ service: 'shop/backend:http', set: 'cluster', flags: 'local' });
  });
});

describe('test', () => {
  test('passes, and prints the report for programs', async () => {
    expect(await printed('test', scenario)).toMatch(/\n4 passed\n$/);
    const report = JSON.parse(await printed('test', '-o', 'json', scenario));
    expect(report).toMatchObject({ version: 1, passed: 4, failed: 0 });
    expect(Object.keys(report.scenarios[0].flows[0])).toEqual(
      `name pass verdict reason endpoints masquerade masqueradeByEndpoint sources egress reply
        outcomes failures`.split(/\s+/),
    );
  });

  test('exits 1 when an expectation fails', async () => {
    const path = join(folder, 'wrong.yaml');
    const text = readFileSync(scenario, 'utf8').replace('./shop.yaml', `${process.cwd()}/${shop}`);
    writeFileSync(path, text.replace('reason: policy-denied-ingress', 'reason: no-route'));
    const { code, out } = await runCli(['test', path]);
    expect(code).toBe(1);
    expect(out).toContain('reason: expected no-route, got drop (policy-denied-ingress)');
    expect(out).toMatch(/\n1 failed, 3 passed\n$/);
  });
});

describe('replay', () => {
  const cluster = [
    '-f',
    `${captures}/objects.json`,
    '-f',
    `${captures}/nodes-and-pods.yaml`,
    '--node',
    'node-a',
  ];
  const both = [
    `pod/default/pod9=${captures}/http-clusterip.before.pod9.pcap`,
    `pod/default/pod1=${captures}/http-clusterip.after.pod1.pcap`,
  ];

  test('--check finds no difference to the real node', async () => {
    const report = JSON.parse(
      await printed('replay', '--check', '-o', 'json', ...cluster, ...both),
    );
    expect(report).toMatchObject({
      version: 1,
      packets: 251,
      verdicts: { forward: 251 },
      check: { compared: 251, equal: 251, different: [], onlyReal: 0, onlyPodplane: 0 },
    });
  });

  test('--check exits 1 when something differs', async () => {
    const policy = ['-f', join(folder, 'deny.yaml')];
    writeFileSync(
      join(folder, 'deny.yaml'),
      `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: nobody }
spec: { podSelector: {} }
`,
    );
    const { code } = await runCli(['replay', '-q', '--check', ...cluster, ...policy, ...both]);
    expect(code).toBe(1);
  });

  test('-w writes a capture that reads again, and equal input gives equal digests', async () => {
    const path = join(folder, 'out.pcap');
    const digest = async () =>
      JSON.parse(await printed('replay', '-o', 'json', '-w', path, ...cluster, ...both)).digest;
    expect(await digest()).toBe(await digest());
    const again = JSON.parse(await printed('replay', '-o', 'json', ...cluster, path));
    expect(again.packets).toBe(251);
  });
});

describe('the program', () => {
  test('--help of every command has its options and examples', async () => {
    for (const { name, options, examples } of commands) {
      const { code, out } = await runCli([name, '--help']);
      expect(code).toBe(0);
      for (const option of Object.keys(options)) expect(out).toContain(`--${option}`);
      expect(examples.length).toBeGreaterThan(0);
      for (const { command } of examples) expect(out).toContain(command);
      const overview = await runCli(['--help']);
      expect(overview.out).toContain(`  ${name} `);
    }
  });

  test('without a command it shows what there is, and exits 2', async () => {
    expect(await runCli([])).toMatchObject({ code: 2, out: expect.stringContaining('Usage:') });
  });

  test('--version is that of the package', async () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
    expect((await runCli(['--version'])).out).toBe(`${version}\n`);
    expect(version).toBe(manifest.version);
  });

  test('colour and progress only on a terminal, and not with NO_COLOR or -q', async () => {
    const words = ['test', scenario];
    const escape = String.fromCharCode(27);
    expect((await runCli(words)).out).not.toContain(escape);
    const shown = await runCli(words, { isTerminal: true });
    expect(shown.out).toContain(escape);
    expect(shown.err).toContain('\r');
    const plain = await runCli(words, { isTerminal: true, environment: { NO_COLOR: '1' } });
    expect(plain.out).not.toContain(escape);
    expect((await runCli([...words, '-q'], { isTerminal: true })).err).toBe('');
  });

  test('demo runs to its end', async () => {
    const out = await printed('demo');
    expect(out).toContain('policy-denied-ingress');
    expect(out).toContain('FORWARD by pod/default/pod1');
  });

  test('bench measures both paths', async () => {
    const words = ['bench', '--flows', '300', '--packets', '1000', '-o', 'json'];
    const { results } = JSON.parse(await printed(...words));
    expect(results).toHaveLength(2);
    for (const result of results) expect(result.nanosecondsPerPacket).toBeGreaterThan(0);
  });

  test('bench --scale measures a large cluster and changes of it', async () => {
    const words = ['bench', '--scale', '--services', '300', '-o', 'json'];
    const { steps, updates, ...report } = JSON.parse(await printed(...words));
    expect(report).toMatchObject({ services: 300, endpoints: 3000, answered: 300 });
    expect(steps.map(({ name }: { name: string }) => name)).toEqual([
      'read',
      'complete',
      'compile',
      'load',
      'one packet to each Service',
    ]);
    for (const { ratio } of updates) expect(ratio).toBeGreaterThan(1);
  });
});
