// What the benchmarks send: frames from templates are those that the codec writes, and the
// connections of every kind of traffic are opened.

import { describe, expect, test } from 'vitest';
import {
  acknowledgesAnswer,
  FrameTemplate,
  turnIntoAnswer,
} from '../../../host/cli/bench-frames.ts';
import { TrafficSender } from '../../../host/cli/bench-connections.ts';
import { meanOfParts } from '../../../host/cli/bench-parts.ts';
import { compileTraffic, trafficPaths } from '../../../host/cli/bench-traffic.ts';
import { Instance } from '../../../host/dataplane/instance.ts';
import { encodePacket, TcpFlag, type PacketFields } from '../../../host/net/packet.ts';
import { applyPlan } from '../../../host/reconcile/apply.ts';
import { printed } from './run-cli.ts';

const numbers = { source: 0x0a01fffe, sourcePort: 40_000, destination: 0xc0a80102 };
const ends = { ...numbers, destinationPort: 443 };
const payload = Uint8Array.of(1, 2, 3);

describe.each([
  [4, '0.0.0.0', '10.1.255.254', '192.168.1.2'],
  [6, 'fd00::', 'fd00::a01:fffe', 'fd00::c0a8:102'],
] as const)('frames of IPv%d', (_, none, source, destination) => {
  const segment: PacketFields = {
    ...{ source, destination, sourcePort: 40_000, destinationPort: 443, protocol: 6 },
    ...{ tcpFlags: TcpFlag.Syn, sequence: 0xffff_fffe, payload },
  };
  const template = new FrameTemplate({ ...segment, source: none, destination: none });
  const view = new DataView(new ArrayBuffer(template.lengthBytes + 5));

  test('are those of the codec', () => {
    template.write(ends, view, 5);
    expect(new Uint8Array(view.buffer, 5)).toEqual(encodePacket(segment, 'ethernet'));
  });

  test('are answered as the codec would', () => {
    template.write(ends, view, 5);
    turnIntoAnswer(view, 5);
    const answer: PacketFields = {
      ...segment,
      ...{ source: destination, destination: source, sourcePort: 443, destinationPort: 40_000 },
      ...{ tcpFlags: TcpFlag.Syn | TcpFlag.Ack, sequence: acknowledgesAnswer - 1 },
      acknowledgement: 0xffff_ffff,
    };
    expect(new Uint8Array(view.buffer, 5)).toEqual(encodePacket(answer, 'ethernet'));
  });
});

test.each(trafficPaths.flatMap((path) => [4, 6].map((family) => [path, family] as const)))(
  'connections of %s over IPv%d are opened and forwarded, each its own',
  async (path, family) => {
    const kind = { path, family: family as 4 | 6, services: 7, policies: 3 };
    const traffic = compileTraffic(kind);
    const instance = await Instance.create({ capacity: traffic.capacityFor(2000) });
    applyPlan(instance, traffic.operations);
    new TrafficSender(instance, traffic).open(0, 1000);
    expect([...instance.map('connections').entries()]).toHaveLength(1000);
  },
);

describe('bench', () => {
  const report = async (...words: string[]): Promise<Record<string, unknown>> =>
    JSON.parse(await printed('bench', ...words, '-o', 'json')) as Record<string, unknown>;

  test('--matrix has a row for each path and family', async () => {
    const words = ['--matrix', '--flows', '1', '--packets', '256', '--services', '3'];
    const { rows } = await report(...words);
    expect(rows).toHaveLength(8);
    expect((rows as object[])[0]).toMatchObject({ path: 'pod to pod', family: 4, connections: 1 });
    expect(await printed('bench', ...words)).toMatch(/^masqueraded node port +IPv6 +1 +\d+/m);
  });

  test('--replay replays connections that are opened and answered', async () => {
    const { packets, flows, rows } = await report('--replay', '--packets', '4000');
    expect([packets, flows]).toEqual([4000, 1000]);
    expect((rows as { name: string }[]).map(({ name }) => name)).toEqual([
      'read',
      'verdicts',
      'copied',
      'rewritten',
    ]);
  });

  test.each(['json', 'yaml'])('--scale --list %s reads what it wrote', async (format) => {
    const sizes = ['--services', '20', '--pods', '30'];
    const { objects, steps } = await report('--scale', '--list', format, ...sizes);
    expect(objects).toBe(1500 + 20 * 3 + 30);
    expect(steps).toHaveLength(4);
  });

  test('--scale --nodes has a packet forwarded on each', async () => {
    expect(await report('--scale', '--nodes', '3')).toMatchObject({ nodes: 3, answered: 3 });
  });

  test('--scale --flows opens as many', async () => {
    const { connections, wasmBytes } = await report('--scale', '--flows', '500');
    expect(connections).toBe(500);
    expect(wasmBytes).toBeGreaterThan(500 * 128);
  });
});

test('parts that were interrupted do not count', () => {
  expect(meanOfParts([10, 14, 12, 500, 9000])).toBe(12);
});
