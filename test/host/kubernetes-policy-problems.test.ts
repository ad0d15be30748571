// Bad NetworkPolicies and what is said about them. The wording is that of an API server.

import { describe, expect, it } from 'vitest';
import { NOT_CIDR, problemsOf } from './problems-of.ts';

const policy = (spec: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {${spec}}\n`;

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
      'ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8, 11.0.0.0/16, ' +
        '"::/9"]}}]}]',
      [
        'f:4:64: spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be ' +
          'a strict subset of `cidr`',
        'f:4:76: spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: "11.0.0.0/16": must ' +
          'be a strict subset of `cidr`',
        'f:4:89: spec.ingress[0].from[0].ipBlock.except[2]: Invalid value: "::/9": must be a ' +
          'strict subset of `cidr`',
      ],
    ],
    [
      'ingress: [{ports: [{endPort: 5}, {port: http, endPort: 5}, {port: 6, endPort: 5}]}]',
      [
        'f:4:37: spec.ingress[0].ports[0].endPort: Forbidden: may not be specified when `port` ' +
          'is not specified',
        'f:4:63: spec.ingress[0].ports[1].endPort: Forbidden: may not be specified when `port` ' +
          'is non-numeric',
        'f:4:86: spec.ingress[0].ports[2].endPort: Invalid value: 5: must be greater than or ' +
          'equal to `port`',
      ],
    ],
    [
      'policyTypes: [ingress, Egress, Egress]',
      [
        'f:4:8: spec.policyTypes: Invalid value: a list: may not specify more than two policyTypes',
        'f:4:22: spec.policyTypes[0]: Unsupported value: "ingress": supported values: "Ingress", ' +
          '"Egress"',
      ],
    ],
    [
      'podSelector: {matchExpressions: [{key: a, operator: in}, {key: a, operator: In}, {key: a, ' +
        'operator: Exists, values: [b]}]}',
      [
        'f:4:60: spec.podSelector.matchExpressions[0].operator: Invalid value: "in": not a valid ' +
          'selector operator; expected one of In, NotIn, Exists, DoesNotExist',
        'f:4:65: spec.podSelector.matchExpressions[1].values: Required value: must be specified ' +
          "when `operator` is 'In' or 'NotIn'",
        'f:4:116: spec.podSelector.matchExpressions[2].values: Forbidden: may not be specified ' +
          "when `operator` is 'Exists' or 'DoesNotExist'",
      ],
    ],
    [
      'ingress: [{ports: [{port: a-name-that-is-too-long}, {port: a--b}, {port: A}, {port: 0}]}]',
      [
        'f:4:34: spec.ingress[0].ports[0].port: Invalid value: "a-name-that-is-too-long": must ' +
          'be no more than 15 characters',
        'f:4:67: spec.ingress[0].ports[1].port: Invalid value: "a--b": must not contain ' +
          'consecutive hyphens',
        'f:4:81: spec.ingress[0].ports[2].port: Invalid value: "A": must contain only ' +
          'alpha-numeric characters (a-z, 0-9), and hyphens (-)',
        'f:4:92: spec.ingress[0].ports[3].port: Invalid value: 0: must be between 1 and 65535, ' +
          'inclusive',
      ],
    ],
    [
      'ingress: [{ports: [{protocol: tcp, port: 0}, {port: 1, endPort: 65537}]}]',
      [
        'f:4:38: spec.ingress[0].ports[0].protocol: Unsupported value: "tcp": supported values: ' +
          '"TCP", "UDP", "SCTP"',
        'f:4:49: spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, ' +
          'inclusive',
        'f:4:72: spec.ingress[0].ports[1].endPort: Invalid value: 65537: must be between 1 and ' +
          '65535, inclusive',
      ],
    ],
    [
      'podSelector: {matchExpressions: [{key: -a, operator: In, values: [b_]}]}',
      [
        'f:4:47: spec.podSelector.matchExpressions[0].key: Invalid value: "-a": name part must ' +
          "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
          "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc')",
        'f:4:74: spec.podSelector.matchExpressions[0].values[0]: Invalid value: "b_": a valid ' +
          "label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', " +
          'and must start and end with an alphanumeric character ' +
          "(e.g. 'MyValue',  or 'my_value',  or '12345')",
      ],
    ],
  ])('%s', (spec, problems) => expect(problemsOf(policy(spec))).toEqual(problems));
});
