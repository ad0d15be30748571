// Mutants of assembly/wire that no test can tell from what is right, each with the proof.

import type { Proofs } from './proof.js';

export const wire: Proofs = {
  'assembly/wire/checksum.ts': [
    ['adding nothing changes nothing', 'delta == 0) return;', 'delta == 0 -> false'],
    ['adding nothing changes nothing', 'return; const sum', 'return; -> nothing'],
  ],
  'assembly/wire/icmp.ts': [
    ['129 is the echo reply, an answer above', '130 && type <= 137)', '130 -> 129'],
    ['ECHO6 itself was an answer above', 'type < ECHO6) {', 'type < ECHO6 -> (type) <= (ECHO6)'],
  ],
  'assembly/wire/ipv4.ts': [
    [
      'what is not called plain goes the long way, to the same end',
      'this.flagsAndOffset & FRAGMENT_BITS) == 0;',
      'this.flagsAndOffset & FRAGMENT_BITS -> (this.flagsAndOffset) | (FRAGMENT_BITS)',
    ],
  ],
  'assembly/wire/tcp-options.ts': [
    [
      'of two equal numbers either is the highest',
      '<i32>(highest - edge) < 0) highest = edge;',
      '<i32>(highest - edge) < 0 -> (<i32>(highest - edge)) <= (0)',
    ],
    [
      'the long way through the options finds the same',
      '',
      'header.tcpHeaderBytes - TCP_BYTES -> (header.tcpHeaderBytes) + (TCP_BYTES)',
      'isTimestampOnly(header) -> false',
    ],
    [
      'where the rest is a multiple of 8, a little more makes no further block',
      'bytes - HEAD_BYTES) / BLOCK_BYTES;',
      'bytes - HEAD_BYTES -> (bytes) + (HEAD_BYTES)',
    ],
    ['of two equal numbers either is the highest', '0) highest = edge;', '0 -> 1'],
    [
      'behind the end there is no room for an option',
      'end - at < HEAD_BYTES || load<u8>(at) == END) return 0;',
      'end - at -> (end) + (at)',
    ],
    ['at address 1 there are zeros, which end the list', '0 : at;', '0 -> 1'],
    [
      'twelve bytes of options that read so from the second one on hold no whole option',
      'TCP_BYTES) == TIMESTAMP_ONLY );',
      'TCP_BYTES -> TCP_BYTES + 1',
    ],
  ],
};
