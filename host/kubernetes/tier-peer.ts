// Reads the peers and subjects of policies of the whole cluster. A kind of peer that this version
// of the API does not have stays in the rule as one that is not known: such a rule must fail
// closed, which it could not if it were left out. Source: sigs.k8s.io/network-policy-api
// `ClusterNetworkPolicyEgressPeer`, `NamespacedPod`, `DomainName`.

import { formatPrefix, parsePrefix } from '../net/prefix.ts';
import { formatAddress, parseAddress } from '../net/address.ts';
import type { FieldReader } from './field-reader.ts';
import { readOnlyField, readSet, reportMismatch, reportRule } from './schema.ts';
import { readLabelSelector } from './selector.ts';
import type { LabelSelector, TierPeer, TierPods } from './types.ts';

const LISTED = { least: 1, most: 25 };
const DOMAIN_NAME =
  /^(\*\.)?([a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+[a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?$/;

/** The subject of a policy; nothing is selected after an error. */
export function readTierPods(reader: FieldReader): TierPods {
  const [kind, field] = readOnlyField(reader, ['namespaces', 'pods']) ?? [];
  if (field === undefined || kind === undefined) return { namespaceSelector: {} };
  return readPodsAs(kind, field) ?? { namespaceSelector: {} };
}

/** One peer, of the kinds that the direction has. */
export function readTierPeer(reader: FieldReader, kinds: readonly string[]): TierPeer {
  const [kind, field] = readOnlyField(reader) ?? [];
  if (kind === undefined || field === undefined) return {};
  if (!kinds.includes(kind) || hasUnknownSelector(kind, field)) {
    field.warn('unknown kind of peer', 'the rule fails closed');
    return {};
  }
  if (kind === 'networks') return { networks: readSet(field, LISTED).map(readNetwork) };
  if (kind === 'domainNames') return { domainNames: readSet(field, LISTED).map(readDomainName) };
  if (kind === 'nodes') return { nodes: readLabelSelector(field) ?? {} };
  const pods = readPodsAs(kind, field);
  return pods === null ? {} : { pods };
}

/**
 * Earlier versions selected namespaces by labels that they share with the subject: taken for an
 * ordinary selector, such a peer would be empty and match every namespace.
 */
function hasUnknownSelector(kind: string, field: FieldReader): boolean {
  return (
    kind === 'namespaces' &&
    field.entries().some(([name]) => name === 'sameLabels' || name === 'notSameLabels')
  );
}

function readPodsAs(kind: string, field: FieldReader): TierPods | null {
  if (kind === 'namespaces') return { namespaceSelector: readLabelSelector(field) ?? {} };
  if (kind !== 'pods') return null;
  field.warnOfUnknownFields(['namespaceSelector', 'podSelector']);
  const podSelector = readRequiredSelector(field.field('podSelector'));
  return {
    namespaceSelector: readLabelSelector(field.field('namespaceSelector')) ?? {},
    podSelector,
  };
}

function readRequiredSelector(reader: FieldReader): LabelSelector {
  if (reader.isAbsent) reader.required();
  return readLabelSelector(reader) ?? {};
}

/** The canonical spelling of a block, host bits masked; '' after an error. */
function readNetwork(reader: FieldReader): string {
  const text = reader.text() ?? '';
  const block = parsePrefix(text);
  if (block === null) {
    reportRule(reader, 'Invalid CIDR format provided', 'such as 10.0.0.0/8 or fd00::/8');
    return '';
  }
  const address = parseAddress(text.slice(0, text.indexOf('/')))!;
  if (formatAddress(address) !== formatAddress(block.bytes)) {
    reader.warn(`bits are set beyond the length of the block, read as ${formatPrefix(block)}`);
  }
  return formatPrefix(block);
}

/** In lower case, without the dot of the root. */
function readDomainName(reader: FieldReader): string {
  const text = reader.text() ?? '';
  if (!DOMAIN_NAME.test(text)) reportMismatch(reader, DOMAIN_NAME);
  return text.toLowerCase().replace(/\.$/, '');
}
