// What rules that hold together say is found out once, by whatever way they were found.

import { describe, expect, test } from 'vitest';
import { Direction } from '../../../host/abi/abi.gen.ts';
import { compileRuleset, rulePods } from '../../../host/compile/ruleset.ts';
import { formatPrefix } from '../../../host/net/prefix.ts';
import { policyOf } from './cluster-state.ts';

const ofApp = (app: string) => ({ podSelector: { matchLabels: { app } } });
const rule = (app: string, cidr: string, port: string) => ({
  peers: [ofApp(app), { ipBlock: { cidr, except: [] } }],
  ports: [{ protocol: 'TCP' as const, port }],
});
const policy = policyOf({
  ingress: [
    rule('x', '10.0.0.0/8', 'first'),
    rule('y', '10.1.0.0/16', 'second'),
    rule('x', '10.1.1.0/24', 'third'),
  ],
});
const ruleset = compileRuleset(
  { text: 'ingress', direction: Direction.Ingress, policies: [policy] },
  { nodes: [], domainNames: {} },
  () => 0,
);
const [x, y] = [...ruleset.scopes.keys()] as [string, string];
const atBlock = (cidr: string) =>
  ruleset.blocks.find(({ prefix }) => formatPrefix(prefix) === cidr)!.ports;

describe('rules that hold together', () => {
  test.each([
    ['of a pod, again', [x], rulePods(ruleset, [x])],
    ['of a pod in two scopes, and of the innermost block', [x, y], atBlock('10.1.1.0/24')],
    ['in any order of the scopes', [y, x], atBlock('10.1.1.0/24')],
  ])('%s', (_, scopes, expected) => {
    expect(rulePods(ruleset, scopes)).toBe(expected);
  });

  test('and others say something else', () => {
    const names = (ports: typeof ruleset.any) => ports.ports.map(({ port }) => port);
    expect(names(rulePods(ruleset, [x]))).toEqual(['first', 'third']);
    expect(names(rulePods(ruleset, [y]))).toEqual(['second']);
    expect(names(atBlock('10.1.0.0/16'))).toEqual(['first', 'second']);
    expect(names(atBlock('10.1.1.0/24'))).toEqual(['first', 'second', 'third']);
  });
});
