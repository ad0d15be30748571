// Which ClusterIPs each group of ends gets an answer from: a packet to the Service for every
// endpoint that fares differently. The dataplane finds the Service and judges what is behind it.

import { Verdict } from '../../abi/abi.gen.ts';
import { codeOf } from '../../abi/enum.ts';
import { protocolNumber } from '../../net/protocol.ts';
import { endpointsOf } from '../callers.ts';
import { listDoors, type Door } from '../doors.ts';
import { groupBy } from '../group-by.ts';
import type { ClassedGroup } from './groups.ts';
import type { PortRun } from './port-runs.ts';
import type { Question } from './questions.ts';
import type { EndClass, Reach } from './reach.ts';

/** A port of a Service, and what is behind it. */
export interface ServiceDoor {
  /** `shop/cart`. */
  readonly service: string;
  readonly run: PortRun;
  readonly door: Door;
  /** One endpoint of each class, and endpoints that are no end of the cluster. */
  readonly endpoints: readonly { readonly address: string; readonly port: number }[];
}

/** What a group gets from a Service port. */
export interface ServiceConnection {
  readonly from: ClassedGroup;
  readonly door: ServiceDoor;
  /** Whether some of the endpoints answer some of the group. */
  readonly isOpen: boolean;
  /** Whether not all of them do. */
  readonly isPartial: boolean;
  /** Why the first packet that was not let through was not. */
  readonly reason: string | null;
}

/** Ports of every Service that has a ClusterIP. */
export function listServiceDoors(reach: Reach): ServiceDoor[] {
  const { cluster, node, config } = reach.dataplane;
  const site = { state: cluster.state, node, config };
  const doors = listDoors(site, cluster.state.services);
  return doors
    .filter(({ kind }) => kind === 'ClusterIP')
    .map((door): ServiceDoor => {
      const { namespace, name } = door.of.service.metadata;
      const { protocol, port } = door.of.port;
      const run = { protocol, first: port, last: port, isOffered: true };
      const usable = endpointsOf(site, door).filter(({ isReady }) => isReady);
      const classes = groupBy(usable, ({ address, port: target }) => {
        const number = reach.classOf(address)?.number;
        return number === undefined ? address : `${number} ${target}`;
      });
      const endpoints = [...classes.values()].map(([first]) => first!);
      return { service: `${namespace}/${name}`, run, door, endpoints };
    });
}

/** What pods get from Services; nodes and the world outside do not dial ClusterIPs. */
export function listServiceConnections(
  reach: Reach,
  groups: readonly ClassedGroup[],
): ServiceConnection[] {
  const callers = groups.filter(({ ends }) => ends[0]?.kind === 'pod');
  return listServiceDoors(reach).flatMap((door) => {
    const answers = askClasses(reach, callers, door);
    return callers.flatMap((from) => {
      const own = [...from.classes.keys()].flatMap((each) => answers.get(each) ?? []);
      if (own.length === 0) return [];
      const refused = own.filter((reason) => reason !== null);
      const isOpen = refused.length < own.length;
      const isPartial = isOpen && refused.length > 0;
      return [{ from, door, isOpen, isPartial, reason: refused[0] ?? null }];
    });
  });
}

/** By class, for each endpoint: null if it is let through, else why not. */
function askClasses(
  reach: Reach,
  callers: readonly ClassedGroup[],
  { door, run, endpoints }: ServiceDoor,
): Map<EndClass, (string | null)[]> {
  const asked: { from: EndClass; question: Question }[] = [];
  const classes = new Set(callers.flatMap((group) => [...group.classes.keys()]));
  for (const from of classes) {
    const offered = endpoints.length === 0 ? [undefined] : endpoints;
    for (const endpoint of offered) {
      const source = from.ends.find(({ address }) => address !== endpoint?.address);
      if (source === undefined || source.family !== door.of.family) continue;
      const question = {
        source: source.address,
        destination: door.address,
        protocol: protocolNumber(door.of.port.protocol)!,
        port: run.first,
        entersBy: reach.portOf(source.address),
        ...(endpoint && { endpoint }),
      };
      asked.push({ from, question });
    }
  }
  const answers = new Map<EndClass, (string | null)[]>();
  reach.interview.judge(
    asked.map(({ question }) => question),
    (index, { verdict, reason }) => {
      const { from } = asked[index]!;
      const isOpen = verdict === Verdict.Forward || verdict === Verdict.Local;
      const said = isOpen ? null : codeOf('Reason', reason);
      answers.set(from, [...(answers.get(from) ?? []), said]);
    },
  );
  return answers;
}
