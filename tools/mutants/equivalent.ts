// Mutants that no test can tell from what is right, each with the proof. It may only shrink: a
// report fails when one of them is killed, or is there no more.

import { hostProofs } from './equivalent-host.js';
import type { Proofs } from './proof.js';
import type { Mutant } from './schemata.js';

export interface Equivalent {
  readonly path: string;
  /** How the line goes on from there. */
  readonly context: string;
  /** What stands there, and what instead, as a report prints it. */
  readonly change: string;
  readonly why: string;
}

const readsZeros = 'at address 0 there is nothing but zeros: data begin at 1024';

const proofs: Proofs = {
  'assembly/conntrack/connection-table.ts': [
    [
      'a wider stride wastes memory, and nothing else',
      'family == 4 ? 32 : 64;',
      'family == 4 ? 32 : 64 -> 64',
    ],
    ['a wider stride wastes memory, and nothing else', '32 : 64;', '32 -> 33'],
    [
      'slots that are looked at twice have nothing more to give',
      'table.slots.fresh - 1); left > 0; left--) {',
      'table.slots.fresh - 1 -> (table.slots.fresh) + (1)',
    ],
    ['the line before has told equal times apart', 'a < b;', 'a < b -> (a) <= (b)'],
  ],
  'assembly/conntrack/sctp-state.ts': [
    [
      'never looked up: nothing opens with an answer, nor out of the blue',
      'NV',
      'NV -> another element',
    ],
  ],
  'assembly/conntrack/sctp.ts': [
    [
      'ChunkType.Data is 0',
      '1 << ChunkType.Data)) != 0;',
      '1 << ChunkType.Data -> (1) >> (ChunkType.Data)',
    ],
  ],
  'assembly/conntrack/tcp-state.ts': [
    ['never looked up: nothing opens with an answer', 'NV', 'NV -> another element'],
  ],
  'assembly/conntrack/tcp.ts': [
    [
      'of two equal times either is the lesser',
      'usual > retransmitted) return retransmitted;',
      'usual > retransmitted -> (usual) >= (retransmitted)',
    ],
    [
      'of two equal times either is the lesser',
      'usual > unacknowledged) return unacknowledged;',
      'usual > unacknowledged -> (usual) >= (unacknowledged)',
    ],
    [
      'of two equal times either is the lesser',
      'record.expiresAtMs > endMs) record.expiresAtMs = endMs;',
      'record.expiresAtMs > endMs -> (record.expiresAtMs) >= (endMs)',
    ],
  ],
  'assembly/packet/decision.ts': [
    [
      'None is 0, and the whole decision has just been cleared',
      'decision.masquerade = <u8>MasqueradeCause.None;',
      'decision.masquerade = <u8>MasqueradeCause.None; -> nothing',
    ],
  ],
  'assembly/packet/parse.ts': [
    [
      'the line before has told equal lengths apart',
      'headerBytes < IPV4_BYTES) return Reason.BadIpv4HeaderLength;',
      'headerBytes < IPV4_BYTES -> (headerBytes) <= (IPV4_BYTES)',
    ],
  ],
  'assembly/pipeline/translate.ts': [
    [
      'after all ports the first one would be tried again, in vain',
      'tries < count; tries++) {',
      'tries < count -> (tries) <= (count)',
    ],
  ],
  'assembly/policy/policy.ts': [
    [
      readsZeros,
      'peer == null ? 0 : peer.identity;',
      'peer == null ? 0 : peer.identity -> peer.identity',
    ],
    [
      readsZeros,
      'peer == null ? 0 : peer.neighbour;',
      'peer == null ? 0 : peer.neighbour -> peer.neighbour',
    ],
  ],
  'assembly/policy/tables.ts': [
    [
      readsZeros,
      'value == 0 ? 0 : changetype<PortName>(value).name;',
      'value == 0 ? 0 : changetype<PortName>(value).name -> changetype<PortName>(value).name',
    ],
  ],
  'assembly/route/route.ts': [
    [
      readsZeros,
      'value == 0 ? 0 : changetype<Locality>(value).flags;',
      'value == 0 ? 0 : changetype<Locality>(value).flags -> changetype<Locality>(value).flags',
    ],
    [readsZeros, 'value == 0 ? noRoute : value);', 'value == 0 ? noRoute : value -> value'],
  ],
  'assembly/service/scheduler.ts': [
    [
      readsZeros,
      'load == null ? 0 : load.active;',
      'load == null ? 0 : load.active -> load.active',
    ],
  ],
  'assembly/service/service.ts': [
    [
      readsZeros,
      'frontend == null ? 0 : frontend.service;',
      'frontend == null ? 0 : frontend.service -> frontend.service',
    ],
    [
      readsZeros,
      'frontend == null ? 0 : frontend.kind);',
      'frontend == null ? 0 : frontend.kind -> frontend.kind',
    ],
  ],
  'assembly/table/arena.ts': [
    [
      'only target guards has bytes between allocations',
      '((<u64>at + bytes + (LINE - 1)) & ~(<u64>(LINE - 1))) + GUARD_BYTES;',
      '((<u64>at + bytes + (LINE - 1)) & ~(<u64>(LINE - 1))) + GUARD_BYTES -> ' +
        '(((<u64>at + bytes + (LINE - 1)) & ~(<u64>(LINE - 1)))) - (GUARD_BYTES)',
    ],
    [
      'only target guards has bytes between allocations',
      'memory.fill(at + <usize>bytes, GUARD_MARK, top - at - <usize>bytes);',
      'memory.fill(at + <usize>bytes, GUARD_MARK, top - at - <usize>bytes); -> nothing',
    ],
    [
      'only target guards has bytes between allocations',
      'at + <usize>bytes, GUARD_MARK, top - at - <usize>bytes);',
      'at + <usize>bytes -> (at) - (<usize>bytes)',
    ],
    [
      'only target guards has bytes between allocations',
      'top - at - <usize>bytes);',
      'top - at - <usize>bytes -> (top - at) + (<usize>bytes)',
      'top - at -> (top) + (at)',
    ],
    [
      'an arena is opened once, and is not exhausted then',
      'isExhausted = false;',
      'isExhausted = false; -> nothing',
    ],
  ],
  'assembly/table/prefix-table.ts': [
    [
      'no bit of the other half belongs to a prefix of 64',
      '64 ? ~0 : leadingBits(length);',
      '64 -> 63',
    ],
  ],
  'assembly/table/slots.ts': [
    [
      'the link of a number that was never handed out is 0, which is not TAKEN',
      'slot < slots.fresh && load<u32>(slots.links + ((<usize>slot) << 2)) == TAKEN;',
      'slot < slots.fresh -> (slot) <= (slots.fresh)',
    ],
  ],
  'assembly/table/tag-index.ts': [
    [
      'an index is never full: it holds twice the references it was made for',
      'left > 0, "the index is full");',
      'left > 0 -> (left) >= (0)',
    ],
  ],
  'assembly/wire/checksum.ts': [
    [
      'no sum of a packet’s words reaches bit 32',
      'sum = (sum & 0xffffffff) + (sum >> 32);',
      'sum = (sum & 0xffffffff) + (sum >> 32); -> nothing',
    ],
    [
      'no sum of a packet’s words reaches bit 32',
      '(sum & 0xffffffff) + (sum >> 32);',
      '(sum & 0xffffffff) + (sum >> 32) -> ((sum & 0xffffffff)) - ((sum >> 32))',
    ],
    [
      'after two folds nothing is left above bit 15',
      '(sum & 0xffff) + (sum >> 16));',
      '(sum & 0xffff) + (sum >> 16) -> ((sum & 0xffff)) - ((sum >> 16))',
    ],
  ],
  'assembly/wire/icmp.ts': [
    ['ECHO6 itself was an answer above', 'type < ECHO6) {', 'type < ECHO6 -> (type) <= (ECHO6)'],
  ],
  'assembly/wire/tcp-options.ts': [
    [
      'of two equal numbers either is the highest',
      '<i32>(highest - edge) < 0) highest = edge;',
      '<i32>(highest - edge) < 0 -> (<i32>(highest - edge)) <= (0)',
    ],
  ],
};

const all = Object.entries({ ...proofs, ...hostProofs });

export const equivalents: readonly Equivalent[] = all.flatMap(([path, list]) =>
  list.flatMap(([why, context, ...changes]) =>
    changes.map((change) => ({ path, context, change, why })),
  ),
);

/** Whether an entry is about a mutant. */
export function isAbout({ path, context, change }: Equivalent, mutant: Mutant): boolean {
  return mutant.path === path && mutant.change === change && mutant.context.startsWith(context);
}
