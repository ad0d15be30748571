// Mutants of assembly/pipeline that no test can tell from what is right, each with the proof.

import { readsZeros, type Proofs } from './proof.js';

const walksMore = 'it has more packets take the whole walk, which comes to the same';

const untranslated = 'what is not translated is rewritten to what it is';

export const pipeline: Proofs = {
  'assembly/pipeline/commit.ts': [
    ['no packet is so short', '0;', '0 -> 1'],
    [walksMore, '', '0xffff -> 65534'],
    [walksMore, '', 'state.mtuBytes = mtuBytes == 0 ? 0xffff : mtuBytes; -> nothing'],
    [walksMore, '', 'mtuBytes == 0 ? 0xffff : mtuBytes -> mtuBytes'],
  ],
  'assembly/pipeline/express.ts': [
    [
      walksMore,
      '',
      'packet.networkBytes > state.mtuBytes -> (packet.networkBytes) >= (state.mtuBytes)',
      'packet.family == 4 -> false',
      '4 -> 5',
      '4 -> 3',
    ],
    [walksMore, '1) return false;', '1 -> 2'],
    [untranslated, '', 'state.effects & BOTH -> (state.effects) | (BOTH)'],
    [walksMore, 'true; const third', 'true -> false'],
    [
      'it has all packets walk: no IPv6 connection has ICMP type 6 or 17, where UDP or TCP is read',
      '32) ^ load<u64>(tuple, 32))) == 0;',
      '32 -> 32 + 1',
    ],
    [
      'it has all packets walk: no IPv6 connection has protocol 0, which is read of every packet',
      '32))) == 0;',
      '32 -> 32 + 1',
    ],
    [
      'only protocols that differ have no bit in common: such a connection is in no state to ' +
        'go on',
      '',
      'load<u64>(key, 32) ^ load<u64>(tuple, 32) -> (load<u64>(key, 32)) & (load<u64>(tuple, ' +
        '32))',
    ],
  ],
  'assembly/pipeline/open.ts': [
    [
      'judge asks for it under the same setting',
      '',
      'isSet(ConfigFlag.AllowToOwnNode) ? localityOf(decision.destinationHigh, ' +
        'decision.destinationLow) : 0 -> localityOf(decision.destinationHigh, ' +
        'decision.destinationLow)',
    ],
    ['judge asks for it under the same setting', '0; return judge(', '0 -> 1'],
  ],
  'assembly/pipeline/process.ts': [
    [
      'nobody is looked for ahead, and everybody is found in turn',
      '',
      'lookAhead(count); -> nothing',
    ],
    [
      'it has more packets take the whole walk, and those without a connection are known by none',
      '',
      'packet.half != 0 -> (packet.half) == (0)',
    ],
    ['half 0 has a key of zeros, which no packet has', '0 && packet.isGlanced', '0 -> 1'],
    [
      'who is not glanced at is parsed, and who is glanced at alone is parsed in turn',
      'count == 1 || !glance(descriptor, packet)',
      'count == 1 -> (count) != (1)',
    ],
    ['who is glanced at alone is parsed in turn', '1 || !glance(descriptor, packet)', '1 -> 0'],
    [
      'who is looked for ahead is found as in turn',
      'count > 1) lookAhead(count);',
      'count > 1 -> (count) >= (1)',
    ],
    [
      'nobody in company is looked for ahead, now or before, and everybody is found in turn',
      'count > 1) lookAhead(count);',
      'count > 1 -> (count) <= (1)',
    ],
    ['who is looked for ahead is found as in turn', '1) lookAhead(count);', '1 -> 0'],
    [readsZeros, 'record == null) return;', 'record == null -> false'],
    [
      'a search for those that wait finds nobody',
      '',
      'record.flags & FragmentFlag.Awaited -> (record.flags) | (FragmentFlag.Awaited)',
    ],
    [
      'followFirst writes all that is read of the decision about a later fragment',
      'openDecision(single, 0); followFirst(',
      'openDecision(single, 0); -> nothing',
    ],
    ['no endpoint and no port is chosen for a later fragment', '0); followFirst(', '0 -> 1'],
    [
      'nobody reads the packet: its fate is known',
      'clearPacket(single); openDecision(',
      'clearPacket(single); -> nothing',
    ],
  ],
  'assembly/pipeline/translate.ts': [
    [
      'after all ports the first one would be tried again, in vain',
      'tries < count; tries++) {',
      'tries < count -> (tries) <= (count)',
    ],
    [readsZeros, '0 && wanted.flags', '0 -> 1'],
    [
      'any order of all identifiers will do: they begin anew behind the last one',
      'isEcho(packet) ? 0 : FIRST_PORT;',
      'isEcho(packet) ? 0 : FIRST_PORT -> FIRST_PORT',
    ],
    [
      'any order of all identifiers will do: they begin anew behind the last one',
      '0 : FIRST_PORT;',
      '0 -> 1',
    ],
  ],
  'assembly/pipeline/datagram.ts': [
    [
      'there is no connection 0: nobody reads its record, and an earliest end is only a bound',
      '0) advance(',
      '0 -> 1',
    ],
    [untranslated, '', 'first.effects & BOTH -> (first.effects) | (BOTH)'],
  ],
  'assembly/pipeline/established.ts': [
    [
      untranslated,
      'state.effects & BOTH) { rewriteTuple(',
      'state.effects & BOTH -> (state.effects) | (BOTH)',
    ],
  ],
  'assembly/pipeline/answers.ts': [
    [
      'it is the first of the fields: there is nothing to add',
      'at + offsetof<Config>("node4High")',
      'at + offsetof<Config>("node4High") -> (at) - (offsetof<Config>("node4High"))',
    ],
  ],
};
