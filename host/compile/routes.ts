// Ports and routes of a node: the host, the uplink, and one port for each pod that runs here. Knows nothing of Services:
// their addresses are translated before the route is looked up.

import { PortKind, RouteKind } from '../abi/abi.gen.ts';
import type { Pod } from '../kubernetes/types.ts';
import { parsePrefix, type Prefix } from '../net/prefix.ts';
import type { Entry } from './entries.ts';
import { loopbackPrefixes } from './localities.ts';
import type { NodeView } from './node-view.ts';
import { addressPrefix, prefixKey } from './prefix-key.ts';

/** The two ports that every node has. */
export const hostPort = 1;
export const uplinkPort = 2;

const defaultPrefixes: readonly Prefix[] = ['0.0.0.0/0', '::/0'].map((text) => parsePrefix(text)!);

/** Name of a pod's port. */
export function podPortName(pod: Pod): string {
  return `pod/${pod.metadata.namespace}/${pod.metadata.name}`;
}

/** Port number -> name. */
export function namePorts(view: NodeView): Map<number, string> {
  const pods = view.pods.map((pod): [number, string] => [podPort(view, pod), podPortName(pod)]);
  return new Map([[hostPort, 'host'], [uplinkPort, 'uplink'], ...pods]);
}

/** Entries of map `ports`. */
export function compilePorts(view: NodeView): Entry<'ports'>[] {
  const pods = view.pods.map((pod): Entry<'ports'> => [podPort(view, pod), { kind: PortKind.Pod }]);
  return [[hostPort, { kind: PortKind.Host }], [uplinkPort, { kind: PortKind.Uplink }], ...pods];
}

/** Entries of map `routes`; an address that both a pod and the node claim is the node's. */
export function compileRoutes(view: NodeView): Entry<'routes'>[] {
  const forward = (port: number) => ({ kind: RouteKind.Forward, port });
  const local = { kind: RouteKind.Local, port: hostPort };
  const pods = view.pods.flatMap((pod) =>
    pod.status.podIPs.map((address): Entry<'routes'> => [
      prefixKey(addressPrefix(address)),
      forward(podPort(view, pod)),
    ]),
  );
  return [
    ...defaultPrefixes.map((prefix) => [prefixKey(prefix), forward(uplinkPort)] as const),
    ...pods,
    ...loopbackPrefixes.map((prefix) => [prefixKey(prefix), local] as const),
    ...view.addresses.map((address) => [prefixKey(addressPrefix(address)), local] as const),
  ];
}

function podPort(view: NodeView, pod: Pod): number {
  return view.numbers.numberOf('ports', podPortName(pod));
}
