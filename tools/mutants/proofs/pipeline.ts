// Mutants of assembly/pipeline that no test can tell from what is right, each with the proof.

import { readsZeros, type Proofs } from './proof.js';

const walksMore = 'it has more packets take the whole walk, which comes to the same';

export const pipeline: Proofs = {
  'assembly/pipeline/commit.ts': [
    ['no packet is so short', '0;', '0 -> 1'],
    [walksMore, '', '0xffff -> 65534'],
    [
      walksMore,
      '',
      'state.mtuBytes = mtuBytes == 0 ? 0xffff : mtuBytes; -> nothing',
      'mtuBytes == 0 ? 0xffff : mtuBytes -> mtuBytes',
    ],
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
    [
      'what is not translated is rewritten to what it is',
      '',
      'state.effects & BOTH -> (state.effects) | (BOTH)',
    ],
    [walksMore, 'true; const third = load<u64>(key, 16) ^ load<u64>(tuple, 16);', 'true -> false'],
    [walksMore, '', '32 -> 32 + 1'],
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
    [
      'judge asks for it under the same setting',
      '0; return judge(packet, decision, locality, target);',
      '0 -> 1',
    ],
  ],
  'assembly/pipeline/process.ts': [
    [
      'nobody is looked for ahead, and everybody is found in turn',
      '',
      'lookAhead(count); -> nothing',
    ],
    [walksMore, '', 'packet.half != 0 -> (packet.half) == (0)'],
    [
      'who is not glanced at is parsed, and who is not looked for ahead is found in turn',
      '',
      'count == 1 -> (count) != (1)',
      'count > 1 -> (count) >= (1)',
      'count > 1 -> (count) <= (1)',
    ],
    [
      'who is not glanced at is parsed, and who is not looked for ahead is found in turn',
      '1 || !glance(de',
      '1 -> 2',
    ],
    [
      'who is not glanced at is parsed, and who is not looked for ahead is found in turn',
      '1) lookAhead(count);',
      '1 -> 0',
    ],
    [readsZeros, '', 'record == null -> false'],
    [readsZeros, 'return; if (record.fla', 'return; -> nothing'],
    [
      'where nobody waits none is found',
      '',
      'record.flags & FragmentFlag.Awaited -> (record.flags) | (FragmentFlag.Awaited)',
    ],
    [
      'followFirst writes all of it that is read',
      'openDecision(single, 0); followFirst(single, decision, record);',
      'openDecision(single, 0); -> nothing',
    ],
    [
      'nobody chooses for what is dropped',
      '0); decide(Verdict.Drop, Reason.FragmentTimeout);',
      '0 -> 1',
    ],
  ],
  'assembly/pipeline/translate.ts': [
    [
      'after all ports the first one would be tried again, in vain',
      'tries < count; tries++) {',
      'tries < count -> (tries) <= (count)',
    ],
    [readsZeros, '0 && wanted.flag', '0 -> 1'],
    ['all identifiers are tried, in whatever order', '0 : FIRST_PORT;', '0 -> 1'],
  ],
  'assembly/pipeline/answers.ts': [
    [
      'that is the first field of a Config',
      '',
      'at + offsetof<Config>("node4High") -> (at) - (offsetof<Config>("node4High"))',
    ],
  ],
  'assembly/pipeline/datagram.ts': [
    [
      'connection 0 is nobody’s, and nobody reads what is noted there',
      '0) advance(connectionsOf(packet.family), half, packet);',
      '0 -> 1',
    ],
    [
      'what is not translated is rewritten to what it is',
      '',
      'first.effects & BOTH -> (first.effects) | (BOTH)',
    ],
  ],
  'assembly/pipeline/established.ts': [
    [
      'what is not translated is rewritten to what it is',
      'state.effects & BOTH) { const deltas =',
      'state.effects & BOTH -> (state.effects) | (BOTH)',
    ],
  ],
};
