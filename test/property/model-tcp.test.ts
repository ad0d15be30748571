// The model's TCP rules, which are prose, against Linux's table, which is a table
// (nf_conntrack_proto_tcp.c, tcp_conntracks). Legend: - invalid, = ignored, r reopens.

import { expect, test } from 'vitest';
import type { ConnectionState, Direction } from '../../fuzz/model/connections.ts';
import { expiryOf, openingState, progressOf } from '../../fuzz/model/connections.ts';
import { Ip } from '../../host/net/packet-layout.ts';

const states: Record<string, ConnectionState> = {
  SS: 'syn-sent',
  SR: 'syn-received',
  ES: 'established',
  FW: 'fin-wait',
  CW: 'close-wait',
  LA: 'last-ack',
  TW: 'time-wait',
  CL: 'close',
  S2: 'syn-sent-2',
};
const columns = 'SS SR ES FW CW LA TW CL S2'.split(' ');

const table: [Direction, string, number, string][] = [
  ['original', 'SYN', 2, 'SS =  =  =  =  =  r  r  S2'],
  ['original', 'SYN+ACK', 18, '-  SR -  -  -  -  -  -  SR'],
  ['original', 'FIN+ACK', 17, '-  FW FW LA LA LA TW CL -'],
  ['original', 'ACK', 16, '-  ES ES CW CW TW TW CL -'],
  ['original', 'RST', 4, 'CL CL CL CL CL CL CL CL CL'],
  ['original', 'none', 0, '-  -  -  -  -  -  -  -  -'],
  ['reply', 'SYN', 2, 'S2 -  -  -  -  -  r  -  S2'],
  ['reply', 'SYN+ACK', 18, 'SR =  =  =  =  =  =  =  SR'],
  ['reply', 'FIN+ACK', 17, '-  FW FW LA LA LA TW CL -'],
  ['reply', 'ACK', 16, '=  SR ES CW CW TW TW CL ='],
  ['reply', 'RST', 4, 'CL CL CL CL CL CL CL CL CL'],
  ['reply', 'none', 0, '-  -  -  -  -  -  -  -  -'],
];

const marks: Record<string, string> = { '-': 'invalid', '=': 'ignored', r: 'reopens' };
const tuple = {
  source: '10.0.0.1',
  destination: '10.0.0.2',
  sourcePort: 1,
  destinationPort: 2,
  protocol: Ip.Tcp,
};

function connectionIn(state: ConnectionState) {
  const times = { createdAtMs: 0, expiresAtMs: 1 };
  const service = { service: null, isServiceChanged: false };
  return { original: tuple, reply: tuple, ...service, state, ...times };
}

test.each(table)('%s %s', (direction, _, tcpFlags, row) => {
  const got = columns.map((column) =>
    progressOf({ connection: connectionIn(states[column]!), direction }, { ...tuple, tcpFlags }),
  );
  expect(got).toEqual(row.split(/ +/).map((cell) => marks[cell] ?? states[cell]));
});

test.each([
  [2, 'syn-sent'],
  [16, 'established'],
  [24, 'established'],
  [18, null],
  [17, null],
  [4, null],
  [0, null],
  [3, null],
  [1, null],
])('flags %i open a connection as %s', (tcpFlags, state) => {
  expect(openingState({ ...tuple, tcpFlags })).toBe(state);
});

test.each([
  ['syn-sent', 120],
  ['syn-received', 60],
  ['established', 86400],
  ['fin-wait', 120],
  ['close-wait', 3600],
  ['last-ack', 30],
  ['time-wait', 120],
  ['close', 10],
] as const)('%s lives %i seconds', (state, seconds) => {
  expect(expiryOf(connectionIn(state), 5000)).toBe(5000 + seconds * 1000);
});
