// Virtual servers as ipvs would have them, and where their connections are counted.

import { expect, test } from 'vitest';
import {
  decodePacket,
  encodePacket,
  listVirtualServers,
  TcpFlag,
  type Dataplane,
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
    { at: '192.0.2.82:80', to: [here], persistent: 10800, scheduler },
    { at: '192.168.0.2:30080', to: [here], persistent: 0, scheduler },
    { at: '192.168.9.2:30080', to: [here], persistent: 0, scheduler },
  ]);
});

const near = '10.96.0.12';
const client = { source: '10.244.1.9', sourcePort: 40000, protocol: 6 };
const dialled = { ...client, destination: near, destinationPort: 80 };

function sendTo(dataplane: Dataplane) {
  return (fields: PacketFields) => {
    const port = dataplane.portOf(fields.source);
    const { frame } = dataplane.process(encodePacket(fields, link), { port, link });
    return decodePacket(frame, link)!;
  };
}

/** Weight, active and inactive connections of the real servers of 10.96.0.12. */
function loadsOf(dataplane: Dataplane): number[][] {
  const server = listVirtualServers(dataplane).find(({ address }) => address === near);
  return server!.realServers.map((real) => [
    real.weight,
    real.activeConnections,
    real.inactiveConnections,
  ]);
}

test('a connection is active until a FIN or RST was seen', async () => {
  const dataplane = await town().dataplane({ node: 'a', config: { mode: 'ipvs' } });
  const send = sendTo(dataplane);
  expect(loadsOf(dataplane)).toEqual([[1, 0, 0]]);
  const syn = { ...dialled, tcpFlags: TcpFlag.Syn, sequence: 1 };
  expect(send(syn)).toMatchObject({ destination: '10.244.1.5' });
  expect(loadsOf(dataplane)).toEqual([[1, 1, 0]]);
  send({
    source: '10.244.1.5',
    sourcePort: 8080,
    destination: client.source,
    destinationPort: client.sourcePort,
    protocol: 6,
    tcpFlags: TcpFlag.Syn | TcpFlag.Ack,
    sequence: 1,
    acknowledgement: 2,
  });
  send({ ...dialled, tcpFlags: TcpFlag.Ack, sequence: 2, acknowledgement: 2 });
  expect(loadsOf(dataplane)).toEqual([[1, 1, 0]]);
  send({ ...dialled, tcpFlags: TcpFlag.Fin | TcpFlag.Ack, sequence: 2, acknowledgement: 2 });
  expect(loadsOf(dataplane)).toEqual([[1, 0, 1]]);
});

test('a TCP endpoint that is taken away stays, at weight 0, while it has connections', async () => {
  const cluster = town();
  const dataplane = await cluster.dataplane({ node: 'a', config: { mode: 'ipvs' } });
  sendTo(dataplane)({ ...dialled, tcpFlags: TcpFlag.Syn, sequence: 1 });
  const slices = cluster.state.slices.filter(({ endpoints }) =>
    endpoints.some(({ addresses }) => addresses.includes('10.244.1.5')),
  );
  cluster.apply(slices.map((slice) => ({ ...slice, endpoints: [] })));
  expect(loadsOf(dataplane)).toEqual([[0, 1, 0]]);
  dataplane.sweep(10 * 60_000);
  expect(loadsOf(dataplane)).toEqual([]);
});
