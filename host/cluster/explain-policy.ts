// Sentences about NetworkPolicy: which rule allowed a connection, or which policies isolate the end
// that refused it. Only names what compilation recorded; judges nothing.

import { Direction, PeerKind, type TraceStep } from '../abi/abi.gen.ts';
import { namePlace, namePolicy, sourceOf, type Sentence, type Story } from './story.ts';

/** No policy selects the pod. first = its identity, second = Direction. */
export function explainNotIsolated({ first, second }: TraceStep, story: Story): string {
  return `${nameEnd(story, first, second)}: no NetworkPolicy isolates it`;
}

/**
 * The rules that allow it. first = subject, second = Direction, third = PeerKind, fourth = peer,
 * fifth = port class.
 */
export function explainAllowed(step: TraceStep, story: Story): Sentence {
  const { first: subject, second: direction, third: peerKind, fourth: peer } = step;
  const entry = { subject, direction, peerKind, peer, portClass: step.fifth };
  const rules = story.names.admittedBy(entry);
  const named = rules.map((rule) => `${namePolicy(rule)} ${rule.path}${namePlace(rule)}`);
  const what = `${story.transport} ${nameOther(story, direction)} is allowed`;
  const by = `by ${named.join(' and ')}, ${describePeer(story, peerKind, peer)}`;
  return { text: `${nameEnd(story, subject, direction)}: ${what} ${by}`, ...sourceOf(rules[0]) };
}

/** The policies that isolate the end. first = subject, second = Direction. */
export function explainDenied({ first, second }: TraceStep, story: Story): Sentence {
  const policies = story.names.isolatedBy(first, second);
  const named = policies.map((policy) => `${namePolicy(policy)}${namePlace(policy)}`).join(' and ');
  const what = `${story.transport} ${nameOther(story, second)}`;
  const text = `${nameEnd(story, first, second)}: isolated by ${named}; no rule allows ${what}`;
  return { text, ...sourceOf(policies[0]) };
}

/** `ingress of pod shop/web`: by the address if it is known, else by the pods of the identity. */
function nameEnd(
  { names, source, destination }: Story,
  identity: number,
  direction: number,
): string {
  const isIngress = direction === Direction.Ingress;
  const address = isIngress ? destination : source;
  const pods = names.identities.get(identity) ?? [];
  const name = (address === null ? undefined : names.addresses.get(address)) ?? namePods(pods);
  return `${isIngress ? 'ingress' : 'egress'} of ${name}`;
}

/** The other end of the connection: `from pod shop/client`, `to 203.0.113.7`. */
function nameOther({ names, source, destination }: Story, direction: number): string {
  const isIngress = direction === Direction.Ingress;
  const address = (isIngress ? source : destination) ?? 'its peer';
  return `${isIngress ? 'from' : 'to'} ${names.addresses.get(address) ?? address}`;
}

/** Why this rule speaks of the peer. */
function describePeer({ names }: Story, peerKind: number, peer: number): string {
  if (peerKind === PeerKind.Identity) return 'by its labels';
  if (peerKind !== PeerKind.Block) return 'which names no peers';
  return `by its address in ${(names.blocks.get(peer) ?? []).join(' and ')}`;
}

function namePods([first, ...others]: readonly string[]): string {
  if (first === undefined) return 'a pod';
  return others.length === 0 ? `pod ${first}` : `a pod such as ${first}`;
}
