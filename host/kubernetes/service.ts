// Reads a Service: defaults, and the checks that need no other object. What an API server would
// refuse although kube-proxy has a plain answer for it is a warning. Source: core/v1 `ServiceSpec`,
// `SetDefaults_Service` of `pkg/apis/core/v1/defaults.go`, `ValidateService` of
// `pkg/apis/core/validation/validation.go`.

import type { FieldReader } from './field-reader.ts';
import { readMeta } from './meta.ts';
import { checkDNSLabel, checkDNSSubdomain } from './names.ts';
import { readClusterIPs } from './service-cluster-ip.ts';
import { readExternalAddresses, readIngress } from './service-external.ts';
import { readServicePorts } from './service-port.ts';
import { readShape, type ServiceShape } from './service-shape.ts';
import type { Service } from './types.ts';
import { isPresent, readChecked, readLabels, readOptionalPort } from './values.ts';

type Spec = Service['spec'];

const POLICIES = ['Cluster', 'Local'] as const;
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'] as const;
const DEFAULT_AFFINITY_SECONDS = 10800;
const MAX_AFFINITY_SECONDS = 86400;

/** Every field of `ServiceSpec`, removed ones included, read here or not. */
const FIELDS = [
  ...['type', 'selector', 'ports', 'externalName', 'externalIPs', 'publishNotReadyAddresses'],
  ...['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'ipFamily', 'topologyKeys'],
  ...['loadBalancerIP', 'loadBalancerSourceRanges', 'loadBalancerClass'],
  ...['allocateLoadBalancerNodePorts', 'healthCheckNodePort', 'trafficDistribution'],
  ...['externalTrafficPolicy', 'internalTrafficPolicy', 'sessionAffinity', 'sessionAffinityConfig'],
];

export function readService(root: FieldReader): Service {
  const spec = root.field('spec');
  const shape = readShape(spec);
  spec.warnOfUnknownFields(FIELDS);
  return {
    kind: 'Service',
    metadata: readMeta(root, { isNamespaced: true, checkName: checkDNSLabel }),
    spec: {
      type: shape.type,
      ...readClusterIPs(spec, shape),
      ...readExternalAddresses(spec, shape),
      ...readTarget(spec, shape),
      ports: readServicePorts(spec.field('ports'), shape),
      ...readAffinity(spec),
      ...readTrafficPolicies(spec, shape),
    },
    status: { ingress: readIngress(root.field('status').field('loadBalancer'), shape) },
  };
}

/** Where the Service leads: to pods, or to a name. */
function readTarget(
  spec: FieldReader,
  shape: ServiceShape,
): Pick<Spec, 'selector' | 'externalName' | 'publishNotReadyAddresses'> {
  const selector = spec.field('selector');
  const nameReader = spec.field('externalName');
  if (shape.type === 'ExternalName') nameReader.requiredText();
  // A trailing dot is allowed here, unlike in other names.
  const externalName = readChecked(nameReader, (text) =>
    checkDNSSubdomain(text.replace(/\.$/, '')),
  );
  return {
    ...(!selector.isAbsent && { selector: readLabels(selector) }),
    ...(externalName !== undefined && { externalName }),
    publishNotReadyAddresses: spec.field('publishNotReadyAddresses').boolean() ?? false,
  };
}

function readAffinity(spec: FieldReader): Pick<Spec, 'sessionAffinity' | 'sessionAffinityTimeout'> {
  const sessionAffinity = spec.field('sessionAffinity').oneOf(['ClientIP', 'None']) ?? 'None';
  const config = spec.field('sessionAffinityConfig');
  if (sessionAffinity === 'None') {
    if (!config.isAbsent) config.forbidden('must not be set when session affinity is None');
    return { sessionAffinity };
  }
  const seconds = config.field('clientIP').field('timeoutSeconds').integer(1, MAX_AFFINITY_SECONDS);
  return { sessionAffinity, sessionAffinityTimeout: seconds ?? DEFAULT_AFFINITY_SECONDS };
}

function readTrafficPolicies(
  spec: FieldReader,
  shape: ServiceShape,
): Pick<
  Spec,
  'externalTrafficPolicy' | 'internalTrafficPolicy' | 'trafficDistribution' | 'healthCheckNodePort'
> {
  const external = readExternalTrafficPolicy(spec.field('externalTrafficPolicy'), shape);
  const internal = spec.field('internalTrafficPolicy').oneOf(POLICIES);
  const trafficDistribution = spec.field('trafficDistribution').oneOf(DISTRIBUTIONS);
  const isChecked = shape.type === 'LoadBalancer' && external === 'Local';
  const healthCheckNodePort = readHealthCheckPort(spec.field('healthCheckNodePort'), isChecked);
  return {
    ...(external !== undefined && { externalTrafficPolicy: external }),
    ...(shape.type !== 'ExternalName' && { internalTrafficPolicy: internal ?? 'Cluster' }),
    ...(trafficDistribution !== undefined && { trafficDistribution }),
    ...(healthCheckNodePort !== undefined && { healthCheckNodePort }),
  };
}

function readExternalTrafficPolicy(
  reader: FieldReader,
  shape: ServiceShape,
): Spec['externalTrafficPolicy'] {
  const policy = reader.oneOf(POLICIES);
  if (shape.isExternal) return policy ?? 'Cluster';
  if (isPresent(reader)) {
    reader.warn('may only be set for externally-accessible services', 'it is ignored');
  }
  return undefined;
}

function readHealthCheckPort(reader: FieldReader, isChecked: boolean): number | undefined {
  const port = readOptionalPort(reader);
  if (port !== undefined && !isChecked) {
    reader.invalid(
      "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    );
  }
  return port;
}
