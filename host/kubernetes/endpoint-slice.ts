// Reads an EndpointSlice. What an API server would refuse to store although kube-proxy has an
// answer for it (an endpoint without addresses) is a warning. Source: discovery/v1,
// `pkg/apis/discovery/validation/validation.go`.

import { familyOf } from '../net/address.ts';
import type { FieldReader } from './field-reader.ts';
import { readMeta } from './meta.ts';
import { checkDNSLabel, checkDNSSubdomain } from './names.ts';
import type { EndpointSlice, SliceEndpoint } from './types.ts';
import {
  readChecked,
  readDestination,
  readOptionalPort,
  readProtocol,
  reportDuplicates,
} from './values.ts';

const ADDRESS_TYPES = ['IPv4', 'IPv6', 'FQDN'] as const;
type AddressType = EndpointSlice['addressType'];

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20000;
const MAX_HINTS = 8;

export function readEndpointSlice(root: FieldReader): EndpointSlice {
  const addressType = root.field('addressType').requiredOneOf(ADDRESS_TYPES);
  const endpoints = readLimited(root.field('endpoints'), MAX_ENDPOINTS);
  return {
    kind: 'EndpointSlice',
    metadata: readMeta(root, { isNamespaced: true, checkName: checkDNSSubdomain }),
    addressType: addressType ?? 'IPv4',
    ports: readSlicePorts(root.field('ports')),
    endpoints: endpoints.map((endpoint) => readEndpoint(endpoint, addressType)),
  };
}

function readLimited(list: FieldReader, maximum: number): FieldReader[] {
  const items = list.items();
  if (items.length > maximum) list.tooMany(items.length, maximum);
  return items;
}

function readSlicePorts(list: FieldReader): EndpointSlice['ports'] {
  const readers = readLimited(list, MAX_PORTS);
  const ports = readers.map((reader) => {
    const port = readOptionalPort(reader.field('port'));
    return {
      name: readChecked(reader.field('name'), checkDNSLabel) ?? '',
      protocol: readProtocol(reader.field('protocol')),
      ...(port !== undefined && { port }),
    };
  });
  reportDuplicates(
    ports,
    (port) => port.name,
    (index) => readers[index]!.field('name'),
  );
  return ports;
}

function readEndpoint(endpoint: FieldReader, addressType: AddressType | undefined): SliceEndpoint {
  const hostname = readChecked(endpoint.field('hostname'), checkDNSLabel);
  const nodeName = readChecked(endpoint.field('nodeName'), checkDNSSubdomain);
  const zone = endpoint.field('zone').text();
  const targetPod = readTargetPod(endpoint.field('targetRef'));
  return {
    addresses: readAddresses(endpoint.field('addresses'), addressType),
    conditions: readConditions(endpoint.field('conditions')),
    ...(hostname !== undefined && { hostname }),
    ...(nodeName !== undefined && { nodeName }),
    ...(zone !== undefined && { zone }),
    hints: {
      forZones: readHints(endpoint.field('hints').field('forZones')),
      forNodes: readHints(endpoint.field('hints').field('forNodes')),
    },
    ...(targetPod !== undefined && { targetPod }),
  };
}

function readAddresses(list: FieldReader, addressType: AddressType | undefined): string[] {
  const items = readLimited(list, MAX_ADDRESSES);
  if (items.length === 0) list.warn('must contain at least 1 address', 'the endpoint is not used');
  return items
    .map((item) => {
      if (addressType === 'FQDN') return readChecked(item, checkDNSSubdomain);
      if (item.requiredText() === '') return undefined;
      const address = readDestination(item);
      const isOfType = address === undefined || addressType === `IPv${familyOf(address)}`;
      if (!isOfType && addressType !== undefined) {
        item.invalid(`must be an ${addressType} address`);
      }
      return address;
    })
    .filter((address) => address !== undefined);
}

function readConditions(reader: FieldReader): SliceEndpoint['conditions'] {
  const conditions: SliceEndpoint['conditions'] = {};
  for (const name of ['ready', 'serving', 'terminating'] as const) {
    const value = reader.field(name).boolean();
    if (value !== undefined) conditions[name] = value;
  }
  return conditions;
}

function readHints(list: FieldReader): string[] {
  const readers = readLimited(list, MAX_HINTS).map((item) => item.field('name'));
  const names = readers.map((reader) => reader.requiredText());
  reportDuplicates(
    names,
    (name) => name,
    (index) => readers[index]!,
  );
  return names;
}

function readTargetPod(reference: FieldReader): string | undefined {
  if (reference.field('kind').text() !== 'Pod') return undefined;
  const namespace = reference.field('namespace').text() ?? '';
  const name = reference.field('name').text() ?? '';
  return namespace === '' || name === '' ? undefined : `${namespace}/${name}`;
}
