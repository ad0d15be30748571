// What the steps of a trace say, to the last argument, in both families: a connection through a
// Service and back, one that is masqueraded, and packets that end otherwise.

import { beforeEach, describe, expect, test } from 'vitest';
import {
  Balancing,
  ConfigFlag,
  ConnectionState,
  EndpointCause,
  EndpointSet,
  FrontendKind,
  MasqueradeCause,
  Reason,
  RouteKind,
  ServiceAddressKind,
  ServiceFlag,
  Verdict,
} from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import type { ChoiceInput } from '../../host/dataplane/vector.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { addresses, answerTo, client, makeNode, nodePort, send, uplink } from './node.ts';
import { server, servicePort, targetPort } from './node.ts';

describe.each([4, 6] as const)('IPv%i', (family) => {
  const own = addresses[family];
  const zero = family === 4 ? '0.0.0.0' : '::';
  const service = family === 4 ? 1 : 2;
  let instance: Instance;
  beforeEach(async () => {
    instance = await makeNode();
  });

  const dialled: PacketFields = {
    source: own.client,
    destination: own.service,
    protocol: 17,
    sourcePort: 40000,
    destinationPort: servicePort,
  };
  const chosen = 'endpoint-chosen';
  const received = { ...dialled, destination: own.server, destinationPort: targetPort };

  /** `code first second third address:port`, without what is zero. */
  function follow(packet: PacketFields, port: number): string[] {
    send(instance, packet, { port, trace: true });
    return instance.traceSteps().map((step) => {
      const { code, first, second, third, address, port: at } = step;
      const place = address === zero || address === '::' ? '' : ` ${address} ${at}`;
      return `${codeOf('Trace', code)} ${first} ${second} ${third}${place}`;
    });
  }

  test('of TCP the flags are told, of ICMP the type', () => {
    const [protocol, icmpType] = family === 4 ? [1, 8] : [58, 128];
    const ends = { source: own.client, destination: own.server };
    const [asked] = follow({ ...ends, protocol, icmpType, icmpIdentifier: 7 }, client);
    expect(asked).toMatch(new RegExp(`^parsed ${protocol} ${icmpType} 0 `));
    const [opened] = follow({ ...dialled, protocol: 6, tcpFlags: 0x42 }, client);
    expect(opened).toMatch(/^parsed 6 66 0 /);
  });

  test('a connection through a Service, and its answer', () => {
    expect(follow(dialled, client)).toEqual([
      `parsed 17 0 0 ${own.service} ${servicePort}`,
      'connection-new 0 0 0',
      `frontend-found ${service} ${FrontendKind.ClusterIp} 0 ${own.service} ${servicePort}`,
      `endpoint-set-used ${service} ${EndpointSet.Cluster} 1`,
      `endpoint-chosen ${service} ${EndpointCause.Drawn} 0 ${own.server} ${targetPort}`,
      `routed ${RouteKind.Forward} ${server} 0 ${own.server} 0`,
      `connection-created ${service} 0 0`,
      `destination-rewritten 0 0 0 ${own.server} ${targetPort}`,
      `decided ${Verdict.Forward} 0 ${server}`,
    ]);
    expect(follow(answerTo(received), server)).toEqual([
      `parsed 17 0 0 ${own.client} 40000`,
      `connection-found 1 ${ConnectionState.Replied} 0`,
      `routed ${RouteKind.Forward} ${client} 0 ${own.client} 0`,
      `source-rewritten 0 0 0 ${own.service} ${servicePort}`,
      `decided ${Verdict.Forward} 0 ${client}`,
    ]);
  });

  test('why an endpoint was chosen', () => {
    const { flags } = instance.map('services').lookUp(service)!;
    const sticky = { flags: flags | ServiceFlag.Affinity, affinitySeconds: 10 };
    instance.map('services').update(service, { clusterCount: 1, ...sticky });
    const config = instance.map('config').lookUp(0)!;
    const causeOf = (sourcePort: number, choice?: ChoiceInput): string => {
      const more = choice === undefined ? {} : { choice };
      send(instance, { ...dialled, sourcePort }, { port: client, trace: true, ...more });
      const { third, second } = instance
        .traceSteps()
        .find(({ code }) => codeOf('Trace', code) === chosen)!;
      return `${codeOf('EndpointCause', second)} ${third}`;
    };
    const endpoint = { address: own.server, port: targetPort };
    expect(causeOf(1)).toBe('drawn 0');
    expect(causeOf(2)).toBe('affinity 0');
    expect(causeOf(3, { endpoint })).toBe('taken-over 0');
    expect(causeOf(4)).toBe('affinity 0');
    expect(causeOf(5, { sourcePort: 2000 })).toBe('affinity 0');
    for (const [key] of [...instance.map('affinities').entries()]) {
      instance.map('affinities').delete(key);
    }
    const balancing = Balancing.RoundRobin;
    instance.map('config').update(0, { ...config, balancing });
    expect(causeOf(6)).toBe(`scheduled ${balancing}`);
  });

  test('how many connections the chosen endpoint has, active and others', () => {
    const config = instance.map('config').lookUp(0)!;
    const flags = config.flags | ConfigFlag.CountConnections;
    instance.map('config').update(0, { ...config, flags, balancing: Balancing.LeastConnections });
    // One that opens is active in TCP; in UDP none is.
    const seen = [6, 6, 6, 17, 17, 17].map((protocol, index) => {
      const packet = { ...dialled, protocol, tcpFlags: 2, sourcePort: 5000 + index };
      send(instance, packet, { port: client, trace: true });
      const step = instance.traceSteps().find(({ code }) => codeOf('Trace', code) === chosen)!;
      return [step.fourth, step.fifth];
    });
    expect(seen).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
  });

  test('one that is masqueraded', () => {
    const byNodePort = { ...dialled, source: own.outside, destination: own.node };
    const steps = follow({ ...byNodePort, destinationPort: nodePort }, uplink);
    const source = steps.find((step) => step.startsWith('source-chosen'))!.split(' ');
    expect(source.slice(1, 5)).toEqual(['1', '0', '0', own.node]);
    expect(steps).toContain(`masquerade-due ${MasqueradeCause.ExternalPolicy} 0 0`);
    expect(steps).toContain(`source-rewritten 0 0 0 ${own.node} ${source[5]}`);
    expect(steps.at(-1)).toBe(`decided ${Verdict.Forward} 0 ${server}`);
  });

  test('a source port that is taken over', () => {
    const packet = { ...dialled, source: own.outside, destination: own.node };
    const choice = { sourcePort: 33_333 };
    const place = { port: uplink, trace: true, choice };
    send(instance, { ...packet, destinationPort: nodePort }, place);
    const steps = instance.traceSteps();
    const step = steps.find(({ code }) => codeOf('Trace', code) === 'source-chosen')!;
    expect(step).toMatchObject({ first: 1, address: own.node, port: 33_333 });
  });

  test('which direction an error belongs to; from nowhere it goes nowhere', () => {
    follow(received, client);
    follow(answerTo(received), server);
    const kind = family === 4 ? { protocol: 1, icmpType: 3 } : { protocol: 58, icmpType: 1 };
    const errorAbout = (quoted: PacketFields, source: string) => {
      return { source, destination: quoted.source, ...kind, quoted };
    };
    const about = (quoted: PacketFields, port: number) =>
      follow(errorAbout(quoted, own.outside), port);
    expect(about(received, uplink)).toContain('connection-related 1 0 0');
    expect(about(answerTo(received), uplink)).toContain('connection-related 0 0 0');
    const loopback = family === 4 ? '127.0.0.1' : '::1';
    const martian = send(instance, errorAbout(received, loopback), { port: uplink });
    expect(martian).toMatchObject({ verdict: 'drop', reason: 'martian-source' });
  });

  test('one that nobody serves', () => {
    const steps = follow({ ...dialled, destinationPort: servicePort + 1 }, client);
    const reason = Reason.RejectNoEndpoints;
    expect(steps).toContain(`endpoint-none 3 ${reason} 0`);
    expect(steps).toContain(`answered ${reason} 0 0 ${own.node} 0`);
    expect(steps.at(-1)).toBe(`decided ${Verdict.Reply} ${reason} ${client}`);
  });

  test('one to no Service', () => {
    const steps = follow({ ...dialled, destination: own.unallocated }, client);
    expect(steps).toContain(`frontend-none 0 0 0 ${own.unallocated} ${servicePort}`);
    const kind = ServiceAddressKind.Unallocated;
    expect(steps).toContain(`service-address-unserved ${kind} 0 0`);
  });

  test('what has no hop left, and what is invalid', () => {
    const steps = follow({ ...received, ttl: 1 }, client);
    expect(steps).toContain(`answered ${Reason.TimeExceeded} 0 0 ${own.node} 0`);
    follow(received, client);
    const later = follow({ ...received, ttl: 1 }, client);
    expect(later).toContain(`answered ${Reason.TimeExceeded} 0 0 ${own.node} 0`);
    const stray = follow({ ...received, protocol: 6, tcpFlags: 4 }, client);
    expect(stray.slice(0, 2)).toEqual([
      `parsed 6 4 0 ${own.server} ${targetPort}`,
      `connection-invalid ${ConnectionState.None} 0 0`,
    ]);
  });
});
