// The resolution of a name as steps of a trace: the resolver, each question, the record taken.

import type { ExplainedStep } from '../cluster/explain.ts';
import { describeQuery, describeResolvConf } from '../dns/describe.ts';
import type { Query } from '../dns/resolver.ts';
import type { Party } from './party.ts';

/**
 * None for a party that was not named by a DNS name. `address` is the one that is dialled; absent
 * when there is none.
 */
export function nameSteps(party: Party, address?: string): ExplainedStep[] {
  const { resolution, text } = party;
  if (resolution === undefined) return [];
  const steps: ExplainedStep[] = [
    { code: 'dns-resolver', text: describeResolvConf(resolution.conf) },
    ...resolution.queries.map(queryStep),
  ];
  if (address === undefined) return steps;
  if (resolution.records.length === 0) {
    const named = `"${text}" is no DNS name; it is the name of ${party.object}`;
    return [...steps, { code: 'dns-none', text: `${named}, ${address}` }];
  }
  const record = resolution.records.find(({ data }) => data === address);
  const source = record?.service?.source;
  const place = source === undefined ? '' : `, ${source.file}:${source.line}`;
  const rest = resolution.records.length - 1;
  const choice = rest === 0 ? '' : `, one of ${rest + 1} addresses`;
  const taken = `"${text}" is ${address} (${party.object}${place})${choice}`;
  return [...steps, { code: 'dns-resolved', text: taken, ...(source && { source }) }];
}

/** `dns-answer`, `dns-nodata`, `dns-nxdomain` or `dns-unknown`. */
function queryStep(query: Query): ExplainedStep {
  return { code: `dns-${query.answer.status}`, text: describeQuery(query) };
}
