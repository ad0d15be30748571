// Hints from the topology annotation: who gives endpoints to whom, and when nobody gets hints.
// Expected distributions follow `topologycache_test.go` and `utils_test.go`.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import { defaultControllerOptions as options } from '../../../host/controllers/state.ts';
import { topologyHints } from '../../../host/controllers/topology-hints.ts';
import { parseQuantity } from '../../../host/kubernetes/quantity.ts';
import type { Labels, Node, SliceEndpoint } from '../../../host/kubernetes/types.ts';
import { node, pod, service } from './objects.ts';

const zoneLabel = 'topology.kubernetes.io/zone';

function nodeIn(zone: string, cpu: string | undefined, labels: Labels = {}): Node {
  const plain = node(`node-${zone}`, { labels: { ...labels, ...(zone && { [zoneLabel]: zone }) } });
  return { ...plain, status: { ...plain.status, ...(cpu && { allocatable: { cpu } }) } };
}

function withReadiness(one: Node, status: string): Node {
  return { ...one, status: { ...one.status, conditions: [{ type: 'Ready', status }] } };
}

/** Ready endpoints by their zones, a letter each; a capital one is not ready. */
function endpointsIn(zones: string): SliceEndpoint[] {
  return [...zones].map((zone, at) => ({
    addresses: [`10.0.0.${at}`],
    conditions: { ready: zone === zone.toLowerCase() },
    ...(zone !== '-' && { zone: zone.toLowerCase() }),
    hints: { forZones: [], forNodes: [] },
  }));
}

/** The zones of the hints, a letter each, `-` for none; or the refusal. */
function hintsOf(zones: string, nodes: readonly Node[]): string {
  const result = topologyHints(endpointsIn(zones), nodes);
  if ('refusal' in result) return result.refusal;
  return result.endpoints
    .map(({ hints }) => (hints.forZones.length > 0 ? `${hints.forZones}` : '-'))
    .join('');
}

const equal = [nodeIn('a', '4'), nodeIn('b', '4000m')];
const unsorted = ['c', 'a', 'b'].map((zone) => nodeIn(zone, '4'));
const quarters = [nodeIn('a', '1'), nodeIn('b', '1'), nodeIn('c', '2')];
const ninths = [...['a', 'b', 'c'].map((zone) => nodeIn(zone, '2')), nodeIn('d', '3')];

test.each<[what: string, nodes: Node[], zones: string, hints: string]>([
  ['even already', equal, 'ab', 'ab'],
  ['one zone gives half', equal, 'aaaa', 'bbaa'],
  ['an odd one stays', equal, 'aaaabbb', 'aaaabbb'],
  [
    'an odd one too many',
    equal,
    'aab',
    expect.stringMatching(/^minimum allocation .* \(3 endpoints, 2 zones\)$/),
  ],
  ['endpoints that are not ready have none', equal, 'aAb', 'a-b'],
  ['in proportion', [nodeIn('a', '6'), nodeIn('b', '2')], 'abbb', 'aaab'],
  ['small Nodes', [nodeIn('a', '1'), nodeIn('b', '1')], 'aaaa', 'bbaa'],
  ['as many as a small zone can take', [nodeIn('a', '1'), nodeIn('b', '6')], 'aabbbbb', 'babbbbb'],
  ['three zones', [...equal, nodeIn('c', '4')], 'aaaaaa', 'bbccaa'],
  ['two zones give to a third', [...equal, nodeIn('c', '4')], 'aaaccc', 'baabcc'],
  ['zones by name, not by the names of Nodes', unsorted, 'aaaaaa', 'bbccaa'],
  ['half an endpoint of each for a whole one', quarters, 'aaaabbbbcccccc', 'caaabbbbcccccc'],
  ['a whole endpoint for half a one of each', quarters, 'aaabbbcccccccc', 'aaabbbaccccccc'],
  ['less than half of each stays', ninths, 'aaaaabbbbbcccccdddddd', 'aaaaabbbbbcccccdddddd'],
  ['Nodes that are ready', equal.map((one) => withReadiness(one, 'True')), 'ab', 'ab'],
  ['two zones give one each', [...equal, nodeIn('c', '4')], 'aaabbb', 'caacbb'],
  [
    'a Node that is not ready',
    [...equal, withReadiness(nodeIn('c', '4'), 'False')],
    'abca',
    'abca',
  ],
  ['a Node nobody knows of', [...equal, withReadiness(nodeIn('c', '4'), 'Unknown')], 'ab', 'ab'],
  [
    'a control plane without CPU',
    [...equal, nodeIn('', undefined, { 'node-role.kubernetes.io/control-plane': '' })],
    'ab',
    'ab',
  ],
  ['no CPU', [...equal, nodeIn('c', undefined)], 'abc', expect.stringMatching(/^allocatable CPU/)],
  ['no zone', [...equal, nodeIn('', '4')], 'abc', expect.stringMatching(/^allocatable CPU/)],
  ['one zone', [nodeIn('a', '4')], 'aa', 'Nodes only ready in one zone'],
  ['few endpoints', equal, 'aB', 'insufficient number of endpoints (1 endpoints, 2 zones)'],
  [
    'too small a zone',
    [nodeIn('a', '10'), nodeIn('b', '10'), nodeIn('c', '1')],
    'abc',
    expect.stringMatching(/^minimum allocation .* \(3 endpoints, 3 zones\)$/),
  ],
  ['an endpoint without zone', equal, 'ab-a', 'one or more endpoints do not have a zone specified'],
])('%s', (_, nodes, zones, hints) => expect(hintsOf(zones, nodes)).toEqual(hints));

test('no zone is left with less than its share, but for the overload that is allowed', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 3, maxLength: 40 });
  const cpus = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 1, max: 8 })));
  fc.assert(
    fc.property(letters, cpus, (zones, cpu) => {
      const nodes = ['a', 'b', 'c'].map((zone, at) => nodeIn(zone, `${cpu[at]}`));
      const hints = hintsOf(zones, nodes);
      if (hints.includes(' ')) return;
      const total = cpu.reduce((sum, one) => sum + one, 0);
      for (const [at, zone] of ['a', 'b', 'c'].entries()) {
        const given = [...hints].filter((letter) => letter === zone).length;
        expect(given).toBeGreaterThanOrEqual(Math.floor((zones.length * cpu[at]!) / total / 1.2));
      }
      expect(hints).toMatch(new RegExp(`^[abc]{${zones.length}}$`));
    }),
  );
});

describe('of a Service', () => {
  const labels = { app: 'web' };
  const pods = ['p', 'q', 'r', 's'].map((name) =>
    pod(name, { labels, spec: { nodeName: 'node-a' } }),
  );
  const hintsWith = (annotations: Labels, nodes: Node[]) => {
    const plain = service('web', { selector: labels, trafficDistribution: 'PreferSameNode' });
    const web = { ...plain, metadata: { ...plain.metadata, annotations } };
    const { slices, notes } = completeCluster([web, ...pods, ...nodes], options);
    const hints = slices.flatMap(({ endpoints }) => endpoints.map((one) => one.hints));
    return { hints, notes: notes.map(({ message }) => message) };
  };
  const mode = 'service.kubernetes.io/topology-mode';
  const deprecated = 'service.kubernetes.io/topology-aware-hints';

  test.each([
    [{ [mode]: 'Auto' }],
    [{ [mode]: 'auto' }],
    [{ [deprecated]: 'auto', [mode]: 'Disabled' }],
  ])('%o comes before trafficDistribution', (annotations) => {
    const { hints } = hintsWith(annotations, equal);
    expect(hints.map(({ forZones }) => forZones[0])).toEqual(['b', 'b', 'a', 'a']);
    expect(hints.flatMap(({ forNodes }) => forNodes)).toEqual([]);
  });

  test.each([[{}], [{ [mode]: 'AUTO' }], [{ [deprecated]: 'Disabled', [mode]: 'Auto' }]])(
    '%o leaves trafficDistribution alone',
    (annotations) => {
      const { hints } = hintsWith(annotations, equal);
      expect(hints).toEqual(pods.map(() => ({ forZones: ['a'], forNodes: ['node-a'] })));
    },
  );

  test('each family by itself', () => {
    const plain = service('web', { selector: labels, ipFamilyPolicy: 'RequireDualStack' });
    const web = { ...plain, metadata: { ...plain.metadata, annotations: { [mode]: 'Auto' } } };
    const { slices } = completeCluster([web, ...pods, ...equal], options);
    const zones = slices.map(({ addressType, endpoints }) => [
      addressType,
      endpoints.map(({ hints }) => hints.forZones.join()).join(''),
    ]);
    expect(zones.toSorted()).toEqual([
      ['IPv4', 'bbaa'],
      ['IPv6', 'bbaa'],
    ]);
  });

  test('what stands in the way is said, and there are no hints at all', () => {
    const { hints, notes } = hintsWith({ [mode]: 'Auto' }, [nodeIn('a', '4')]);
    expect(hints).toEqual(pods.map(() => ({ forZones: [], forNodes: [] })));
    expect(notes).toContain('has no topology hints in IPv4: Nodes only ready in one zone');
  });
});

test.each([
  ['4', 4],
  ['3920m', 3.92],
  ['.5', 0.5],
  ['2e3', 2000],
  ['1Ki', 1024],
  ['1k', 1000],
  ['', null],
  ['4 cores', null],
  ['1e', null],
])('quantity "%s"', (text, value) => expect(parseQuantity(text)).toBe(value));
