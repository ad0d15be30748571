// Mutants of `host/compile` that no test can tell from what is right, each with the proof: mostly
// ways that are shorter than another one with the same result.

import type { Proofs } from './proof.js';

export const compile: Proofs = {
  'host/compile/endpoint-sets.ts': [['neither is an address', "'');", "'' -> 'mutant'"]],
  'host/compile/entries.ts': [
    [
      'bytes that are the same are equal one by one too',
      'left === right) return true;',
      'left === right -> false',
    ],
  ],
  'host/compile/localities.ts': [
    [
      'of two families, the first that is not of one is the first of the other',
      'prefix.family === family).slice(0, 1),',
      'prefix.family === family -> (prefix.family) !== (family)',
    ],
  ],
  'host/compile/maglev.ts': [
    [
      'sizes are prime: none is a multiple of a hundred',
      'size >= endpoints * slotsPerEndpoint)',
      'size >= endpoints * slotsPerEndpoint -> (size) > (endpoints * slotsPerEndpoint)',
    ],
  ],
  'host/compile/nesting.ts': [
    [
      'IPv4 has 96 bits and more, and no IPv6 prefix of so many reaches over it',
      'prefix.family === 6 && prefix.lengthBits < 96 && prefixContains(',
      'prefix.family === 6 && prefix.lengthBits < 96 -> (prefix.family === 6) || ' +
        '(prefix.lengthBits < 96)',
    ],
    [
      '96 bits of ::ffff:0:0 are a prefix of IPv4 itself',
      'prefix.lengthBits < 96 && prefixContains(asIPv4, mappedIPv4.bytes);',
      'prefix.lengthBits < 96 -> (prefix.lengthBits) <= (96)',
    ],
    [
      '96 bits of ::ffff:0:0 are a prefix of IPv4 itself',
      '96 && prefixContains(asIPv4, mappedIPv4.bytes);',
      '96 -> 97',
    ],
    [
      'no IPv4 prefix is called by a length below 0',
      'inner.family === 4 ? 96 : 0;',
      'inner.family === 4 ? 96 : 0 -> 0',
    ],
    ['no IPv4 prefix is called by a length below 0', '4 ? 96 : 0;', '4 -> 5'],
    ['no IPv4 prefix is called by a length below 0', '4 ? 96 : 0;', '4 -> 3'],
    ['no IPv4 prefix is called by a length below 0', '96 : 0;', '96 -> 95'],
    [
      'what is written behind the last byte is nowhere',
      'lengthBits < 128) bytes[lengthBits >> 3]! &= 0xff00 >> (lengthBits & 7);',
      'lengthBits < 128 -> (lengthBits) <= (128)',
    ],
    [
      'what is written behind the last byte is nowhere',
      '128) bytes[lengthBits >> 3]! &= 0xff00 >> (lengthBits & 7);',
      '128 -> 129',
    ],
    [
      'that bit was cleared one step before, or was never set',
      '0xff00 >> (lengthBits & 7);',
      '0xff00 -> 65281',
    ],
    [
      'no prefix of a length that none has is found',
      '!lengths.has(lengthBits)) continue;',
      '!lengths.has(lengthBits) -> false',
    ],
    ['no prefix of a length that none has is found', 'continue;', 'continue; -> nothing'],
  ],
  'host/compile/node-view.ts': [
    [
      'a list is the same as itself, pod by pod',
      'before === after) return true;',
      'before === after -> false',
    ],
    [
      'it is said of both the other way round',
      'deletionTimestamp === null],',
      'deletionTimestamp === null -> (deletionTimestamp) !== (null)',
    ],
  ],
  'host/compile/peer-classes.ts': [
    [
      'who stands as before changes no count, and its entries come out equal',
      'isSameStanding(old, now?.standing)) continue;',
      'isSameStanding(old, now?.standing) -> false',
    ],
    [
      'who stands as before changes no count, and its entries come out equal',
      'continue;',
      'continue; -> nothing',
    ],
    [
      'where nothing is asked anew, no kind is concerned',
      'scopes.length + names.size === 0) return texts;',
      'scopes.length + names.size === 0 -> false',
    ],
    ['one user less and one more come to the same', 'from === to) return;', 'from === to -> false'],
    ['one user less and one more come to the same', 'return; const known', 'return; -> nothing'],
    [
      'who is looked at in vain stands as before',
      'usedPorts(kind, names).length > 0)',
      'usedPorts(kind, names).length > 0 -> (usedPorts(kind, names).length) >= (0)',
    ],
    [
      'who is looked at in vain stands as before',
      '[...from].filter(([key]) => !other.has(key))',
      '[...from].filter(([key]) => !other.has(key)) -> [...from]',
    ],
    [
      'both are absent together: of a kind that is gone',
      'to === undefined || make === undefined) return;',
      'to === undefined || make === undefined -> (to === undefined) && (make === undefined)',
    ],
  ],
  'host/compile/peer-rows.ts': [
    [
      'all classes are more than the candidates, and each is looked at',
      'nameless.size > 0) return this.#all();',
      'nameless.size > 0 -> (nameless.size) >= (0)',
    ],
    [
      'an index that is made again is the same',
      'this.#byScope !== null) return this.#byScope;',
      'this.#byScope !== null -> false',
    ],
    [
      'in the same scopes as a pod without labels, a class is told the same',
      'shared.length === nameless.size && shared.every((text) => nameless.has(text))) return null;',
      'shared.length === nameless.size && shared.every((text) => nameless.has(text)) -> false',
    ],
  ],
  'host/compile/peer-scope.ts': [
    [
      'labels that are not kept are made again, the same',
      'byName.set(name, labels);',
      'byName.set(name, labels); -> nothing',
    ],
    [
      'any label that a scope asks for finds its pods, and scopes without one are looked at anyway',
      '0];',
      '0 -> 1',
    ],
    [
      'scopes that are in no list by label or Namespace are looked at for every pod',
      "'string') append(this.#byNamespace, scope.namespace, scope);",
      "'string' -> ''",
    ],
  ],
  'host/compile/persistent-map.ts': [
    [
      'a leaf that is copied once more holds the same',
      'leaf === undefined || !own.has(leaf)) {',
      'leaf === undefined -> (leaf) !== (undefined)',
    ],
    [
      'a branch that is copied once more holds the same',
      'branch === undefined || !own.has(branch)) {',
      'branch === undefined -> (branch) !== (undefined)',
    ],
    ['a branch that is copied once more holds the same', '', 'own.add(branch); -> nothing'],
    ['a leaf that is copied once more holds the same', '', 'own.add(leaf); -> nothing'],
    [
      'where the branch is the same, so are its leaves',
      'before === after) continue;',
      'before === after -> false',
    ],
    [
      'where the branch is the same, so are its leaves',
      'continue; for (let leaf',
      'continue; -> nothing',
    ],
    [
      'there is no leaf behind the last, in neither branch',
      'leaf < branching; leaf++) {',
      'leaf < branching -> (leaf) <= (branching)',
    ],
    [
      'there is no branch behind the last, in neither map',
      'at < branching; at++) {',
      'at < branching -> (at) <= (branching)',
    ],
  ],
  'host/compile/placed-services.ts': [
    [
      'what is compiled for the node itself comes out as what is shared',
      "'', hints }) =>",
      "'' -> 'mutant'",
    ],
  ],
  'host/compile/pod-kinds.ts': [
    [
      'no addresses come to no claims',
      'addresses.length === 0) return [];',
      'addresses.length === 0 -> false',
    ],
    [
      'kinds are known by their texts: two that are equal do as well as one',
      'kinds.set(kind.text, kind);',
      'kinds.set(kind.text, kind); -> nothing',
    ],
    [
      'no rule asks for a port without a name: kinds are only cut finer',
      'name === undefined ? [] : [{ name, containerPort, protocol }],',
      'name === undefined ? [] : [{ name, containerPort, protocol }] -> [{ name, ' +
        'containerPort, protocol }]',
    ],
  ],
  'host/compile/policy-maps.ts': [
    ['1 is Present, which is set anyway', '0) |', '0 -> 1'],
    ['1 is Present, which is set anyway', '0);', '0 -> 1'],
    ['of entries that go only the keys are asked', '0)) yield [key, undefined];', '0 -> 1'],
  ],
  'host/compile/policy-part.ts': [
    [
      'a NetworkPolicy has no rank: it only counts that it stays as it is',
      '0; const { domainNames }',
      '0 -> 1',
    ],
  ],
  'host/compile/policy-rule.ts': [
    [
      'no peer of a NetworkPolicy has nodes',
      "policy.kind === 'NetworkPolicy') return false;",
      "policy.kind === 'NetworkPolicy' -> false",
    ],
    [
      'no peer of a NetworkPolicy has nodes',
      "'NetworkPolicy') return false;",
      "'NetworkPolicy' -> ''",
    ],
  ],
  'host/compile/ruling.ts': [
    [
      'ranks of a tier are all different, and of NetworkPolicies it only counts that ' +
        'there is one',
      'grant.rank < first.rank ? grant : first;',
      'grant.rank < first.rank -> (grant.rank) <= (first.rank)',
    ],
  ],
  'host/compile/service-group.ts': [
    [
      'nobody else has this rank, so that names are not compared',
      "'', rank: 1, value }));",
      "'' -> 'mutant'",
    ],
    ['any rank behind that of Services will do', '1, value }));', '1 -> 2'],
  ],
  'host/compile/subjects.ts': [
    [
      'where no policy changed, none concerns a kind',
      'changed.length > 0 ? [...subjects.keys()] : []) {',
      'changed.length > 0 -> (changed.length) >= (0)',
    ],
    [
      'where no policy changed, none concerns a kind',
      'changed === null || changed.length > 0 ? [...subjects.keys()] : []) {',
      'changed === null || changed.length > 0 ? [...subjects.keys()] : [] -> ' +
        '[...subjects.keys()]',
    ],
  ],
};
