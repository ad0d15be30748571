// What isolation breaks: names that pods may not ask for, Services that nobody may use. Every
// answer is a packet's fate in the dataplane.

import type { KubernetesObject, NetworkPolicy, Service } from '../../kubernetes/types.ts';
import { assumedResolvConf, podResolvConf } from '../../dns/resolv-conf.ts';
import { groupBy } from '../group-by.ts';
import { classGroups } from '../reach/connections.ts';
import { groupEnds, type ClassedGroup } from '../reach/groups.ts';
import { pickEnds, type Reach } from '../reach/reach.ts';
import { findSelecting } from '../reach/selected-by.ts';
import {
  listServiceConnections,
  listServiceDoors,
  type ServiceConnection,
  type ServiceDoor,
} from '../reach/service-connections.ts';
import { findingOf, listNames, type LintFinding } from './finding.ts';

export function findBroken(reach: Reach): LintFinding[] {
  const { state } = reach.dataplane.cluster;
  const groups = classGroups(reach, groupEnds(reach.ends, 'workload', state));
  const connections = listServiceConnections(reach, groups);
  return [
    ...findNameless(reach, connections),
    ...listServiceDoors(reach).flatMap((door) => findClosed(reach, door, connections)),
  ];
}

const dnsPort = 53;

/** Workloads that may not ask the cluster's name server, by the policy that isolates them. */
function findNameless(reach: Reach, connections: readonly ServiceConnection[]): LintFinding[] {
  const { state } = reach.dataplane.cluster;
  const servers = new Set(assumedResolvConf(state, 'lint').nameservers);
  const refused = connections.filter(({ from, door, isOpen, reason }) => {
    const isNames = servers.has(door.door.address) && door.run.first === dnsPort;
    const pod = from.ends[0]?.pod;
    const asks = pod !== undefined && podResolvConf(state, pod).asksCluster;
    const isUdp = door.run.protocol === 'UDP';
    return isNames && isUdp && asks && !isOpen && reason === 'policy-denied-egress';
  });
  const byPolicy = groupBy(refused, ({ from }) => isolatingPolicy(reach, from));
  return [...byPolicy].flatMap(([policy, connectionsOfPolicy]) => {
    if (policy === null) return [];
    const names = connectionsOfPolicy.map(({ from }) => from.name);
    const { service } = connectionsOfPolicy[0]!.door;
    const message = `isolates ${listNames(names)} for egress, and no rule lets them ask for names`;
    const cure = `allow UDP and TCP ${dnsPort} to the pods of Service ${service}`;
    return [findingOf('no-dns', policy, { path: 'spec.policyTypes', message, cure })];
  });
}

/** A Service that policies close to everybody, or to the outside that it is published to. */
function findClosed(
  reach: Reach,
  door: ServiceDoor,
  connections: readonly ServiceConnection[],
): LintFinding[] {
  const { service, port } = door.door.of;
  const said = (code: 'service-unreachable' | 'closed-to-outside', whom: string) => {
    const [endpoint] = door.endpoints;
    const group = reach.classOf(endpoint!.address);
    const by = group === undefined ? [] : findSelecting(reach, group, 'ingress');
    const names = [...new Set(by.map(({ namespace, policy }) => `${namespace}/${policy}`))];
    const message = `port ${port.port}: ${whom}; its pods are isolated by ${listNames(names)}`;
    const cure = `allow ${port.protocol} ${endpoint!.port} in, or delete the Service`;
    return findingOf(code, service, { path: portPath(service, port.name), message, cure });
  };
  if (door.endpoints.length === 0) return [];
  const own = connections.filter((each) => each.door.door === door.door || isSame(each.door, door));
  const isRefused = own.every(({ isOpen, reason }) => !isOpen && isPolicy(reason));
  const isEntered = ['node', 'outside'].some((kind) => letsIn(reach, door, kind));
  if (isRefused && own.length > 0 && !isEntered)
    return [said('service-unreachable', 'nobody may use it')];
  const isPublished = ['LoadBalancer', 'NodePort'].includes(service.spec.type);
  if (!isPublished || letsIn(reach, door, 'outside')) return [];
  return [said('closed-to-outside', 'it is published, and nobody outside may use it')];
}

function isSame(a: ServiceDoor, b: ServiceDoor): boolean {
  return a.service === b.service && a.door.of.key === b.door.of.key;
}

function isPolicy(reason: string | null): boolean {
  return reason?.startsWith('policy-') === true;
}

/** Whether ends of a kind may reach one of the pods of a Service. */
function letsIn(reach: Reach, { door, endpoints }: ServiceDoor, kind: string): boolean {
  const sources = reach.classes.filter(({ ends }) => ends[0]?.kind === kind);
  return endpoints.some(({ address, port }) => {
    const target = reach.classOf(address);
    // An endpoint that is no pod of the cluster is no policy's business.
    if (target === undefined || target.ends[0]?.kind !== 'pod') return true;
    return sources.some((source) => {
      if (pickEnds(source, target) === null) return false;
      const open = reach.between(source, target)!;
      const { protocol } = door.of.port;
      return target.runs.some(
        (run, index) =>
          open[index] && run.protocol === protocol && run.first <= port && port <= run.last,
      );
    });
  });
}

function portPath({ spec }: Service, name: string): string {
  return `spec.ports[${spec.ports.findIndex((port) => port.name === name)}]`;
}

/** The first policy that selects the pods of a group for egress. */
function isolatingPolicy(reach: Reach, { ends }: ClassedGroup): NetworkPolicy | null {
  const selecting = findSelecting(reach, reach.classOf(ends[0]!.address)!, 'egress');
  const first = selecting.find(({ kind }) => kind === undefined);
  const isNamed = ({ metadata }: KubernetesObject) =>
    metadata.namespace === first?.namespace && metadata.name === first.policy;
  return reach.dataplane.cluster.state.policies.find(isNamed) ?? null;
}
