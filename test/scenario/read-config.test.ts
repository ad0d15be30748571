// A node's settings as text: what is meant is read, what cannot be meant is refused with its place.

import { expect, test } from 'vitest';
import { InputError } from '../../host/problem.ts';
import { readConfigFile } from '../../host/scenario/read.ts';

const read = (text: string) => readConfigFile(text, 'node.yaml');

function refusalOf(text: string): string[] {
  try {
    read(text);
  } catch (error) {
    if (error instanceof InputError) return error.message.split('\n');
  }
  return [];
}

test('MTUs by port, and a limit for errors', () => {
  const mtu = { uplink: 9000, pods: 1450, 'pod/shop/web-0': 68 };
  expect(read(JSON.stringify({ mtu }))).toMatchObject({ mtu });
  const icmpErrors = { perSecond: 10, atOnce: 5 };
  expect(read(JSON.stringify({ icmpErrors }))).toMatchObject({ icmpErrors });
  expect(read('icmpErrors: {}')).toMatchObject({ icmpErrors: { perSecond: 1000, atOnce: 50 } });
  expect(read('mode: ipvs')).not.toHaveProperty('mtu');
});

test('impossible ones are refused, all at once', () => {
  const text = 'mtu:\n  uplink: 67\n  eth0: 1500\n  pods: big\nicmpErrors:\n  perSecond: 0\n';
  expect(refusalOf(text)).toEqual([
    'node.yaml:2:11: mtu.uplink: Invalid value: 67: must be between 68 and 65535, inclusive',
    'node.yaml:3:9: mtu.eth0: Forbidden: a port is uplink, pods or pod/<namespace>/<name>',
    'node.yaml:4:9: mtu.pods: must be an integer, got string "big"',
    'node.yaml:6:14: icmpErrors.perSecond: Invalid value: 0: ' +
      'must be between 1 and 1000000, inclusive',
  ]);
});
