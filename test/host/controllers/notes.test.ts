// What controllers say to people: every note, whole, with the object that it is about.

import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import {
  defaultControllerOptions,
  type ControllerOptions,
} from '../../../host/controllers/state.ts';
import type { KubernetesObject } from '../../../host/kubernetes/types.ts';
import { node, pod, service, slice, workload } from './objects.ts';

type Case = [
  title: string,
  objects: readonly KubernetesObject[],
  expected: readonly string[],
  options?: Partial<ControllerOptions>,
];

const dual: Partial<ControllerOptions> = { families: [4, 6] };
const unlisted = 'has no endpoints: no selector, and no EndpointSlice is written';
const n = node('n');

/** `object: message`, in the order in which they are told. */
function notesOf(objects: readonly KubernetesObject[], options: Case[3] = {}): string[] {
  const { notes } = completeCluster(objects, { ...defaultControllerOptions, ...options });
  return notes.map(({ object, message }) => `${object}: ${message}`);
}

const at = (...podIPs: string[]) => ({ spec: { nodeName: 'n' }, status: { podIPs } });
const inside = pod('in', at('10.244.0.9'));

describe('notes about the cluster', () => {
  test.each<Case>([
    ['no Node', [], [': no Node is written: assumed node-1']],
    [
      'nor here',
      [
        pod('a', { spec: { nodeName: 'y' } }),
        slice('s', 'x', {
          endpoints: [
            {
              addresses: ['10.1.1.1'],
              conditions: {},
              nodeName: 'x',
              hints: { forZones: [], forNodes: [] },
            },
          ],
        }),
      ],
      [': no Node is written: assumed x, y'],
    ],
    ['an address inside the ranges', [n, inside], []],
    [
      'an address of the Node’s own range',
      [node('n', { podCIDRs: ['10.50.0.0/24'] }), pod('p', at('10.50.0.9'))],
      [],
    ],
    [
      'an address of another Node’s range',
      [n, node('m', { podCIDRs: ['10.50.0.0/24'] }), pod('p', at('10.50.0.9'))],
      [
        ': 1 of 1 pods, default/p first, have an address outside the pod CIDRs ' +
          '10.244.0.0/16 and those of their Node',
      ],
    ],
    [
      'addresses of both families, one of them outside',
      [n, inside, pod('p', at('10.244.0.10', '2001:db8::1'))],
      [
        ': 1 of 2 pods, default/p first, have an address outside the pod CIDRs ' +
          '10.244.0.0/16, fd00:10:244::/48 and those of their Node',
      ],
      dual,
    ],
    [
      'an address without a Node',
      [n, pod('p', { status: { phase: 'Failed', podIPs: ['10.9.9.9'] } })],
      [
        ': 1 of 1 pods, default/p first, have an address outside the pod CIDRs ' +
          '10.244.0.0/16 and those of their Node',
      ],
    ],
    [
      'one of the host’s network',
      [
        n,
        pod('p', {
          spec: { nodeName: 'n', hostNetwork: true },
          status: { podIPs: ['192.168.9.9'] },
        }),
      ],
      [],
    ],
    ['several ranges', [n, inside], [], { podCIDRs: ['10.8.0.0/16', '10.244.0.0/16'] }],
    [
      'ClusterIPs outside',
      [
        n,
        slice('s', 'a'),
        service('a', { clusterIPs: ['10.96.0.9', '2001:db8::9'] }),
        slice('t', 'b'),
        service('b', { clusterIPs: ['10.96.0.8'] }),
      ],
      [
        ': 1 of 2 Services, default/a first, have a ClusterIP outside the service CIDRs ' +
          '10.96.0.0/16, fd00:10:96::/112',
      ],
    ],
  ])('%s', (_, objects, expected, options) => {
    expect(notesOf(objects, options)).toEqual(expected);
  });
});

describe('notes about Services', () => {
  const headless = { clusterIP: 'None', clusterIPs: ['None'] };
  const noEndpoints = (name: string) => `Service/default/${name}: ${unlisted}`;
  const web = pod('p', { ...at('10.244.0.9'), labels: { app: 'web' } });
  const waiting = pod('p', { labels: { app: 'web' }, spec: { nodeSelector: { disk: 'ssd' } } });
  const named = { name: 'a', protocol: 'UDP' as const, port: 80, targetPort: 'dns' };

  test.each<Case>([
    [
      'an alias',
      [n, service('a', { type: 'ExternalName', externalName: 'example.com' })],
      ['Service/default/a: programs nothing: ExternalName is a DNS alias for example.com'],
    ],
    [
      'an alias for nothing that is known',
      [n, service('a', { type: 'ExternalName' })],
      ['Service/default/a: programs nothing: ExternalName is a DNS alias for another name'],
    ],
    [
      'headless',
      [n, slice('s', 'a'), service('a', headless)],
      ['Service/default/a: programs nothing: headless, DNS gives the addresses of its pods'],
    ],
    ['no selector', [n, service('a')], [noEndpoints('a')]],
    ['an empty selector', [n, service('a', { selector: {} })], [noEndpoints('a')]],
    [
      'a selector for nobody',
      [n, web, service('a', { selector: { app: 'db' } })],
      ['Service/default/a: has no endpoints: its selector matches no pod'],
    ],
    [
      'a selector for pods without address',
      [n, waiting, service('a', { selector: { app: 'web' } })],
      [
        'Pod/default/p: stays pending: no Node has the labels it asks for',
        'Service/default/a: has no endpoints: no pod can be reached',
      ],
    ],
    [
      'a target that pods lack',
      [n, web, service('a', { selector: { app: 'web' }, ports: [named] })],
      ['Service/default/a: has pods without a container port for targetPort dns/UDP'],
    ],
    [
      'a load balancer',
      [n, slice('s', 'a'), service('a', { type: 'LoadBalancer', loadBalancerIP: '198.51.100.7' })],
      ['Service/default/a: was given the load-balancer address 198.51.100.7'],
    ],
    [
      'a load balancer of both families',
      [
        n,
        slice('s', 'a'),
        service('a', { type: 'LoadBalancer', ipFamilyPolicy: 'RequireDualStack' }),
      ],
      ['Service/default/a: was given the load-balancer address 198.51.100.7 and 2001:db8:1b::7'],
      { ...dual, loadBalancerCIDRs: ['198.51.100.7/32', '2001:db8:1b::7/128'] },
    ],
    [
      'no load balancer',
      [n, slice('s', 'a'), service('a', { type: 'LoadBalancer' })],
      [
        'Service/default/a: has no load-balancer address: none is free in ' +
          '2001:db8:1b::/64, 2001:db8:1c::/64',
      ],
      { loadBalancerCIDRs: ['2001:db8:1b::/64', '2001:db8:1c::/64'] },
    ],
  ])('%s', (_, objects, expected, options) => {
    expect(notesOf(objects, options)).toEqual(expected);
  });
});

describe('notes about pods and workloads', () => {
  test.each<Case>([
    [
      'an address of two pods',
      [n, pod('a', at('10.244.0.9')), pod('b', at('10.244.0.9'))],
      ['Pod/default/b: has the address 10.244.0.9 of Pod/default/a as well'],
    ],
    [
      'one of which has finished',
      [
        n,
        pod('a', { ...at('10.244.0.9'), status: { podIPs: ['10.244.0.9'], phase: 'Failed' } }),
        pod('b', at('10.244.0.9')),
      ],
      [],
    ],
    [
      'or has succeeded',
      [
        n,
        pod('a', { ...at('10.244.0.9'), status: { podIPs: ['10.244.0.9'], phase: 'Succeeded' } }),
        pod('b', at('10.244.0.9')),
      ],
      [],
    ],
    [
      'or is on the host’s network',
      [
        n,
        pod('a', {
          spec: { nodeName: 'n', hostNetwork: true },
          status: { podIPs: ['10.244.0.9'] },
        }),
        pod('b', at('10.244.0.9')),
      ],
      [],
    ],
    [
      'a Node that is not there',
      [n, pod('a', { spec: { nodeName: 'z' } })],
      ['Pod/default/a: has no address: there is no Node z'],
    ],
    [
      'no Node has the labels',
      [n, pod('a', { spec: { nodeSelector: { disk: 'ssd' } } })],
      ['Pod/default/a: stays pending: no Node has the labels it asks for'],
    ],
    [
      'no Node for a daemon',
      [n, workload('DaemonSet', 'd', { pod: { nodeSelector: { disk: 'ssd' } } })],
      ['DaemonSet/default/d: makes no pods: no Node has the labels it asks for'],
    ],
    ['written again', [n, n], ['Node/n: is written again: the last one counts']],
    [
      'written again in a file',
      [n, { ...n, source: { file: 'a.yaml', line: 7 } }],
      ['Node/n: is written again at a.yaml:7: the last one counts'],
    ],
  ])('%s', (_, objects, expected, options) => {
    expect(notesOf(objects, options)).toEqual(expected);
  });

  test('a note has the place of its object, if that is known', () => {
    const source = { file: 'a.yaml', line: 3 };
    const { notes } = completeCluster(
      [n, { ...service('a'), source }, service('b')],
      defaultControllerOptions,
    );
    expect(notes).toEqual([
      { object: 'Service/default/a', message: unlisted, source },
      { object: 'Service/default/b', message: unlisted },
    ]);
    expect(notes.map((note) => 'source' in note)).toEqual([true, false]);
  });
});
