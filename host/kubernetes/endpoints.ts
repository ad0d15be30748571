// Reads an Endpoints object, the kind that EndpointSlices replaced. Source: core/v1 `Endpoints`,
// `ValidateEndpoints` of `pkg/apis/core/validation/validation.go`.

import type { FieldReader } from './field-reader.ts';
import { readMeta } from './meta.ts';
import { checkDNSLabel, checkDNSSubdomain } from './names.ts';
import type { Endpoints } from './types.ts';
import { readChecked, readDestination, readProtocol, readRequiredPort } from './values.ts';

type Subset = Endpoints['subsets'][number];

export function readEndpoints(root: FieldReader): Endpoints {
  return {
    kind: 'Endpoints',
    metadata: readMeta(root, { isNamespaced: true, checkName: checkDNSSubdomain }),
    subsets: root.field('subsets').items().map(readSubset),
  };
}

function readSubset(subset: FieldReader): Subset {
  const addresses = subset.field('addresses').items().map(readEndpointAddress);
  const notReadyAddresses = subset.field('notReadyAddresses').items().map(readEndpointAddress);
  const ports = subset.field('ports').items();
  if (addresses.length + notReadyAddresses.length === 0) {
    subset.required('must specify `addresses` or `notReadyAddresses`');
  }
  return {
    addresses,
    notReadyAddresses,
    ports: ports.map((port) => readEndpointPort(port, ports.length > 1)),
  };
}

function readEndpointAddress(reader: FieldReader): Subset['addresses'][number] {
  const ip = reader.field('ip');
  const isWritten = ip.requiredText() !== '';
  const nodeName = readChecked(reader.field('nodeName'), checkDNSSubdomain);
  const hostname = readChecked(reader.field('hostname'), checkDNSLabel);
  return {
    ip: (isWritten ? readDestination(ip) : undefined) ?? '',
    ...(nodeName !== undefined && { nodeName }),
    ...(hostname !== undefined && { hostname }),
  };
}

function readEndpointPort(port: FieldReader, isNameRequired: boolean): Subset['ports'][number] {
  const name = port.field('name');
  if (isNameRequired) name.requiredText();
  return {
    name: readChecked(name, checkDNSLabel) ?? '',
    protocol: readProtocol(port.field('protocol')),
    port: readRequiredPort(port.field('port')),
  };
}
