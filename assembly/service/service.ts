// What a Service does to the first packet of a connection: which front-end was dialled, which set
// of endpoints serves it, and whether the source is masqueraded. Source: Kubernetes
// pkg/proxy/nftables/proxier.go.

import { ConfigFlag } from "../abi/config";
import { LocalityFlag } from "../abi/route";
import {
  EndpointSet,
  Frontend,
  FrontendFlag,
  FrontendKey,
  FrontendKind,
  ServiceAddress,
  ServiceAddressKind,
  ServiceFlag,
} from "../abi/service";
import { MasqueradeCause, Trace } from "../abi/trace-step";
import { Reason } from "../abi/verdict";
import { Decision } from "../packet/decision";
import { Packet } from "../packet/packet";
import { isSet } from "../packet/settings";
import { isTracing, trace } from "../packet/trace";
import { findLongest, isMapped } from "../table/prefix-table";
import { hasPorts } from "../wire/transport";
import { chooseEndpoint } from "./endpoint";
import { findFrontend, findService, serviceAddresses, sourceRanges } from "./tables";

/** Low half of 127.0.0.1. */
const LOOPBACK_LOW: u64 = 0x0100007fffff0000;

const frontendKey = changetype<FrontendKey>(memory.data(offsetof<FrontendKey>(), 8));

/**
 * Translates the destination if a Service is dialled. `locality` = LocalityFlag bits of the source.
 */
export function serve(packet: Packet, decision: Decision, locality: u32): Reason {
  const frontend = dialledFrontend(packet);
  if (frontend == null) return checkServiceAddress(packet);
  const service = findService(frontend.service);
  assert(service != null, "a front-end without a service");
  decision.service = frontend.service;
  // 1. Source ranges come first, whatever the endpoints are.
  if (frontend.flags & FrontendFlag.SourceRanges && !isInRange(packet, frontend, locality)) {
    return Reason.SourceRange;
  }
  // 2. Nobody serves it anywhere.
  if (!(service!.flags & ServiceFlag.HasAnyEndpoints)) {
    const isSkipped = (frontend.flags & FrontendFlag.NodeSkipsReject) != 0;
    if (!isSkipped || !(locality & LocalityFlag.Node)) {
      return refuse(decision, Reason.RejectNoEndpoints);
    }
    decision.service = 0;
    return Reason.None;
  }
  // 3. One of the two sets, and with it the masquerade.
  const set = chooseSet(packet, decision, frontend, locality);
  const size = set == EndpointSet.Local ? service!.localCount : service!.clusterCount;
  if (isTracing) trace(Trace.EndpointSetUsed, decision.service, set, size);
  if (size == 0) return refuse(decision, Reason.NoLocalEndpoints);
  chooseEndpoint(packet, decision, set, size);
  if (isTracing && decision.masquerade != MasqueradeCause.None) {
    trace(Trace.MasqueradeDue, decision.masquerade);
  }
  return Reason.None;
}

function dialledFrontend(packet: Packet): Frontend | null {
  if (!hasPorts(packet.protocol)) return null;
  const key = frontendKey;
  key.addressHigh = packet.destinationHigh;
  key.addressLow = packet.destinationLow;
  key.port = packet.destinationPort;
  key.protocol = packet.protocol;
  let frontend = findFrontend(key);
  if (frontend == null) frontend = loopbackFrontend(key);
  if (isTracing) {
    const code = frontend == null ? Trace.FrontendNone : Trace.FrontendFound;
    const service = frontend == null ? 0 : frontend.service;
    const step = trace(code, service, frontend == null ? 0 : frontend.kind);
    step.addressHigh = packet.destinationHigh;
    step.addressLow = packet.destinationLow;
    step.port = packet.destinationPort;
  }
  return frontend;
}

/** The front-end of 127.0.0.1, if it stands for every loopback address and one is dialled. */
function loopbackFrontend(key: FrontendKey): Frontend | null {
  if (!isMapped(key.addressHigh, key.addressLow)) return null;
  if (((<u32>(key.addressLow >> 32)) & 0xff) != 127) return null;
  key.addressLow = LOOPBACK_LOW;
  const found = findFrontend(key);
  return found != null && found.flags & FrontendFlag.WholeLoopback ? found : null;
}

/** An address of the Service range that serves nothing here: in use, or nobody's. */
function checkServiceAddress(packet: Packet): Reason {
  const found = findLongest(serviceAddresses, 0, packet.destinationHigh, packet.destinationLow);
  if (found == 0) return Reason.None;
  const kind = changetype<ServiceAddress>(found).kind;
  if (isTracing) trace(Trace.ServiceAddressUnserved, kind);
  if (kind == ServiceAddressKind.ClusterIp) return Reason.RejectUnknownServicePort;
  return Reason.UnallocatedServiceAddress;
}

function isInRange(packet: Packet, frontend: Frontend, locality: u32): bool {
  const isBarred =
    (frontend.flags & FrontendFlag.NotFromNode) != 0 && (locality & LocalityFlag.Node) != 0;
  const isOwn = (frontend.flags & FrontendFlag.OwnSource) != 0 && isToItself(packet);
  const high = packet.sourceHigh;
  const low = packet.sourceLow;
  if (isOwn || (!isBarred && findLongest(sourceRanges, frontend.service, high, low) != 0)) {
    return true;
  }
  if (isTracing) {
    const step = trace(Trace.SourceRangeRefused, frontend.service);
    step.addressHigh = packet.sourceHigh;
    step.addressLow = packet.sourceLow;
  }
  return false;
}

function isToItself(packet: Packet): bool {
  const isSameHigh = packet.sourceHigh == packet.destinationHigh;
  return isSameHigh && packet.sourceLow == packet.destinationLow;
}

/** The set that serves this source at this front-end; sets `decision.masquerade`. */
function chooseSet(
  packet: Packet,
  decision: Decision,
  frontend: Frontend,
  locality: u32,
): EndpointSet {
  const service = findService(frontend.service)!;
  const isPod = (locality & LocalityFlag.Pod) != 0;
  if (frontend.kind == FrontendKind.ClusterIp) {
    if (isSet(ConfigFlag.MasqueradeAll)) decision.masquerade = <u8>MasqueradeCause.All;
    else if (hasDetector(packet)) {
      if (!isPod) decision.masquerade = <u8>MasqueradeCause.NotLocal;
    } else if (isSet(ConfigFlag.MasqueradeClusterIpSource) && isFromClusterIp(packet)) {
      decision.masquerade = <u8>MasqueradeCause.NotLocal;
    }
    return service.flags & ServiceFlag.InternalLocal ? EndpointSet.Local : EndpointSet.Cluster;
  }
  // 1. externalTrafficPolicy: Cluster.
  if (!(service.flags & ServiceFlag.ExternalLocal)) {
    decision.masquerade = <u8>MasqueradeCause.ExternalPolicy;
    return EndpointSet.Cluster;
  }
  // 2. ipvs: externalTrafficPolicy: Local binds everybody.
  if (isSet(ConfigFlag.NoShortCircuit)) return EndpointSet.Local;
  // 3. In the other modes it binds neither the cluster's own pods nor this node.
  if (isPod && hasDetector(packet)) return EndpointSet.Cluster;
  if (locality & LocalityFlag.Node) {
    decision.masquerade = <u8>MasqueradeCause.NodeSource;
    return EndpointSet.Cluster;
  }
  return EndpointSet.Local;
}

/** Whether the source is a ClusterIP that serves the port dialled. */
function isFromClusterIp(packet: Packet): bool {
  const key = frontendKey;
  key.addressHigh = packet.sourceHigh;
  key.addressLow = packet.sourceLow;
  key.port = packet.destinationPort;
  key.protocol = packet.protocol;
  const found = findFrontend(key);
  return found != null && found.kind == FrontendKind.ClusterIp;
}

function hasDetector(packet: Packet): bool {
  return isSet(packet.family == 4 ? ConfigFlag.DetectLocal4 : ConfigFlag.DetectLocal6);
}

function refuse(decision: Decision, reason: Reason): Reason {
  if (isTracing) trace(Trace.EndpointNone, decision.service, reason);
  return reason;
}
