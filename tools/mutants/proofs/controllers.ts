// The equivalent mutants of `host/controllers`, each with the proof.

import type { Proofs } from './proof.js';

const nobody = 'no object has this name either';
const copy = 'nothing is added to what is there: an equal copy';
const wished = 'what is wished for, or was had before, is a range';
const forgotten = 'what is not remembered is found out again';
const sign = 'of what compares only the sign counts';
const narrowed = 'who is looked at in vain is left out by the next step';

export const controllers: Proofs = {
  'host/controllers/allocate.ts': [
    ['who was looked at before is still taken', '1], [first, preferred', '1 -> 0'],
    [
      'nothing is given back: who looks again finds nothing again',
      'pool.isExhausted) return null;',
      'pool.isExhausted -> false',
    ],
  ],
  'host/controllers/changes.ts': [
    [
      'behind both ends nothing differs',
      'from < before.length || to < after.length) {',
      'from < before.length -> (from) <= (before.length)',
    ],
    [
      'behind both ends nothing differs',
      'to < after.length) {',
      'to < after.length -> (to) <= (after.length)',
    ],
    [
      'behind the end of a list there is nothing to pass by, and only the sign counts',
      '1; return b === undefined',
      '1 -> 2',
      '1 -> 0',
    ],
    [
      'lists that are the same differ in no object',
      'before === after) return changes;',
      'before === after -> false',
    ],
    [
      'behind the end of a list there is nothing to pass by, and only the sign counts',
      '1 : compareObjects(a, b);',
      '1 -> 2',
    ],
    [
      'behind the end of a list there is nothing to pass by, and only the sign counts',
      '1 : compareObjects(a, b);',
      '1 -> 0',
    ],
    [
      'an empty part adds nothing',
      'at > copied) parts.push(list.slice(copied, at));',
      'at > copied -> (at) >= (copied)',
    ],
  ],
  'host/controllers/complete.ts': [[nobody, "'') ?? ranges.pod;", "'' -> 'mutant'"]],
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
  'host/controllers/follow.ts': [
    [
      'where a state is followed no Service comes or goes: both are absent, or neither',
      'old === undefined || now === undefined) continue;',
      'old === undefined || now === undefined -> (old === undefined) && (now === undefined)',
    ],
  ],
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
    [wished, 'false; for (const other', 'false -> true'],
    [
      'of two ranges of one length neither holds the other',
      'other.lengthBits === range.lengthBits) continue;',
      'other.lengthBits === range.lengthBits -> false',
    ],
    [
      'of two ranges of one length neither holds the other',
      'continue; if (prefixContains',
      'continue; -> nothing',
    ],
  ],
  'host/controllers/node-ports.ts': [
    [copy, '!needsPorts && !needsCheck) return service;', '!needsPorts && !needsCheck -> false'],
    [
      'who has none yet is asked once more, and who gets none then is refused',
      'nodePort === undefined ? port',
      'nodePort === undefined ? port : { ...port, nodePort } -> { ...port, nodePort }',
    ],
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
  'host/controllers/ranges.ts': [
    [
      forgotten,
      'knownFamilies.set(list, families);',
      'knownFamilies.set(list, families); -> nothing',
    ],
    [forgotten, 'known !== undefined) return known;', 'known !== undefined -> false'],
  ],
  'host/controllers/scheduling.ts': [
    [
      forgotten,
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
  'host/controllers/services.ts': [['sizes are powers of two', '16) return range;', '16 -> 17']],
  'host/controllers/standing.ts': [
    [
      'where one object takes the place of another the namespace is lived in',
      '[...slices, ...policies].filter(isAlone);',
      '[...slices, ...policies].filter(isAlone) -> [...slices, ...policies]',
    ],
    [
      'no object has an empty name, so that kinds are not compared',
      "'', namespace, name: '' })]?.metadata.namespace === namespace,",
      "'' -> 'mutant'",
    ],
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
