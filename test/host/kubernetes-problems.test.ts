// Bad manifests and what is said about them, with positions. The wording is Kubernetes' where
// Kubernetes has one.

import { describe, expect, it } from 'vitest';
import { readManifests, readObject } from '../../host/kubernetes/read.ts';
import { formatProblem, InputError, type Problem } from '../../host/problem.ts';

function problemsOf(text: string | Uint8Array): string[] {
  try {
    readManifests(text, 'f');
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    const { problems } = error as InputError;
    if (typeof text === 'string') for (const problem of problems) checkPlace(text, problem);
    return problems.map(formatProblem);
  }
}

/** A problem that quotes a value of a field must stand where that value stands. */
function checkPlace(text: string, { line = 1, column = 1, message, path }: Problem): void {
  const value = /^(?:Invalid|Unsupported|Duplicate) value: "?([-\w.:]+)"?(?::|$)/.exec(
    message,
  )?.[1];
  if (value === undefined || path?.startsWith('metadata.labels')) return;
  const rest = text.split('\n')[line - 1]!.slice(column - 1);
  expect(rest.replace(/^"/, '').slice(0, value.length)).toBe(value);
}

const service = (spec: string) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {${spec}}\n`;
const policy = (spec: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {${spec}}\n`;
const pod = (spec: string, status = '{}') =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {${spec}}\nstatus: ${status}\n`;
const deployment = (spec: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {${spec}}\n`;
const slice = (rest: string) =>
  `apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: e}\n${rest}\n`;

const HTTP = 'ports: [{port: 80}]';
const NOT_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
const NOT_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

describe('syntax', () => {
  it.each<[string, string | Uint8Array, string[]]>([
    [
      'tab indentation',
      'kind: Service\nspec:\n\ttype: ClusterIP\n',
      ['f:3:1: tab characters must not be used in indentation; indent with spaces'],
    ],
    [
      'a file that was cut',
      '{"kind": "Pod",\n "metadata": {"na',
      ['f:2:18: unexpected end of the stream within a double quoted scalar'],
    ],
    [
      'bytes that are no text',
      Uint8Array.of(0xff, 0xfe, 0x41, 0),
      ['f:1: is not UTF-8 text; a YAML or JSON manifest'],
    ],
    ['a null byte', 'kind: Pod\0', ['f:1:10: null byte is not allowed in input']],
    [
      'a template',
      'metadata:\n  name: {{ .Release.Name }}-db\n',
      ['f:2:28: bad indentation of a mapping entry; a template is rendered first'],
    ],
    [
      'something after a separator',
      '---\n---junk\n',
      ['f:2:4: invalid document separator: junk; only a comment may follow ---'],
    ],
    ['a bare text', 'hello', ['f:1:1: must be an object, got string "hello"']],
    ['a list', '# hm\n- kind: Pod', ['f:2:1: must be an object, got a list']],
    ['no kind', '\n\nmetadata: {}\n', ['f:3:1: kind: Required value']],
    [
      'a kind that is no text',
      'kind: 5',
      ['f:1:7: kind: must be a string, got number 5; quote it'],
    ],
    ['deep nesting', `a: ${'['.repeat(200)}`, ['f:1:103: nesting exceeded maxDepth (100)']],
    ['a List in itself', '&a\nkind: List\nitems:\n- *a\n', ['f:4:3: Lists are nested too deeply']],
  ])('%s', (_, text, problems) => expect(problemsOf(text)).toEqual(problems));

  it('tells everything of every document at once, in order', () => {
    const documents = [service('ports: [{port: 0}, {port: a}]'), 'a: [\n', policy('ingress: 1')];
    expect(problemsOf(documents.join('---\n'))).toEqual([
      'f:4:16: spec.ports[0].name: Required value',
      'f:4:23: spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'f:4:27: spec.ports[1].name: Required value',
      'f:4:34: spec.ports[1].port: must be an integer, got string "a"',
      'f:6:5: unexpected end of the stream within a flow collection',
      'f:11:17: spec.ingress: must be a list, got number 1',
    ]);
  });

  it('finds the place in a JSON List', () => {
    const text =
      '{"kind": "List",\n\t"items": [\n\t\t{"kind": "Pod",\n\t\t"apiVersion": "v1",\n\t\t"metadata": {"name": 5}}]}';
    expect(problemsOf(text)).toEqual([
      'f:5:24: metadata.name: must be a string, got number 5; quote it',
    ]);
  });
});

describe('metadata', () => {
  const object = (metadata: string) => `apiVersion: v1\nkind: Pod\nmetadata: ${metadata}\n`;

  it.each<[string, string[]]>([
    ['{}', ['f:3:1: metadata.name: Required value: name or generateName is required']],
    ['{name: y}', ['f:3:18: metadata.name: must be a string, got boolean true; quote it']],
    [
      '{name: Web}',
      [
        "f:3:18: metadata.name: Invalid value: \"Web\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com')",
      ],
    ],
    [
      '{name: a, namespace: b.c}',
      [
        "f:3:32: metadata.namespace: Invalid value: \"b.c\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc')",
      ],
    ],
    [
      '{name: a, labels: {a/b/c: x, n: 1, ok: "a b"}}',
      [
        'f:3:37: metadata.labels[a/b/c]: Invalid value: "a/b/c": must be a name with an optional DNS prefix and \'/\'',
        'f:3:43: metadata.labels.false: must be a string, got number 1; quote it',
        "f:3:50: metadata.labels.ok: Invalid value: \"a b\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345')",
      ],
    ],
    ['text', ['f:3:11: metadata: must be an object, got string "text"']],
  ])('%s', (metadata, problems) => expect(problemsOf(object(metadata))).toEqual(problems));

  it('says when the indentation of a file was lost', () => {
    const flat = 'apiVersion: v1\nkind: Pod\nmetadata:\nname: a\nspec:\n';
    expect(problemsOf(flat)).toEqual([
      'f:3:1: metadata.name: Required value: name or generateName is required; indent the fields of metadata: the file has lost its indentation',
    ]);
  });

  it('refuses a namespace where there is none, and versions it does not know', () => {
    const node = 'apiVersion: v1\nkind: Node\nmetadata: {name: a, namespace: b}';
    expect(problemsOf(node)).toEqual([
      'f:3:32: metadata.namespace: Forbidden: not allowed on this type',
    ]);
    const old = 'apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: a}';
    expect(problemsOf(old)).toEqual([
      'f:1:13: apiVersion: Unsupported value: "extensions/v1beta1": supported values: "apps/v1"',
    ]);
  });
});

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
        'f:4:37: spec.ports[0].protocol: Unsupported value: "tcp": supported values: "TCP", "UDP", "SCTP"',
      ],
    ],
    [
      'ports: [{port: 80, targetPort: "8080"}]',
      [
        'f:4:39: spec.ports[0].targetPort: Invalid value: "8080": must contain at least one letter (a-z); remove the quotes',
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
      'type: NodePort, ports: [{name: a, port: 80, nodePort: 30000}, {name: b, port: 81, nodePort: 30000}]',
      ['f:4:100: spec.ports[1].nodePort: Duplicate value: "TCP/30000"'],
    ],
    [
      'ports: [{port: 80, nodePort: 30000}]',
      ["f:4:37: spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      `${HTTP}, type: nodeport`,
      [
        'f:4:35: spec.type: Unsupported value: "nodeport": supported values: "ClusterIP", "NodePort", "LoadBalancer", "ExternalName"',
      ],
    ],
    [
      `${HTTP}, clusterIP: 10.0.0.256`,
      [`f:4:40: spec.clusterIP: Invalid value: "10.0.0.256": ${NOT_IP}`],
    ],
    [
      `${HTTP}, clusterIP: None, type: NodePort`,
      [
        `f:4:40: spec.clusterIP: Invalid value: "None": may not be set to 'None' for NodePort services`,
      ],
    ],
    [
      `${HTTP}, clusterIP: 10.0.0.1, clusterIPs: [10.0.0.2]`,
      ['f:4:50: spec.clusterIPs: Invalid value: a list: first value must match `clusterIP`'],
    ],
    [
      `${HTTP}, clusterIPs: [10.0.0.2]`,
      [
        'f:4:29: spec.clusterIPs: Invalid value: a list: must be empty when `clusterIP` is not specified',
      ],
    ],
    [
      `${HTTP}, clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, 10.0.0.2]`,
      [
        'f:4:50: spec.clusterIPs: Invalid value: a list: may specify no more than one IP for each IP family',
      ],
    ],
    [
      `${HTTP}, clusterIP: None, clusterIPs: [None, 10.0.0.2]`,
      [`f:4:46: spec.clusterIPs: Invalid value: a list: 'None' must be the first and only value`],
    ],
    [
      `${HTTP}, clusterIP: 10.0.0.1, ipFamilies: [IPv6]`,
      [
        'f:4:40: spec.clusterIP: Invalid value: "10.0.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
      ],
    ],
    [`${HTTP}, ipFamilies: [IPv4, IPv4]`, ['f:4:48: spec.ipFamilies[1]: Duplicate value: "IPv4"']],
    [
      `${HTTP}, ipFamilyPolicy: SingleStack, ipFamilies: [IPv4, IPv6]`,
      [
        'f:4:45: spec.ipFamilyPolicy: Invalid value: "SingleStack": must be RequireDualStack or PreferDualStack when multiple `ipFamilies` are specified',
      ],
    ],
    ['type: ExternalName', ['f:4:1: spec.externalName: Required value']],
    [
      'type: ExternalName, externalName: a_b, ipFamilies: [IPv4]',
      [
        "f:4:42: spec.externalName: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com')",
        "f:4:47: spec.ipFamilies: Forbidden: may not be set when `type` is 'ExternalName'",
      ],
    ],
    [
      `${HTTP}, sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 90000}}`,
      [
        'f:4:107: spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 90000: must be between 1 and 86400, inclusive',
      ],
    ],
    [
      `${HTTP}, sessionAffinityConfig: {clientIP: {}}`,
      [
        'f:4:29: spec.sessionAffinityConfig: Forbidden: must not be set when session affinity is None',
      ],
    ],
    [
      `${HTTP}, externalIPs: [127.0.0.1, 0.0.0.0, fe80::1, 224.0.0.5, x]`,
      [
        'f:4:43: spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        'f:4:54: spec.externalIPs[1]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0 or ::)',
        'f:4:63: spec.externalIPs[2]: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
        'f:4:72: spec.externalIPs[3]: Invalid value: "224.0.0.5": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
        `f:4:83: spec.externalIPs[4]: Invalid value: "x": ${NOT_IP}`,
      ],
    ],
    [
      `${HTTP}, loadBalancerSourceRanges: [10.0.0.0/8]`,
      [
        "f:4:29: spec.loadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
      ],
    ],
    [
      `${HTTP}, type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0]`,
      [`f:4:76: spec.loadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": ${NOT_CIDR}`],
    ],
    [
      `${HTTP}, type: LoadBalancer, healthCheckNodePort: 31000`,
      [
        "f:4:70: spec.healthCheckNodePort: Invalid value: 31000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ],
    ],
    [
      `${HTTP}, trafficDistribution: Close`,
      [
        'f:4:50: spec.trafficDistribution: Unsupported value: "Close": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
      ],
    ],
    [
      `${HTTP}, publishNotReadyAddresses: "true"`,
      [
        'f:4:55: spec.publishNotReadyAddresses: must be a boolean, got string "true"; remove the quotes',
      ],
    ],
  ])('%s', (spec, problems) => expect(problemsOf(service(spec))).toEqual(problems));
});

describe('NetworkPolicy', () => {
  it.each<[string, string[]]>([
    [
      'ingress: [{from: [{}]}]',
      ['f:4:26: spec.ingress[0].from[0]: Required value: must specify a peer'],
    ],
    [
      'egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]',
      ['f:4:23: spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer'],
    ],
    [
      'ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/33}}, {ipBlock: {}}]}]',
      [
        `f:4:43: spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.0/33": ${NOT_CIDR}`,
        'f:4:59: spec.ingress[0].from[1].ipBlock.cidr: Required value',
      ],
    ],
    [
      'ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8, 11.0.0.0/16, "::/9"]}}]}]',
      [
        'f:4:64: spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
        'f:4:76: spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
        'f:4:89: spec.ingress[0].from[0].ipBlock.except[2]: Invalid value: "::/9": must be a strict subset of `cidr`',
      ],
    ],
    [
      'ingress: [{ports: [{endPort: 5}, {port: http, endPort: 5}, {port: 6, endPort: 5}]}]',
      [
        'f:4:37: spec.ingress[0].ports[0].endPort: Forbidden: may not be specified when `port` is not specified',
        'f:4:63: spec.ingress[0].ports[1].endPort: Forbidden: may not be specified when `port` is non-numeric',
        'f:4:86: spec.ingress[0].ports[2].endPort: Invalid value: 5: must be greater than or equal to `port`',
      ],
    ],
    [
      'policyTypes: [ingress, Egress, Egress]',
      [
        'f:4:8: spec.policyTypes: Invalid value: a list: may not specify more than two policyTypes',
        'f:4:22: spec.policyTypes[0]: Unsupported value: "ingress": supported values: "Ingress", "Egress"',
      ],
    ],
    [
      'podSelector: {matchExpressions: [{key: a, operator: in}, {key: a, operator: In}, {key: a, operator: Exists, values: [b]}]}',
      [
        'f:4:60: spec.podSelector.matchExpressions[0].operator: Invalid value: "in": not a valid selector operator; expected one of In, NotIn, Exists, DoesNotExist',
        "f:4:65: spec.podSelector.matchExpressions[1].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
        "f:4:116: spec.podSelector.matchExpressions[2].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      ],
    ],
    [
      'ingress: [{ports: [{port: a-name-that-is-too-long}, {port: a--b}, {port: A}, {port: 0}]}]',
      [
        'f:4:34: spec.ingress[0].ports[0].port: Invalid value: "a-name-that-is-too-long": must be no more than 15 characters',
        'f:4:67: spec.ingress[0].ports[1].port: Invalid value: "a--b": must not contain consecutive hyphens',
        'f:4:81: spec.ingress[0].ports[2].port: Invalid value: "A": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
        'f:4:92: spec.ingress[0].ports[3].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      ],
    ],
  ])('%s', (spec, problems) => expect(problemsOf(policy(spec))).toEqual(problems));
});

describe('pods and workloads', () => {
  it.each<[string, string, string[]]>([
    [
      'container ports',
      pod('containers: [{ports: [{name: a}, {name: a, containerPort: 99999}]}]'),
      [
        'f:4:30: spec.containers[0].ports[0].containerPort: Required value',
        'f:4:48: spec.containers[0].ports[1].name: Duplicate value: "a"',
        'f:4:66: spec.containers[0].ports[1].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive',
      ],
    ],
    [
      'host ports',
      pod('hostNetwork: true, containers: [{ports: [{containerPort: 80, hostPort: 81}]}]'),
      [
        'f:4:79: spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
      ],
    ],
    [
      'pod addresses',
      pod('', '{phase: running, podIPs: [{ip: 10.0.0.1}, {ip: 10.0.0.2}]}'),
      [
        'f:5:17: status.phase: Unsupported value: "running": supported values: "Pending", "Running", "Succeeded", "Failed", "Unknown"',
        'f:5:26: status.podIPs: Invalid value: a list: may specify no more than one IP for each IP family',
      ],
    ],
    [
      'a workload without selector and template',
      deployment('replicas: -1'),
      [
        'f:4:1: spec.template: Required value',
        'f:4:1: spec.selector: Required value',
        'f:4:18: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      ],
    ],
    [
      'a selector beside the labels',
      deployment('selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: c}}}'),
      [
        'f:4:63: spec.template.metadata.labels: Invalid value: an object: `selector` does not match template `labels`',
      ],
    ],
  ])('%s', (_, text, problems) => expect(problemsOf(text)).toEqual(problems));
});

describe('endpoints', () => {
  it.each<[string, string, string[]]>([
    ['no address type', slice('endpoints: []'), ['f:1:1: addressType: Required value']],
    [
      'an address of another family',
      slice('addressType: IPv6\nendpoints: [{addresses: [10.0.0.1]}]'),
      ['f:5:26: endpoints[0].addresses[0]: Invalid value: "10.0.0.1": must be an IPv6 address'],
    ],
    [
      'two ports of one name',
      slice('addressType: IPv4\nports: [{port: 1}, {port: 2}]'),
      ['f:5:20: ports[1].name: Duplicate value: ""'],
    ],
    [
      'too many hints',
      slice(
        'addressType: IPv4\nendpoints: [{addresses: [10.0.0.1], hints: {forZones: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}, {name: f}, {name: g}, {name: h}, {name: h}]}}]',
      ),
      [
        'f:5:45: endpoints[0].hints.forZones: Too many: 9: must have at most 8 items',
        'f:5:151: endpoints[0].hints.forZones[8].name: Duplicate value: "h"',
      ],
    ],
    [
      'an empty subset',
      'apiVersion: v1\nkind: Endpoints\nmetadata: {name: e}\nsubsets: [{ports: [{port: 1}]}]',
      ['f:4:11: subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
    ],
    [
      'a pod CIDR',
      'apiVersion: v1\nkind: Node\nmetadata: {name: e}\nspec: {podCIDRs: [10.0.0.0/99]}',
      [`f:4:19: spec.podCIDRs[0]: Invalid value: "10.0.0.0/99": ${NOT_CIDR}`],
    ],
  ])('%s', (_, text, problems) => expect(problemsOf(text)).toEqual(problems));
});

it('names fields of plain values, whose lines nobody knows', () => {
  const value = { apiVersion: 'v1', kind: 'Pod', metadata: { name: true } };
  expect(() => readObject(value, 'inline')).toThrow(
    'inline: metadata.name: must be a string, got boolean true; quote it',
  );
});
