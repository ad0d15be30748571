// What the cluster's DNS answers, rule by rule. Expected values follow the tables of CoreDNS
// `plugin/kubernetes/handler_test.go` and the specification of DNS-Based Service Discovery.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import { defaultControllerOptions } from '../../../host/controllers/state.ts';
import { answerQuestion, type Question } from '../../../host/dns/records.ts';
import { familyOf } from '../../../host/net/address.ts';
import { cluster } from '../../../fuzz/arbitrary/cluster.ts';
import { manifests, stateOf } from './cluster.ts';

const state = stateOf(manifests);

/** `A 10.96.0.20`, `CNAME …`, `SRV 80 …`, or the status where there is no record. */
function ask(name: string, type: Question['type']): string[] {
  const absolute = name.endsWith('.') ? name : `${name}.cluster.local.`;
  const { status, records } = answerQuestion(state, { name: absolute, type });
  if (status !== 'answer') {
    expect(records).toEqual([]);
    return [status];
  }
  return records.map(({ type: kind, data, port }) =>
    [kind, port, data].filter((part) => part !== undefined).join(' '),
  );
}

const inZone = (name: string) => `${name}.shop.svc.cluster.local.`;

test.each<[what: string, name: string, type: Question['type'], answer: string[]]>([
  ['a ClusterIP', 'backend.shop.svc', 'A', ['A 10.96.0.20']],
  ['its other family', 'backend.shop.svc', 'AAAA', ['nodata']],
  ['both families, A', 'dual.shop.svc', 'A', ['A 10.96.0.21']],
  ['both families, AAAA', 'dual.shop.svc', 'AAAA', ['AAAA fd00:10:96::21']],
  ['headless: ready endpoints', 'web.shop.svc', 'A', ['A 10.244.1.5', 'A 10.244.1.6']],
  ['headless: no AAAA', 'web.shop.svc', 'AAAA', ['nodata']],
  [
    'publishNotReadyAddresses: all endpoints',
    'early.shop.svc',
    'A',
    ['A 10.244.1.7', 'A 10.244.1.5', 'A 10.244.1.6'],
  ],
  ['headless without ports', 'portless.shop.svc', 'A', ['A 10.244.1.5', 'A 10.244.1.6']],
  ['headless without endpoints', 'nobody.shop.svc', 'A', ['nxdomain']],
  ['an endpoint by host name', 'web-0.web.shop.svc', 'A', ['A 10.244.1.5']],
  ['a host name is not dashed', '10-244-1-5.web.shop.svc', 'A', ['nxdomain']],
  ['an endpoint without host name', '10-244-1-6.web.shop.svc', 'A', ['A 10.244.1.6']],
  ['a pod name is no host name', 'web-1.web.shop.svc', 'A', ['nxdomain']],
  ['an endpoint that is not ready', '10-244-1-7.web.shop.svc', 'A', ['nxdomain']],
  ['an endpoint of a ClusterIP', '10-244-1-8.backend.shop.svc', 'A', ['A 10.244.1.8']],
  ['a host name of another Service', 'web-0.early.shop.svc', 'A', ['nxdomain']],
  ['a pod', '10-244-1-5.shop.pod', 'A', ['A 10.244.1.5']],
  ['a pod, IPv6', 'fd00-10-244--5.shop.pod', 'AAAA', ['AAAA fd00:10:244::5']],
  ['a pod, the other family', '10-244-1-5.shop.pod', 'AAAA', ['nodata']],
  ['a pod that nobody checks', '198-51-100-1.shop.pod', 'A', ['A 198.51.100.1']],
  ['a pod that is no address', 'web-0.shop.pod', 'A', ['nxdomain']],
  ['a pod of no namespace', '10-244-1-5.none.pod', 'A', ['nxdomain']],
  ['no such Service', 'missing.shop.svc', 'A', ['nxdomain']],
  ['no such namespace', 'backend.none.svc', 'A', ['nxdomain']],
  ['a namespace', 'shop.svc', 'A', ['nodata']],
  ['an empty namespace', 'empty.svc', 'A', ['nodata']],
  ['no namespace', 'none.svc', 'A', ['nxdomain']],
  ['the zone', 'cluster.local.', 'A', ['nodata']],
  ['svc', 'svc', 'A', ['nodata']],
  ['pod', 'pod', 'A', ['nodata']],
  ['neither svc nor pod', 'backend.shop', 'A', ['nxdomain']],
  ['too many labels', 'a.b.c.backend.shop.svc', 'A', ['nxdomain']],
  ['a name outside', 'example.com.', 'A', ['unknown']],
  ['a name that only ends alike', 'notcluster.local.', 'A', ['unknown']],
  ['a port', '_http._tcp.backend.shop.svc', 'SRV', [`SRV 80 ${inZone('backend')}`]],
  [
    'a port without underscores',
    'dns.udp.backend.shop.svc',
    'SRV',
    [`SRV 53 ${inZone('backend')}`],
  ],
  ['its protocol is another', '_dns._tcp.backend.shop.svc', 'SRV', ['nxdomain']],
  ['no such port', '_ftp._tcp.backend.shop.svc', 'SRV', ['nxdomain']],
  [
    'all ports',
    'backend.shop.svc',
    'SRV',
    [`SRV 80 ${inZone('backend')}`, `SRV 53 ${inZone('backend')}`],
  ],
  ['one SRV for two families', 'dual.shop.svc', 'SRV', [`SRV 80 ${inZone('dual')}`]],
  ['a port has the address, too', '_http._tcp.backend.shop.svc', 'A', ['A 10.96.0.20']],
  [
    'a port of a headless one',
    '_http._tcp.web.shop.svc',
    'SRV',
    [`SRV 8080 ${inZone('web-0.web')}`, `SRV 8080 ${inZone('10-244-1-6.web')}`],
  ],
  ['ports of a headless one without', 'portless.shop.svc', 'SRV', ['nodata']],
  ['an alias to the outside', 'outside.shop.svc', 'A', ['CNAME api.example.com.']],
  [
    'an alias to the inside',
    'inside.shop.svc',
    'A',
    [`CNAME ${inZone('backend')}`, 'A 10.96.0.20'],
  ],
  [
    'an alias of an alias',
    'twice.shop.svc',
    'A',
    [`CNAME ${inZone('inside')}`, `CNAME ${inZone('backend')}`, 'A 10.96.0.20'],
  ],
  ['an alias of a name without the type', 'inside.shop.svc', 'AAAA', ['nodata']],
  ['an alias of no name', 'nowhere.shop.svc', 'A', ['nodata']],
  ['an alias of itself', 'circle.shop.svc', 'A', ['nodata']],
  ['two aliases of each other', 'ping.shop.svc', 'A', ['nodata']],
  ['an address as an alias', 'number.shop.svc', 'A', ['nxdomain']],
  ['a port of an alias', '_http._tcp.inside.shop.svc', 'SRV', ['nxdomain']],
  ['an alias has no SRV', 'inside.shop.svc', 'SRV', ['nodata']],
  ['an endpoint of an alias', 'web-0.inside.shop.svc', 'A', ['nxdomain']],
])('%s: %s %s', (_, name, type, answer) => expect(ask(name, type)).toEqual(answer));

test('a chain of aliases is followed eight times', () => {
  expect(ask('hop-2.shop.svc', 'A').at(-1)).toBe('A 10.96.0.20');
  expect(ask('hop-2.shop.svc', 'A')).toHaveLength(9);
  expect(ask('hop-1.shop.svc', 'A')).toEqual(['nodata']);
});

describe('in any cluster', () => {
  /** The addresses of a name in both families. */
  const addressesOf = (clusterState: typeof state, name: string) =>
    (['A', 'AAAA'] as const).flatMap((type) =>
      answerQuestion(clusterState, { name, type }).records.map(({ data }) => data),
    );

  test('Services have their ClusterIPs by full name, pods their addresses by dashed ones', () => {
    fc.assert(
      fc.property(cluster(), (objects) => {
        const any = completeCluster(objects, defaultControllerOptions);
        for (const { metadata, spec } of any.services) {
          if (spec.type === 'ExternalName' || spec.clusterIP === 'None') continue;
          const name = `${metadata.name}.${metadata.namespace}.svc.cluster.local.`;
          expect(addressesOf(any, name).toSorted()).toEqual([...spec.clusterIPs].toSorted());
        }
        for (const { metadata, status } of any.pods) {
          for (const address of status.podIPs) {
            const label = address.replaceAll(/[.:]/g, '-');
            const name = `${label}.${metadata.namespace}.pod.cluster.local.`;
            expect(addressesOf(any, name)).toEqual([address]);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test('a headless Service has a record for each address of a ready endpoint, each by name', () => {
    fc.assert(
      fc.property(cluster(), (objects) => {
        const headless = objects.map((object) =>
          object.kind === 'Service' && object.spec.type === 'ClusterIP'
            ? { ...object, spec: { ...object.spec, clusterIP: 'None', clusterIPs: ['None'] } }
            : object,
        );
        const any = completeCluster(headless, { ...defaultControllerOptions, controllers: false });
        for (const { metadata, spec } of any.services) {
          if (spec.clusterIP !== 'None') continue;
          const ready = any.slices
            .filter((slice) => slice.metadata.namespace === metadata.namespace)
            .filter(({ metadata: { labels } }) => Object.values(labels).includes(metadata.name))
            .flatMap(({ endpoints }) => endpoints)
            .filter(({ conditions }) => conditions.ready !== false);
          const expected = new Set(ready.flatMap(({ addresses }) => addresses));
          const zone = `${metadata.name}.${metadata.namespace}.svc.cluster.local.`;
          expect(new Set(addressesOf(any, zone))).toEqual(expected);
          for (const { addresses, hostname } of ready) {
            for (const address of addresses) {
              const type = familyOf(address) === 4 ? 'A' : 'AAAA';
              const label = hostname ?? address.replaceAll(/[.:]/g, '-').replace(/-$/, '-0');
              const { records } = answerQuestion(any, { name: `${label}.${zone}`, type });
              expect(records.map(({ data }) => data)).toContain(address);
            }
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});
