// Reads the ports of a Service. Source: core/v1 `ServicePort`, `validateServicePort` of
// `pkg/apis/core/validation/validation.go`.

import type { FieldReader } from './field-reader.ts';
import { checkDNSLabel } from './names.ts';
import type { ServiceShape } from './service-shape.ts';
import type { ServicePort } from './types.ts';
import {
  isPresent,
  readChecked,
  readOptionalPort,
  readPortOrName,
  readProtocol,
  readRequiredPort,
  reportDuplicates,
} from './values.ts';

const FIELDS = ['name', 'protocol', 'appProtocol', 'port', 'targetPort', 'nodePort'];

export function readServicePorts(list: FieldReader, shape: ServiceShape): ServicePort[] {
  const readers = list.items();
  const needsPorts = !shape.isHeadless && shape.type !== 'ExternalName';
  if (readers.length === 0 && needsPorts) list.required();
  const ports = readers.map((reader) => readServicePort(reader, shape, readers.length > 1));
  reportDuplicates(
    ports,
    (port) => (port.name === '' ? undefined : port.name),
    (index) => readers[index]!.field('name'),
  );
  reportDuplicates(
    ports,
    (port) => (port.port === 0 ? undefined : `${port.protocol}/${port.port}`),
    (index) => readers[index]!,
  );
  reportDuplicates(
    ports,
    (port) => (port.nodePort === undefined ? undefined : `${port.protocol}/${port.nodePort}`),
    (index) => readers[index]!.field('nodePort'),
  );
  return ports;
}

function readServicePort(
  reader: FieldReader,
  shape: ServiceShape,
  isNameRequired: boolean,
): ServicePort {
  reader.warnOfUnknownFields(FIELDS);
  const name = reader.field('name');
  if (isNameRequired && !isPresent(name)) name.required();
  const port = readRequiredPort(reader.field('port'));
  const target = reader.field('targetPort');
  const isTargetWritten = isPresent(target) && target.value !== 0;
  const appProtocol = reader.field('appProtocol').text();
  const nodePortReader = reader.field('nodePort');
  const nodePort = readOptionalPort(nodePortReader);
  if (nodePort !== undefined && shape.type === 'ClusterIP') {
    nodePortReader.forbidden("may not be used when `type` is 'ClusterIP'");
  }
  return {
    name: readChecked(name, checkDNSLabel) ?? '',
    protocol: readProtocol(reader.field('protocol')),
    port,
    targetPort: (isTargetWritten ? readPortOrName(target) : undefined) ?? port,
    ...(nodePort !== undefined && { nodePort }),
    ...(appProtocol !== undefined && { appProtocol }),
  };
}
