// Addresses and pod ranges of Nodes, and the families that a cluster gets from what is written.

import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import { nodeAddress } from '../../../host/controllers/nodes.ts';
import {
  defaultControllerOptions as options,
  type ControllerOptions,
} from '../../../host/controllers/state.ts';
import type { KubernetesObject, Node } from '../../../host/kubernetes/types.ts';
import { endpoints, node, pod, service, slice } from './objects.ts';

const dual: ControllerOptions = { ...options, families: [4, 6] };

function withAddresses(name: string, ...pairs: readonly (readonly [string, string])[]): Node {
  return {
    ...node(name),
    status: { addresses: pairs.map(([type, address]) => ({ type, address })) },
  };
}

function rangesOf(objects: readonly KubernetesObject[], settings = options): string[] {
  const { nodes } = completeCluster(objects, settings);
  return nodes.map(({ metadata, spec }) => `${metadata.name}: ${spec.podCIDRs.join(', ')}`);
}

describe('the address of a Node', () => {
  const internal = ['InternalIP', '10.0.0.7'] as const;
  const external = ['ExternalIP', '203.0.113.7'] as const;
  const six = ['InternalIP', '2001:db8::7'] as const;
  test.each([
    ['internal before external', [external, internal], 4, '10.0.0.7'],
    ['external where there is no internal one', [external, six], 4, '203.0.113.7'],
    ['of the family', [internal, six], 6, '2001:db8::7'],
    ['none of another type', [['ExternalDNS', '10.0.0.9']], 4, undefined],
  ] as const)('%s', (_, addresses, family, expected) => {
    expect(nodeAddress(withAddresses('n', ...addresses), family)).toBe(expected);
  });

  test('is kept when it is written no more, and is given to no other Node', () => {
    const before = completeCluster([node('m', { addresses: ['192.168.0.3'] })], options);
    const { nodes } = completeCluster(
      ['a', 'b', 'c', 'm'].map((name) => node(name)),
      options,
      before,
    );
    expect(nodes.map((one) => nodeAddress(one, 4))).toEqual([
      '192.168.0.2',
      '192.168.0.4',
      '192.168.0.5',
      '192.168.0.3',
    ]);
  });

  test('that another Node is written with is given up, and only one of a family is kept', () => {
    const before = completeCluster([node('m', { addresses: ['192.168.0.3'] })], options);
    const taken = [node('a', { addresses: ['192.168.0.3'] }), node('m')];
    const given = (objects: readonly Node[]) =>
      completeCluster(objects, options, before).nodes.at(-1)!.status.addresses;
    expect(given(taken).map(({ address }) => address)).toEqual(['192.168.0.2']);
    const written = given([node('m', { addresses: ['192.168.0.9'] })]);
    expect(written).toEqual([{ type: 'InternalIP', address: '192.168.0.9' }]);
  });

  test('that is not left is missed where it is looked for, too', () => {
    const small = { ...options, nodeCIDRs: ['192.168.7.0/32', '192.168.8.0/32'] };
    const nodes = ['a', 'b', 'c'].map((name) => node(name));
    expect(() => completeCluster(nodes.slice(0, 2), small)).not.toThrow();
    const late = pod('p', { spec: { nodeName: 'c', hostNetwork: true } });
    expect(() => completeCluster([...nodes, late], small)).toThrow(
      /^Node\/c: status.addresses: no free IPv4 address in 192.168.7.0\/32, 192.168.8.0\/32; /,
    );
  });
});

describe('where no Node is written', () => {
  test('those that Endpoints name are there, ready or not', () => {
    const legacy = endpoints('web', [
      {
        addresses: [{ ip: '10.0.0.1', nodeName: 'c' }, { ip: '10.0.0.2' }],
        notReadyAddresses: [{ ip: '10.0.0.3', nodeName: 'a' }],
        ports: [],
      },
    ]);
    const { nodes, notes } = completeCluster(
      [legacy, pod('p', { spec: { nodeName: '' } })],
      options,
    );
    expect(nodes.map(({ metadata }) => metadata.name)).toEqual(['a', 'c']);
    expect(notes[0]?.message).toBe('no Node is written: assumed a, c');
  });

  test('those that have no address are refused as Nodes', () => {
    const settings = { ...options, nodeCIDRs: ['192.168.7.0/32'] };
    const pods = ['a', 'b'].map((nodeName) => pod(nodeName, { spec: { nodeName } }));
    expect(() => completeCluster(pods, settings)).toThrow(/^Node\/b: status.addresses: no free /);
  });
});

describe('the pod range of a Node', () => {
  const at = (name: string, nodeName: string, ...podIPs: string[]) =>
    pod(name, { spec: { nodeName }, status: { podIPs } });

  test.each<[string, KubernetesObject[], string[], ControllerOptions?]>([
    [
      'holds the first of its written pods',
      [node('a'), at('p', 'a', '10.244.9.5'), at('q', 'a', '10.244.7.5')],
      ['a: 10.244.9.0/24'],
    ],
    [
      'is of the first Node that has pods there',
      [node('a'), node('b'), at('p', 'a', '10.244.9.5'), at('q', 'b', '10.244.9.6')],
      ['a: 10.244.9.0/24', 'b: 10.244.2.0/24'],
    ],
    [
      'holds its pods in both families',
      [node('a'), at('p', 'a', '10.244.9.5', 'fd00:10:244:5::5')],
      ['a: 10.244.9.0/24, fd00:10:244:5::/64'],
      dual,
    ],
    [
      'of one family is written, of the other holds its pods',
      [node('a', { podCIDRs: ['10.244.3.0/24'] }), at('p', 'a', '10.244.9.5', 'fd00:10:244:5::5')],
      ['a: 10.244.3.0/24, fd00:10:244:5::/64'],
      dual,
    ],
    [
      'is not around a pod on the host’s network',
      [
        node('a'),
        pod('p', {
          spec: { nodeName: 'a', hostNetwork: true },
          status: { podIPs: ['10.244.9.5'] },
        }),
      ],
      ['a: 10.244.1.0/24'],
    ],
    [
      'is not around a pod outside of the cluster’s ranges',
      [node('a'), at('p', 'a', '10.250.9.5')],
      ['a: 10.244.1.0/24'],
    ],
    [
      'of a cluster that has less than that',
      [node('a'), node('b'), at('p', 'b', '10.8.0.130')],
      ['a: 10.8.0.0/26', 'b: 10.8.0.128/25'],
      { ...options, podCIDRs: ['10.8.0.0/26', '10.8.0.128/25'] },
    ],
    [
      'lies beside those that hold others, or lie in them',
      [
        node('a', { podCIDRs: ['10.8.2.0/23'] }),
        node('b', { podCIDRs: ['10.8.4.128/25'] }),
        node('c'),
        node('d'),
        node('e'),
      ],
      ['a: 10.8.2.0/23', 'b: 10.8.4.128/25', 'c: 10.8.5.0/24', 'd: 10.8.6.0/24', 'e: 10.8.7.0/24'],
      { ...options, podCIDRs: ['10.8.0.0/21'] },
    ],
  ])('%s', (_, objects, expected, settings) => {
    expect(rangesOf(objects, settings)).toEqual(expected);
  });

  test('is counted beyond a byte, in both families', () => {
    const nodes = Array.from({ length: 300 }, (_, index) => node(`n${1000 + index}`));
    const nodeCIDRs = ['192.168.0.0/16', 'fd00:192::/64'];
    const settings = { ...dual, podCIDRs: ['10.0.0.0/8', 'fd00:8::/40'], nodeCIDRs };
    expect(rangesOf(nodes, settings).at(-1)).toBe('n1299: 10.1.44.0/24, fd00:8:0:12c::/64');
    expect(rangesOf(nodes, settings)[254]).toBe('n1254: 10.0.255.0/24, fd00:8:0:ff::/64');
    expect(rangesOf(nodes, settings)[255]).toBe('n1255: 10.1.0.0/24, fd00:8:0:100::/64');
    // The same place, where those before it have other ranges.
    const others = nodes.slice(0, -1).map(({ metadata }) => {
      return node(metadata.name, { podCIDRs: ['192.0.2.0/24', 'fd00:9::/64'] });
    });
    const last = [...others, nodes.at(-1)!];
    expect(rangesOf(last, settings).at(-1)).toBe('n1299: 10.1.44.0/24, fd00:8:0:12c::/64');
  });
});

describe('families', () => {
  const familiesOf = (objects: readonly KubernetesObject[], settings = options) =>
    completeCluster([...objects, service('web')], settings).serviceCIDRs.map((text) =>
      text.includes(':') ? 6 : 4,
    );
  const six = { addresses: ['2001:db8::5'] };

  test.each<[string, KubernetesObject[], number[], Partial<ControllerOptions>?]>([
    ['nothing speaks of IPv6', [node('n')], [4]],
    ['Nodes have IPv6 alone', [node('n', six)], [6]],
    ['Nodes have IPv6 pod ranges alone', [node('n', { podCIDRs: ['fd00:1::/64'] })], [6]],
    ['pods have IPv6 addresses alone', [pod('p', { status: { podIPs: ['fd00:1::5'] } })], [6]],
    [
      'a host name is no address',
      [withAddresses('n', ['Hostname', 'n'], ['InternalIP', '::5'])],
      [6],
    ],
    [
      'Nodes have both, IPv6 first',
      [node('n', { addresses: ['2001:db8::5', '10.0.0.5'] })],
      [4, 6],
    ],
    ['a slice is of the other one', [slice('s', 'web', { addressType: 'IPv6' })], [4, 6]],
    [
      'Nodes have none that Services may have',
      [node('n', six)],
      [4],
      { serviceCIDRs: ['10.96.0.0/16'] },
    ],
  ])('%s', (_, objects, expected, settings) => {
    expect(familiesOf(objects, { ...options, ...settings })).toEqual(expected);
  });

  test('where Services may have none, they are those of the Nodes', () => {
    const ranges = rangesOf([node('n', six)], { ...options, serviceCIDRs: [] });
    expect(ranges).toEqual(['n: fd00:10:244:1::/64']);
  });
});
