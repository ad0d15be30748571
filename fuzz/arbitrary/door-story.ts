// Arbitrary stories about the doors of one Service: everybody dials each of them, some complain,
// and the Service and its endpoints change.

import * as fc from 'fast-check';
import type { KubernetesObject } from '../../host/kubernetes/types.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { TcpFlag } from '../../host/net/packet.ts';
import { cluster, healthCheckNodePort } from './cluster.ts';
import {
  applying,
  complaint,
  open,
  printed,
  type Opening,
  type Step,
  type Story,
} from './story.ts';

/** A pod of this node, one of another, the node itself, and somebody outside. */
const callers = {
  4: ['10.244.1.2', '10.244.2.2', '192.168.0.2', '203.0.113.7'],
  6: ['fd00:10:244:1::2', 'fd00:10:244:2::2', 'fd00:192:168::2', '2001:db8::7'],
};

/** Cluster, external and load balancer's address, and the node's. */
const addresses = {
  4: ['10.96.0.10', '203.0.113.100', '198.51.100.10', '192.168.0.2'],
  6: ['fd00:10:96::10', '2001:db8:1b::10', 'fd00:192:168::2'],
};

const ports = [
  { protocol: Ip.Tcp, destinationPort: 80 },
  { protocol: Ip.Tcp, destinationPort: 30_080 },
  { protocol: Ip.Tcp, destinationPort: healthCheckNodePort },
  { protocol: Ip.Udp, destinationPort: 53 },
  { protocol: Ip.Udp, destinationPort: 30_053 },
];

function dialled(family: 4 | 6): fc.Arbitrary<Opening> {
  const ends = fc.record({
    source: fc.constantFrom(...callers[family]),
    destination: fc.constantFrom(...addresses[family]),
    sourcePort: fc.integer({ min: 40_000, max: 40_999 }),
  });
  return fc
    .tuple(ends, fc.constantFrom(...ports))
    .map(([who, what]) => ({ ...who, ...what, tcpFlags: TcpFlag.Syn, ttl: 64 }));
}

export function doorStory(maxLength = 40): fc.Arbitrary<Story> {
  const opened = (object: KubernetesObject): KubernetesObject =>
    object.kind === 'Service' ? open(object) : object;
  const plain = cluster().map((objects) => objects.map(opened));
  const objects = fc.oneof(
    { weight: 4, arbitrary: plain },
    { weight: 1, arbitrary: plain.map((found) => found.map(withoutIPv6)) },
  );
  const openings = fc.oneof(
    { weight: 3, arbitrary: dialled(4) },
    { weight: 1, arbitrary: dialled(6) },
  );
  const dial = openings.map((opening): Step => ({ kind: 'send', opening }));
  const steps = fc.oneof(
    { weight: 8, arbitrary: dial },
    { weight: 1, arbitrary: complaint() },
    { weight: 1, arbitrary: applying(opened) },
  );
  return printed(objects, steps, maxLength);
}

/** A node that has no IPv6 address, whatever its pods have. */
function withoutIPv6(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Node') return object;
  const left = object.status.addresses.filter(({ address }) => !address.includes(':'));
  return { ...object, status: { ...object.status, addresses: left } };
}
