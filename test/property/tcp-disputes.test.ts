// TCP connections whose ends do not agree with what was seen of them: a SYN in the middle that was
// right, one that is challenged, resets in and out of window, a half-open end.

import { describe } from 'vitest';
import {
  from,
  back,
  of,
  options,
  ack,
  syn,
  synAck,
  fin,
  rst,
  opening,
  both,
  sackOffer,
  minus,
  Rst,
  Ack,
  tell,
  type Fields,
  type Said,
} from './tcp-stories.ts';

/** A SYN in the middle of a connection, which its answer proves right. */
const overtaken = (offer: Fields, answer: Fields, sequence = 90_000): Said[] => [
  ...both(options(3, 3, 1, 4, 2, 1, 1, 1)),
  from(syn({ sequence, window: 77, ...offer })),
  back(synAck({ sequence: 40_000, acknowledgement: sequence + 1, window: 9, ...answer })),
  from(ack({ sequence: sequence + 1, acknowledgement: 40_001, ...of(2) })),
  back(ack({ sequence: 40_001, acknowledgement: sequence + 3, ...of(2) })),
];
/** A client whose number, and its reset, are far from each other. */
const resetFrom0 = (sequence: number): Said[] => [
  from(syn({ sequence })),
  back(rst({ tcpFlags: Rst | Ack, sequence: 5, acknowledgement: minus(sequence + 2) })),
  from(rst()),
];

const disputes: Readonly<Record<string, readonly Said[]>> = {
  'an ignored SYN that was right: scaled': overtaken(options(3, 3, 9, 1), options(3, 3, 6, 1)),
  'an ignored SYN that was right: selective': overtaken(sackOffer, sackOffer),
  'an ignored SYN that was right: plain': overtaken({ window: 0 }, options(3, 3, 6, 4, 2, 1)),
  'an ignored SYN that was right: answered without options': overtaken(sackOffer, {}),
  'an ignored SYN that was right: from within the window': overtaken({}, {}, 500),
  'of two ignored SYNs the last counts': [
    ...opening(),
    from(syn({ sequence: 90_000, ...options(3, 3, 9, 4, 2) })),
    from(syn({ sequence: 91_000, ...options(3, 3, 6) })),
    from(syn({ sequence: 92_000, ...sackOffer })),
    from(syn({ sequence: 93_000 })),
  ],
  'an ignored SYN with data, answered a little wrong': [
    ...opening(),
    from(syn({ sequence: 90_000, ...of(5) })),
    back(synAck({ sequence: 40_000, acknowledgement: 90_005 })),
    from(syn({ sequence: 90_000, ...of(5) })),
    from(synAck({ sequence: 40_000, acknowledgement: 90_006 })),
    back(synAck({ sequence: 40_000, acknowledgement: 90_006 })),
  ],
  'a SYN in a closing connection, challenged once': [
    ...opening(),
    from(fin()),
    back(fin({ acknowledgement: 2 })),
    from(syn({ sequence: 700, ...options(3, 3, 5, 4, 2, 1) })),
    back(ack({ sequence: 2, acknowledgement: 2 })),
    back(ack({ sequence: 2, acknowledgement: 2 })),
  ],
  'a SYN in a closing connection, challenged by nobody': [
    ...opening(),
    from(fin()),
    back(fin({ acknowledgement: 2 })),
    from(syn({ sequence: 700 })),
    from(ack({ sequence: 2, acknowledgement: 2 })),
    back(ack({ sequence: 2, acknowledgement: 2 })),
  ],
  'a SYN in a closing connection that was right': [
    ...opening(),
    from(fin()),
    back(fin({ acknowledgement: 2 })),
    from(syn({ sequence: 700 })),
    back(synAck({ sequence: 40_000, acknowledgement: 701 })),
  ],
  'resets of a closing connection are believed, wherever they are': [
    ...opening(),
    from(fin()),
    back(rst({ sequence: 900_000 })),
    back(rst({ sequence: 800_000 })),
    from(rst({ sequence: 900_000 })),
  ],
  'a reset that acknowledges the last segment, out of window': [
    ...opening(),
    back(ack()),
    from(rst({ tcpFlags: Rst | Ack, sequence: 300_000, acknowledgement: 1 })),
  ],
  'a reset that acknowledges the SYN+ACK, out of window': [
    from(syn()),
    back(synAck()),
    back(rst({ tcpFlags: Rst | Ack, sequence: 300_000, acknowledgement: 1 })),
  ],
  'a reset at the number that was acknowledged to the other end': [
    from(syn({ sequence: 100_000 })),
    back(synAck({ acknowledgement: 100_001 })),
    from(ack({ sequence: 100_001 })),
    back(ack({ acknowledgement: 100_001 })),
    back(rst({ sequence: 100_001 })),
  ],
  'a reset with a number but without the flag for it': [
    ...opening(),
    from(rst({ sequence: 1, acknowledgement: 77 })),
  ],
  'a reset from 0 while nobody has answered': resetFrom0(100_000),
  'a reset from 0, from the other half of the circle': resetFrom0(0xf000_0000),
  'a reset from 0 of a handshake far from it': [
    from(syn({ sequence: 100_000 })),
    back(synAck({ acknowledgement: 100_001 })),
    from(rst({ tcpFlags: Rst | Ack })),
  ],
  'a challenged reset, and the last segment once more': [
    ...opening(),
    back(ack()),
    from(ack(of(5))),
    from(rst({ sequence: 100 })),
    from(ack(of(5))),
  ],
  'resets in the order of Linux': [
    ...opening(),
    from(ack(of(10))),
    back(ack({ acknowledgement: 11, ...of(20) })),
    from(ack({ sequence: 11, acknowledgement: 21 })),
    back(rst({ sequence: 20 })),
    back(rst({ sequence: 22 })),
    back(rst({ tcpFlags: Rst | Ack, sequence: 22, acknowledgement: 12 })),
    from(rst({ tcpFlags: Rst | Ack, sequence: 10, acknowledgement: 21 })),
    back(rst({ sequence: 21 })),
  ],
  'a reset right behind data that are not acknowledged': [
    ...opening(),
    back(ack()),
    from(ack(of(10))),
    back(ack({ acknowledgement: 11 })),
    from(ack({ sequence: 11, ...of(10) })),
    from(rst({ sequence: 21 })),
  ],
  'a reset without a number before the handshake ends': [
    from(syn({ sequence: 30 })),
    back(synAck({ sequence: 60, acknowledgement: 31 })),
    from(rst({ tcpFlags: Rst | Ack })),
  ],
  'a reset from nowhere that refuses a SYN': [
    from(syn({ sequence: 30 })),
    back(rst({ tcpFlags: Rst | Ack, sequence: 0, acknowledgement: 30 })),
    back(rst({ tcpFlags: Rst | Ack, sequence: 0, acknowledgement: 31 })),
  ],
  'a half-open end, its challenge, and the reset of that': [
    from(syn({ sequence: 30 })),
    back(ack({ sequence: 7000, acknowledgement: 6000, ...of(1) })),
    from(rst({ sequence: 6001 })),
    from(rst({ sequence: 6000 })),
  ],
  'a half-open end, and the reset that acknowledges what it said': [
    from(syn({ sequence: 30 })),
    back(ack({ sequence: 7000, acknowledgement: 6000, ...of(1) })),
    from(rst({ tcpFlags: Rst | Ack, sequence: 55, acknowledgement: 7001 })),
  ],
  'a SYN refused by the other side, in step with neither': [
    ...opening(),
    from(syn({ sequence: 500_000 })),
    from(rst({ tcpFlags: Rst | Ack, sequence: 900, acknowledgement: 500_001 })),
    from(syn({ sequence: 500_000 })),
    back(rst({ tcpFlags: Rst | Ack, sequence: 900, acknowledgement: 500_000 })),
    from(syn({ sequence: 500_000 })),
    back(rst({ tcpFlags: Rst | Ack, sequence: 900, acknowledgement: 500_001 })),
  ],
  'who closes first may begin again': [
    ...opening(),
    back(fin()),
    from(fin({ acknowledgement: 2 })),
    back(ack({ sequence: 2, acknowledgement: 2 })),
    back(syn({ sequence: 8000 })),
    back(syn({ sequence: 9000 })),
  ],
  'ends out of step: a FIN and a reset, one after the other': [
    ...opening(),
    from(fin({ sequence: 5_000_000 })),
    from(rst({ sequence: 6_000_000 })),
    from(ack({ sequence: 5_000_000 })),
    back(rst({ sequence: 5_000_000, tcpFlags: Rst | Ack, acknowledgement: 1 })),
    from(fin({ sequence: 5_000_000 })),
  ],
};

describe('TCP', () => tell(disputes));
