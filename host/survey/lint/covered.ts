// Rules that another rule covers: it is for all the same pods, peers and ports, and more. Compares
// what two rules say; what is let through is the dataplane's to say.

import { parseIpBlock, type IpBlock } from '../../compile/ip-block.ts';
import { lastPort } from '../../compile/port-spec.ts';
import type { NetworkPolicyPeer, NetworkPolicyPort } from '../../kubernetes/types.ts';
import { prefixContains } from '../../net/prefix.ts';
import { groupBy } from '../group-by.ts';
import { findingOf, type LintFinding } from './finding.ts';
import { listRules, type PlacedRule, type Selection } from './selection.ts';

export function findCovered(selection: Selection): LintFinding[] {
  const rules = listRules(selection.state.policies).filter(
    ({ policy }) => selection.subjectsOf(policy).length > 0,
  );
  const comparable = groupBy(
    rules,
    ({ policy, direction }) => `${policy.metadata.namespace} ${direction}`,
  );
  return [...comparable.values()].flatMap((group) => {
    const covered = new Set<PlacedRule>();
    // From the last: of two equal rules the first one stays.
    for (const rule of group.toReversed()) {
      const cover = group.find(
        (other) => other !== rule && !covered.has(other) && covers(selection, other, rule),
      );
      if (cover !== undefined) covered.add(rule);
    }
    return group
      .filter((rule) => covered.has(rule))
      .map((rule) => {
        const rest = group.filter((other) => !covered.has(other));
        const cover = rest.find((other) => covers(selection, other, rule));
        return describe(rule, cover!);
      });
  });
}

function describe({ policy, rule }: PlacedRule, cover: PlacedRule): LintFinding {
  const { namespace, name } = cover.policy.metadata;
  const other = `NetworkPolicy ${namespace}/${name} ${cover.rule.path}`;
  const message = `${other} allows all of it already`;
  const cure = 'delete the rule, or narrow the other one';
  return findingOf('covered-rule', policy, { path: rule.path, message, cure });
}

/** Whether all that the inner rule allows is allowed by the outer one. */
function covers(selection: Selection, outer: PlacedRule, inner: PlacedRule): boolean {
  const subjects = new Set(selection.subjectsOf(outer.policy));
  return (
    selection.subjectsOf(inner.policy).every((each) => subjects.has(each)) &&
    coversPorts(outer.rule.ports, inner.rule.ports) &&
    coversPeers(selection, outer, inner)
  );
}

function coversPeers(selection: Selection, outer: PlacedRule, inner: PlacedRule): boolean {
  if (outer.rule.peers.length === 0) return true;
  if (inner.rule.peers.length === 0) return false;
  const podsOf = ({ policy, rule }: PlacedRule) =>
    new Set(rule.peers.flatMap((peer) => selection.peersOf(policy, peer)));
  const [pods, needed] = [podsOf(outer), podsOf(inner)];
  const blocks = blocksOf(outer.rule.peers);
  const hasAllPods = [...needed].every((each) => pods.has(each));
  const hasAllBlocks = blocksOf(inner.rule.peers).every((block) =>
    blocks.some((other) => coversBlock(other, block)),
  );
  // A rule that means nobody is said to do so elsewhere.
  const isIdle = needed.size === 0 && blocksOf(inner.rule.peers).length === 0;
  return !isIdle && hasAllPods && hasAllBlocks;
}

function blocksOf(peers: readonly NetworkPolicyPeer[]): IpBlock[] {
  return peers.map(parseIpBlock).filter((block) => block !== null);
}

/** Exceptions of the outer block must be exceptions of the inner one too, or lie beside it. */
export function coversBlock(outer: IpBlock, inner: IpBlock): boolean {
  if (outer.text === inner.text) return true;
  const isInside =
    outer.prefix.lengthBits <= inner.prefix.lengthBits &&
    prefixContains(outer.prefix, inner.prefix.bytes);
  return (
    isInside &&
    outer.except.every((hole) => {
      const touches =
        prefixContains(inner.prefix, hole.bytes) || prefixContains(hole, inner.prefix.bytes);
      const isExcepted = inner.except.some(
        (own) => own.lengthBits <= hole.lengthBits && prefixContains(own, hole.bytes),
      );
      return !touches || isExcepted;
    })
  );
}

function coversPorts(
  outer: readonly NetworkPolicyPort[],
  inner: readonly NetworkPolicyPort[],
): boolean {
  if (outer.length === 0) return true;
  return inner.length > 0 && inner.every((port) => outer.some((other) => coversPort(other, port)));
}

function coversPort(outer: NetworkPolicyPort, inner: NetworkPolicyPort): boolean {
  if (outer.protocol !== inner.protocol) return false;
  if (outer.port === undefined) return true;
  if (typeof outer.port === 'string' || typeof inner.port === 'string') {
    return outer.port === inner.port;
  }
  const { port: first = 0 } = inner;
  const last = inner.endPort ?? inner.port ?? lastPort;
  return outer.port <= first && last <= (outer.endPort ?? outer.port);
}
