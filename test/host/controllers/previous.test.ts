// What an earlier state had assigned: kept against rivals, given up to what is written.

import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import {
  defaultControllerOptions,
  type ClusterState,
  type ControllerOptions,
} from '../../../host/controllers/state.ts';
import { readObject } from '../../../host/kubernetes/read.ts';
import type { KubernetesObject } from '../../../host/kubernetes/types.ts';
import { node, pod, service } from './objects.ts';

/** Ranges so small that two objects are likely to want the same place. */
const options: ControllerOptions = {
  ...defaultControllerOptions,
  serviceCIDRs: ['10.96.0.0/29'],
  loadBalancerCIDRs: ['198.51.100.0/29'],
};
const small = node('n', { podCIDRs: ['10.50.0.0/29'] });

/** All that were given to pods and Services. */
function addressesOf({ pods, services }: ClusterState): (string | undefined)[] {
  return [
    ...pods.flatMap(({ status }) => status.podIPs),
    ...services.flatMap(({ spec }) => spec.clusterIPs),
    ...services.flatMap(({ status }) => status.ingress.map(({ ip }) => ip)),
  ];
}

describe('an address is kept when another object would have come first', () => {
  const balancer = (name: string) => service(name, { type: 'LoadBalancer' });
  test.each([
    ['pod', pod, ({ pods }: ClusterState) => pods.at(-1)?.status.podIPs],
    ['ClusterIP', service, ({ services }: ClusterState) => services.at(-1)?.spec.clusterIPs],
    ['load balancer', balancer, ({ services }: ClusterState) => services.at(-1)?.status.ingress],
  ])('%s', (_, create, addressOf) => {
    const own = create('z');
    const before = completeCluster([small, own], options);
    const rivals = Array.from({ length: 20 }, (__, index) => create(`a${index}`)).filter(
      (rival) => {
        const without = completeCluster([small, own, rival], options);
        return JSON.stringify(addressOf(without)) !== JSON.stringify(addressOf(before));
      },
    );
    expect(rivals).not.toEqual([]);
    for (const rival of rivals) {
      const after = completeCluster([small, own, rival], options, before);
      expect(addressOf(after)).toEqual(addressOf(before));
      const given = addressesOf(after);
      expect(new Set(given).size).toBe(given.length);
    }
  });
});

describe('what was written before is kept when it is written no more', () => {
  const port = { name: '', protocol: 'TCP' as const, port: 80, targetPort: 80 };
  const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' } as const;
  const numbers = { healthCheckNodePort: 31_999, ports: [{ ...port, nodePort: 31_234 }] };
  const own = service('z', { ...local, ports: [port] });
  const earlier = () =>
    completeCluster([service('z', { ...local, ...numbers, clusterIPs: ['10.96.0.1'] })], options);
  const after = (...objects: KubernetesObject[]) =>
    completeCluster(objects, options, earlier()).services.at(-1)!;

  test('by a Service: its ClusterIP and its node ports', () => {
    const { spec } = after(own);
    expect([spec.clusterIP, spec.clusterIPs]).toEqual(['10.96.0.1', ['10.96.0.1']]);
    expect(spec).toMatchObject(numbers);
  });

  test('but for a health-check port that another Service is written with, and for no other', () => {
    const rival = (nodePort: number) =>
      service('a', { type: 'NodePort', ports: [{ ...port, nodePort }] });
    expect(after(rival(31_999), own).spec.healthCheckNodePort).not.toBe(31_999);
    const { spec } = after(rival(31_234), own);
    expect(spec.healthCheckNodePort).toBe(31_999);
    expect(spec.ports[0]?.nodePort).not.toBe(31_234);
  });

  test('two Services that got one number after the other have two', () => {
    const other = service('y', { ...local, ...numbers, clusterIPs: ['10.96.0.2'] });
    const before = earlier();
    const { services: others } = completeCluster([other], options);
    const both = { ...before, services: [...others, ...before.services] };
    const again = [service('y', { ...local, ports: [port] }), own];
    const { services } = completeCluster(again, options, both);
    const given = services.flatMap(({ spec }) => [
      spec.healthCheckNodePort,
      ...spec.ports.map(({ nodePort }) => nodePort),
    ]);
    expect(new Set(given).size).toBe(4);
  });

  test.each([
    ['another port', { ...port, port: 81 }],
    ['another protocol', { ...port, protocol: 'UDP' as const }],
  ])('%s is another one, and gets another number', (_, changed) => {
    const { spec } = after(service('z', { type: 'NodePort', ports: [changed] }));
    expect(spec.ports[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
    expect(spec.ports[0]?.nodePort).not.toBe(31_234);
  });

  test('a host name of a cloud is none that could be kept', () => {
    const named = { ...own, status: { ingress: [{ hostname: 'lb.example.com' }] } };
    const once = completeCluster([named], options);
    const { status } = completeCluster([own], options, once).services[0]!;
    expect(status.ingress).toEqual([{ ip: expect.any(String), ipMode: 'VIP' }]);
  });

  test('by a pod: its addresses, as long as it stays on its Node', () => {
    const dual: ControllerOptions = { ...options, families: [4, 6] };
    const podCIDRs = ['10.50.0.0/24', 'fd00:50::/64'];
    const at = (nodeName: string, ...podIPs: string[]) =>
      pod('p', { spec: { nodeName }, status: { podIPs } });
    const first = completeCluster(
      [node('n', { podCIDRs }), at('n', '10.50.0.77', 'fd00:50::77')],
      dual,
    );
    const podOf = (...objects: KubernetesObject[]) =>
      completeCluster(objects, dual, first).pods[0]!.status.podIPs;
    expect(podOf(node('n', { podCIDRs }), at('n'))).toEqual(['10.50.0.77', 'fd00:50::77']);
    const heir = podOf(node('n'), node('o', { podCIDRs }), at('o'));
    expect(heir).toHaveLength(2);
    expect(heir).not.toContain('10.50.0.77');
    expect(podOf(node('o', { podCIDRs }), at('n'))).toEqual([]);
  });
});

describe('a cluster that gets a second family', () => {
  const dual = service('z', { ipFamilyPolicy: 'PreferDualStack' });
  const grow = () => {
    const before = completeCluster([service('z'), pod('p')], defaultControllerOptions);
    return { before, ...completeCluster([dual, pod('p')], defaultControllerOptions, before) };
  };

  test('adds an address to those that Services have', () => {
    const { before, services } = grow();
    const [first] = before.services[0]!.spec.clusterIPs;
    expect(services[0]?.spec.clusterIPs).toEqual([first, expect.stringContaining('fd00:10:96::')]);
  });

  test('gives its pods both', () => {
    const { pods } = grow();
    expect(pods[0]?.status.podIPs).toEqual([
      expect.stringContaining('10.244.1.'),
      expect.stringContaining('fd00:10:244:1::'),
    ]);
  });
});

describe('an assignment is given up to an object that is written with it', () => {
  test('pod address', () => {
    const before = completeCluster([small, pod('z')], options);
    const { podIPs } = before.pods[0]!.status;
    const { pods } = completeCluster(
      [small, pod('z'), pod('a', { status: { podIPs } })],
      options,
      before,
    );
    expect(pods[0]?.status.podIPs).toEqual(podIPs);
    expect(pods[1]?.status.podIPs).not.toEqual(podIPs);
  });

  test('ClusterIP', () => {
    const before = completeCluster([service('z')], options);
    const { clusterIPs } = before.services[0]!.spec;
    const { services } = completeCluster(
      [service('z'), service('a', { clusterIPs })],
      options,
      before,
    );
    expect(services[0]?.spec.clusterIPs).toEqual(clusterIPs);
    expect(services[1]?.spec.clusterIPs).not.toEqual(clusterIPs);
  });

  test.each(['TCP', 'UDP'] as const)('node port, here of %s', (protocol) => {
    const ports = [{ name: '', protocol, port: 80, targetPort: 80 }];
    const own = service('z', { type: 'NodePort', ports });
    const before = completeCluster([own], options);
    const nodePort = before.services[0]!.spec.ports[0]!.nodePort!;
    const rival = service('a', { type: 'NodePort', ports: [{ ...ports[0]!, nodePort }] });
    const { services } = completeCluster([own, rival], options, before);
    expect(services[0]?.spec.ports[0]?.nodePort).toBe(nodePort);
    expect(services[1]?.spec.ports[0]?.nodePort).not.toBe(nodePort);
  });
});

test('a new node port is free in every protocol', () => {
  const udp = [{ name: '', protocol: 'UDP' as const, port: 53, targetPort: 53 }];
  const own = service('z', { type: 'NodePort', ports: udp });
  const nodePort = completeCluster([own], options).services[0]!.spec.ports[0]!.nodePort!;
  const tcp = [{ name: '', protocol: 'TCP' as const, port: 80, targetPort: 80, nodePort }];
  const { services } = completeCluster(
    [own, service('a', { type: 'NodePort', ports: tcp })],
    options,
  );
  expect(services[1]?.spec.ports[0]?.nodePort).not.toBe(nodePort);
});

describe('Nodes that come and go', () => {
  const pods: KubernetesObject[] = Array.from({ length: 12 }, (_, index) => pod(`p${index}`));
  const nodes = ['m', 'n'].map((name) => node(name));
  const before = completeCluster([...nodes, ...pods], defaultControllerOptions);

  test('a new one changes neither the others nor their pods', () => {
    const after = completeCluster([node('a'), ...nodes, ...pods], defaultControllerOptions, before);
    expect(after.nodes.slice(1)).toEqual(before.nodes);
    expect(after.pods).toEqual(before.pods);
  });

  test('pods of one that is gone move to the others, which keep theirs', () => {
    const after = completeCluster([nodes[1]!, ...pods], defaultControllerOptions, before);
    for (const [index, now] of after.pods.entries()) {
      const then = before.pods[index]!;
      if (then.spec.nodeName === 'n') expect(now).toEqual(then);
      else expect(now.spec.nodeName).toBe('n');
    }
  });

  test('a pod whose Node got another range gets another address', () => {
    const moved = [node('m', { podCIDRs: ['10.60.0.0/24'] }), nodes[1]!];
    const after = completeCluster([...moved, ...pods], defaultControllerOptions, before);
    const onMoved = after.pods.filter(({ spec }) => spec.nodeName === 'm');
    expect(onMoved).not.toEqual([]);
    for (const { status } of onMoved) expect(status.podIPs[0]).toMatch(/^10\.60\.0\./);
  });
});

describe('what comes out as it was is the same object', () => {
  const slice = (name: string, zone: string) =>
    readObject(
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name, namespace: 'default' },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.244.0.9'], zone }],
      },
      'f',
    ).objects[0]!;
  const objects: KubernetesObject[] = [
    ...[node('n'), pod('p'), service('a', { selector: { app: 'x' } }), service('b')],
    // Two that are called alike stand side by side.
    ...[slice('twin', 'one'), slice('twin', 'two')],
  ];
  const before = completeCluster(objects, options);

  test('and a list in which nothing changes the same list', () => {
    const after = completeCluster([...objects, service('c')], options, before);
    const { nodes, namespaces, pods, services, slices } = after;
    const { services: old, ...lists } = before;
    expect(nodes).toBe(lists.nodes);
    expect(namespaces).toBe(lists.namespaces);
    expect(pods).toBe(lists.pods);
    expect(slices).toBe(lists.slices);
    expect(services.slice(0, 2).every((one, index) => one === old[index])).toBe(true);
    expect(services).toHaveLength(3);
  });

  test('and only that', () => {
    const changed = objects.with(2, service('a', { selector: { app: 'y' } }));
    const after = completeCluster([...changed, node('o')], options, before);
    expect(after.services[1]).toBe(before.services[1]);
    expect(after.services[0]).not.toBe(before.services[0]);
    expect(after.services[0]!.spec.selector).toEqual({ app: 'y' });
    expect(after.nodes).toHaveLength(2);
    expect(after.nodes[0]).toBe(before.nodes[0]);
  });
});
