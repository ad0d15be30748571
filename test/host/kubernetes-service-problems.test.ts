// Bad Services and what is said about them. The wording is that of an API server.

import { describe, expect, it } from 'vitest';
import { NOT_CIDR, NOT_IP, NOT_SUBDOMAIN, problemsOf } from './problems-of.ts';

const service = (spec: string) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {${spec}}\n`;

const HTTP = 'ports: [{port: 80}]';

describe('Service', () => {
  it.each<[string, string[]]>([
    ['type: ClusterIP', ['f:4:1: spec.ports: Required value']],
    ['ports: []', ['f:4:8: spec.ports: Required value']],
    ['ports: [{}]', ['f:4:16: spec.ports[0].port: Required value']],
    [
      'ports: [{port: 70000}]',
      ['f:4:23: spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ],
    [
      'ports: [{port: "80"}]',
      ['f:4:23: spec.ports[0].port: must be an integer, got string "80"; remove the quotes'],
    ],
    [
      'ports: [{port: 80, protocol: tcp}]',
      [
        'f:4:37: spec.ports[0].protocol: Unsupported value: "tcp": supported values: "TCP", ' +
          '"UDP", "SCTP"',
      ],
    ],
    [
      'ports: [{port: 80, targetPort: "8080"}]',
      [
        'f:4:39: spec.ports[0].targetPort: Invalid value: "8080": must contain at least one ' +
          'letter (a-z); remove the quotes',
      ],
    ],
    [
      'ports: [{name: a, port: 80}, {name: a, port: 80}]',
      [
        'f:4:37: spec.ports[1]: Duplicate value: "TCP/80"',
        'f:4:44: spec.ports[1].name: Duplicate value: "a"',
      ],
    ],
    [
      'type: NodePort, ports: [{name: a, port: 80, nodePort: 30000}, {name: b, port: 81, ' +
        'nodePort: 30000}]',
      ['f:4:100: spec.ports[1].nodePort: Duplicate value: "TCP/30000"'],
    ],
    [
      'ports: [{port: 80, nodePort: 30000}]',
      ["f:4:37: spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      `${HTTP}, type: nodeport`,
      [
        'f:4:35: spec.type: Unsupported value: "nodeport": supported values: "ClusterIP", ' +
          '"NodePort", "LoadBalancer", "ExternalName"',
      ],
    ],
    [
      `${HTTP}, clusterIP: 10.0.0.256`,
      [`f:4:40: spec.clusterIP: Invalid value: "10.0.0.256": ${NOT_IP}`],
    ],
    [
      `${HTTP}, clusterIP: None, type: NodePort`,
      [
        `f:4:40: spec.clusterIP: Invalid value: "None": may not be set to 'None' for NodePort ` +
          `services`,
      ],
    ],
    [
      `${HTTP}, clusterIP: 10.0.0.1, clusterIPs: [10.0.0.2]`,
      ['f:4:50: spec.clusterIPs: Invalid value: a list: first value must match `clusterIP`'],
    ],
    [
      `${HTTP}, clusterIPs: [10.0.0.2]`,
      [
        'f:4:29: spec.clusterIPs: Invalid value: a list: must be empty when `clusterIP` is not ' +
          'specified',
      ],
    ],
    [
      `${HTTP}, clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, 10.0.0.2]`,
      [
        'f:4:50: spec.clusterIPs: Invalid value: a list: may specify no more than one IP for ' +
          'each IP family',
      ],
    ],
    [
      `${HTTP}, clusterIP: None, clusterIPs: [None, 10.0.0.2]`,
      [`f:4:46: spec.clusterIPs: Invalid value: a list: 'None' must be the first and only value`],
    ],
    [
      `${HTTP}, clusterIP: 10.0.0.1, ipFamilies: [IPv6]`,
      [
        'f:4:40: spec.clusterIP: Invalid value: "10.0.0.1": expected an IPv6 value as indicated ' +
          'by `ipFamilies[0]`',
      ],
    ],
    [`${HTTP}, ipFamilies: [IPv4, IPv4]`, ['f:4:48: spec.ipFamilies[1]: Duplicate value: "IPv4"']],
    [
      `${HTTP}, ipFamilyPolicy: SingleStack, ipFamilies: [IPv4, IPv6]`,
      [
        'f:4:45: spec.ipFamilyPolicy: Invalid value: "SingleStack": must be RequireDualStack or ' +
          'PreferDualStack when multiple `ipFamilies` are specified',
      ],
    ],
    ['type: ExternalName', ['f:4:1: spec.externalName: Required value']],
    [
      'type: ExternalName, externalName: a_b, ipFamilies: [IPv4]',
      [
        `f:4:42: spec.externalName: Invalid value: "a_b": ${NOT_SUBDOMAIN}`,
        "f:4:47: spec.ipFamilies: Forbidden: may not be set when `type` is 'ExternalName'",
      ],
    ],
    [
      `${HTTP}, sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: ` +
        `90000}}`,
      [
        'f:4:107: spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 90000: must ' +
          'be between 1 and 86400, inclusive',
      ],
    ],
    [
      `${HTTP}, sessionAffinityConfig: {clientIP: {}}`,
      [
        'f:4:29: spec.sessionAffinityConfig: Forbidden: must not be set when session affinity is ' +
          'None',
      ],
    ],
    [
      `${HTTP}, externalIPs: [127.0.0.1, 0.0.0.0, fe80::1, 224.0.0.5, x]`,
      [
        'f:4:43: spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback ' +
          'range (127.0.0.0/8, ::1/128)',
        'f:4:54: spec.externalIPs[1]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0 ' +
          'or ::)',
        'f:4:63: spec.externalIPs[2]: Invalid value: "fe80::1": may not be in the link-local ' +
          'range (169.254.0.0/16, fe80::/10)',
        'f:4:72: spec.externalIPs[3]: Invalid value: "224.0.0.5": may not be in the link-local ' +
          'multicast range (224.0.0.0/24, ff02::/10)',
        `f:4:83: spec.externalIPs[4]: Invalid value: "x": ${NOT_IP}`,
      ],
    ],
    [
      `${HTTP}, loadBalancerSourceRanges: [10.0.0.0/8]`,
      [
        'f:4:29: spec.loadBalancerSourceRanges: Forbidden: may only be used when `type` is ' +
          "'LoadBalancer'",
      ],
    ],
    [
      `${HTTP}, type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0]`,
      [`f:4:76: spec.loadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": ${NOT_CIDR}`],
    ],
    [
      `${HTTP}, type: LoadBalancer, healthCheckNodePort: 31000`,
      [
        'f:4:70: spec.healthCheckNodePort: Invalid value: 31000: may only be set when `type` is ' +
          "'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ],
    ],
    [
      `${HTTP}, trafficDistribution: Close`,
      [
        'f:4:50: spec.trafficDistribution: Unsupported value: "Close": supported values: ' +
          '"PreferClose", "PreferSameZone", "PreferSameNode"',
      ],
    ],
    [
      `${HTTP}, publishNotReadyAddresses: "true"`,
      [
        'f:4:55: spec.publishNotReadyAddresses: must be a boolean, got string "true"; remove the ' +
          'quotes',
      ],
    ],
  ])('%s', (spec, problems) => expect(problemsOf(service(spec))).toEqual(problems));
});
