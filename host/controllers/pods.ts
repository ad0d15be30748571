// Pods: the written ones and those of workloads, each on a Node, with addresses, running and ready
// unless it is written otherwise. Stands in for scheduler, kubelet and the network plugin.

import type { Family, Node, Pod } from '../kubernetes/types.ts';
import { familyOf, parseAddress } from '../net/address.ts';
import { parsePrefix, prefixContains } from '../net/prefix.ts';
import {
  allocateAddress,
  claimAddress,
  createPool,
  usableRange,
  type AddressClaims,
  type AddressPool,
} from './allocate.ts';
import { addNote, addProblemOnce, keyOf, type Findings } from './findings.ts';
import { hashText } from './hash.ts';
import type { Inputs } from './inputs.ts';
import { nodeAddress } from './nodes.ts';
import { ownerName } from './ownership.ts';
import { getOrAdd } from './pod-index.ts';
import { chooseNode, createScheduler, type Scheduler } from './scheduling.ts';
import { makePods } from './workloads.ts';
import { compareObjects, nameOf } from './written.ts';

/** The network address and the node's own, which is the first by habit. */
const RESERVED_ADDRESSES = 2;

interface PodAddresses {
  readonly scheduler: Scheduler;
  readonly inputs: Inputs;
  readonly claims: AddressClaims;
  /** `node/family` -> the addresses of that Node's pod ranges. */
  readonly pools: Map<string, AddressPool>;
}

/** Every pod, sorted by namespace and name. */
export function completePods(nodes: readonly Node[], inputs: Inputs): Pod[] {
  const scheduler = createScheduler(nodes);
  const placed = inputs.written.pods.map((pod) => withNode(pod, scheduler, inputs));
  const pods = [...placed, ...makePods(scheduler, inputs)].sort(compareObjects);
  const running = pods.map((pod) => withStatus(pod, inputs.findings));
  return assignAddresses(running, scheduler, inputs);
}

function withNode(pod: Pod, scheduler: Scheduler, inputs: Inputs): Pod {
  if (pod.spec.nodeName !== undefined || isAtRest(pod)) return pod;
  const nodeName = chooseNode(scheduler, pod, hashText(nameOf(pod.metadata)), inputs);
  return nodeName === undefined ? pod : { ...pod, spec: { ...pod.spec, nodeName } };
}

/**
 * Whether the pod is written as not started or as finished: then it has what is written and gets
 * nothing more.
 */
function isAtRest({ status }: Pod): boolean {
  const { phase } = status;
  return phase === 'Pending' || phase === 'Succeeded' || phase === 'Failed';
}

/**
 * A pod without a Node waits for one; any other runs, and is ready unless its conditions say so or
 * not.
 */
export function withStatus(pod: Pod, findings: Findings): Pod {
  const { status } = pod;
  if (isAtRest(pod)) return pod;
  if (pod.spec.nodeName === undefined) {
    addNote(findings, pod, 'stays pending: no Node has the labels it asks for');
    return { ...pod, status: { ...status, phase: 'Pending' } };
  }
  const isJudged = status.conditions.some(({ type }) => type === 'Ready');
  const ready = isJudged || status.phase === 'Unknown' ? [] : [{ type: 'Ready', status: 'True' }];
  const conditions = [...status.conditions, ...ready];
  return { ...pod, status: { ...status, phase: status.phase ?? 'Running', conditions } };
}

/**
 * In three rounds, so that no new address takes one that is written, or one that a pod already has.
 */
function assignAddresses(pods: readonly Pod[], scheduler: Scheduler, inputs: Inputs): Pod[] {
  const addresses: PodAddresses = { scheduler, inputs, claims: new Map(), pools: new Map() };
  for (const pod of pods) claimWritten(pod, addresses);
  const kept = pods.map((pod) => withPreviousAddresses(pod, addresses));
  return kept.map((pod) => withNewAddresses(pod, addresses));
}

function claimWritten(pod: Pod, { claims, inputs }: PodAddresses): void {
  const { spec, status } = pod;
  if (spec.hostNetwork || status.phase === 'Succeeded' || status.phase === 'Failed') return;
  for (const address of status.podIPs) {
    if (claimAddress(claims, address, keyOf(pod))) continue;
    addNote(inputs.findings, pod, `has the address ${address} of ${claims.get(address)} as well`);
  }
}

function needsAddress(pod: Pod): boolean {
  return pod.status.podIPs.length === 0 && pod.spec.nodeName !== undefined && !isAtRest(pod);
}

/**
 * A pod that stayed on its Node keeps its addresses if nobody else is written with them and the
 * Node still has them.
 */
function withPreviousAddresses(pod: Pod, addresses: PodAddresses): Pod {
  const earlier = addresses.inputs.previous.pods.get(nameOf(pod.metadata));
  if (earlier === undefined || !needsAddress(pod) || pod.spec.hostNetwork) return pod;
  const node = addresses.scheduler.byName.get(pod.spec.nodeName ?? '');
  if (node === undefined || earlier.spec.nodeName !== pod.spec.nodeName) return pod;
  const podIPs = addresses.inputs.ranges.families
    .map((family) => earlier.status.podIPs.find((address) => familyOf(address) === family))
    .filter((address) => address !== undefined)
    .filter((address) => isOfNode(address, node) && !addresses.claims.has(address));
  if (podIPs.length < addresses.inputs.ranges.families.length) return pod;
  for (const address of podIPs) addresses.claims.set(address, keyOf(pod));
  return { ...pod, status: { ...pod.status, podIPs } };
}

function isOfNode(address: string, { spec }: Node): boolean {
  const bytes = parseAddress(address)!;
  return spec.podCIDRs.some((text) => {
    const range = parsePrefix(text);
    return range !== null && prefixContains(range, bytes);
  });
}

function withNewAddresses(pod: Pod, addresses: PodAddresses): Pod {
  const node = addresses.scheduler.byName.get(pod.spec.nodeName ?? '');
  if (!needsAddress(pod)) return pod;
  if (node === undefined) {
    addNote(
      addresses.inputs.findings,
      pod,
      `has no address: there is no Node ${pod.spec.nodeName}`,
    );
    return pod;
  }
  const podIPs = addresses.inputs.ranges.families
    .map((family) => newAddress(pod, node, family, addresses))
    .filter((address) => address !== undefined);
  return { ...pod, status: { ...pod.status, podIPs } };
}

/** A host-network pod has its Node's address, any other one of the Node's pod ranges. */
function newAddress(
  pod: Pod,
  node: Node,
  family: Family,
  addresses: PodAddresses,
): string | undefined {
  if (pod.spec.hostNetwork) return nodeAddress(node, family);
  const address = allocateAddress(poolOf(node, family, addresses), keyOf(pod));
  if (address !== null) return address;
  refuseAddress(pod, node, family, addresses.inputs);
  return undefined;
}

/** Blames a workload for the pods made from it. */
function refuseAddress(pod: Pod, node: Node, family: Family, inputs: Inputs): void {
  const { namespace, madeFrom } = pod.metadata;
  const workload = inputs.written.workloads.find(
    (one) => one.metadata.namespace === namespace && ownerName(one) === madeFrom,
  );
  addProblemOnce(inputs.findings, workload ?? pod, {
    path: workload === undefined ? 'status.podIPs' : 'spec.replicas',
    message:
      `no free IPv${family} address on Node ${node.metadata.name} ` +
      `in ${node.spec.podCIDRs.join(', ')}`,
    expected: 'give the Node larger spec.podCIDRs, or write more Nodes',
  });
}

function poolOf(node: Node, family: Family, { claims, pools }: PodAddresses): AddressPool {
  return getOrAdd(pools, `${node.metadata.name}/${family}`, () => {
    const ranges = node.spec.podCIDRs
      .map(parsePrefix)
      .filter((prefix) => prefix !== null)
      .filter((prefix) => prefix.family === family);
    return createPool(ranges, claims, (prefix) => usableRange(prefix, RESERVED_ADDRESSES));
  });
}
