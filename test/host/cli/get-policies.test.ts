// `podplane get` of policies: each kind in its own columns, as kubectl prints several kinds.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cells, printed, runCli } from './run-cli.ts';

let folder: string;

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'podplane-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const tierObjects = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: guard }
spec:
  tier: Admin
  priority: 7
  subject: { pods: { podSelector: { matchLabels: { app: a } } } }
  egress:
    - name: all
      action: Accept
      to: [{ networks: [10.0.0.0/8] }, { namespaces: {} }]
      protocols:
        - { tcp: { destinationPort: { number: 80 } } }
        - { udp: { destinationPort: { range: { start: 1, end: 2 } } } }
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: { name: default }
spec:
  subject: { namespaces: {} }
  ingress:
    - action: Allow
      from: [{ pods: { namespaceSelector: {}, podSelector: {} } }]
      ports: [{ portNumber: { port: 80 } }, { portRange: { start: 1, end: 9 } }, { namedPort: a }]
`;

const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: nobody }
spec: { podSelector: { matchExpressions: [{ key: app, operator: In, values: [b, a] }] } }
`;

test('policies of the whole cluster have tables of their own, and read again', async () => {
  const tiers = join(folder, 'tiers.yaml');
  writeFileSync(tiers, `${tierObjects}---\n${policy}`);
  const table = await printed('get', 'policies', '-f', tiers);
  expect(table.split('\n\n').map((part) => cells(part))).toEqual([
    [
      ['NAME', 'POD-SELECTOR', 'AGE'],
      ['networkpolicy.networking.k8s.io/nobody', 'app in (a,b)', '<unknown>'],
    ],
    [
      ['NAME', 'TIER', 'PRIORITY', 'AGE'],
      ['clusternetworkpolicy.policy.networking.k8s.io/guard', 'Admin', '7', '<unknown>'],
    ],
    [
      ['NAME', 'AGE'],
      ['baselineadminnetworkpolicy.policy.networking.k8s.io/default', '<unknown>'],
    ],
  ]);
  expect(cells(await printed('get', 'cnp', '-o', 'wide', '-f', tiers))).toEqual([
    ['NAME', 'TIER', 'PRIORITY', 'AGE', 'NAMESPACE-SELECTOR', 'POD-SELECTOR'],
    ['guard', 'Admin', '7', '<unknown>', '<none>', 'app=a'],
  ]);
  const written = await printed('get', 'policies', '-o', 'json', '-f', tiers);
  const again = join(folder, 'tiers.json');
  writeFileSync(again, written);
  expect(await printed('get', 'policies', '-o', 'json', '-f', again)).toBe(written);
  expect(JSON.parse(written).items[1].spec).toEqual({
    tier: 'Admin',
    priority: 7,
    subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'a' } } } },
    egress: [
      {
        name: 'all',
        action: 'Accept',
        to: [{ networks: ['10.0.0.0/8'] }, { namespaces: {} }],
        protocols: [
          { tcp: { destinationPort: { number: 80 } } },
          { udp: { destinationPort: { range: { start: 1, end: 2 } } } },
        ],
      },
    ],
  });
  expect((await runCli(['get', 'policies', 'gard', '-f', tiers])).err).toContain(
    'policies "gard" not found; did you mean "guard"?',
  );
});
