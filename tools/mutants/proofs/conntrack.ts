// Mutants of assembly/conntrack that no test can tell from what is right, each with the proof.

import type { Proofs } from './proof.js';

const walksMore = 'it has more packets take the whole walk, which comes to the same';
const equalTimes = 'of two equal times either is the lesser';

export const conntrack: Proofs = {
  'assembly/conntrack/connection-table.ts': [
    [
      'a wider stride wastes memory, and nothing else',
      'family == 4 ? 32 : 64;',
      'family == 4 ? 32 : 64 -> 64',
    ],
    ['a wider stride wastes memory, and nothing else', '32 : 64;', '32 -> 33'],
    ['the line before has told equal times apart', 'a < b;', 'a < b -> (a) <= (b)'],
    ['a wider stride wastes memory, and nothing else', '', '4 -> 5', '4 -> 3', '64 -> 65'],
    ['a wider stride wastes memory, and nothing else', '2 * halfBytes;', '2 -> 3'],
    [
      'it is swept in vain',
      '',
      'table.earliestMs = NEVER; -> nothing',
      'table.earliestMs = earliestMs; -> nothing',
    ],
    [
      'it only reads ahead',
      '',
      'load<u8>(keyOf(table, half)) ^ record.state ^ (<u32>record.replyPackets) -> ' +
        '(load<u8>(keyOf(table, half)) ^ record.state) & ((<u32>record.replyPackets))',
      'load<u8>(keyOf(table, half)) ^ record.state -> (load<u8>(keyOf(table, half))) & ' +
        '(record.state)',
    ],
    ['a slot that is not there is not taken', '', 'false -> true'],
    [
      'of two that are equally old either may be called the older one, but always the same',
      '',
      'hashKey(table, keyOf(table, half & ~1)) < hashKey(table, keyOf(table, other & ~1)) -> ' +
        '(hashKey(table, keyOf(table, half & ~1))) <= (hashKey(table, keyOf(table, other & ~1)))',
      'hashKey(table, keyOf(table, half & ~1)) < hashKey(table, keyOf(table, other & ~1)) -> ' +
        '(hashKey(table, keyOf(table, half & ~1))) >= (hashKey(table, keyOf(table, other & ~1)))',
    ],
  ],
  'assembly/conntrack/lookahead.ts': [
    [
      'it only reads ahead',
      '',
      'read ^= load<u8>(bucketOf(connectionsOf(packet.family).index, packet.hash)); -> nothing',
      'read ^= load<u8>(bucketOf(connectionsOf(packet.family).index, packet.hash)); -> read = ' +
        '(read) & (load<u8>(bucketOf(connectionsOf(packet.family).index, packet.hash)));',
      'read ^= readLines(connectionsOf(packet.family), packet.half); -> nothing',
      'read ^= readLines(connectionsOf(packet.family), packet.half); -> read = (read) & ' +
        '(readLines(connectionsOf(packet.family), packet.half));',
      'touched = read; -> nothing',
    ],
    [
      'a guess is held against the tuple, and wants no guess',
      '',
      'packet.hash == 0 ? 0 : guessReference(index, packet.hash) -> 0',
      'packet.hash == 0 ? 0 : guessReference(index, packet.hash) -> guessReference(index, ' +
        'packet.hash)',
      'packet.hash == 0 -> (packet.hash) != (0)',
    ],
    [
      'a guess is held against the tuple, and wants no guess',
      '0 ? 0 : guessReference(index, packet.hash);',
      '0 -> 1',
    ],
    [
      'a guess is held against the tuple, and wants no guess',
      '0 : guessReference(index, packet.hash);',
      '0 -> 1',
    ],
    [
      'a tuple without a hash is hashed when it is looked for',
      '',
      'hashTuples(count); -> nothing',
      'packet.hash = hashKey(connectionsOf(packet.family), tupleOf(packet)); -> nothing',
    ],
    ['it only reads ahead', '0; for (let number: u32 = 0;', '0 -> 1'],
    [
      'it only reads ahead',
      '0; number < count; number++) { const packet = packetAt(number); read ^= load<u',
      '0 -> 1',
    ],
    [
      'it only reads ahead',
      'number < count; number++) { const packet = packetAt(number); read ^= ' +
        'load<u8>(bucketOf(connectionsOf(packet.family).index, packet.hash));',
      'number < count -> (number) <= (count)',
    ],
    [
      'it only reads ahead',
      'number < count; number++) { const packet = packetAt(number); read ^= load<u',
      'number < count -> (number) >= (count)',
    ],
    [
      'it only reads ahead',
      'number++) { const packet = packetAt(number); read ^= load<u',
      'number++ -> number--',
    ],
    [
      'it only reads ahead',
      '0; number < count; number++) { const packet = packetAt(number); read ^= ' +
        'readLines(connectionsOf(packet.family), packet.half);',
      '0 -> 1',
    ],
    [
      'it only reads ahead',
      'number < count; number++) { const packet = packetAt(number); read ^= ' +
        'readLines(connectionsOf(packet.family), packet.half);',
      'number < count -> (number) >= (count)',
    ],
    [
      'it only reads ahead',
      'number++) { const packet = packetAt(number); read ^= ' +
        'readLines(connectionsOf(packet.family), packet.half);',
      'number++ -> number--',
    ],
    [
      'a guess is held against the tuple, and wants no guess',
      '0; number < count; number++) { const packet = packetAt(number); const index = ' +
        'connectionsOf(packet.family).index;',
      '0 -> 1',
    ],
    [
      'a guess is held against the tuple, and wants no guess',
      'number < count; number++) { const packet = packetAt(number); const index = ' +
        'connectionsOf(packet.family).index;',
      'number < count -> (number) >= (count)',
    ],
    [
      'a guess is held against the tuple, and wants no guess',
      'number++) { const packet = packetAt(number); const index = ' +
        'connectionsOf(packet.family).index;',
      'number++ -> number--',
    ],
    [
      'a guess is held against the tuple, and wants no guess',
      '',
      'packet.half = packet.hash == 0 ? 0 : guessReference(index, packet.hash); -> nothing',
    ],
    [
      'a tuple without a hash is hashed when it is looked for',
      '0; number < count; number++) { const packet = packetAt(number); packet.hash = 0;',
      '0 -> 1',
    ],
    [
      'a tuple without a hash is hashed when it is looked for',
      'number < count; number++) { const packet = packetAt(number); packet.hash = 0;',
      'number < count -> (number) >= (count)',
    ],
    [
      'a tuple without a hash is hashed when it is looked for',
      'number++) { const packet = packetAt(number); packet.hash = 0;',
      'number++ -> number--',
    ],
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
    [
      'it is only asked whether the type has a row',
      '0, type) == ConnectionState.None) return false;',
      '0 -> 1',
    ],
    ['types beyond 14 have no rule', '', '31 -> 30'],
    ['it is only asked whether there were any', '', 'count++ -> count--'],
  ],
  'assembly/conntrack/steady.ts': [
    [
      'of a connection without an answer one direction was routed, which goes on alike',
      '',
      'record.state != ConnectionState.Replied -> false',
      'record.state != ConnectionState.Replied -> (record.state) == (ConnectionState.Replied)',
    ],
    [
      walksMore,
      '',
      'packet.protocol == TCP -> (packet.protocol) != (TCP)',
      'headerBytes != TCP_BYTES && !isTimestampOnly(header) -> (headerBytes != TCP_BYTES) || ' +
        '(!isTimestampOnly(header))',
      'receiver.end - max(sender.maxWindow, ACK_WINDOW) - 1 -> (receiver.end - ' +
        'max(sender.maxWindow, ACK_WINDOW)) + (1)',
      'max(sender.maxWindow, ACK_WINDOW) -> min(sender.maxWindow, ACK_WINDOW)',
      'receiver.end + 1 -> (receiver.end) - (1)',
      'sender.end - receiver.maxWindow - 1 -> (sender.end - receiver.maxWindow) + (1)',
      'sender.maxEnd + 1 -> (sender.maxEnd) - (1)',
    ],
    [walksMore, '1;', '1 -> 0'],
    [walksMore, '1) || !isAfter(acknowledgement, ackFloor)) {', '1 -> 0'],
    [walksMore, '1) || !isAfter(end, floor)) return false;', '1 -> 0'],
    ['both branches set it', '0;', '0 -> 1'],
    [walksMore, '', 'sender.end - receiver.maxWindow -> (sender.end) + (receiver.maxWindow)'],
  ],
  'assembly/conntrack/tcp-state.ts': [
    ['never looked up: nothing opens with an answer', 'NV', 'NV -> another element'],
    [
      'of a RST the table tells only whether it may be: reset tells what it leads to',
      'CL, CL, CL, CL, CL',
      'CL -> another element',
    ],
    [
      'of a RST the table tells only whether it may be: reset tells what it leads to',
      'CL, CL, CL, CL, //',
      'CL -> another element',
    ],
    [
      'of a RST the table tells only whether it may be: reset tells what it leads to',
      'CL, CL, CL, // Non',
      'CL -> another element',
    ],
    [
      'of a RST the table tells only whether it may be: reset tells what it leads to',
      'CL, CL, // None: n',
      'CL -> another element',
    ],
    [
      'of a RST the table tells only whether it may be: reset tells what it leads to',
      'CL, // None: no TC',
      'CL -> another element',
    ],
  ],
  'assembly/conntrack/tcp-window.ts': [
    [
      'a segment that acknowledges is left as it is by pretendAcknowledgement too',
      '',
      'segment.flags & (ACK | RST) -> (segment.flags) | ((ACK | RST))',
      'ACK | RST -> (ACK) & (RST)',
    ],
    [
      'only asked of segments without ACK, or with RST',
      'segment.flags & RST) != 0 && segment.acknowledgement == 0;',
      'segment.flags & RST -> (segment.flags) | (RST)',
    ],
    [
      'only asked of segments without ACK, or with RST',
      '0 && segment.acknowledgement == 0;',
      '0 -> 1',
    ],
    [
      'an end that is compared with itself has offered a scale, or has none',
      '',
      'direction == 0 -> false',
    ],
    [
      'an end that is compared with itself has offered a scale, or has none',
      'return; // RFC 7323, 1',
      'return; -> nothing',
    ],
  ],
  'assembly/conntrack/tcp.ts': [
    [
      equalTimes,
      'usual > retransmitted) return retransmitted;',
      'usual > retransmitted -> (usual) >= (retransmitted)',
    ],
    [
      equalTimes,
      'usual > unacknowledged) return unacknowledged;',
      'usual > unacknowledged -> (usual) >= (unacknowledged)',
    ],
    [
      equalTimes,
      'record.expiresAtMs > endMs) record.expiresAtMs = endMs;',
      'record.expiresAtMs > endMs -> (record.expiresAtMs) >= (endMs)',
    ],
    [
      'the state is INVALID then, and that is what openingState gives back',
      '',
      'state == INVALID -> false',
    ],
    [
      'only SYNs of the originator are let pass: who sees one in TIME-WAIT has seen a FIN',
      '',
      'segment.event == TcpEvent.Syn && direction == 0 -> (segment.event == TcpEvent.Syn) || ' +
        '(direction == 0)',
    ],
    [
      'only an ACK leads from LAST-ACK to TIME-WAIT, and there the last segment was no SYN',
      '',
      'record.state == ConnectionState.LastAck && segment.event == TcpEvent.Ack -> ' +
        '(record.state == ConnectionState.LastAck) || (segment.event == TcpEvent.Ack)',
    ],
  ],
  'assembly/conntrack/track.ts': [
    [
      'load 0 is nobody’s, and a state that stays moves nothing',
      '',
      'record.load != 0 && record.state != before -> (record.load != 0) || (record.state != ' +
        'before)',
    ],
    [
      'a guess is held against the tuple, and wants no guess',
      '',
      'packet.half != 0 && isHalfOf(table, packet.half, tuple) -> false',
    ],
    ['a table is only asked whether its family is 4', '', '6 -> 7', '6 -> 5'],
    [
      'a hash that is known is that of the same tuple',
      '',
      'packet.hash == 0 ? hashKey(table, tuple) : packet.hash -> hashKey(table, tuple)',
    ],
  ],
};
