// Reads a NetworkPolicy. Source: networking/v1 `NetworkPolicySpec`,
// `pkg/apis/networking/validation/validation.go`, `pkg/apis/networking/v1/defaults.go`.

import { formatPrefix, prefixContains } from '../net/prefix.ts';
import { formatPath, type FieldReader } from './field-reader.ts';
import { readMeta } from './meta.ts';
import { checkDNSSubdomain } from './names.ts';
import { readLabelSelector } from './selector.ts';
import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicyRule,
} from './types.ts';
import { readBlock, readPort, readPortOrName, readProtocol } from './values.ts';

const POLICY_TYPES = ['Ingress', 'Egress'] as const;

export function readNetworkPolicy(root: FieldReader): NetworkPolicy {
  const spec = root.field('spec');
  spec.warnOfUnknownFields(['podSelector', 'policyTypes', 'ingress', 'egress']);
  const podSelector = readLabelSelector(spec.field('podSelector'));
  const ingress = spec
    .field('ingress')
    .items()
    .map((rule) => readRule(rule, 'from'));
  const egress = spec
    .field('egress')
    .items()
    .map((rule) => readRule(rule, 'to'));
  return {
    kind: 'NetworkPolicy',
    metadata: readMeta(root, { isNamespaced: true, checkName: checkDNSSubdomain }),
    spec: {
      ...(podSelector !== undefined && { podSelector }),
      policyTypes: readPolicyTypes(spec.field('policyTypes'), egress.length > 0),
      ingress,
      egress,
    },
  };
}

/** Without a list: Ingress always, Egress when there is an egress rule. */
function readPolicyTypes(
  reader: FieldReader,
  hasEgressRules: boolean,
): NetworkPolicy['spec']['policyTypes'] {
  const items = reader.items();
  if (items.length === 0) return hasEgressRules ? POLICY_TYPES : ['Ingress'];
  if (items.length > 2) reader.invalid('may not specify more than two policyTypes');
  return items.map((item) => item.requiredOneOf(POLICY_TYPES)).filter((type) => type !== undefined);
}

function readRule(rule: FieldReader, peers: 'from' | 'to'): NetworkPolicyRule {
  rule.warnOfUnknownFields([peers, 'ports']);
  return {
    peers: rule.field(peers).items().map(readPeer),
    ports: rule.field('ports').items().map(readPolicyPort),
    path: formatPath(rule.path),
  };
}

function readPeer(peer: FieldReader): NetworkPolicyPeer {
  peer.warnOfUnknownFields(['podSelector', 'namespaceSelector', 'ipBlock']);
  const podSelector = readLabelSelector(peer.field('podSelector'));
  const namespaceSelector = readLabelSelector(peer.field('namespaceSelector'));
  const ipBlock = readIPBlock(peer.field('ipBlock'));
  const hasSelector = podSelector !== undefined || namespaceSelector !== undefined;
  if (ipBlock === undefined && !hasSelector) peer.required('must specify a peer');
  if (ipBlock !== undefined && hasSelector) {
    peer.forbidden('may not specify both ipBlock and another peer');
  }
  return {
    ...(podSelector !== undefined && { podSelector }),
    ...(namespaceSelector !== undefined && { namespaceSelector }),
    ...(ipBlock !== undefined && { ipBlock }),
  };
}

function readIPBlock(reader: FieldReader): NetworkPolicyPeer['ipBlock'] {
  if (reader.isAbsent) return undefined;
  reader.warnOfUnknownFields(['cidr', 'except']);
  const block = readBlock(reader.field('cidr'));
  const except = reader
    .field('except')
    .items()
    .map((item) => {
      const exception = readBlock(item);
      if (exception === undefined || block === undefined) return '';
      const isInside = prefixContains(block, exception.bytes);
      if (!isInside || exception.lengthBits <= block.lengthBits) {
        item.invalid('must be a strict subset of `cidr`');
      }
      return formatPrefix(exception);
    });
  return { cidr: block === undefined ? '' : formatPrefix(block), except };
}

function readPolicyPort(reader: FieldReader): NetworkPolicyPort {
  reader.warnOfUnknownFields(['protocol', 'port', 'endPort']);
  const port = readPortOrName(reader.field('port'));
  const endPort = readEndPort(reader.field('endPort'), port);
  return {
    protocol: readProtocol(reader.field('protocol')),
    ...(port !== undefined && { port }),
    ...(endPort !== undefined && { endPort }),
  };
}

function readEndPort(reader: FieldReader, port: number | string | undefined): number | undefined {
  const endPort = readPort(reader);
  if (endPort === undefined) return undefined;
  if (port === undefined) reader.forbidden('may not be specified when `port` is not specified');
  if (typeof port === 'string') reader.forbidden('may not be specified when `port` is non-numeric');
  if (typeof port === 'number' && endPort < port) {
    reader.invalid('must be greater than or equal to `port`');
  }
  return endPort;
}
