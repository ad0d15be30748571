// The model's TCP rules, which are prose, against Linux's table, which is a table
// (nf_conntrack_proto_tcp.c, tcp_conntracks). Legend: - invalid, = ignored, r reopens.

import { expect, test } from 'vitest';
import { openTcp } from '../../fuzz/model/tcp.ts';
import type { Direction, TcpState } from '../../fuzz/model/tcp-states.ts';
import { segmentOf, stateAfter } from '../../fuzz/model/tcp-states.ts';
import { lifeSeconds } from '../../fuzz/model/tracking.ts';
import { Ip } from '../../host/net/packet-layout.ts';

const states: Record<string, TcpState> = {
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

test.each(table)('%s %s', (direction, _, tcpFlags, row) => {
  const got = columns.map((column) => stateAfter(states[column]!, direction, segmentOf(tcpFlags)));
  expect(got).toEqual(row.split(/ +/).map((cell) => marks[cell] ?? states[cell]));
});

const ends = { source: '10.0.0.1', destination: '10.0.0.2', sourcePort: 1, destinationPort: 2 };
const opened = (tcpFlags: number, mayPickUp = true) =>
  openTcp({ ...ends, protocol: Ip.Tcp, tcpFlags }, mayPickUp);

test.each([
  [2, 'syn-sent'],
  [16, 'established'],
  [24, 'established'],
  [18, undefined],
  [17, undefined],
  [4, undefined],
  [0, undefined],
  [3, undefined],
  [1, undefined],
])('flags %i open a connection as %s', (tcpFlags, state) => {
  expect(opened(tcpFlags)?.state).toBe(state);
});

test('only a SYN opens one where none is picked up', () => {
  expect(opened(16, false)).toBeNull();
  expect(opened(2, false)?.state).toBe('syn-sent');
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
  const connection = { ...opened(16)!, state, isAnswered: true };
  expect(lifeSeconds(connection, Ip.Tcp, { isStream: false })).toBe(seconds);
});

test.each([
  ['picked up and not answered', {}, 300],
  ['answered', { isAnswered: true }, 86400],
])('an established connection that is %s lives %#i seconds', (_, change, seconds) => {
  const connection = { ...opened(16)!, ...change };
  expect(lifeSeconds(connection, Ip.Tcp, { isStream: false })).toBe(seconds);
});
