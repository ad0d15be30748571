// Bad manifests and what is said about them, with positions: syntax, metadata, pods, endpoints.

import { describe, expect, it } from 'vitest';
import { readObject } from '../../host/kubernetes/read.ts';
import { NOT_CIDR, NOT_IP, NOT_SUBDOMAIN, problemsOf } from './problems-of.ts';

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
    ['a list of text', '# hm\n- hello', ['f:2:3: must be an object, got string "hello"']],
    ['a list in a list', '- - kind: 5', ['f:1:11: kind: must be a string, got number 5; quote it']],
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
      '{"kind": "List",\n\t"items": [\n\t\t{"kind": "Pod",\n\t\t"apiVersion": ' +
      '"v1",\n\t\t"metadata": {"name": 5}}]}';
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
    ['{name: Web}', [`f:3:18: metadata.name: Invalid value: "Web": ${NOT_SUBDOMAIN}`]],
    [
      '{name: a, namespace: b.c}',
      [
        'f:3:32: metadata.namespace: Invalid value: "b.c": a lowercase RFC 1123 label must ' +
          "consist of lower case alphanumeric characters or '-', and must start and end with an " +
          "alphanumeric character (e.g. 'my-name',  or '123-abc')",
      ],
    ],
    [
      '{name: a, labels: {a/b/c: x, n: 1, ok: "a b"}}',
      [
        'f:3:37: metadata.labels[a/b/c]: Invalid value: "a/b/c": must be a name with an optional ' +
          "DNS prefix and '/'",
        'f:3:43: metadata.labels.false: must be a string, got number 1; quote it',
        'f:3:50: metadata.labels.ok: Invalid value: "a b": a valid label must be an empty ' +
          "string or consist of alphanumeric characters, '-', '_' or '.', and must start and end " +
          "with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345')",
      ],
    ],
    ['text', ['f:3:11: metadata: must be an object, got string "text"']],
  ])('%s', (metadata, problems) => expect(problemsOf(object(metadata))).toEqual(problems));

  it('says when the indentation of a file was lost', () => {
    const flat = 'apiVersion: v1\nkind: Pod\nmetadata:\nname: a\nspec:\n';
    expect(problemsOf(flat)).toEqual([
      'f:3:1: metadata.name: Required value: name or generateName is required; indent the fields ' +
        'of metadata: the file has lost its indentation',
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

describe('pods and workloads', () => {
  it.each<[string, string, string[]]>([
    [
      'container ports',
      pod('containers: [{ports: [{name: a}, {name: a, containerPort: 99999}]}]'),
      [
        'f:4:30: spec.containers[0].ports[0].containerPort: Required value',
        'f:4:48: spec.containers[0].ports[1].name: Duplicate value: "a"',
        'f:4:66: spec.containers[0].ports[1].containerPort: Invalid value: 99999: must be ' +
          'between 1 and 65535, inclusive',
      ],
    ],
    [
      'host ports',
      pod('hostNetwork: true, containers: [{ports: [{containerPort: 80, hostPort: 81}]}]'),
      [
        'f:4:79: spec.containers[0].ports[0].hostPort: Invalid value: 81: must match ' +
          '`containerPort` when `hostNetwork` is true',
      ],
    ],
    [
      'names that cannot be resolved so',
      pod('dnsPolicy: None, dnsConfig: {searches: [-a, ".", _b.c.], options: [{value: "2"}]}'),
      [
        'f:4:25: spec.dnsConfig.nameservers: Required value: must provide at least one DNS ' +
          'nameserver when `dnsPolicy` is None',
        `f:4:48: spec.dnsConfig.searches[0]: Invalid value: "-a": ${NOT_SUBDOMAIN}`,
        'f:4:75: spec.dnsConfig.options[0]: Required value: must not be empty',
      ],
    ],
    [
      'name servers',
      pod('dnsPolicy: cluster, dnsConfig: {nameservers: [1.1.1.1, 8.8.8.8, 9.9.9.9, dns]}'),
      [
        'f:4:19: spec.dnsPolicy: Unsupported value: "cluster": supported values: ' +
          '"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"',
        'f:4:40: spec.dnsConfig.nameservers: Invalid value: a list: must not have more than 3 ' +
          'nameservers',
        `f:4:81: spec.dnsConfig.nameservers[3]: Invalid value: "dns": ${NOT_IP}`,
      ],
    ],
    [
      'dnsPolicy None alone',
      pod('dnsPolicy: None'),
      ['f:4:1: spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
    ],
    [
      'pod addresses',
      pod('', '{phase: running, podIPs: [{ip: 10.0.0.1}, {ip: 10.0.0.2}]}'),
      [
        'f:5:17: status.phase: Unsupported value: "running": supported values: "Pending", ' +
          '"Running", "Succeeded", "Failed", "Unknown"',
        'f:5:26: status.podIPs: Invalid value: a list: may specify no more than one IP for each ' +
          'IP family',
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
        'f:4:63: spec.template.metadata.labels: Invalid value: an object: `selector` does not ' +
          'match template `labels`',
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
        'addressType: IPv4\nendpoints: [{addresses: [10.0.0.1], hints: {forZones: [{name: a}, ' +
          '{name: b}, {name: c}, {name: d}, {name: e}, {name: f}, {name: g}, {name: h}, {name: ' +
          'h}]}}]',
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
