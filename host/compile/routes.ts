// Ports and routes of a node: the host, the uplink, and one port for each pod that runs here. Knows
// nothing of Services: their addresses are translated before the route is looked up.

import { PortKind, PortNumber, RouteKind } from '../abi/abi.gen.ts';
import type { Pod } from '../kubernetes/types.ts';
import { parseAddress } from '../net/address.ts';
import { parsePrefix, prefixContains, type Prefix } from '../net/prefix.ts';
import { dummyAddresses } from './dummy-addresses.ts';
import type { Entry } from './entries.ts';
import { loopbackPrefixes } from './localities.ts';
import { mtuBytesOf } from './mtu.ts';
import type { NodeView } from './node-view.ts';
import { addressPrefix, prefixKey } from './prefix-key.ts';

const defaultPrefixes: readonly Prefix[] = ['0.0.0.0/0', '::/0'].map((text) => parsePrefix(text)!);

/** Name of a pod's port. */
export function podPortName(pod: Pod): string {
  return `pod/${pod.metadata.namespace}/${pod.metadata.name}`;
}

/** Port number -> name. */
export function namePorts(view: NodeView): Map<number, string> {
  const pods = view.pods.map((pod): [number, string] => [podPort(view, pod), podPortName(pod)]);
  return new Map([[PortNumber.Host, 'host'], [PortNumber.Uplink, 'uplink'], ...pods]);
}

/** Entries of map `ports`. */
export function compilePorts(view: NodeView): Entry<'ports'>[] {
  const pods = view.pods.map((pod): Entry<'ports'> => {
    const mtuBytes = mtuBytesOf(view.config, podPortName(pod));
    return [podPort(view, pod), { kind: PortKind.Pod, mtuBytes }];
  });
  return [
    [PortNumber.Host, { kind: PortKind.Host }],
    [PortNumber.Uplink, { kind: PortKind.Uplink, mtuBytes: mtuBytesOf(view.config, 'uplink') }],
    ...pods,
  ];
}

/** Entries of map `routes`; an address that both a pod and the node claim is the node's. */
export function compileRoutes(view: NodeView): Entry<'routes'>[] {
  const forward = (port: number) => ({ kind: RouteKind.Forward, port });
  const local = { kind: RouteKind.Local, port: PortNumber.Host };
  const pods = view.pods.flatMap((pod) =>
    pod.status.podIPs.map((address): Entry<'routes'> => [
      prefixKey(addressPrefix(address)),
      forward(podPort(view, pod)),
    ]),
  );
  return [
    ...defaultPrefixes.map((prefix) => [prefixKey(prefix), forward(PortNumber.Uplink)] as const),
    ...pods,
    ...loopbackPrefixes.map((prefix) => [prefixKey(prefix), local] as const),
    ...[...view.addresses, ...dummyAddresses(view)].map(
      (address) => [prefixKey(addressPrefix(address)), local] as const,
    ),
  ];
}

/**
 * The port by which packets of a source enter: its pod's, the host's for the node's own addresses,
 * else the uplink.
 */
export function locateSources(view: NodeView): (address: string) => number {
  const ports = new Map<string, number>();
  for (const pod of view.pods) {
    for (const address of pod.status.podIPs) ports.set(address, podPort(view, pod));
  }
  for (const address of [...view.addresses, ...dummyAddresses(view)]) {
    ports.set(address, PortNumber.Host);
  }
  return (address) =>
    ports.get(address) ?? (isLoopback(address) ? PortNumber.Host : PortNumber.Uplink);
}

/** Whether an address is every node's own. */
export function isLoopback(address: string): boolean {
  const bytes = parseAddress(address);
  return bytes !== null && loopbackPrefixes.some((prefix) => prefixContains(prefix, bytes));
}

function podPort(view: NodeView, pod: Pod): number {
  return view.numbers.numberOf('ports', podPortName(pod));
}
