// The part of a node's maps that follows from policies and from the pods they speak of: pods into
// kinds, kinds of this node into subjects, subjects into rulesets, kinds into classes of peers, and
// a row of classes for each ruleset. Each step uses again what did not change. Knows no Services.

import { listChanges, type Change } from '../controllers/changes.ts';
import type { ClusterState } from '../controllers/state.ts';
import { compareTexts } from '../controllers/written.ts';
import type { Pod } from '../kubernetes/types.ts';
import type { DesiredMap, DesiredState, Names, NodeConfig } from './desired.ts';
import { encodeEntries, type Entry } from './entries.ts';
import type { NodeView } from './node-view.ts';
import {
  classChanges,
  classifyPeers,
  emptyClassPart,
  nothingAsked,
  type Asked,
  type ClassPart,
} from './peer-classes.ts';
import { ClassIndex, changeRow, compileRow, rowOf, type PolicyRow } from './peer-rows.ts';
import type { PeerScope } from './peer-scope.ts';
import { PersistentMap, type MapChange } from './persistent-map.ts';
import { compilePods, emptyPodPart, type AddressClaim, type PodPart } from './pod-kinds.ts';
import { emptyPolicyMaps, programPolicies, type PolicyMaps } from './policy-maps.ts';
import { policyNames } from './policy-names.ts';
import { policyOptionsOf } from './policy-options.ts';
import type { Policy } from './policy-rule.ts';
import { compileRuleset, dependsOnNodes, isStillTrue, type Ruleset } from './ruleset.ts';
import { findSubjects, noPolicies, type Selection, type Subjects } from './subjects.ts';
import { rankTiers } from './tier-ranks.ts';

/** What a part was made of. */
export interface PolicyInputs {
  readonly state: Pick<ClusterState, 'pods' | 'namespaces' | 'policies' | 'tierPolicies' | 'nodes'>;
  readonly name: string;
  readonly config: NodeConfig | null;
  /** Pods that run on the node and have a port. */
  readonly here: readonly Pod[];
}

export interface PolicyPart {
  readonly inputs: PolicyInputs;
  readonly pods: PodPart;
  readonly subjects: Subjects;
  /** By the text of the selection. */
  readonly rows: ReadonlyMap<string, PolicyRow>;
  readonly asked: Asked;
  readonly classes: ClassPart;
  readonly maps: PolicyMaps;
  readonly desired: DesiredState & { readonly identities: DesiredMap };
  readonly names: Pick<Names, 'identities' | 'rulesets' | 'explainRuleset'>;
}

/** Before there is any pod or policy. */
type Ground = Omit<PolicyPart, 'names'>;

const ground: Ground = {
  inputs: { state: { ...noPolicies, pods: [], nodes: [] }, name: '', config: null, here: [] },
  pods: emptyPodPart,
  subjects: new Map(),
  rows: new Map(),
  asked: nothingAsked,
  classes: emptyClassPart,
  maps: emptyPolicyMaps,
  desired: { identities: PersistentMap.of() },
};

/**
 * The part that follows on `given`, of this node or of another one in the same state, or a fresh
 * one.
 */
export function compilePolicyPart(view: NodeView, given: PolicyPart | undefined): PolicyPart {
  const { state, name, config, numbers, pods: here } = view;
  const before: Ground = given !== undefined && canFollow(view, given) ? given : ground;
  if (before === ground) {
    numbers.askAgain('identities');
    numbers.askAgain('named-ports');
  }
  const { inputs } = before;
  const pods = compilePods(view, before.pods, findChanges(view, inputs));
  const subjects = findSubjects(view, pods, { before: before.subjects, seen: inputs.state });
  const rulesets = compileRulesets(view, before, subjects);
  const asked = collectQuestions(rulesets);
  for (const space of ['rulesets', 'selectors', 'port-names'] as const) numbers.askAgain(space);
  for (const text of asked.scopes.keys()) numbers.numberOf('selectors', text);
  for (const portName of asked.portNames) numbers.numberOf('port-names', portName);
  const classes = classifyPeers({
    view,
    pods,
    before: before.classes,
    asked,
    askedBefore: before.asked,
    isRelabelled: inputs.state.namespaces !== state.namespaces,
  });
  const rows = compileRows(view, before, { rulesets, classes });
  const maps = programPolicies(before.maps, {
    numbers,
    rows,
    classes: { before: before.classes, after: classes },
  });
  const made = { pods, subjects, rows, asked, classes, maps };
  const identities = before.desired.identities.with(changeIdentities(before, made));
  const desired = { ...maps.desired, identities };
  const part = { inputs: { state, name, config, here }, ...made, desired };
  return { ...part, names: policyNames(part) };
}

function canFollow({ state, name, config }: NodeView, { inputs }: PolicyPart): boolean {
  return inputs.config === config && (inputs.name === name || inputs.state === state);
}

/** Pods that are not what they were; from one node to another in the same state those of both. */
function findChanges({ state, name, pods }: NodeView, seen: PolicyInputs): Change<Pod>[] {
  if (seen.state !== state || seen.name === name) return listChanges(seen.state.pods, state.pods);
  return [...seen.here, ...pods].map((pod) => [pod, pod]);
}

/**
 * By the text of the selection: those whose policies are the same are used again. Numbers are given
 * out in the order of these texts, which does not tell what the compilation follows on.
 */
function compileRulesets(
  { state, config }: NodeView,
  before: Ground,
  subjects: Subjects,
): Map<string, Ruleset> {
  const ranks: ReadonlyMap<Policy, number> = rankTiers(state.tierPolicies);
  const rankOf = (policy: Policy) => ranks.get(policy) ?? 0;
  const { domainNames } = policyOptionsOf(config);
  const isSameNodes = before.inputs.state.nodes === state.nodes;
  const rulesetOf = (selection: Selection): Ruleset => {
    const known = before.rows.get(selection.text)?.ruleset;
    const isKept =
      known && isStillTrue(known, selection, rankOf) && (isSameNodes || !dependsOnNodes(known));
    const addresses = { nodes: state.nodes, domainNames };
    return isKept ? known : compileRuleset(selection, addresses, rankOf);
  };
  const selections = new Map<string, Selection>();
  for (const { ingress, egress } of subjects.values()) {
    if (ingress !== undefined) selections.set(ingress.text, ingress);
    if (egress !== undefined) selections.set(egress.text, egress);
  }
  const texts = [...selections.keys()].sort(compareTexts);
  return new Map(texts.map((text) => [text, rulesetOf(selections.get(text)!)]));
}

/** The scopes and port names of all rules. */
function collectQuestions(rulesets: ReadonlyMap<string, Ruleset>): Asked {
  const scopes = new Map<string, PeerScope>();
  const portNames = new Set<string>();
  for (const ruleset of rulesets.values()) {
    for (const [text, scope] of ruleset.scopes) scopes.set(text, scope);
    for (const { ports } of ruleset.rules) {
      for (const { name } of ports.labels) portNames.add(name);
    }
  }
  return { scopes, portNames };
}

function compileRows(
  { numbers }: NodeView,
  before: Ground,
  made: { readonly rulesets: ReadonlyMap<string, Ruleset>; readonly classes: ClassPart },
): Map<string, PolicyRow> {
  const { rulesets, classes } = made;
  const index = new ClassIndex(() => classes.classes.values());
  const changes = classChanges(before.classes, classes);
  return new Map(
    [...rulesets].map(([text, ruleset]) => {
      const number = numbers.numberOf('rulesets', text);
      const known = before.rows.get(text);
      if (known?.ruleset !== ruleset) {
        return [text, rowOf(number, ruleset, compileRow(ruleset, index))];
      }
      const row = changeRow(ruleset, known.row, changes);
      return [text, row === known.row ? known : rowOf(number, ruleset, row)];
    }),
  );
}

/** Entries of map `identities`, of addresses and of whole kinds that are not what they were. */
function* changeIdentities(
  before: Ground,
  { pods, subjects, rows, classes }: Omit<Ground, 'inputs' | 'desired'>,
): Generator<MapChange<string, Uint8Array>, void> {
  const changed = new Map<string, AddressClaim | undefined>();
  for (const { address, after } of pods.changes) changed.set(address, after);
  const kinds = new Set(classes.moved);
  for (const [text, subject] of subjects) {
    if (before.subjects.get(text) !== subject) kinds.add(text);
  }
  for (const text of kinds) {
    for (const claim of pods.kinds.get(text)?.claims ?? []) changed.set(claim.address, claim);
  }
  const numberOf = (selection: Selection | undefined) =>
    selection === undefined ? 0 : rows.get(selection.text)!.number;
  for (const [address, claim] of changed) {
    if (claim === undefined) {
      for (const [key] of encodeEntries('identities', [[{ address }, {}]])) yield [key, undefined];
      continue;
    }
    const { peer, near, table } = classes.standings.get(claim.kind.text)!;
    const subject = claim.isLocal ? subjects.get(claim.kind.text) : undefined;
    const entry: Entry<'identities'> = [
      { address },
      {
        identity: classes.classes.get(peer)!.number,
        neighbour: classes.classes.get(near)!.number,
        local: claim.isLocal ? 1 : 0,
        ingress: numberOf(subject?.ingress),
        egress: numberOf(subject?.egress),
        namedPorts: classes.tables.get(table)!.number,
      },
    ];
    yield* encodeEntries('identities', [entry]);
  }
}
