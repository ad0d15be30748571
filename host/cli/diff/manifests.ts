// `podplane diff -f old -f new`: connections and Services lost and gained, in the order in which a
// reviewer asks: what breaks, what opens, and which policy does it.

import type { RuleName } from '../../compile/desired.ts';
import {
  compareManifests,
  isSame,
  type ConnectionChange,
  type ManifestDifference,
} from '../../survey/compare-manifests.ts';
import { groupings } from '../../survey/reach/groups.ts';
import type { Cause } from '../../survey/reach/cause.ts';
import type { ServiceChange } from '../../survey/reach/service-changes.ts';
import type { MatrixEnd } from '../../survey/matrix.ts';
import { modes } from '../../scenario/read-config.ts';
import { readTwoClusters } from '../cluster-options.ts';
import { formatColumns } from '../columns.ts';
import { UsageError, type Call } from '../command.ts';
import { joinLines, type ReachLine } from '../reach-list.ts';
import { describePorts } from '../reach-ports.ts';
import { serialize } from '../serialize.ts';
import type { Terminal } from '../terminal.ts';

/** Prints the differences; 1 if there are any. */
export async function diffManifests(call: Call): Promise<number> {
  const { options, terminal } = call;
  if (options.text('node') !== undefined) {
    throw new UsageError('--node: two sets of manifests are compared as a whole', 'leave it out');
  }
  const { before, after, settings } = await readTwoClusters(call);
  const by = groupings.find((grouping) => grouping === options.text('by')) ?? 'workload';
  const mode = modes.find((candidate) => options.list('mode').includes(candidate));
  const config = { ...settings, ...(mode && { mode }) };
  const difference = await compareManifests(before, after, { by, config });
  const output = options.text('output');
  if (output === 'json' || output === 'yaml') terminal.print(serialize(difference, output));
  else printDifference(difference, terminal);
  return isSame(difference) ? 0 : 1;
}

function printDifference(difference: ManifestDifference, to: Terminal): void {
  const { ends, added, removed, lost, gained, services } = difference;
  const names = (texts: readonly string[]) => texts.join(', ');
  if (removed.length > 0) to.print(`gone: ${names(removed)}\n`);
  if (added.length > 0) to.print(`new: ${names(added)}\n`);
  printSection(to, 'lost', tableOf(lost.map(lostLine), ends));
  printSection(to, 'gained', tableOf(gained.map(gainedLine), ends));
  printSection(to, 'lost by Service', serviceTable(services.lost, ends, 'NOW'));
  printSection(to, 'gained by Service', serviceTable(services.gained, ends, 'BEFORE'));
  const counts = `${lost.length} connections lost, ${gained.length} gained; by Service `;
  const served = `${services.lost.length} lost, ${services.gained.length} gained`;
  to.print(to.style(isSame(difference) ? 'green' : 'yellow', counts + served));
}

function printSection(to: Terminal, title: string, table: string | null): void {
  if (table !== null) to.print(`${to.style('bold', title)}\n${table}\n`);
}

function tableOf(lines: readonly ReachLine[], ends: readonly MatrixEnd[]): string | null {
  if (lines.length === 0) return null;
  return formatColumns(['TO', 'PORTS', 'FROM', 'BECAUSE'], joinLines(lines, ends, ends));
}

function serviceTable(
  changes: readonly ServiceChange[],
  ends: readonly MatrixEnd[],
  otherwise: string,
): string | null {
  if (changes.length === 0) return null;
  const lines = changes.map(({ from, service, port, isPartial, reason }) => {
    return { from, to: service, ports: isPartial ? `${port} ~` : port, more: [reason] };
  });
  const targets = [...new Set(changes.map(({ service }) => service))].map((name) => {
    return { name, kind: 'Service', namespace: '', addresses: 1 };
  });
  const rows = joinLines(lines, ends, targets);
  return formatColumns(['SERVICE', 'PORT', 'FROM', otherwise], rows);
}

function lostLine(change: ConnectionChange): ReachLine {
  return { ...lineOf(change), more: [explainLoss(change.cause)] };
}

function gainedLine(change: ConnectionChange): ReachLine {
  return { ...lineOf(change), more: [explainGain(change.cause)] };
}

function lineOf({ from, to, ports, isPartial }: ConnectionChange): ReachLine {
  return { from, to, ports: describePorts({ ports, unused: [], isPartial }) };
}

function explainLoss({ direction, allowedBy, isolatedBy, deniedBy, missing }: Cause): string {
  if (missing !== undefined) return `${missing} is gone`;
  const [denied] = deniedBy;
  if (denied !== undefined) return `${direction}: denied by ${nameRule(denied)}`;
  const [rule] = allowedBy;
  if (rule === undefined) return `${direction}: now isolated by ${nameAll(isolatedBy)}`;
  const now = isolatedBy.find(
    ({ namespace, policy }) => namespace === rule.namespace && policy === rule.policy,
  );
  if (now === undefined) return `${direction}: ${namePolicy(rule)} is gone`;
  return `${direction}: ${namePolicy(now)} no longer allows it${place(now)}`;
}

function explainGain({ direction, allowedBy, isolatedBy, deniedBy, missing }: Cause): string {
  if (missing !== undefined) return `${missing} is new`;
  const [rule] = allowedBy;
  if (rule !== undefined) return `${direction}: ${nameRule(rule)}`;
  const [denied] = deniedBy;
  if (denied !== undefined) return `${direction}: no longer denied by ${namePolicy(denied)}`;
  return `${direction}: no longer isolated by ${nameAll(isolatedBy)}`;
}

/** `payments/api spec.ingress[0] (payments.yaml:12)`. */
function nameRule(rule: RuleName): string {
  return `${namePolicy(rule)} ${rule.path}${place(rule)}`;
}

/** `shop/web`; a policy of the whole cluster by its kind. */
function namePolicy({ kind, namespace, policy }: RuleName): string {
  return kind === undefined ? `${namespace}/${policy}` : `${kind} ${policy}`;
}

function nameAll(rules: readonly RuleName[]): string {
  return [...new Set(rules.map(namePolicy))].join(', ');
}

function place({ source }: RuleName): string {
  return source === undefined ? '' : ` (${source.file}:${source.line})`;
}
