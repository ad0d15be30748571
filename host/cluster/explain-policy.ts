// Sentences about NetworkPolicy: which rule allowed a connection, or which policies isolate the end that refused it. Only names
// what compilation recorded; judges nothing.

import { Direction, PeerKind, type TraceStep } from '../abi/abi.gen.ts';
import type { Names } from '../compile/desired.ts';
import { nameRule, sourceOf, type Sentence, type Story } from './story.ts';

/** No policy selects the pod. first = its identity, second = Direction. */
export function explainNotIsolated({ first, second }: TraceStep, story: Story): string {
  return `no NetworkPolicy isolates ${nameEnd(story, first, second)}`;
}

/** The rules that allow it. first = subject, second = Direction, third = PeerKind, fourth = peer, fifth = port class. */
export function explainAllowed(step: TraceStep, story: Story): Sentence {
  const {
    first: subject,
    second: direction,
    third: peerKind,
    fourth: peer,
    fifth: portClass,
  } = step;
  const rules = story.names.admittedBy({ subject, direction, peerKind, peer, portClass });
  const by = rules.length === 0 ? 'by policy' : `by ${rules.map(nameRule).join(' and ')}`;
  const because = describePeer(story.names, peerKind, peer);
  const text = `${nameEnd(story, subject, direction)} allows it ${by}, ${because}`;
  return { text, ...sourceOf(rules[0]) };
}

/** The policies that isolate the end. first = subject, second = Direction. */
export function explainDenied({ first, second }: TraceStep, story: Story): Sentence {
  const policies = story.names.isolatedBy(first, second);
  const names = policies.map((policy) => nameRule(policy)).join(' and ');
  const text = `${nameEnd(story, first, second)} refuses it: isolated by ${names}, and no rule of theirs allows ${nameOther(story, second)} at this port`;
  return { text, ...sourceOf(policies[0]) };
}

/** `ingress of pod shop/web`, by the address if it is known, else by the pods of the identity. */
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

/** The other end: the peer of the connection. */
function nameOther({ names, source, destination }: Story, direction: number): string {
  const address = direction === Direction.Ingress ? source : destination;
  if (address === null) return 'the peer';
  return names.addresses.get(address) ?? address;
}

function describePeer(names: Names, peerKind: number, peer: number): string {
  if (peerKind === PeerKind.Identity) {
    return `for ${namePods(names.identities.get(peer) ?? [])}`;
  }
  if (peerKind === PeerKind.Block) {
    return `for addresses in ${(names.blocks.get(peer) ?? []).join(' and ')}`;
  }
  return 'for every peer';
}

function namePods([first, ...others]: readonly string[]): string {
  if (first === undefined) return 'a pod';
  return others.length === 0 ? `pod ${first}` : `pods such as ${first}`;
}
