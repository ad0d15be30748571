// Reads the policies of the whole cluster: ClusterNetworkPolicy, and AdminNetworkPolicy and
// BaselineAdminNetworkPolicy, which it supersedes. They differ in the names of fields and actions
// and in what they allow, and become one form. Source: sigs.k8s.io/network-policy-api
// `apis/v1alpha2/clusternetworkpolicy_types.go`, `apis/v1alpha1`.

import { formatPath, type FieldReader } from './field-reader.ts';
import { readMeta } from './meta.ts';
import { checkDNSSubdomain } from './names.ts';
import { readBoundedText, readItems, readNumber, reportRule } from './schema.ts';
import { readTierPeer, readTierPods } from './tier-peer.ts';
import { readClusterPort, readTierPort } from './tier-port.ts';
import type { TierPolicy, TierPort, TierRule } from './types.ts';

const NAME_BYTES = 100;
const PRIORITIES = { least: 0, most: 1000 };
const NAME_RULE =
  'Only one baseline admin network policy with metadata.name="default" can be created in the ' +
  'cluster';

/** What sets one kind of these policies apart. */
interface Dialect {
  readonly kind: TierPolicy['kind'];
  /** Of the rules of a direction, of the peers and of the ports of a rule. */
  readonly mostItems: number;
  /** The words for an action; each stands for the one in the same place in `ACTIONS`. */
  readonly actions: readonly string[];
  readonly ports: 'protocols' | 'ports';
  readonly readPort: (reader: FieldReader) => TierPort | null;
  /** Peers that only egress has: none of them is a pod, whose ports have names. */
  readonly nameless: readonly string[];
}

const ACTIONS: readonly TierRule['action'][] = ['Accept', 'Deny', 'Pass'];
const PODS = ['namespaces', 'pods'];

const cluster: Dialect = {
  kind: 'ClusterNetworkPolicy',
  mostItems: 25,
  actions: ['Accept', 'Deny', 'Pass'],
  ports: 'protocols',
  readPort: readClusterPort,
  nameless: ['networks', 'nodes', 'domainNames'],
};

const admin: Dialect = {
  kind: 'AdminNetworkPolicy',
  mostItems: 100,
  actions: ['Allow', 'Deny', 'Pass'],
  ports: 'ports',
  readPort: readTierPort,
  nameless: ['networks', 'nodes', 'domainNames'],
};

/** Baseline is the last tier: there is nothing to pass to. */
const baseline: Dialect = {
  ...admin,
  kind: 'BaselineAdminNetworkPolicy',
  actions: ['Allow', 'Deny'],
  nameless: ['networks', 'nodes'],
};

/** policy.networking.k8s.io/v1alpha2, either tier. */
export function readClusterNetworkPolicy(root: FieldReader): TierPolicy {
  const spec = root.field('spec');
  const priority = readNumber(spec.field('priority'), PRIORITIES);
  const tier = spec.field('tier').requiredOneOf(['Admin', 'Baseline'] as const) ?? 'Admin';
  return readPolicy(root, cluster, { tier, priority });
}

/** policy.networking.k8s.io/v1alpha1, the tier before NetworkPolicy. */
export function readAdminNetworkPolicy(root: FieldReader): TierPolicy {
  const priority = readNumber(root.field('spec').field('priority'), PRIORITIES);
  return readPolicy(root, admin, { tier: 'Admin', priority });
}

/** policy.networking.k8s.io/v1alpha1, the tier after NetworkPolicy: one object, named `default`. */
export function readBaselineAdminNetworkPolicy(root: FieldReader): TierPolicy {
  const policy = readPolicy(root, baseline, { tier: 'Baseline', priority: 0 });
  const { name } = policy.metadata;
  if (name !== '' && name !== 'default') reportRule(root, NAME_RULE);
  return policy;
}

function readPolicy(
  root: FieldReader,
  dialect: Dialect,
  place: Pick<TierPolicy['spec'], 'tier' | 'priority'>,
): TierPolicy {
  const spec = root.field('spec');
  if (spec.isAbsent) spec.required();
  const own = { ClusterNetworkPolicy: ['tier', 'priority'], AdminNetworkPolicy: ['priority'] };
  const fields = dialect.kind === 'BaselineAdminNetworkPolicy' ? [] : own[dialect.kind];
  spec.warnOfUnknownFields([...fields, 'subject', 'ingress', 'egress']);
  const rules = (field: 'ingress' | 'egress') =>
    readItems(spec.field(field), { least: 0, most: dialect.mostItems }).map((rule) =>
      readRule(rule, field, dialect),
    );
  return {
    kind: dialect.kind,
    metadata: readMeta(root, { isNamespaced: false, checkName: checkDNSSubdomain }),
    spec: {
      ...place,
      subject: readTierPods(spec.field('subject')),
      ingress: rules('ingress'),
      egress: rules('egress'),
    },
  };
}

function readRule(rule: FieldReader, direction: 'ingress' | 'egress', dialect: Dialect): TierRule {
  const [peersField, kinds] =
    direction === 'ingress' ? ['from', PODS] : ['to', [...PODS, ...dialect.nameless]];
  rule.warnOfUnknownFields(['name', 'action', peersField, dialect.ports]);
  const bounds = { least: 1, most: dialect.mostItems };
  const peers = rule.field(peersField);
  const ports = rule.field(dialect.ports);
  if (peers.isAbsent) peers.required();
  const readPorts = readItems(ports, bounds).map(dialect.readPort);
  const read: TierRule = {
    name: readBoundedText(rule.field('name'), NAME_BYTES),
    action: readAction(rule.field('action'), dialect),
    peers: readItems(peers, bounds).map((peer) => readTierPeer(peer, kinds)),
    ...(!ports.isAbsent && { ports: readPorts.filter((port) => port !== null) }),
    path: formatPath(rule.path),
  };
  checkPortNames(rule, read, dialect);
  return read;
}

function readAction(reader: FieldReader, { actions }: Dialect): TierRule['action'] {
  const word = reader.requiredOneOf(actions);
  return word === undefined ? 'Deny' : ACTIONS[actions.indexOf(word)]!;
}

/** Only pods have ports with names. */
function checkPortNames(
  rule: FieldReader,
  { peers, ports }: TierRule,
  { nameless }: Dialect,
): void {
  const hasNameless = peers.some((peer) => Object.keys(peer).some((key) => key !== 'pods'));
  const hasName = ports?.some((port) => 'name' in port) ?? false;
  if (!hasNameless || !hasName) return;
  const kinds = nameless.join('/');
  const message = `${kinds} peer cannot be set with namedPorts since there are no namedPorts for`;
  reportRule(rule, `${message} ${kinds}`);
}
