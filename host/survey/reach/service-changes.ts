// Services that answer somebody in one set of manifests and not in the other.

import { formatRun } from './port-runs.ts';
import { listServiceConnections, type ServiceConnection } from './service-connections.ts';
import type { Side } from './side.ts';

/** A port of a Service that only one of the sets lets a group use. */
export interface ServiceChange {
  readonly from: string;
  /** `shop/cart`. */
  readonly service: string;
  /** `TCP 80`: the Service's own. */
  readonly port: string;
  /** In the other set some endpoints still answer, or answer some members. */
  readonly isPartial: boolean;
  /** What becomes of the packet in the other set: a reason, `no-service`, `no-pods`. */
  readonly reason: string;
}

/** Compares what each group gets from the Services of two sets. */
export function compareServices(
  old: Side,
  now: Side,
): { lost: ServiceChange[]; gained: ServiceChange[] } {
  const [before, after] = [answersOf(old), answersOf(now)];
  return {
    lost: subtract(before, { answers: after, groups: now.groups }),
    gained: subtract(after, { answers: before, groups: old.groups }),
  };
}

type Answers = ReadonlyMap<string, ServiceConnection>;

/** In each family a Service port is one of its own. */
function answersOf({ reach, groups }: Side): Answers {
  const connections = listServiceConnections(reach, [...groups.values()]);
  const keyOf = ({ from, door: { service, run, door } }: ServiceConnection) =>
    `${from.name} ${service} ${formatRun(run)} ${door.of.family}`;
  return new Map(connections.map((connection) => [keyOf(connection), connection]));
}

function subtract(
  answers: Answers,
  other: { readonly answers: Answers; readonly groups: Side['groups'] },
): ServiceChange[] {
  const changes = [...answers].flatMap(
    ([key, { from, door, isOpen, isPartial }]): ServiceChange[] => {
      const counterpart = other.answers.get(key);
      const isLess = counterpart?.isPartial === true && !isPartial;
      if (!isOpen || (counterpart?.isOpen === true && !isLess)) return [];
      const missing = other.groups.has(from.name) ? 'no-service' : 'no-pods';
      const reason = counterpart === undefined ? missing : (counterpart.reason ?? missing);
      const { service, run } = door;
      return [{ from: from.name, service, port: formatRun(run), isPartial: isLess, reason }];
    },
  );
  const keyOf = (change: ServiceChange) => JSON.stringify(change);
  return [...new Map(changes.map((change) => [keyOf(change), change])).values()];
}
