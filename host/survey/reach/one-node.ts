// The cluster with every pod on one node that nobody else is on: its dataplane judges both ends of
// a connection in one packet. Where a pod runs decides nothing between pods but what their own
// nodes are exempt from and which endpoints are near, and neither is asked here. Sends nothing.

import { Cluster, type Dataplane } from '../../cluster/cluster.ts';
import type { NodeConfig } from '../../compile/desired.ts';
import type {
  EndpointSlice,
  KubernetesObject,
  Node,
  Pod,
  Service,
} from '../../kubernetes/types.ts';

/** Its addresses are reserved for documentation (RFC 5737, RFC 3849): no policy means them. */
const meetingPlace: Node = {
  kind: 'Node',
  metadata: { name: 'every-pod', namespace: '', labels: {}, annotations: {} },
  spec: { podCIDRs: [] },
  status: {
    addresses: [
      { type: 'InternalIP', address: '192.0.2.254' },
      { type: 'InternalIP', address: '2001:db8:ffff::254' },
    ],
  },
};

/** Starts the dataplane that every pod of the cluster is on. The real nodes are elsewhere. */
export function startOneNode(
  { state }: Cluster,
  config: Partial<NodeConfig> = {},
): Promise<Dataplane> {
  const { podCIDRs, serviceCIDRs } = state;
  const objects: KubernetesObject[] = [
    meetingPlace,
    ...state.nodes,
    ...state.namespaces,
    ...state.pods.map(moved),
    ...state.workloads,
    ...state.services.map(withoutAffinity),
    ...state.slices.map(movedSlice),
    ...state.policies,
    ...state.tierPolicies,
  ];
  const together = new Cluster({ controllers: false, podCIDRs, serviceCIDRs });
  together.apply(objects);
  return together.dataplane({ node: meetingPlace.metadata.name, config });
}

function moved(pod: Pod): Pod {
  return { ...pod, spec: { ...pod.spec, nodeName: meetingPlace.metadata.name } };
}

/** A client is free to ask each endpoint. */
function withoutAffinity(service: Service): Service {
  return { ...service, spec: { ...service.spec, sessionAffinity: 'None' } };
}

/** Endpoints are near to everybody: hints and internalTrafficPolicy leave none out. */
function movedSlice(slice: EndpointSlice): EndpointSlice {
  const endpoints = slice.endpoints.map((endpoint) => ({
    ...endpoint,
    nodeName: meetingPlace.metadata.name,
    hints: { forZones: [], forNodes: [] },
  }));
  return { ...slice, endpoints };
}
