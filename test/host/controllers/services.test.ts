// ClusterIPs, families, node ports, load-balancer addresses: what is assigned, what is kept, what
// is refused.

import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import { hasClusterIP } from '../../../host/controllers/services.ts';
import {
  defaultControllerOptions as options,
  type ControllerOptions,
} from '../../../host/controllers/state.ts';
import type { KubernetesObject, Service } from '../../../host/kubernetes/types.ts';
import { parseAddress } from '../../../host/net/address.ts';
import { parsePrefix } from '../../../host/net/prefix.ts';
import { InputError } from '../../../host/problem.ts';
import { node, pod, service } from './objects.ts';

function complete(...objects: KubernetesObject[]) {
  return completeCluster(objects, options);
}

function only(...objects: KubernetesObject[]): Service {
  const [first, ...rest] = complete(...objects).services;
  expect(rest).toEqual([]);
  return first!;
}

function problemsOf(...objects: KubernetesObject[]) {
  try {
    complete(...objects);
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  return [];
}

describe('ClusterIP', () => {
  test('comes from the upper part of the service CIDR', () => {
    const { spec } = only(service('web'));
    expect(spec.clusterIP).toMatch(/^10\.96\.([1-9]\d*)\.\d+$/);
    expect(spec).toMatchObject({
      clusterIPs: [spec.clusterIP],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
  });

  test.each([
    ['10.7.0.0/16', 256, 4096],
    ['10.7.0.0/24', 16, 64],
    ['fd00:7::/112', 256, 4096],
  ])('of %s comes from behind what is left to people, and soon', (range, least, soon) => {
    const many = Array.from({ length: 200 }, (_, index) => service(`s${index}`));
    const { services } = completeCluster(many, { ...options, serviceCIDRs: [range] });
    const start = parsePrefix(range)!.bytes;
    const places = services.map(({ spec }) => {
      const bytes = parseAddress(spec.clusterIP!)!;
      return 256 * (bytes[14]! - start[14]!) + bytes[15]! - start[15]!;
    });
    expect(Math.min(...places)).toBeGreaterThanOrEqual(least);
    expect(Math.min(...places)).toBeLessThan(soon);
  });

  test('is any of a range that is small', () => {
    const many = Array.from({ length: 14 }, (_, index) => service(`s${index}`));
    const { services } = completeCluster(many, { ...options, serviceCIDRs: ['10.7.0.0/28'] });
    const last = services.map(({ spec }) => Number(spec.clusterIP!.split('.')[3]));
    expect(last.toSorted((a, b) => a - b)).toEqual(many.map((_, index) => index + 1));
  });

  test.each([
    [service('web'), true],
    [service('h', { clusterIP: 'None', clusterIPs: ['None'] }), false],
    [service('e', { type: 'ExternalName' }), false],
  ])('is something that only some Services have', (one, expected) => {
    expect(hasClusterIP(one)).toBe(expected);
  });

  test('is kept when written, and given to nobody else', () => {
    const free = complete(service('web')).services[0]!.spec.clusterIP!;
    const other = service('a', { clusterIP: free, clusterIPs: [free] });
    const [a, web] = complete(service('web'), other).services;
    expect(a?.spec.clusterIP).toBe(free);
    expect(web?.spec.clusterIP).not.toBe(free);
  });

  test('taken twice is refused with the place', () => {
    const ips = { clusterIP: '10.96.0.5', clusterIPs: ['10.96.0.5'] };
    const second = { ...service('b', ips), source: { file: 'b.yaml', line: 7 } };
    expect(problemsOf(service('a', ips), second)).toEqual([
      {
        file: 'b.yaml',
        line: 7,
        path: 'spec.clusterIPs[0]',
        message:
          'Invalid value: "10.96.0.5": failed to allocate IP 10.96.0.5: ' +
          'provided IP is already allocated',
        expected: 'an address that Service/default/a does not have',
      },
    ]);
  });

  test('outside the CIDRs is only noted', () => {
    const ips = { clusterIP: '172.20.0.5', clusterIPs: ['172.20.0.5'] };
    const { notes } = complete(service('a', ips));
    expect(notes.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^1 of 1 Services, default\/a first, have a ClusterIP outside/),
    );
  });

  test('runs out', () => {
    const services = ['a', 'b', 'c'].map((name) => service(name));
    const small = { ...options, serviceCIDRs: ['10.0.0.0/30'] };
    expect(() => completeCluster(services, small)).toThrow(
      'failed to allocate an IPv4 address: range is full',
    );
    expect(completeCluster(services.slice(1), small).services).toHaveLength(2);
    const two = { ...options, serviceCIDRs: ['10.0.0.0/32', '10.0.1.0/32'] };
    expect(() => completeCluster(services, two)).toThrow(
      'larger service CIDRs than 10.0.0.0/32, 10.0.1.0/32',
    );
  });

  test.each([{ clusterIP: '10.96.0.7' }, { clusterIPs: ['10.96.0.7'] }])(
    'is the written one, wherever it is written: %o',
    (spec) => {
      const { clusterIP, clusterIPs } = only(service('web', spec)).spec;
      expect([clusterIP, clusterIPs]).toEqual(['10.96.0.7', ['10.96.0.7']]);
    },
  );

  test('is chosen where an empty one is written', () => {
    expect(only(service('web', { clusterIP: '' })).spec.clusterIP).toMatch(/^10\.96\./);
  });

  test('is missing where there are no ranges at all, and so are its fields', () => {
    const none = { ...options, serviceCIDRs: [] };
    const { spec } = completeCluster([service('web')], none).services[0]!;
    expect(spec).toStrictEqual({
      ...service('web').spec,
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
  });

  test('an ExternalName Service stays as it is written', () => {
    const alias = service('e', { type: 'ExternalName', externalName: 'db.example.com' });
    expect(only(alias)).toStrictEqual(alias);
  });

  test.each([
    [service('h', { clusterIP: 'None', clusterIPs: ['None'], selector: { a: 'b' } }), ['None']],
    [service('e', { type: 'ExternalName', externalName: 'db.example.com' }), []],
  ])('is not given to headless and ExternalName Services', (written, clusterIPs) => {
    const state = complete(written);
    expect(state.services[0]?.spec.clusterIPs).toEqual(clusterIPs);
    expect(state.notes.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^programs nothing/),
    );
  });
});

describe('families', () => {
  test.each([
    [{}, ['IPv4']],
    [{ ipFamilies: ['IPv6'] }, ['IPv6']],
    [{ ipFamilyPolicy: 'PreferDualStack' }, ['IPv4', 'IPv6']],
    [{ ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] }, ['IPv6', 'IPv4']],
    [{ clusterIPs: ['fd00:10:96::7'] }, ['IPv6']],
    [{ clusterIPs: ['fd00:10:96::7', '10.96.0.7'] }, ['IPv6', 'IPv4']],
  ] as [Partial<Service['spec']>, string[]][])('%o gives %o', (spec, families) => {
    const { spec: completed } = only(service('web', spec));
    expect(completed.ipFamilies).toEqual(families);
    expect(completed.clusterIPs.map((ip) => (ip.includes(':') ? 'IPv6' : 'IPv4'))).toEqual(
      families,
    );
  });

  test('a cluster without a word of IPv6 is single stack, pods and Nodes included', () => {
    const state = complete(service('web'), pod('p'));
    const { pods, nodes, serviceCIDRs, podCIDRs } = state;
    expect([pods[0]!.status.podIPs.length, nodes[0]!.spec.podCIDRs.length]).toEqual([1, 1]);
    expect([serviceCIDRs, podCIDRs]).toEqual([['10.96.0.0/16'], ['10.244.0.0/16']]);
  });

  test('one Service of both families makes all of the cluster dual stack', () => {
    const dual = service('web', { ipFamilyPolicy: 'PreferDualStack' });
    const { pods, nodes } = complete(dual, pod('p'));
    expect(nodes[0]?.spec.podCIDRs).toEqual(['10.244.1.0/24', 'fd00:10:244:1::/64']);
    expect(pods[0]?.status.podIPs.map((ip) => ip.includes(':'))).toEqual([false, true]);
  });

  test('so does one Node with addresses of both', () => {
    const both = node('n', { addresses: ['192.0.2.5', '2001:db8::5'] });
    expect(complete(both, pod('p')).pods[0]?.status.podIPs).toHaveLength(2);
  });

  test('Nodes with IPv6 addresses alone make it the only family', () => {
    const six = node('n', { addresses: ['2001:db8::5'], podCIDRs: ['fd00:1::/64'] });
    const { services, pods } = complete(six, service('web'), pod('p'));
    expect(services[0]?.spec.ipFamilies).toEqual(['IPv6']);
    expect(pods[0]?.status.podIPs[0]).toMatch(/^fd00:1::/);
  });

  test('that the cluster lacks are refused', () => {
    const single = { ...options, families: [4] as const };
    const six = service('six', { ipFamilies: ['IPv6'] });
    expect(() => completeCluster([six], single)).toThrow('not configured on this cluster');
    const dual = service('dual', { ipFamilyPolicy: 'RequireDualStack' });
    expect(() => completeCluster([dual], single)).toThrow('not configured for dual-stack services');
  });
});

describe('families and policy that are not written', () => {
  const dual = { ...options, families: [4, 6] as const };
  const none = { clusterIP: 'None', clusterIPs: ['None'] };
  const six: Partial<Service['spec']> = { ipFamilies: ['IPv6'] };
  const onlySix = { ...options, families: [6] as const };
  const selector = { app: 'web' };
  const both: Partial<Service['spec']> = { ipFamilies: ['IPv6', 'IPv4'] };

  test.each<[string, Partial<Service['spec']>, ControllerOptions, string[]]>([
    ['one family', six, dual, ['SingleStack', 'IPv6']],
    ['two families', both, dual, ['RequireDualStack', 'IPv6', 'IPv4']],
    ['a headless Service', { ...none, selector }, dual, ['SingleStack', 'IPv4']],
    ['one without selector', none, dual, ['RequireDualStack', 'IPv4', 'IPv6']],
    [
      'one with an empty selector',
      { ...none, selector: {} },
      dual,
      ['RequireDualStack', 'IPv4', 'IPv6'],
    ],
    ['None, said once', { clusterIP: 'None' }, dual, ['RequireDualStack', 'IPv4', 'IPv6']],
    ['None, said at last', { clusterIPs: ['None'] }, dual, ['RequireDualStack', 'IPv4', 'IPv6']],
    ['a headless one in IPv6', { ...none, selector }, onlySix, ['SingleStack', 'IPv6']],
    [
      'two in a cluster of one, headless',
      { ...none, ...both },
      onlySix,
      ['RequireDualStack', 'IPv6', 'IPv4'],
    ],
    [
      'two if there are',
      { ipFamilyPolicy: 'PreferDualStack' },
      onlySix,
      ['PreferDualStack', 'IPv6'],
    ],
  ])('%s', (_, spec, settings, expected) => {
    const { services } = completeCluster([service('web', spec)], settings);
    const { ipFamilyPolicy, ipFamilies } = services[0]!.spec;
    expect([ipFamilyPolicy, ...ipFamilies]).toEqual(expected);
  });
});

describe('node ports', () => {
  const port = (number: number, protocol: 'TCP' | 'UDP', nodePort?: number) => ({
    name: `${protocol.toLowerCase()}-${number}`,
    protocol,
    port: number,
    targetPort: number,
    ...(nodePort === undefined ? {} : { nodePort }),
  });
  const nodePorts = (one: Service) => one.spec.ports.map(({ nodePort }) => nodePort);

  test('one number for one port in two protocols', () => {
    const dns = only(
      service('dns', {
        type: 'NodePort',
        ports: [port(53, 'TCP'), port(53, 'UDP'), port(9, 'TCP')],
      }),
    );
    const [tcp, udp, other] = nodePorts(dns);
    expect(tcp).toBe(udp);
    expect(other).not.toBe(tcp);
    expect(tcp).toBeGreaterThanOrEqual(30086);
    expect(tcp).toBeLessThanOrEqual(32767);
  });

  test('a written number in one protocol serves the other one too', () => {
    const ports = [port(53, 'TCP'), port(53, 'UDP', 30053)];
    expect(nodePorts(only(service('dns', { type: 'NodePort', ports })))).toEqual([30053, 30053]);
  });

  test.each([
    ['ClusterIP', {}],
    ['LoadBalancer', { allocateLoadBalancerNodePorts: false }],
  ] as const)('none for %s %o', (type, spec) => {
    expect(nodePorts(only(service('web', { type, ...spec })))).toEqual([undefined]);
  });

  test.each([29999, 32768])('%i is out of range', (nodePort) => {
    const web = service('web', { type: 'NodePort', ports: [port(80, 'TCP', nodePort)] });
    expect(problemsOf(web)).toEqual([
      {
        file: 'Service/default/web',
        path: 'spec.ports[0].nodePort',
        message:
          `Invalid value: ${nodePort}: provided port is not in the valid range. ` +
          'The range of valid ports is 30000-32767',
        expected: expect.any(String),
      },
    ]);
  });

  test('taken twice for one protocol is refused, for two it is not', () => {
    const one = service('one', { type: 'NodePort', ports: [port(80, 'TCP', 30080)] });
    const tcp = service('two', { type: 'NodePort', ports: [port(80, 'TCP', 30080)] });
    const udp = service('two', { type: 'NodePort', ports: [port(80, 'UDP', 30080)] });
    expect(problemsOf(one, tcp).map(({ message }) => message)).toEqual([
      'Invalid value: 30080: provided port is already allocated',
    ]);
    expect(problemsOf(one, udp)).toEqual([]);
  });

  test('a health-check port for load balancers with policy Local only', () => {
    const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' } as const;
    const { spec } = only(service('web', local));
    expect(spec.healthCheckNodePort).toBeGreaterThanOrEqual(30000);
    expect(spec.healthCheckNodePort).not.toBe(spec.ports[0]?.nodePort);
    const cluster = only(service('web', { ...local, externalTrafficPolicy: 'Cluster' }));
    expect(cluster.spec.healthCheckNodePort).toBeUndefined();
    const alone = only(service('web', { ...local, allocateLoadBalancerNodePorts: false }));
    expect(nodePorts(alone)).toEqual([undefined]);
    expect(alone.spec.healthCheckNodePort).toBeGreaterThanOrEqual(30000);
  });

  test('a health-check port is given to nobody else', () => {
    const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' } as const;
    const one = service('a', local);
    const taken = only(one).spec.healthCheckNodePort!;
    const rival = service('b', { type: 'NodePort', ports: [port(80, 'TCP', taken)] });
    const [first] = complete(one, rival).services;
    expect(first?.spec.healthCheckNodePort).not.toBe(taken);
  });
});

describe('load-balancer addresses', () => {
  test('come from a documentation range and are VIPs', () => {
    const [first, ...rest] = only(service('web', { type: 'LoadBalancer' })).status.ingress;
    expect(rest).toEqual([]);
    expect(first).toEqual({ ip: expect.stringMatching(/^198\.51\.100\.\d+$/), ipMode: 'VIP' });
  });

  test('are one of each family of the Service, from the ranges of that family', () => {
    const both = service('web', { type: 'LoadBalancer', ipFamilyPolicy: 'RequireDualStack' });
    const { ingress } = completeCluster([both], options).services[0]!.status;
    expect(ingress.map(({ ip }) => ip)).toEqual([
      expect.stringMatching(/^198\.51\.100\./),
      expect.stringMatching(/^2001:db8:1b:/),
    ]);
  });

  test('are the written ones, or the one asked for', () => {
    const written = service('web', { type: 'LoadBalancer' });
    written.status = { ingress: [{ hostname: 'lb.example.com' }] };
    expect(only(written).status).toEqual(written.status);
    const asking = service('web', { type: 'LoadBalancer', loadBalancerIP: '203.0.113.10' });
    expect(only(asking).status.ingress).toEqual([{ ip: '203.0.113.10', ipMode: 'VIP' }]);
    const empty = service('web', { type: 'LoadBalancer', loadBalancerIP: '' });
    expect(only(empty).status.ingress[0]?.ip).toMatch(/^198\.51\.100\.\d+$/);
  });

  test('are missing, with a note, when none is left', () => {
    const small = { ...options, loadBalancerCIDRs: ['198.51.100.0/30'] };
    const balancers = ['a', 'b', 'c'].map((name) => service(name, { type: 'LoadBalancer' }));
    const { services, notes } = completeCluster(balancers, small);
    expect(services.map(({ status }) => status.ingress.length)).toEqual([1, 1, 0]);
    expect(notes.map(({ message }) => message)).toContain(
      'has no load-balancer address: none is free in 198.51.100.0/30',
    );
  });
});
