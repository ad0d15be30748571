// What each front-end of a Service does with each class of source on one node, and which field
// decided: one packet for each through a dataplane of its own, with its trace.

import type { Cluster } from '../cluster/cluster.ts';
import type { NodeConfig } from '../compile/desired.ts';
import type { Protocol, Service, Source as Place } from '../kubernetes/types.ts';
import { protocolNumber } from '../net/protocol.ts';
import { openingPacket } from '../scenario/probe.ts';
import { callersOf, endpointsOf } from './callers.ts';
import { findDecisions, type Decision } from './decisions.ts';
import { listDoors, type Door, type DoorKind, type Site } from './doors.ts';
import { probe, sourcePortOf, type Finding } from './probe.ts';
import { slicesOf } from './service-slices.ts';
import type { Source, SourceClass } from './sources.ts';

/** The node to look from, and its settings. */
export interface SurveyOptions {
  readonly node?: string;
  readonly config?: Partial<NodeConfig>;
}

/** What becomes of a packet of one class of source at one front-end. */
export interface SourceReport {
  readonly class: SourceClass;
  readonly address: string;
  /** `pod shop/web-0`, `node node-a`, or the address. */
  readonly object: string;
  readonly verdict: Finding['verdict'];
  readonly reason: string | null;
  readonly set: Finding['set'];
  readonly endpoints: readonly string[];
  readonly masquerade: boolean;
  readonly decidedBy: readonly Decision[];
}

export interface DoorReport {
  readonly kind: DoorKind;
  readonly address: string;
  readonly port: number;
  readonly portName: string;
  readonly protocol: Protocol;
  readonly sources: readonly SourceReport[];
}

/** `explain -o json`; version 1. */
export interface ServiceReport {
  readonly version: 1;
  readonly service: { readonly namespace: string; readonly name: string; readonly source?: Place };
  readonly node: string;
  readonly mode: NodeConfig['mode'];
  /** Empty for a Service that programs nothing: headless, ExternalName, another proxy's. */
  readonly frontends: readonly DoorReport[];
}

/** Explains a Service. Throws InputError for a node that is not there. */
export async function explainService(
  cluster: Cluster,
  service: Service,
  options: SurveyOptions = {},
): Promise<ServiceReport> {
  const dataplane = await cluster.dataplane(options);
  const { node, config } = dataplane;
  const site: Site = { state: cluster.state, node, config };
  let packets = 0;
  const dial = (door: Door, source: Source) => {
    const packet = openingPacket({
      source: source.address,
      destination: door.address,
      protocol: protocolNumber(door.of.port.protocol)!,
      sourcePort: sourcePortOf(packets++),
      destinationPort: door.port,
    });
    return probe(dataplane, packet, source);
  };
  const frontends = surveyDoors(site, service, dial);
  dataplane.close();
  const { namespace, name } = service.metadata;
  const { source } = service;
  return {
    version: 1,
    service: { namespace, name, ...(source && { source }) },
    node,
    mode: config.mode,
    frontends,
  };
}

function surveyDoors(
  site: Site,
  service: Service,
  dial: (door: Door, source: Source) => Finding,
): DoorReport[] {
  const slices = slicesOf(site.state, service);
  const slicesAt = slices.find(({ source }) => source !== undefined)?.source ?? service.source;
  return listDoors(site, [service]).map((door) => {
    const { port } = door.of;
    const endpoints = endpointsOf(site, door);
    const evidence = { ...site, door, endpoints, ...(slicesAt && { slicesAt }) };
    const sources = callersOf(site, door).map((source): SourceReport => {
      const { steps, ...finding } = dial(door, source);
      const { class: name, address, object } = source;
      const decidedBy = findDecisions({ ...finding, steps }, evidence);
      return { class: name, address, object, ...finding, decidedBy };
    });
    const { kind, address } = door;
    const { name: portName, protocol } = port;
    return { kind, address, port: door.port, portName, protocol, sources };
  });
}
