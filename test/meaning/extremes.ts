// What stories hardly ever come to: full tables, ports that are used up, a choice that is taken
// over, a pod that goes while a datagram is under way.

import { cutPacket } from '../../fuzz/arbitrary/pieces.ts';
import { encode } from '../../host/abi/struct.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { TcpFlag, encodePacket, type PacketFields } from '../../host/net/packet.ts';
import {
  addresses,
  answerTo,
  client,
  makeNode,
  send,
  server,
  servicePort,
} from '../assembly/node.ts';

const { Syn, Ack } = TcpFlag;
const own = addresses[4];
const gre = 47;
const dialled = { source: own.client, destination: own.service, destinationPort: servicePort };
const place = { port: client, link: 'raw' } as const;

/** Goes to each of them, on a node small enough to get there. */
export async function goToExtremes(): Promise<void> {
  const instance = await makeNode({ connections4: 4, fragments: 2, heldFragments: 2 });
  takeOver(instance);
  exhaustPorts(instance);
  for (const [key] of [...instance.map('connections').entries()]) {
    instance.map('connections').delete(key);
  }
  fillConnections(instance);
  fillFragments(await makeNode({ fragments: 2, heldFragments: 2 }));
}

function takeOver(instance: Instance): void {
  const choice = { endpoint: { address: own.server, port: 8080 } };
  send(instance, { ...dialled, protocol: 17, sourcePort: 1 }, { ...place, choice });
}

/** A tuple that an answer has already, of a protocol without a port that could be another. */
function exhaustPorts(instance: Instance): void {
  const { client: source, server: destination, outside, node } = own;
  const key = encode('FlowKey6', { source: outside, destination: node, protocol: gre });
  const value = { replySource: destination, replyDestination: source, expiresAtMs: 1000 };
  instance.map('connections').restoreBytes(key, encode('Connection', value));
  send(instance, { source, destination, protocol: gre }, place);
}

/** Connections that are assured are given up for nobody. */
function fillConnections(instance: Instance): void {
  for (let sourcePort = 1; sourcePort <= 5; sourcePort++) {
    const opening = { ...dialled, protocol: 6, sourcePort, tcpFlags: Syn };
    const { packet } = send(instance, opening, place);
    if (packet === null) return;
    send(instance, answerTo(packet, { tcpFlags: Syn | Ack }), { ...place, port: server });
    send(instance, { ...opening, tcpFlags: Ack, sequence: 1, acknowledgement: 1 }, place);
  }
}

/** Room for two datagrams, and for two pieces that wait; then they have waited for too long. */
function fillFragments(instance: Instance): void {
  const [first, ...later] = piecesOf(1);
  for (const piece of later) send(instance, piece, place);
  for (const identification of [2, 3]) send(instance, piecesOf(identification)[0]!, place);
  // Of another cut: it overlaps with what was there.
  for (const units of [15, 6]) send(instance, piecesOf(2, units)[1]!, place);
  send(instance, first!, { ...place, timeMs: 40_000 });
  instance.map('ports').delete(server);
  send(instance, later[0]!, { ...place, timeMs: 40_000 });
}

function piecesOf(identification: number, units = 6): Uint8Array[] {
  const payload = new Uint8Array(300);
  const datagram: PacketFields = { ...dialled, protocol: 17, sourcePort: 2, payload };
  return cutPacket(encodePacket(datagram, 'raw'), { units: [units], order: [], identification });
}
