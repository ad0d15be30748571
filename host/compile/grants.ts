// What the rules of all policies say about the pods of one node: who is isolated by whom, and which
// rule allows which peer which ports. Knows no numbers of blocks, ports or sets: those follow from
// it.
// Source: Kubernetes NetworkPolicySpec.

import { Direction } from '../abi/abi.gen.ts';
import type { NetworkPolicy, NetworkPolicyRule } from '../kubernetes/types.ts';
import type { RuleName } from './desired.ts';
import { isSubject, type IdentityClass } from './identities.ts';
import { parseIpBlock, type IpBlock } from './ip-block.ts';
import type { PeerIndex } from './peers.ts';
import { hasPortNames, resolvePorts, type NamedPort, type PortSpec } from './port-spec.ts';

/** One rule allows one peer these ports. */
export interface Grant {
  readonly rule: RuleName;
  readonly ports: PortSpec;
}

/** Everything that the policies say about one class of pods in one direction. */
export interface Isolation {
  readonly subject: IdentityClass;
  readonly direction: Direction;
  readonly isolatedBy: RuleName[];
  /** From rules without peers. */
  readonly any: Grant[];
  /** By the peer's identity number. */
  readonly identities: Map<number, Grant[]>;
  readonly blocks: Map<string, { readonly block: IpBlock; readonly grants: Grant[] }>;
}

/** Isolations of the pods of this node; a class without one is not isolated in that direction. */
export function collectIsolations(
  policies: readonly NetworkPolicy[],
  classes: readonly IdentityClass[],
  peers: PeerIndex,
): Isolation[] {
  const isolations = new Map<string, Isolation>();
  for (const policy of policies) {
    const selected = peers.selectIn(policy.metadata.namespace, policy.spec.podSelector);
    for (const subject of selected.filter(isSubject)) {
      for (const type of policy.spec.policyTypes) {
        const direction = type === 'Ingress' ? Direction.Ingress : Direction.Egress;
        const key = `${subject.number} ${direction}`;
        const isolation = isolations.get(key) ?? newIsolation(subject, direction);
        isolations.set(key, isolation);
        isolation.isolatedBy.push(nameRule(policy, 'spec.podSelector'));
        applyRules(isolation, policy, { classes, peers });
      }
    }
  }
  return [...isolations.values()];
}

/** Blocks of egress rules with port names: there the port depends on which pod the address is. */
export function findSplittingBlocks(policies: readonly NetworkPolicy[]): IpBlock[] {
  const blocks = policies
    .flatMap((policy) => policy.spec.egress)
    .filter((rule) => hasPortNames(rule.ports))
    .flatMap((rule) => rule.peers.map(parseIpBlock).filter((block) => block !== null));
  return [...new Map(blocks.map((block) => [block.text, block])).values()];
}

interface Pods {
  readonly classes: readonly IdentityClass[];
  readonly peers: PeerIndex;
}

function applyRules(isolation: Isolation, policy: NetworkPolicy, pods: Pods): void {
  const isIngress = isolation.direction === Direction.Ingress;
  for (const rule of isIngress ? policy.spec.ingress : policy.spec.egress) {
    const granting = new RuleGrants(isolation, policy, rule);
    if (rule.peers.length === 0) granting.grantAny(pods.classes);
    for (const peer of rule.peers) {
      const block = parseIpBlock(peer);
      if (block !== null) granting.grantBlock(block, pods.classes);
      granting.grantIdentities(pods.peers.selectPeer(policy.metadata.namespace, peer));
    }
  }
}

/**
 * The grants of one rule to one subject. Port names are looked up on the pod at the destination
 * end.
 */
class RuleGrants {
  readonly #isolation: Isolation;
  readonly #name: RuleName;
  readonly #rule: NetworkPolicyRule;
  readonly #hasEgressNames: boolean;

  constructor(isolation: Isolation, policy: NetworkPolicy, rule: NetworkPolicyRule) {
    this.#isolation = isolation;
    this.#name = nameRule(policy, rule.path);
    this.#rule = rule;
    this.#hasEgressNames = isolation.direction === Direction.Egress && hasPortNames(rule.ports);
  }

  grantAny(classes: readonly IdentityClass[]): void {
    this.#add(this.#isolation.any, this.#portsAt([]));
    if (this.#hasEgressNames) this.grantIdentities(classes);
  }

  grantBlock(block: IpBlock, classes: readonly IdentityClass[]): void {
    const { blocks } = this.#isolation;
    const entry = blocks.get(block.text) ?? { block, grants: [] };
    blocks.set(block.text, entry);
    this.#add(entry.grants, this.#portsAt([]));
    if (!this.#hasEgressNames) return;
    this.grantIdentities(classes.filter((identity) => identity.blocks.has(block.text)));
  }

  grantIdentities(identities: readonly IdentityClass[]): void {
    for (const { number, namedPorts } of identities) {
      const grants = this.#isolation.identities.get(number) ?? [];
      this.#add(grants, this.#portsAt(namedPorts));
      if (grants.length > 0) this.#isolation.identities.set(number, grants);
    }
  }

  /** Ingress: the destination is the subject. Egress: the peer, whose named ports these are. */
  #portsAt(peerNamedPorts: readonly NamedPort[]): PortSpec {
    const { direction, subject } = this.#isolation;
    const named = direction === Direction.Ingress ? subject.namedPorts : peerNamedPorts;
    return resolvePorts(this.#rule.ports, named);
  }

  #add(grants: Grant[], ports: PortSpec): void {
    if (ports.isAll || ports.ranges.length > 0) grants.push({ rule: this.#name, ports });
  }
}

function newIsolation(subject: IdentityClass, direction: Direction): Isolation {
  return {
    subject,
    direction,
    isolatedBy: [],
    any: [],
    identities: new Map(),
    blocks: new Map(),
  };
}

function nameRule({ metadata, source }: NetworkPolicy, path: string): RuleName {
  const name = { namespace: metadata.namespace, policy: metadata.name, path };
  return source === undefined ? name : { ...name, source };
}
