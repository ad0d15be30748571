// How long packets may be that leave by a port. What lies behind the uplink has one MTU here, as
// pods have it from their network plug-in: no Kubernetes object tells.

import type { NodeConfig } from './desired.ts';

/** Ethernet's. */
export const defaultMtuBytes = 1500;

/** Longest packet that leaves by the uplink or by a pod's port: its own, else that of all pods. */
export function mtuBytesOf({ mtu = {} }: NodeConfig, port: string): number {
  return mtu[port] ?? (port === 'uplink' ? undefined : mtu['pods']) ?? defaultMtuBytes;
}
