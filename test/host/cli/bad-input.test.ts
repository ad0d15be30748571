// Bad input of every kind: one line that names the place and the cure, exit code 2, nothing
// half-applied.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

const shop = 'examples/shop/shop.yaml';
const capture = 'examples/captures/http-clusterip.before.pod9.pcap';
let folder: string;

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'podplane-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const service = (port: string) => `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  ports:
    - port: ${port}
`;

const manifests: readonly { what: string; text: string; says: RegExp }[] = [
  {
    what: 'malformed YAML with a tab',
    text: 'apiVersion: v1\nkind: Service\nmetadata:\n\tname: web\n',
    says: /:4:\d+: .*tab.*; indent with spaces$/,
  },
  {
    what: 'a field of another type',
    text: service('"80"'),
    says: /:6:13: spec\.ports\[0\]\.port: must be an integer, got string "80"; remove the quotes$/,
  },
  {
    what: 'port 70000',
    text: service('70000'),
    says: /:6:13: spec\.ports\[0\]\.port: .* 70000: must be between 1 and 65535, inclusive$/,
  },
  {
    what: 'a policy with a bad CIDR',
    text: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: p }
spec:
  podSelector: {}
  ingress:
    - from:
        - ipBlock: { cidr: 10.0.0.0/33 }
`,
    says: /:8:28: spec\.ingress\[0\]\.from\[0\]\.ipBlock\.cidr: .*"10\.0\.0\.0\/33": .*CIDR/,
  },
];

describe.each(manifests)('$what', ({ text, says }) => {
  test.each(['get', 'map', 'trace', 'replay'])('%s refuses it', async (command) => {
    const path = file('bad.yaml', text);
    const words: Record<string, string[]> = {
      get: ['services'],
      map: ['list'],
      trace: ['--from', '10.0.0.1', '--to', 'node', '--port', '1'],
      replay: ['-w', join(folder, 'never.pcap'), capture],
    };
    const { code, out, err } = await runCli([command, '-f', shop, '-f', path, ...words[command]!]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.trimEnd().split('\n')).toEqual([expect.stringMatching(says)]);
    expect(err.startsWith(path)).toBe(true);
    expect(existsSync(join(folder, 'never.pcap'))).toBe(false);
  });
});

describe('captures', () => {
  const replay = (path: string) =>
    runCli(['replay', '-q', '-f', shop, '-w', join(folder, 'out.pcap'), path]);

  test('cut in mid-packet', async () => {
    const path = file('cut.pcap', readFileSync(capture).subarray(0, 2000));
    const { code, out, err } = await replay(path);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/cut\.pcap: packet \d+: .+; .+\n$/);
    expect(err.trimEnd()).not.toContain('\n');
    expect(existsSync(join(folder, 'out.pcap'))).toBe(false);
    expect(existsSync(join(folder, 'out.pcap.part'))).toBe(false);
  });

  test('no capture at all', async () => {
    const { code, err } = await replay(file('text.pcap', 'this is no capture, whatever its name'));
    expect(code).toBe(2);
    expect(err).toMatch(/^\S+text\.pcap: .+; .+\n$/);
  });

  test('compressed, and cut in the middle', async () => {
    const whole = gzipSync(readFileSync(capture));
    expect((await replay(file('whole.pcap.gz', whole))).code).toBe(0);
    const { code, err } = await replay(file('half.pcap.gz', whole.subarray(0, 200)));
    expect(code).toBe(2);
    expect(err).toMatch(
      /half\.pcap\.gz: the file is not whole gzip \(.+\); `gunzip -t` is silent\n$/,
    );
  });

  test('missing', async () => {
    const { code, err } = await replay('nowhere.pcap');
    expect({ code, err }).toEqual({ code: 2, err: 'nowhere.pcap: no such file; check the path\n' });
  });

  test('a folder', async () => {
    const { code, err } = await replay(folder);
    expect({ code, err }).toEqual({ code: 2, err: `${folder}: is a folder; name a file\n` });
  });

  test('a place that the node does not have', async () => {
    const { code, err } = await replay(`pod/shop/nobody=${capture}`);
    expect(code).toBe(2);
    expect(err).toMatch(/no port "pod\/shop\/nobody"; one of host, uplink, /);
  });
});

test('missing manifests', async () => {
  const { code, err } = await runCli(['get', 'svc', '-f', 'nowhere.yaml']);
  expect(code).toBe(2);
  expect(err).toMatch(/^nowhere\.yaml: no such file.*\n$/);
});

const scenarios: readonly { what: string; flow: string; says: RegExp }[] = [
  {
    what: 'an unknown expectation',
    flow: '{ from: node, to: node, port: 1, expect: { endpoint: [] } }',
    says: /:6:\d+: spec\.flows\[0\]\.expect\.endpoint: .*did you mean "endpoints"\?$/,
  },
  {
    what: 'a flow without an end',
    flow: '{ from: node, port: 1 }',
    says: /spec\.flows\[0\]\.to: Required value$/,
  },
  {
    what: 'port 70000',
    flow: '{ from: node, to: node, port: 70000 }',
    says: /spec\.flows\[0\]\.port: Invalid value: 70000: must be between 0 and 65535, inclusive$/,
  },
  {
    what: 'a name that stands for nothing when it is used',
    flow: '{ from: node, to: service shop/backnd }',
    says: /:6:\d+: spec\.flows\[0\]: .* "shop\/backnd"; did you mean "shop\/backend"\?$/,
  },
  {
    what: 'a DNS name that stands for nothing when it is used',
    flow: '{ from: pod shop/database, to: backnd }',
    says: /spec\.flows\[0\]: "backnd" is no .* \(A backnd\.shop\..*; did you mean "backend"\?$/,
  },
  {
    what: 'an answer to no flow',
    flow: '{ answers: hello }',
    says: /no flow named "hello" has run by then; name an earlier flow$/,
  },
];

test.each(scenarios)('scenario with $what', async ({ flow, says }) => {
  const path = file(
    'bad.scenario.yaml',
    `apiVersion: podplane.io/v1alpha1
kind: Scenario
metadata: { name: bad }
spec:
  manifests: ['${process.cwd()}/${shop}']
  flows: [${flow}]
`,
  );
  const { code, out, err } = await runCli(['test', path]);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err.trimEnd()).toMatch(says);
  expect(err.startsWith(`${path}:`)).toBe(true);
});

const calls: readonly [words: string[], says: string][] = [
  [['replya'], 'podplane: unknown command "replya"; did you mean "replay"?'],
  [
    ['get', 'svc', '--filname', 'x'],
    'podplane: unknown option "--filname"; did you mean "--filename"?',
  ],
  [
    ['get', 'sevices', '-f', shop],
    'podplane: get: unknown kind "sevices"; did you mean "services"?',
  ],
  [['get', 'svc'], 'podplane: no manifests; name them with -f <path>'],
  [
    ['get', 'svc', '-f', shop, '-o', 'xml'],
    'podplane: --output: unknown value "xml"; one of table, wide, extended, json, yaml, name',
  ],
  [
    ['map', 'dump', 'frontend', '-f', shop],
    'podplane: there is no map "frontend"; did you mean "frontends"?',
  ],
  [
    ['trace', '-f', shop, '--from', 'node'],
    'podplane: --to is missing; an IP, "pod ns/name", "service ns/name", node',
  ],
  [
    ['trace', '-q', '-f', shop, '--from', 'pod shop/database', '--to', 'backend.other.'],
    'podplane: --to: "backend.other." is no name that pod shop/database can resolve ' +
      '(A backend.other.: asked outside the cluster, no answer known); an address, ' +
      '"pod ns/name", "service ns/name", "deployment ns/name", "node", a DNS name or a URL',
  ],
  [
    ['trace', '-q', '-f', shop, '--from', 'pod shop/database', '--to', 'backend', '--family', '6'],
    'podplane: --to: "backend" is no name that pod shop/database can resolve ' +
      '(AAAA backend.shop.svc.cluster.local.: NODATA, AAAA backend.svc.cluster.local.: NXDOMAIN, ' +
      'AAAA backend.cluster.local.: NXDOMAIN, ' +
      'AAAA backend.: asked outside the cluster, no answer known); an address, "pod ns/name", ' +
      '"service ns/name", "deployment ns/name", "node", a DNS name or a URL',
  ],
  [
    ['trace', '-q', '-f', shop, '--from', 'node', '--to', 'node', '--port', '70000'],
    'podplane: --port: 70000 is no port; a number from 0 to 65535, or a name',
  ],
  [
    ['get', 'svc', '-f', shop, '--seed', 'x'],
    'podplane: --seed: "x" is no whole number; a number from 0',
  ],
  [
    ['map', 'list', '-q', '-f', shop, '--node', 'node-9'],
    'podplane: --node: there is no node "node-9"; one of node-1',
  ],
];

test.each(calls)('usage: %j', async (words, says) => {
  expect(await runCli(words)).toEqual({ code: 2, out: '', err: `${says}\n` });
});
