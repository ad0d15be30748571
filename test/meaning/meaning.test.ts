// The parts of `npm run coverage:meaning`: what there is to reach is read from the boundary, and
// what a watched instance does is told as it is.

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { Reason, Trace, enums, type TraceStep } from '../../host/abi/abi.gen.ts';
import type { Point } from '../../tools/coverage/instrument.ts';
import { countedWasm } from '../../tools/coverage/files.ts';
import { addresses, client, makeNode, send, servicePort } from '../assembly/node.ts';
import { expectCells, reachCells } from './cells.ts';
import { Census } from './census.ts';
import { expectDoors, reachDoors } from './doors.ts';
import { operateOnMaps } from './map-operations.ts';
import { expectSteps, reachStep } from './steps.ts';
import { watchInstances, type WatchedPacket } from './watch.ts';

describe('a census', () => {
  test('says how many of each kind were reached, and names the others', () => {
    const census = new Census();
    census.expect('fruit', ['apple', 'pear']);
    census.expect('fruit', ['plum']);
    census.reach('fruit', 'pear');
    census.reach('fruit', 'pear');
    expect(census.lines).toEqual(['fruit: 1/3']);
    expect(census.missing).toEqual(['fruit: apple', 'fruit: plum']);
  });

  test('has no place for what nobody expected', () => {
    const census = new Census();
    census.expect('fruit', ['apple']);
    expect(() => census.reach('fruit', 'cabbage')).toThrow('fruit: nobody expected cabbage');
    expect(() => census.reach('herb', 'mint')).toThrow('herb: nobody expected mint');
  });
});

const step = (code: Trace, values: Partial<TraceStep> = {}): TraceStep =>
  ({ code, packet: 0, first: 0, second: 0, third: 0, fourth: 0, fifth: 0, ...values }) as TraceStep;

test('arguments of steps mean what the boundary says of them', () => {
  const census = new Census();
  expectSteps(census);
  expect(census.lines).toContain(`Reason: 0/${enums.Reason.length - 1}`);
  expect(census.lines).toContain('FrontendKind: 0/4');
  reachStep(census, step(Trace.Decided, { first: 1, second: Reason.NoRoute, third: 7 }));
  reachStep(census, step(Trace.FrontendFound, { first: 99, second: 3 }));
  for (const kind of ['Trace: 2', 'Verdict: 1', 'Reason: 1', 'FrontendKind: 1']) {
    expect(census.lines.join('\n')).toContain(`${kind}/`);
  }
  expect(census.missing).not.toContain('Reason: no-route');
  expect(() => reachStep(census, step(Trace.FrontendFound, { second: 77 }))).toThrow('nobody');
});

test('cells are the elements of tables, but for those that are never looked up', () => {
  const path = 'assembly/conntrack/tcp-state.ts';
  const texts = ['CL', 'NV', 'IV'];
  const points: Point[] = texts.map((text, index) => {
    return { path, line: 9, column: index, text, isElement: true };
  });
  const code = { ...points[0]!, isElement: false };
  const census = new Census();
  expectCells(census, [...points, code]);
  reachCells(census, [...points, code], Uint8Array.of(0, 0, 1, 1));
  expect(census.missing).toEqual([`cells of ${path}: ${path}:9:0 (CL)`]);
});

describe('a watched instance', () => {
  const packets: WatchedPacket[] = [];
  const reasons: number[] = [];
  const statuses = new Set<number>();
  const census = new Census();
  const unwatched = WebAssembly.Instance;

  beforeAll(async () => {
    expectDoors(census);
    const module = new WebAssembly.Module(readFileSync(countedWasm));
    watchInstances(module, {
      instance: () => {},
      packet(packet, serviceOf) {
        packets.push(packet);
        reachDoors(census, packet, serviceOf);
      },
      reason: (reason) => void reasons.push(reason),
      mapStatus: (status) => void statuses.add(status),
    });
    const instance = await makeNode({ traceSteps: 1 });
    const { client: source, service: destination } = addresses[4];
    const ports = { sourcePort: 40_000, destinationPort: servicePort };
    const sent = send(instance, { source, destination, protocol: 17, ...ports }, { port: client });
    expect(sent.verdict).toBe('forward');
    let state = 1;
    operateOnMaps(module, (bound) => (state = (state * 48_271) % 0x7fff_ffff) % bound, 20_000);
    WebAssembly.Instance = unwatched;
  });

  test('tells each packet as it came, with all its steps', () => {
    const [packet] = packets;
    expect(packets).toHaveLength(1);
    expect(packet!.fields).toMatchObject({ destination: addresses[4].service });
    expect(packet!.steps[0]!.code).toBe(Trace.Parsed);
    expect(packet!.steps.at(-1)!.code).toBe(Trace.Decided);
    expect(reasons).toEqual([Reason.None]);
  });

  test('knows the door that was dialled, by whom, and the row that it is served by', () => {
    expect(census.lines.join()).toMatch(/: 1\/84$/);
    expect(census.missing).not.toContain(
      'service doors, callers and traffic policies: cluster-ip from a local pod: Cluster, served',
    );
  });

  test('tells every status of a map operation', () => {
    expect(statuses.size).toBe(enums.MapStatus.length);
  });
});
