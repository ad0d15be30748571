// Which field of which object stands behind what a trace says: the policy that names the set, the
// hints and conditions that narrow it, the cause of a masquerade, the range, the NetworkPolicy.
// Names fields for what the dataplane did; it never says what the dataplane should do.

import { Trace } from '../abi/abi.gen.ts';
import type { NodeConfig } from '../compile/desired.ts';
import type { EndpointView } from '../compile/endpoint-sets.ts';
import type { Source as Place } from '../kubernetes/types.ts';
import type { Door } from './doors.ts';
import { masqueradeCause, type Finding, type Step } from './probe.ts';

/** A field, and what it brought about. */
export interface Decision {
  /** What it decided: the fate of the packet, which endpoints may serve it, its source. */
  readonly about: 'verdict' | 'endpoints' | 'masquerade';
  /** `spec.externalTrafficPolicy: Local`, `config.masqueradeAll: true`. */
  readonly field: string;
  readonly text: string;
  /** Where the object is written, if it is. */
  readonly source?: Place;
}

/** What the fields are looked up in. */
export interface Evidence {
  readonly door: Door;
  /** Every endpoint of the Service port, usable or not. */
  readonly endpoints: readonly EndpointView[];
  /** Where the first of the EndpointSlices is written, else the Service. */
  readonly slicesAt?: Place;
  readonly config: NodeConfig;
  readonly node: string;
}

/** The fields that decided, the one that decided the verdict first. */
export function findDecisions(finding: Finding, evidence: Evidence): Decision[] {
  const verdict = verdictDecision(finding, evidence);
  return [
    ...(verdict === null ? [] : [verdict]),
    ...(finding.set === null ? [] : setDecisions(finding, evidence)),
    ...masqueradeDecisions(finding, evidence),
  ];
}

/** For outcomes that are no plain forward; null for the others. */
function verdictDecision(finding: Finding, evidence: Evidence): Decision | null {
  const { door } = evidence;
  const about = 'verdict';
  const step = (code: number) => findStep(finding, code);
  const refused = step(Trace.SourceRangeRefused);
  if (refused !== undefined) {
    return { about, field: 'spec.loadBalancerSourceRanges', ...wordsOf(refused) };
  }
  const denied = step(Trace.PolicyDenied);
  if (denied !== undefined) return { about, field: 'NetworkPolicy', ...wordsOf(denied) };
  const none = step(Trace.EndpointNone);
  if (none !== undefined) return emptySetDecision(finding, evidence, wordsOf(none).text);
  if (step(Trace.FrontendNone) !== undefined) return unservedDecision(finding, evidence);
  const found = step(Trace.FrontendFound);
  if (found !== undefined && finding.set === null) {
    const text = 'it has no endpoint, and this mode leaves the node’s own packets alone';
    return { about, field: conditionsField(evidence), text, ...at(evidence.slicesAt) };
  }
  if (finding.reason === null) return null;
  const last = finding.steps.at(-1)!.explained;
  return { about, field: finding.reason, text: last.text, ...at(door.of.service.source) };
}

/** Nothing to offer: nowhere, or only not on this node. */
function emptySetDecision(finding: Finding, evidence: Evidence, text: string): Decision {
  const about = 'verdict';
  if (finding.set === 'local') {
    return { about, field: policyField(evidence, 'Local'), text, ...serviceAt(evidence) };
  }
  return { about, field: conditionsField(evidence), text, ...at(evidence.slicesAt) };
}

/** What was dialled is no front-end in this mode. */
function unservedDecision(finding: Finding, evidence: Evidence): Decision {
  const { config, door } = evidence;
  const { text } = wordsOf(findStep(finding, Trace.FrontendNone)!);
  const about = 'verdict';
  if (door.kind !== 'node port')
    return { about, field: 'spec.ports', text, ...serviceAt(evidence) };
  const isLoopback = door.address === '::1' || door.address.startsWith('127.');
  const field = isLoopback
    ? `config.mode: ${config.mode}, localhostNodePorts: ${config.localhostNodePorts}`
    : `config.mode: ${config.mode}, nodePortAddresses: [${config.nodePortAddresses.join(', ')}]`;
  return { about, field, text };
}

/** The policy that named the set, then what of the set was left out. */
function setDecisions(finding: Finding, evidence: Evidence): Decision[] {
  const { text } = wordsOf(findStep(finding, Trace.EndpointSetUsed)!);
  const { isInternalLocal, isExternalLocal } = evidence.door.of;
  const isLocal = evidence.door.kind === 'ClusterIP' ? isInternalLocal : isExternalLocal;
  const exempt =
    isLocal && finding.set === 'cluster' ? `${text}; ${describeExemption(evidence)}` : text;
  const policy: Decision = {
    about: 'endpoints',
    field: policyField(evidence, isLocal ? 'Local' : 'Cluster'),
    text: exempt,
    ...serviceAt(evidence),
  };
  return [policy, ...narrowingDecisions(finding, evidence)];
}

function describeExemption({ config }: Evidence): string {
  return config.mode === 'ipvs'
    ? 'in ipvs mode every source draws from one list, which is all of them when none is local'
    : 'the policy binds neither the cluster’s pods nor this node';
}

/** Hints and conditions that left endpoints of this kind of set out. */
function narrowingDecisions({ set, endpoints }: Finding, evidence: Evidence): Decision[] {
  const chosen = new Set(endpoints);
  const candidates = evidence.endpoints.filter(({ isLocal }) => set === 'cluster' || isLocal);
  const used = candidates.filter(({ text }) => chosen.has(text));
  const left = candidates.filter(({ text }) => !chosen.has(text));
  const notReady = left.filter(({ isReady }) => !isReady);
  const about = 'endpoints';
  const place = at(evidence.slicesAt);
  const decisions: Decision[] = [];
  if (used.length > 0 && used.every(({ isReady }) => !isReady)) {
    const text = 'none is ready: those that are terminating but still serving are used';
    decisions.push({ about, field: 'conditions.terminating', text, ...place });
  } else if (notReady.length > 0) {
    const text = `not ready: ${notReady.map((endpoint) => endpoint.text).join(', ')}`;
    decisions.push({ about, field: 'conditions.ready', text, ...place });
  }
  const hinted = left.filter(({ isReady }) => isReady);
  if (set === 'cluster' && used.length > 0 && hinted.length > 0) {
    const isByNode = used.every(({ forNodes }) => forNodes.includes(evidence.node));
    const field = isByNode ? 'hints.forNodes' : 'hints.forZones';
    const text = `meant for elsewhere: ${hinted.map((endpoint) => endpoint.text).join(', ')}`;
    decisions.push({ about, field, text, ...place });
  }
  return decisions;
}

function masqueradeDecisions(finding: Finding, evidence: Evidence): Decision[] {
  const step = findStep(finding, Trace.MasqueradeDue);
  const cause = masqueradeCause(finding.steps);
  if (step === undefined || cause === null) return [];
  const { config } = evidence;
  const fields: Readonly<Record<string, string>> = {
    all: 'config.masqueradeAll: true',
    'not-local': `config.detectLocal: ${config.detectLocal?.mode ?? 'ClusterCIDR'}`,
    'external-policy': policyField(evidence, 'Cluster'),
    'node-source': policyField(evidence, 'Local'),
    hairpin: 'endpoint address',
  };
  const isOfService = cause === 'external-policy' || cause === 'node-source';
  const field = fields[cause] ?? cause;
  const { text } = wordsOf(step);
  return [{ about: 'masquerade', field, text, ...(isOfService && serviceAt(evidence)) }];
}

function policyField({ door }: Evidence, value: 'Local' | 'Cluster'): string {
  const name = door.kind === 'ClusterIP' ? 'internalTrafficPolicy' : 'externalTrafficPolicy';
  return `spec.${name}: ${value}`;
}

function conditionsField({ endpoints }: Evidence): string {
  return endpoints.length === 0 ? 'endpoints: []' : 'conditions.ready: false';
}

function findStep({ steps }: Finding, code: number): Step | undefined {
  return steps.find(({ raw }) => raw.code === code);
}

function wordsOf({ explained: { text, source } }: Step): { text: string; source?: Place } {
  return { text, ...at(source) };
}

function serviceAt({ door }: Evidence): { source?: Place } {
  return at(door.of.service.source);
}

function at(source: Place | undefined): { source?: Place } {
  return source === undefined ? {} : { source };
}
