// Ports of rules that nothing at the destination end listens on: a name that no pod carries, or the
// port of a Service in front of the pods.

import type { NetworkPolicyPort, Pod, Service } from '../../kubernetes/types.ts';
import { namedPortsOf, offersOf } from './offers.ts';
import { findingOf, listNames, type LintFinding } from './finding.ts';
import { listRules, type Selection } from './selection.ts';
import type { Offers } from './offers.ts';

export function findWrongPorts(selection: Selection): LintFinding[] {
  const offers = offersOf(selection.state);
  return listRules(selection.state.policies).flatMap((placed) => {
    const { policy, rule } = placed;
    const classes = selection.destinationsOf(placed);
    const pods = (classes ?? selection.classes).flatMap((each) => each.pods);
    if (pods.length === 0) return [];
    return rule.ports.flatMap((port, index) => {
      const path = `${rule.path}.ports[${index}].port`;
      if (typeof port.port === 'string') {
        const said = explainName(port, pods);
        return said === null ? [] : [findingOf('unknown-port-name', policy, { path, ...said })];
      }
      const said = classes === null ? null : explainServicePort(port, pods, offers);
      return said === null ? [] : [findingOf('service-port', policy, { path, ...said })];
    });
  });
}

type Explanation = Pick<LintFinding, 'message' | 'cure'>;

function explainName(
  { port, protocol }: NetworkPolicyPort,
  pods: readonly Pod[],
): Explanation | null {
  const named = pods.flatMap(namedPortsOf);
  if (named.some((each) => each.name === port && each.protocol === protocol)) return null;
  const message = `no pod at the destination has a ${protocol} port named "${port}"`;
  const names = [...new Set(named.map((each) => `${each.name}/${each.protocol}`))];
  const cure = names.length === 0 ? 'give the number' : `they have ${listNames(names, 4)}`;
  return { message, cure };
}

/** Only where no pod offers the port itself. */
function explainServicePort(
  { port, endPort, protocol }: NetworkPolicyPort,
  pods: readonly Pod[],
  { ports, services }: Offers,
): Explanation | null {
  if (typeof port !== 'number' || endPort !== undefined) return null;
  const isOffered = pods.some((pod) => ports.get(pod)?.has(`${protocol} ${port}`));
  if (isOffered) return null;
  for (const pod of pods) {
    for (const { service, servicePort, target } of services.get(pod) ?? []) {
      if (servicePort.port !== port || servicePort.protocol !== protocol) continue;
      const message = `${port} is the port of Service ${nameOf(service)}; its pods listen on`;
      return { message: `${message} ${target}`, cure: `policies see the pod: write ${target}` };
    }
  }
  return null;
}

function nameOf({ metadata: { namespace, name } }: Service): string {
  return `${namespace}/${name}`;
}
