// Reads Pods and the pod specs of workloads: names, ports, addresses, node. A pod without
// containers is accepted: what it runs does not concern its packets. Source: core/v1 `PodSpec`,
// `pkg/apis/core/v1/defaults.go`.

import { familyOf } from '../net/address.ts';
import type { FieldReader } from './field-reader.ts';
import { readMeta } from './meta.ts';
import { checkDNSLabel, checkDNSSubdomain, checkPortName } from './names.ts';
import { readPodDNS } from './pod-dns.ts';
import type { Container, ContainerPort, Pod, PodSpec } from './types.ts';
import {
  readAddress,
  readChecked,
  readCondition,
  readLabels,
  readOptionalPort,
  readProtocol,
  readRequiredPort,
  reportDuplicates,
} from './values.ts';

const PHASES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] as const;

export function readPod(root: FieldReader): Pod {
  const status = root.field('status');
  const phase = status.field('phase').oneOf(PHASES);
  return {
    kind: 'Pod',
    metadata: readMeta(root, { isNamespaced: true, checkName: checkDNSSubdomain }),
    spec: readPodSpec(root.field('spec')),
    status: {
      ...(phase !== undefined && { phase }),
      podIPs: readPodIPs(status),
      conditions: status.field('conditions').items().map(readCondition),
    },
  };
}

export function readPodSpec(spec: FieldReader): PodSpec {
  const hostNetwork = spec.field('hostNetwork').boolean() ?? false;
  const nodeName = readChecked(spec.field('nodeName'), checkDNSSubdomain);
  const hostname = readChecked(spec.field('hostname'), checkDNSLabel);
  const subdomain = readChecked(spec.field('subdomain'), checkDNSLabel);
  const nodeSelector = spec.field('nodeSelector');
  const readOne = (container: FieldReader) => readContainer(container, hostNetwork);
  return {
    ...(nodeName !== undefined && { nodeName }),
    ...(!nodeSelector.isAbsent && { nodeSelector: readLabels(nodeSelector) }),
    hostNetwork,
    ...(hostname !== undefined && { hostname }),
    ...(subdomain !== undefined && { subdomain }),
    ...readPodDNS(spec),
    containers: spec.field('containers').items().map(readOne),
    initContainers: spec.field('initContainers').items().map(readOne),
  };
}

function readContainer(container: FieldReader, hostNetwork: boolean): Container {
  const readers = container.field('ports').items();
  const ports = readers.map((port) => readContainerPort(port, hostNetwork));
  reportDuplicates(
    ports,
    (port) => port.name,
    (index) => readers[index]!.field('name'),
  );
  const restartPolicy = container.field('restartPolicy').text();
  return {
    name: readChecked(container.field('name'), checkDNSLabel) ?? '',
    ports,
    ...(restartPolicy !== undefined && { restartPolicy }),
  };
}

function readContainerPort(port: FieldReader, hostNetwork: boolean): ContainerPort {
  const name = readChecked(port.field('name'), checkPortName);
  const containerPort = readRequiredPort(port.field('containerPort'));
  const written = readOptionalPort(port.field('hostPort'));
  if (hostNetwork && written !== undefined && written !== containerPort) {
    port.field('hostPort').invalid('must match `containerPort` when `hostNetwork` is true');
  }
  const hostPort = written ?? (hostNetwork ? containerPort : undefined);
  return {
    ...(name !== undefined && { name }),
    containerPort,
    protocol: readProtocol(port.field('protocol')),
    ...(hostPort !== undefined && { hostPort }),
  };
}

/** `podIP` alone is what very old objects carry. */
function readPodIPs(status: FieldReader): string[] {
  const list = status.field('podIPs');
  const single = readAddress(status.field('podIP'));
  const addresses = list
    .items()
    .map((item) => readAddress(item.field('ip')))
    .filter((address) => address !== undefined);
  if (addresses.length > new Set(addresses.map(familyOf)).size) {
    list.invalid('may specify no more than one IP for each IP family');
  }
  return addresses.length > 0 || single === undefined ? addresses : [single];
}
