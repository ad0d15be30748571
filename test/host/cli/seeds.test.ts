// The manifests of the documents in examples/seeds go through the commands without an error, as
// they stand: with ExternalName, headless Services and Services without pods.

import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cluster } from '../../../host/cluster/cluster.ts';
import { readManifestFiles } from '../../../host/files/manifests.ts';
import { runCli } from './run-cli.ts';

const folder = 'examples/seeds';
const files = readdirSync(folder).map((file) => `${folder}/${file}`);

describe.each(files)('%s', (file) => {
  const run = (...words: string[]) => runCli([...words, '-f', file]);

  test.each(['services', 'endpoints', 'pods', 'policies', 'nodes'])('get %s', async (kind) => {
    expect((await run('get', kind, '-A')).code).toBe(0);
  });

  test.each(['frontends', 'endpoints', 'policies', 'routes'])('map dump %s', async (name) => {
    expect((await run('map', 'dump', name)).code).toBe(0);
  });

  test('trace to every Service', async () => {
    const { services } = Cluster.from(await readManifestFiles([file])).state;
    expect(services).not.toEqual([]);
    for (const { metadata, spec } of services) {
      const to = `service ${metadata.namespace}/${metadata.name}`;
      const { code, out, err } = await run('trace', '--from', '203.0.113.9', '--to', to);
      expect(code, err).toBe(0);
      const said = spec.type === 'ExternalName' ? /CNAME/ : /headless|decided/;
      expect(out + err).toMatch(said);
    }
  });
});
