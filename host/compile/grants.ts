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
import { hasPortNames, resolvePorts, type PortSpec } from './port-spec.ts';

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

/** The grants of one rule to one subject. Port names are looked up on the destination's pod. */
class RuleGrants {
  readonly #isolation: Isolation;
  readonly #name: RuleName;
  readonly #rule: NetworkPolicyRule;
  /** Towards a peer without named ports; ingress: towards every peer, as the subject's count. */
  readonly #ports: PortSpec;
  /** Whether the ports depend on the peer. */
  readonly #hasPeerNames: boolean;

  constructor(isolation: Isolation, policy: NetworkPolicy, rule: NetworkPolicyRule) {
    const { direction, subject } = isolation;
    const isEgress = direction === Direction.Egress;
    this.#isolation = isolation;
    this.#name = nameRule(policy, rule.path);
    this.#rule = rule;
    this.#ports = resolvePorts(rule.ports, isEgress ? [] : subject.namedPorts);
    this.#hasPeerNames = isEgress && hasPortNames(rule.ports);
  }

  grantAny(classes: readonly IdentityClass[]): void {
    this.#add(this.#isolation.any, this.#ports);
    this.#grantNames(classes, () => true);
  }

  grantBlock(block: IpBlock, classes: readonly IdentityClass[]): void {
    const { blocks } = this.#isolation;
    const entry = blocks.get(block.text) ?? { block, grants: [] };
    blocks.set(block.text, entry);
    this.#add(entry.grants, this.#ports);
    this.#grantNames(classes, (identity) => identity.blocks.has(block.text));
  }

  grantIdentities(identities: readonly IdentityClass[]): void {
    for (const identity of identities) {
      const grants = this.#isolation.identities.get(identity.number) ?? [];
      this.#add(grants, this.#portsAt(identity));
      if (grants.length > 0) this.#isolation.identities.set(identity.number, grants);
    }
  }

  /** Only pods that carry a port of the rule's names are granted more than everybody is. */
  #grantNames(
    classes: readonly IdentityClass[],
    isPeer: (identity: IdentityClass) => boolean,
  ): void {
    if (!this.#hasPeerNames) return;
    const hasMore = (peer: IdentityClass) => this.#portsAt(peer).text !== this.#ports.text;
    this.grantIdentities(classes.filter((identity) => isPeer(identity) && hasMore(identity)));
  }

  #portsAt(peer: IdentityClass): PortSpec {
    return this.#hasPeerNames ? resolvePorts(this.#rule.ports, peer.namedPorts) : this.#ports;
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
