// Virtual servers as ipvs would have them, and where their connections are counted.

import { expect, test } from 'vitest';
import {
  decodePacket,
  encodePacket,
  listVirtualServers,
  TcpFlag,
  type PacketFields,
} from '../../../host/index.ts';
import { town } from './town.ts';

const link = 'raw';

test('a virtual server for each front-end, with the real servers of its policy', async () => {
  const config = { mode: 'ipvs', scheduler: 'wlc' } as const;
  const dataplane = await town().dataplane({ node: 'a', config });
  const servers = listVirtualServers(dataplane).map((server) => ({
    at: `${server.address}:${server.port}`,
    to: server.realServers.map(({ address, port }) => `${address}:${port}`),
    persistent: server.persistentSeconds,
    scheduler: server.scheduler,
  }));
  const scheduler = 'wlc';
  const here = '10.244.1.5:8080';
  expect(servers).toEqual([
    { at: '10.96.0.10:80', to: [here, '10.244.2.5:8080'], persistent: 0, scheduler },
    { at: '10.96.0.11:80', to: [], persistent: 0, scheduler },
    { at: '10.96.0.12:80', to: [here], persistent: 10800, scheduler },
    { at: '192.0.2.80:80', to: [here], persistent: 0, scheduler },
    { at: '192.0.2.81:80', to: [], persistent: 0, scheduler },
    { at: '192.168.0.2:30080', to: [here], persistent: 0, scheduler },
    { at: '192.168.9.2:30080', to: [here], persistent: 0, scheduler },
  ]);
});

test('a connection is inactive until it is established', async () => {
  const dataplane = await town().dataplane({ node: 'a', config: { mode: 'ipvs' } });
  const send = (fields: PacketFields) => {
    const port = dataplane.portOf(fields.source);
    const { frame } = dataplane.process(encodePacket(fields, link), { port, link });
    return decodePacket(frame, link)!;
  };
  const counts = () => {
    const near = listVirtualServers(dataplane).find(({ address }) => address === '10.96.0.12');
    const { activeConnections, inactiveConnections } = near!.realServers[0]!;
    return [activeConnections, inactiveConnections];
  };
  const ends = { source: '10.244.1.9', sourcePort: 40000, protocol: 6 };
  const dialled = { destination: '10.96.0.12', destinationPort: 80 };
  expect(counts()).toEqual([0, 0]);
  const syn = { ...ends, ...dialled, tcpFlags: TcpFlag.Syn, sequence: 1 };
  expect(send(syn)).toMatchObject({ destination: '10.244.1.5' });
  expect(counts()).toEqual([0, 1]);
  send({
    source: '10.244.1.5',
    sourcePort: 8080,
    destination: '10.244.1.9',
    destinationPort: 40000,
    protocol: 6,
    tcpFlags: TcpFlag.Syn | TcpFlag.Ack,
    sequence: 1,
    acknowledgement: 2,
  });
  send({ ...ends, ...dialled, tcpFlags: TcpFlag.Ack, sequence: 2, acknowledgement: 2 });
  expect(counts()).toEqual([1, 0]);
});
