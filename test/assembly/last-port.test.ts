// Where all source ports, or all identifiers, towards a destination are taken but one, the next
// connection gets that one, whichever it is; and then there is none.

import { describe, expect, test } from 'vitest';
import { ConnectionState } from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import { listExhaustions } from '../../host/cluster/connections.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { addresses, host, makeNode, nodePort, send, server, uplink, type Sent } from './node.ts';

const udp = 17;
const [firstPort, lastPort] = [1024, 65_535];
const exhausted = { verdict: 'drop', reason: 'masquerade-ports-exhausted' };

describe.each([4, 6] as const)('IPv%i', (family) => {
  const own = addresses[family];
  const [protocol, echo] = family === 4 ? [1, 8] : [58, 128];

  test('ports', async () => {
    const instance = await makeNode({ connections4: 65_000, connections6: 65_000 });
    const neighbour = own.outside.replace(/7$/, '8');
    const ends = { destination: own.node, destinationPort: nodePort, protocol: udp };
    const call = { ...ends, source: neighbour, sourcePort: 5000 };
    const dial = (): Sent => send(instance, call, { port: uplink });
    const hangUp = (source: string, sourcePort: number): void => {
      const key = { ...ends, source, sourcePort, icmpType: 0, icmpCode: 0 };
      instance.map('connections').delete(key);
    };
    // What this one gets while nobody has any.
    const drawn = dial().packet!.sourcePort!;
    hangUp(neighbour, 5000);
    const taken = encodePacket({ ...ends, source: own.outside, sourcePort: 0 }, 'raw');
    for (let port = firstPort; port <= lastPort; port++) take(instance, taken, port);
    expect(dial()).toMatchObject(exhausted);
    for (const step of [0, 3, ...Array.from({ length: 16 }, (_, power) => 2 ** power)]) {
      const port = firstPort + ((drawn - firstPort + step) % (lastPort - firstPort + 1));
      hangUp(own.outside, port);
      expect(dial().packet, `${step} on`).toMatchObject({ source: own.node, sourcePort: port });
      hangUp(neighbour, 5000);
      take(instance, taken, port);
    }
  });

  /** A client asks for a port of its choice, from that same port. */
  function take({ vector }: Instance, frame: Uint8Array, port: number): void {
    new DataView(frame.buffer).setUint16(family === 4 ? 20 : 40, port);
    vector.clear();
    vector.add(frame, { port: uplink, timeMs: 0, link: 'raw', choice: { sourcePort: port } });
    vector.run();
  }

  describe('identifiers', () => {
    const ping = { source: own.node, destination: own.server, protocol, icmpType: echo };

    /** One of the node's own, to the server. */
    function dial(instance: Instance, icmpIdentifier: number): Sent {
      return send(instance, { ...ping, icmpIdentifier } as PacketFields, { port: host });
    }

    /** An echo from outside that the node sends on as one of its own. */
    async function makeBusyNode(taken: number, connections: number): Promise<Instance> {
      const capacity = { connections4: connections, connections6: connections };
      const instance = await makeNode(capacity);
      const ends = { source: own.outside, destination: own.node, sourcePort: 5 };
      const sent = { replySource: own.server, replyDestination: own.node };
      const ports = { replySourcePort: taken, replyDestinationPort: taken };
      const life = { state: ConnectionState.Unreplied, expiresAtMs: 30_000 };
      const links = { originalPort: server, replyPort: uplink };
      instance
        .map('connections')
        .restoreBytes(
          encode('FlowKey6', { ...ends, destinationPort: 5, protocol, icmpType: echo }),
          encode('Connection', { ...sent, ...ports, ...life, ...links }),
        );
      return instance;
    }

    test('the last one of all, and then none', async () => {
      const [taken, free] = [99, 65_535];
      const instance = await makeBusyNode(taken, 66_000);
      for (let identifier = 0; identifier < free; identifier++) {
        if (identifier !== taken) dial(instance, identifier);
      }
      expect(dial(instance, taken).packet!.icmpIdentifier).toBe(free);
      const again = { ...ping, source: own.node, icmpIdentifier: free };
      expect(send(instance, again, { port: host })).toMatchObject(exhausted);
      // An identifier is no port.
      expect(listExhaustions(instance)).toMatchObject([{ destination: own.server, packets: 1 }]);
      const keys = [...instance.map('exhaustions').entries()].map(([key]) => key);
      expect(keys).toMatchObject([{ destination: own.server, port: 0, protocol }]);
    });

    test('who chooses an endpoint alone has not asked for identifier 0', async () => {
      const instance = await makeBusyNode(99, 16);
      const choice = { endpoint: { address: own.server, port: 1 } };
      const sent = send(instance, { ...ping, icmpIdentifier: 99 }, { port: host, choice });
      expect(sent.verdict).toBe('forward');
      expect(sent.packet!.icmpIdentifier).not.toBe(0);
    });
  });
});
