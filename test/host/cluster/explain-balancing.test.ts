// The sentence that a trace says about an endpoint, for every way of balancing.

import { expect, test } from 'vitest';
import { schedulers } from '../../../host/compile/balancing.ts';
import { Cluster } from '../../../host/cluster/cluster.ts';
import type { NodeConfig } from '../../../host/compile/desired.ts';
import { encodePacket } from '../../../host/net/packet.ts';

const manifests = `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { clusterIP: 10.96.0.10, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1, labels: { kubernetes.io/service-name: web } }
addressType: IPv4
ports: [{ port: 8080 }]
endpoints: [{ addresses: [10.244.2.1] }]
`;

async function sentence(config: Partial<NodeConfig>): Promise<string> {
  const dataplane = await Cluster.from(manifests).dataplane({ config });
  const ends = { source: '203.0.113.7', destination: '10.96.0.10', protocol: 6, tcpFlags: 2 };
  const call = (sourcePort: number) =>
    dataplane.trace(encodePacket({ ...ends, sourcePort, destinationPort: 80 }, 'raw'), {
      port: 'uplink',
      link: 'raw',
    });
  call(40_000);
  return call(40_001).steps.find(({ code }) => code === 'endpoint-chosen')!.text;
}

test('every scheduler says its name and what it went by', async () => {
  for (const scheduler of Object.keys(schedulers)) {
    expect(await sentence({ mode: 'ipvs', scheduler })).toMatch(
      new RegExp(`^endpoint 10.244.2.1:8080 (is|has|served) .*\\(${scheduler}\\)$`),
    );
  }
  expect(await sentence({ mode: 'ipvs', scheduler: 'lc' })).toContain('(1 active, 0 inactive)');
  expect(await sentence({ balancing: 'maglev' })).toContain('in the Maglev table');
  expect(await sentence({})).toContain('is drawn at random');
});
