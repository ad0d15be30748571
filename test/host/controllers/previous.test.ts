// What an earlier state had assigned: kept against rivals, given up to what is written.

import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import {
  defaultControllerOptions,
  type ClusterState,
  type ControllerOptions,
} from '../../../host/controllers/state.ts';
import type { KubernetesObject } from '../../../host/kubernetes/types.ts';
import { node, pod, service } from './objects.ts';

/** Ranges so small that two objects are likely to want the same place. */
const options: ControllerOptions = {
  ...defaultControllerOptions,
  serviceCIDRs: ['10.96.0.0/29'],
  loadBalancerCIDRs: ['198.51.100.0/29'],
};
const small = node('n', { podCIDRs: ['10.50.0.0/29'] });

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
      const all = [
        ...after.pods.flatMap(({ status }) => status.podIPs),
        ...after.services.flatMap(({ spec }) => spec.clusterIPs),
        ...after.services.flatMap(({ status }) => status.ingress.map(({ ip }) => ip)),
      ];
      expect(new Set(all).size).toBe(all.length);
    }
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
