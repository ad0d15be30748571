// Every combination of TCP flags in the middle of a connection. Facts: Linux
// nf_conntrack_proto_tcp.c, tcp_valid_flags: PSH, ECE and CWR may always be there, URG only with
// ACK or SYN.

import { expect, test } from 'vitest';
import { Effect } from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import { addresses, answerTo, client, makeNode, send, server, targetPort } from './node.ts';

const [fin, syn, rst, psh, ack, urg, ece, cwr] = [1, 2, 4, 8, 16, 32, 64, 128];
const own = addresses[4];

/** What becomes of an established connection whose client sends these flags; others are invalid. */
const states = new Map([
  [syn, 'established'],
  [syn | urg, 'established'],
  [rst, 'close'],
  [rst | ack, 'close'],
  [fin | ack, 'fin-wait'],
  [fin | ack | urg, 'fin-wait'],
  [ack, 'established'],
  [ack | urg, 'established'],
]);

test('each is what Linux says it is, or invalid', async () => {
  const instance = await makeNode({ connections4: 512 });
  for (let flags = 0; flags < 256; flags++) {
    const packet = {
      ...{ source: own.client, destination: own.server, protocol: 6 },
      ...{ sourcePort: 5000 + flags, destinationPort: targetPort },
    };
    const say = (tcpFlags: number, sequence: number, acknowledgement: number) =>
      send(instance, { ...packet, tcpFlags, sequence, acknowledgement }, { port: client });
    say(syn, 100, 0);
    const accepted = { tcpFlags: syn | ack, sequence: 900, acknowledgement: 101 };
    send(instance, answerTo(packet, accepted), { port: server });
    say(ack, 101, 901);
    const { effects } = say(flags, 101, 901);
    const expected = states.get(flags & ~(psh | ece | cwr));
    const known = [...instance.map('connections').entries()];
    const [, { state }] = known.find(([{ sourcePort }]) => sourcePort === packet.sourcePort)!;
    expect((effects & Effect.Invalid) !== 0, `${flags}`).toBe(expected === undefined);
    expect(codeOf('ConnectionState', state), `${flags}`).toBe(expected ?? 'established');
  }
});
