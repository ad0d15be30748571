// The equivalent mutants of `host/controllers`, each with the proof.

/** Why no test can tell; how the line goes on; what stands there, and what instead. */
export type Proof = readonly [why: string, context: string, ...changes: string[]];

const nobody = 'no object has this name either';
const copy = 'nothing is added to what is there: an equal copy';
const wished = 'what is wished for, or was had before, is a range';
const sign = 'of what compares only the sign counts';
const narrowed = 'who is looked at in vain is left out by the next step';

export const proofsOfControllers: Readonly<Record<string, readonly Proof[]>> = {
  'host/controllers/allocate.ts': [
    [
      'nothing is given back: who looks again finds nothing again',
      'pool.isExhausted) return null;',
      'pool.isExhausted -> false',
    ],
  ],
  'host/controllers/concerned.ts': [
    [
      'made of all slices, the set is the same where none is for another Service',
      'changes.every(isOfSame) ? before : slicedServices(written);',
      'changes.every(isOfSame) ? before : slicedServices(written) -> slicedServices(written)',
    ],
    [
      'a Service that no change concerns comes out as it was',
      'candidates.filter(({ spec }) => matchesLabels(spec.selector ?? {}, metadata.labels));',
      'candidates.filter(({ spec }) => matchesLabels(spec.selector ?? {}, metadata.labels)) -> ' +
        'candidates',
    ],
    [
      'a Service that no change concerns comes out as it was',
      'spec.selector ?? {}, metadata.labels));',
      'spec.selector ?? {} -> (spec.selector) && ({})',
    ],
  ],
  'host/controllers/endpoint-slices.ts': [
    [nobody, "'' };", "'' -> 'mutant'"],
    [nobody, "'');", "'' -> 'mutant'"],
    [nobody, "''));", "'' -> 'mutant'"],
  ],
  'host/controllers/endpoints-mirror.ts': [[nobody, "''));", "'' -> 'mutant'"]],
  'host/controllers/namespaces.ts': [
    [
      copy,
      'metadata.labels[NAME_LABEL] === metadata.name) return namespace;',
      'metadata.labels[NAME_LABEL] === metadata.name -> false',
    ],
  ],
  'host/controllers/node-pod-ranges.ts': [
    [
      copy,
      'added.length === 0',
      'added.length === 0 ? node : { ...node, spec: { podCIDRs: ' +
        '[...node.spec.podCIDRs, ...added] } } -> { ...node, spec: { podCIDRs: ' +
        '[...node.spec.podCIDRs, ...added] } }',
    ],
    [
      'nobody asks for a range of a family that a Node has one of',
      'ranges.families',
      'ranges.families .filter((family) => !spec.podCIDRs.some((text) => familyOf(text) === ' +
        'family)) -> ranges.families',
    ],
    [wished, 'range === null) return false;', 'range === null -> false'],
    [
      'of two ranges of one length neither holds the other',
      'other.lengthBits === range.lengthBits) continue;',
      'other.lengthBits === range.lengthBits -> false',
    ],
  ],
  'host/controllers/node-ports.ts': [
    [copy, '!needsPorts && !needsCheck) return service;', '!needsPorts && !needsCheck -> false'],
  ],
  'host/controllers/nodes.ts': [
    [copy, 'addresses.length === 0) return node;', 'addresses.length === 0 -> false'],
  ],
  'host/controllers/pod-index.ts': [
    [
      narrowed,
      'carriers.length < fewest.length) fewest = carriers;',
      'carriers.length < fewest.length -> (carriers.length) <= (fewest.length)',
      'carriers.length < fewest.length -> (carriers.length) >= (fewest.length)',
    ],
    [narrowed, 'fewest = carriers;', 'fewest = carriers; -> nothing'],
  ],
  'host/controllers/pods.ts': [[nobody, "'');", "'' -> 'mutant'"]],
  'host/controllers/scheduling.ts': [
    [
      'what is not remembered is found out again',
      'scheduler.eligible.set(key, nodes);',
      'scheduler.eligible.set(key, nodes); -> nothing',
    ],
    [
      'there is no Node without name',
      'earlier === undefined ? undefined : scheduler.byName.get(earlier);',
      'earlier === undefined ? undefined : scheduler.byName.get(earlier) -> ' +
        'scheduler.byName.get(earlier)',
    ],
  ],
  'host/controllers/service-families.ts': [
    ['what is not 4 counts as IPv6', '6));', '6 -> 7', '6 -> 5'],
    ['a cluster that lacks one of two families has one at most', "', ')}`,", "', ' -> ''"],
  ],
  'host/controllers/topology-hints.ts': [
    ['neither is a quantity', "'');", "'' -> 'mutant'"],
    ['of a zone that has none the name is not asked', "'', 0];", "'' -> 'mutant'"],
  ],
  'host/controllers/written.ts': [
    ['the line before has told equal texts apart', 'a < b ? -1 : 1;', 'a < b -> (a) <= (b)'],
    [sign, '1 : 1;', '1 -> 2'],
    [sign, '1;', '1 -> 2'],
  ],
};
