// Policies of the whole cluster as kubectl prints them: the columns that their
// CustomResourceDefinitions name; `-o wide` adds whom they are about. Source:
// sigs.k8s.io/network-policy-api `config/crd` additionalPrinterColumns.

import type { TierPeer, TierPods, TierPolicy, TierPort, TierRule } from '../../kubernetes/types.ts';
import { writeMeta } from '../../kubernetes/write.ts';
import { unknownAge, type Resource, type Row } from './resource.ts';
import { selectorText } from './selector-text.ts';

const group = 'policy.networking.k8s.io';

/** What the kinds call their parts. */
interface Form {
  readonly kind: TierPolicy['kind'];
  readonly version: 'v1alpha1' | 'v1alpha2';
  readonly plural: string;
  readonly shortName: string;
  readonly columns: readonly ('tier' | 'priority')[];
}

const forms: readonly Form[] = [
  {
    kind: 'ClusterNetworkPolicy',
    version: 'v1alpha2',
    plural: 'clusternetworkpolicies',
    shortName: 'cnp',
    columns: ['tier', 'priority'],
  },
  {
    kind: 'AdminNetworkPolicy',
    version: 'v1alpha1',
    plural: 'adminnetworkpolicies',
    shortName: 'anp',
    columns: ['priority'],
  },
  {
    kind: 'BaselineAdminNetworkPolicy',
    version: 'v1alpha1',
    plural: 'baselineadminnetworkpolicies',
    shortName: 'banp',
    columns: [],
  },
];

/** One resource for each kind, in the order in which they supersede each other. */
export const tierPolicies: readonly Resource[] = forms.map((form) => ({
  names: [form.plural, form.kind.toLowerCase(), form.shortName],
  nameOutput: `${form.kind.toLowerCase()}.${group}`,
  isNamespaced: false,
  heads: [...form.columns.map((column) => column.toUpperCase()), 'AGE'],
  wideHeads: ['NAMESPACE-SELECTOR', 'POD-SELECTOR'],
  rowsOf: (state) =>
    state.tierPolicies.filter(({ kind }) => kind === form.kind).map((policy) => row(policy, form)),
}));

function row(policy: TierPolicy, form: Form): Row {
  const { metadata, spec } = policy;
  const { namespaceSelector, podSelector } = spec.subject;
  return {
    namespace: '',
    name: metadata.name,
    cells: [...form.columns.map((column) => String(spec[column])), unknownAge],
    wideCells: [selectorText(namespaceSelector), selectorText(podSelector)],
    object: policyObject(policy, form),
  };
}

function policyObject({ metadata, spec }: TierPolicy, form: Form): unknown {
  const { ingress, egress, subject } = spec;
  const own = Object.fromEntries(form.columns.map((column) => [column, spec[column]]));
  const rules = (written: readonly TierRule[], field: string) =>
    written.map((rule) => ruleObject(rule, field, form));
  return {
    apiVersion: `${group}/${form.version}`,
    kind: form.kind,
    metadata: writeMeta(metadata),
    spec: {
      ...own,
      subject: podsObject(subject),
      ...(ingress.length > 0 && { ingress: rules(ingress, 'from') }),
      ...(egress.length > 0 && { egress: rules(egress, 'to') }),
    },
  };
}

function ruleObject(rule: TierRule, peersField: string, { version }: Form): unknown {
  const { name, action, peers, ports } = rule;
  const isOld = version === 'v1alpha1';
  const [portsField, portObject] = isOld ? ['ports', oldPort] : ['protocols', protocolObject];
  return {
    ...(name !== '' && { name }),
    action: isOld && action === 'Accept' ? 'Allow' : action,
    [peersField]: peers.map(peerObject),
    ...(ports !== undefined && { [portsField]: ports.map(portObject) }),
  };
}

function peerObject({ pods, ...others }: TierPeer): unknown {
  return pods === undefined ? others : podsObject(pods);
}

function podsObject({ namespaceSelector, podSelector }: TierPods): unknown {
  if (podSelector === undefined) return { namespaces: namespaceSelector };
  return { pods: { namespaceSelector, podSelector } };
}

function protocolObject(port: TierPort): unknown {
  if ('name' in port) return { destinationNamedPort: port.name };
  const { protocol, first, last } = port;
  const destinationPort =
    first === last ? { number: first } : { range: { start: first, end: last } };
  return { [protocol.toLowerCase()]: { destinationPort } };
}

function oldPort(port: TierPort): unknown {
  if ('name' in port) return { namedPort: port.name };
  const { protocol, first, last } = port;
  if (first === last) return { portNumber: { protocol, port: first } };
  return { portRange: { protocol, start: first, end: last } };
}
