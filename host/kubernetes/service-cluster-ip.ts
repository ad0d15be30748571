// Reads the cluster addresses of a Service and the families that go with them. Source: core/v1
// `ServiceSpec`, `ValidateServiceClusterIPsRelatedFields` of
// `pkg/apis/core/validation/validation.go`.

import { familyOf } from '../net/address.ts';
import type { FieldReader } from './field-reader.ts';
import type { ServiceShape } from './service-shape.ts';
import type { Service } from './types.ts';
import { isPresent, readAddress, reportDuplicates } from './values.ts';

type ClusterFields = Pick<
  Service['spec'],
  'clusterIP' | 'clusterIPs' | 'ipFamilies' | 'ipFamilyPolicy'
>;

const FAMILIES = ['IPv4', 'IPv6'] as const;
const FAMILY_POLICIES = ['SingleStack', 'PreferDualStack', 'RequireDualStack'] as const;

export function readClusterIPs(spec: FieldReader, shape: ServiceShape): ClusterFields {
  if (shape.type === 'ExternalName') return readExternalName(spec);
  const single = readClusterIP(spec.field('clusterIP'));
  const written = spec.field('clusterIPs').items().map(readClusterIP);
  const clusterIPs = written.length === 0 && single !== undefined ? [single] : written;
  const addresses = clusterIPs.filter((address) => address !== undefined);
  const ipFamilies = readFamilies(spec.field('ipFamilies'));
  const ipFamilyPolicy = spec.field('ipFamilyPolicy').oneOf(FAMILY_POLICIES);
  const fields: ClusterFields = {
    ...(single !== undefined && { clusterIP: single }),
    clusterIPs: addresses,
    ipFamilies,
    ...(ipFamilyPolicy !== undefined && { ipFamilyPolicy }),
  };
  checkList(spec, fields, shape);
  checkFamilies(spec, fields);
  return fields;
}

/** kube-proxy ignores these Services whatever addresses they carry. */
function readExternalName(spec: FieldReader): ClusterFields {
  const message = "may not be set when `type` is 'ExternalName'";
  for (const name of ['clusterIP', 'clusterIPs']) {
    const field = spec.field(name);
    if (isPresent(field)) field.warn(message, 'it is ignored');
  }
  for (const name of ['ipFamilies', 'ipFamilyPolicy']) {
    const field = spec.field(name);
    if (isPresent(field)) field.forbidden(message);
  }
  return { clusterIPs: [], ipFamilies: [] };
}

function readClusterIP(reader: FieldReader): string | undefined {
  return reader.value === 'None' ? 'None' : readAddress(reader);
}

function readFamilies(list: FieldReader): ClusterFields['ipFamilies'] {
  const readers = list.items();
  if (readers.length > 2) list.invalid('may only hold up to 2 values');
  const families = readers.map((reader) => reader.requiredOneOf(FAMILIES));
  reportDuplicates(
    families,
    (family) => family,
    (index) => readers[index]!,
  );
  return families.filter((family) => family !== undefined);
}

function checkList(spec: FieldReader, fields: ClusterFields, shape: ServiceShape): void {
  const list = spec.field('clusterIPs');
  const { clusterIP, clusterIPs } = fields;
  if (clusterIPs.length > 2) list.invalid('may only hold up to 2 values');
  if (shape.isHeadless) {
    const field = list.isAbsent ? spec.field('clusterIP') : list;
    if (clusterIPs.length > 1) field.invalid("'None' must be the first and only value");
    if (shape.type !== 'ClusterIP') {
      field.invalid(`may not be set to 'None' for ${shape.type} services`);
    }
  } else if (clusterIPs.length > new Set(clusterIPs.map(familyOf)).size) {
    list.invalid('may specify no more than one IP for each IP family');
  }
  if (list.isAbsent || clusterIPs.length === 0) return;
  if (clusterIP === undefined) list.invalid('must be empty when `clusterIP` is not specified');
  else if (clusterIP !== clusterIPs[0]) list.invalid('first value must match `clusterIP`');
}

function checkFamilies(spec: FieldReader, fields: ClusterFields): void {
  const { clusterIPs, ipFamilies, ipFamilyPolicy } = fields;
  for (const [index, address] of clusterIPs.entries()) {
    const family = ipFamilies[index];
    if (address === 'None' || family === undefined || family === `IPv${familyOf(address)}`)
      continue;
    const list = spec.field('clusterIPs').items();
    const reader = list[index] ?? spec.field('clusterIP');
    reader.invalid(`expected an ${family} value as indicated by \`ipFamilies[${index}]\``);
  }
  if (ipFamilyPolicy !== 'SingleStack') return;
  const policy = spec.field('ipFamilyPolicy');
  const detail = 'must be RequireDualStack or PreferDualStack when multiple';
  if (clusterIPs.length > 1) policy.invalid(`${detail} \`clusterIPs\` are specified`);
  else if (ipFamilies.length > 1) policy.invalid(`${detail} \`ipFamilies\` are specified`);
}
