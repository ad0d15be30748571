// Trace steps -> sentences that name the objects which decided: one table from code to sentence,
// pure. Knows no frames and decides nothing: what a step does not say is not said.

import {
  Balancing,
  EndpointCause,
  EndpointSet,
  MasqueradeCause,
  PolicyExemption,
  RouteKind,
  ServiceAddressKind,
  Trace,
  Verdict,
  type TraceStep,
} from '../abi/abi.gen.ts';
import { codeOf, sentenceOf } from '../abi/enum.ts';
import type { Names } from '../compile/desired.ts';
import type { Source } from '../kubernetes/types.ts';
import { explainAllowed, explainDenied, explainNotIsolated } from './explain-policy.ts';
import {
  describeTransport,
  frontendKinds,
  nameAddress,
  namePlace,
  namePort,
  nameService,
  nameSocket,
  sourceOf,
  type PolicyDecision,
  type Sentence,
  type Story,
} from './story.ts';

/** One step of a packet's way, for people. */
export interface ExplainedStep {
  /** Stable kebab-case code: `endpoint-chosen`. */
  readonly code: string;
  readonly text: string;
  /** What is behind the sentence, line by line. */
  readonly details?: readonly string[];
  /** What decided, where it was policy: every rule that was asked, and what of it fits. */
  readonly policy?: PolicyDecision;
  /** Where the object that decided is written, if one did and it was. */
  readonly source?: Source;
}

type Explanation = (step: TraceStep, story: Story) => Sentence | string;

const explanations: Readonly<Record<number, Explanation>> = {
  [Trace.Parsed]: explainParsed,
  [Trace.Refused]: ({ first }) => sentenceOf('Reason', first),
  [Trace.ConnectionFound]: ({ first, second }) =>
    `it belongs to a known connection: ${direction(first)}, state ${stateOf(second)}`,
  [Trace.ConnectionNew]: () => 'no connection is known: it opens a new one',
  [Trace.ConnectionRelated]: ({ first }) =>
    `it is an ICMP error about a known connection, in the ${direction(first)}`,
  [Trace.ConnectionInvalid]: ({ first }) =>
    `connection tracking calls it invalid (state ${stateOf(first)})`,
  [Trace.FrontendFound]: explainFrontend,
  [Trace.FrontendNone]: (step) => `no Service is served at ${nameSocket(step)}`,
  [Trace.SourceRangeRefused]: explainSourceRange,
  [Trace.EndpointSetUsed]: explainSet,
  [Trace.EndpointNone]: ({ first, second }, { names }) => ({
    text: `${nameService(names, first)} has nothing to offer: ${sentenceOf('Reason', second)}`,
    ...sourceOf(names.services.get(first)),
  }),
  [Trace.EndpointChosen]: explainEndpoint,
  [Trace.MasqueradeDue]: ({ first }) =>
    `its source will be masqueraded: ${masqueradeCauses[first] ?? 'for no known cause'}`,
  [Trace.ServiceAddressUnserved]: ({ first }) =>
    unservedAddresses[first] ?? codeOf('ServiceAddressKind', first),
  [Trace.PolicyNotIsolated]: explainNotIsolated,
  [Trace.PolicyExempt]: explainExemption,
  [Trace.PolicyAllowed]: explainAllowed,
  [Trace.PolicyDenied]: explainDenied,
  [Trace.PolicyOutdated]: ({ first }) =>
    `policy changed since the connection was admitted (revision ${first}): it is judged again`,
  [Trace.Routed]: explainRoute,
  [Trace.SourceChosen]: (step, { names }) =>
    `masquerade source ${nameSocket(step)}${nameAddress(names, step.address)}`,
  [Trace.ConnectionCreated]: ({ first }, { names }) =>
    first === 0
      ? 'the connection is entered'
      : `the connection is entered, translated for ${nameService(names, first)}`,
  [Trace.SourceRewritten]: (step) => `the source is rewritten to ${nameSocket(step)}`,
  [Trace.DestinationRewritten]: (step) => `the destination is rewritten to ${nameSocket(step)}`,
  [Trace.FragmentFollows]: ({ first }) =>
    `a later fragment: as the first one of its datagram (${codeOf('Verdict', first)})`,
  [Trace.Answered]: (step) =>
    `it is answered from ${step.address}: ${sentenceOf('Reason', step.first)}`,
  [Trace.Decided]: explainDecision,
};

const endpointCauses: Readonly<Record<number, string>> = {
  [EndpointCause.Drawn]: 'is drawn at random',
  [EndpointCause.Affinity]: 'is kept by session affinity',
  [EndpointCause.TakenOver]: 'is taken over from the caller',
};

const asBefore = 'served this front-end before, and is not overloaded, or is the least loaded';
const byDelay = (step: TraceStep) => `has the fewest active connections (${countsOf(step)})`;
const byCount = (step: TraceStep) => `has the fewest connections (${countsOf(step)})`;

/** What each way of balancing goes by; ipvs schedulers by their names there. */
const schedulerCauses: Readonly<Record<number, (step: TraceStep) => string>> = {
  [Balancing.Maglev]: () => 'is the one for this source and port in the Maglev table',
  [Balancing.RoundRobin]: () => 'is next in turn (rr)',
  [Balancing.WeightedRoundRobin]: () => 'is next in turn (wrr)',
  [Balancing.LeastConnections]: (step) => `${byCount(step)} (lc)`,
  [Balancing.WeightedLeastConnections]: (step) => `${byCount(step)} (wlc)`,
  [Balancing.LocalityLeastConnections]: (step) => `${asBefore} (${countsOf(step)}) (lblc)`,
  [Balancing.LocalityWithReplication]: (step) =>
    `is the least loaded of this front-end’s set of servers (${countsOf(step)}) (lblcr)`,
  [Balancing.SourceHash]: () => 'is the one for this source address (sh)',
  [Balancing.DestinationHash]: () => 'is the one for the address dialled (dh)',
  [Balancing.ShortestDelay]: (step) => `${byDelay(step)} (sed)`,
  [Balancing.NeverQueue]: (step) => `${byDelay(step)} (nq)`,
  [Balancing.MaglevHash]: () => 'is the one for this source and port in the Maglev table (mh)',
};

function countsOf({ fourth, fifth }: TraceStep): string {
  return `${fourth} active, ${fifth} inactive`;
}

const masqueradeCauses: Readonly<Record<number, string>> = {
  [MasqueradeCause.All]: 'masqueradeAll is set',
  [MasqueradeCause.NotLocal]: 'a source that is no pod dials a ClusterIP',
  [MasqueradeCause.ExternalPolicy]: 'externalTrafficPolicy is Cluster',
  [MasqueradeCause.NodeSource]: 'the node itself dials a front-end whose policy is Local',
  [MasqueradeCause.Hairpin]: 'the endpoint is the caller itself',
};

const unservedAddresses: Readonly<Record<number, string>> = {
  [ServiceAddressKind.ClusterIp]:
    'the address is a Service’s, but it does not serve this port and protocol',
  [ServiceAddressKind.Unallocated]: 'the address is in a Service CIDR, but no Service has it',
};

const exemptions: Readonly<Record<number, string>> = {
  [PolicyExemption.Self]: 'the pod talks to itself',
  [PolicyExemption.OwnNode]: 'it comes from the pod’s own node',
  [PolicyExemption.OtherNode]: 'the pod is on another node, which judges it',
  [PolicyExemption.ToOwnNode]: 'it goes to the pod’s own node (policy.toOwnNode: allow)',
  [PolicyExemption.EssentialIcmp]: 'it is an ICMP message (policy.icmp: essential)',
};

/** Sentences for the steps of one packet, in order. */
export function explainSteps(
  steps: readonly TraceStep[],
  packet: { readonly names: Names; readonly source: string | null },
): ExplainedStep[] {
  let story: Story = { ...packet, destination: null, assumed: [] };
  return steps.map((step) => {
    story = follow(story, step);
    const code = codeOf('Trace', step.code);
    const sentence = explanations[step.code]?.(step, story) ?? code;
    return { code, ...(typeof sentence === 'string' ? { text: sentence } : sentence) };
  });
}

/** What is known after a step. */
function follow(story: Story, step: TraceStep): Story {
  switch (step.code) {
    case Trace.Parsed:
    case Trace.PolicyOutdated:
      return { ...story, destination: step.address };
    case Trace.EndpointChosen: {
      const where = `the endpoint, ${nameSocket(step)}, not the Service’s address and port`;
      const assumed = [...story.assumed, `policy sees ${where}`];
      return { ...story, destination: step.address, assumed };
    }
    case Trace.MasqueradeDue: {
      const assumed = [...story.assumed, 'policy sees the source as it is before masquerading'];
      return { ...story, assumed };
    }
    default:
      return story;
  }
}

function explainParsed(step: TraceStep, { names, source }: Story): string {
  const from = source === null ? '' : ` from ${source}${nameAddress(names, source)}`;
  const to = `${nameSocket(step)}${nameAddress(names, step.address)}`;
  return `a packet${from} to ${to}: ${describeTransport(step)}`;
}

function explainFrontend(step: TraceStep, { names }: Story): Sentence {
  const kind = frontendKinds[step.second] ?? codeOf('FrontendKind', step.second);
  const service = names.services.get(step.first);
  const named = `${nameService(names, step.first)}${namePlace(service)}`;
  return { text: `${nameSocket(step)} is the ${kind} of ${named}`, ...sourceOf(service) };
}

function explainSourceRange({ first, address }: TraceStep, { names }: Story): Sentence {
  const service = nameService(names, first);
  const text = `${address} is in none of the loadBalancerSourceRanges of ${service}`;
  return { text, ...sourceOf(names.services.get(first)) };
}

function explainEndpoint(step: TraceStep, { names }: Story): string {
  const cause =
    step.second === EndpointCause.Scheduled
      ? (schedulerCauses[step.third]?.(step) ?? 'is scheduled')
      : (endpointCauses[step.second] ?? 'is taken');
  return `endpoint ${nameSocket(step)}${nameAddress(names, step.address)} ${cause}`;
}

function explainExemption({ first, second }: TraceStep): string {
  const cause = exemptions[first] ?? codeOf('PolicyExemption', first);
  return `policy does not apply to ${codeOf('Direction', second)}: ${cause}`;
}

function explainSet({ first, second, third }: TraceStep, { names }: Story): string {
  const where = second === EndpointSet.Local ? 'on this node' : 'in the cluster';
  const endpoints = third === 1 ? 'endpoint' : 'endpoints';
  return `${nameService(names, first)} has ${third} usable ${endpoints} ${where}`;
}

function explainRoute({ first, second, address }: TraceStep, { names }: Story): string {
  if (first === RouteKind.Local) return `${address} is the node’s own: to its stack`;
  if (first === RouteKind.Forward)
    return `route to ${address}: out through ${namePort(names, second)}`;
  return `no route leads to ${address}`;
}

function explainDecision({ first, second, third }: TraceStep, { names }: Story): string {
  const verdict = codeOf('Verdict', first);
  const reason = second === 0 ? '' : ` (${codeOf('Reason', second)})`;
  return first === Verdict.Drop || first === Verdict.Hold
    ? `${verdict}${reason}`
    : `${verdict} through ${namePort(names, third)}${reason}`;
}

function direction(isReply: number): string {
  return isReply === 0 ? 'original direction' : 'reply direction';
}

function stateOf(state: number): string {
  return codeOf('ConnectionState', state);
}
