// The subjects that get packets: a single frame among live connections, and sequences of commands,
// whose seeds say what they are about.

import * as fc from 'fast-check';
import { Ip, type LinkType } from '../../host/net/packet-layout.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { TcpFlag, encodePacket } from '../../host/net/packet.ts';
import { anyFrame } from '../arbitrary/packet.ts';
import { ByteReader } from './byte-reader.ts';
import { Conversation, type Entrance } from './conversation.ts';
import { CountedNode, type CountedModule } from './counted-node.ts';
import { dictionaryOf } from './dictionary.ts';
import { joined } from './mutator.ts';
import type { ByteSubject } from './byte-subject.ts';

/** What subjects are made from. */
export interface Origin {
  readonly counted: CountedModule;
  /** Ethernet frames of real captures. */
  readonly frames: readonly Uint8Array[];
  /** Of the frames that are made up. */
  readonly seed: number;
}

/** The first byte of a command, modulo their number, says which. */
const Command = {
  Send: 0,
  Answer: 1,
  Repeat: 2,
  Complain: 3,
  Pieces: 4,
  Wait: 5,
  Sweep: 6,
  Forget: 7,
} as const;
const commandCount = Object.keys(Command).length;

const { Syn, Ack, Fin, Rst } = TcpFlag;
/** By the uplink, as `entranceOf` reads it. */
const rawUplink = 4;
const ethernetUplink = 5;
const sampleFrames = 40;

const client4 = { source: '203.0.113.7', destination: '10.96.0.10', sourcePort: 40000 };
const client6 = { source: '2001:db8::7', destination: 'fd00:10:96::10', sourcePort: 40000 };
const openings: readonly PacketFields[] = [client4, client6].flatMap((ends) => [
  { ...ends, protocol: Ip.Tcp, destinationPort: 80, tcpFlags: Syn },
  { ...ends, protocol: Ip.Udp, destinationPort: 53, payload: new Uint8Array(300) },
]);

/** One byte where it comes in, then a frame: to a node that has connections. */
export function frameSubject({ counted, frames, seed }: Origin): ByteSubject {
  const node = new CountedNode(counted, converse, true);
  const seeds = [
    ...frames.map((frame) => joined(Uint8Array.of(ethernetUplink), frame)),
    ...madeUp('raw', seed).map((frame) => joined(Uint8Array.of(rawUplink), frame)),
    ...madeUp('ethernet', seed).map((frame) => joined(Uint8Array.of(ethernetUplink), frame)),
  ];
  return packetSubject(node, seeds, (input, conversation) => {
    conversation.send(input.subarray(1), entranceOf(input[0] ?? 0));
  });
}

/** Commands, one after the other: to a node that has seen nothing. */
export function commandSubject(
  { counted }: Pick<Origin, 'counted'>,
  seeds: readonly Uint8Array[],
): ByteSubject {
  return packetSubject(new CountedNode(counted, converse, false), seeds, (input, conversation) => {
    const bytes = new ByteReader(input);
    while (!bytes.isOver) obey(bytes, conversation);
  });
}

/** Connections from opening to end, and what time does to them. */
export function connectionSeeds({ frames, seed }: Origin): Uint8Array[] {
  const lives = openings.map((opening) =>
    joined(
      sendCommand(encodePacket(opening, 'raw'), rawUplink),
      Uint8Array.of(Command.Answer, Syn | Ack, Command.Answer, Ack, Command.Answer, Fin | Ack),
      Uint8Array.of(Command.Answer, Fin | Ack, Command.Answer, Ack, Command.Wait, 20),
      Uint8Array.of(Command.Sweep, 255, Command.Repeat, Command.Forget, Command.Answer, Rst),
    ),
  );
  const trains = chunks([...frames.slice(0, 60)], 6).map((train) =>
    joined(...train.map((frame) => sendCommand(frame, ethernetUplink))),
  );
  const random = madeUp('raw', seed).map((frame) => sendCommand(frame, rawUplink));
  return [...lives, ...trains, ...random];
}

/** Errors about what went through, from both ends. */
export function quoteSeeds(): Uint8Array[] {
  const kinds = [
    [3, 1],
    [3, 4],
    [11, 0],
    [1, 0],
    [2, 0],
  ] as const;
  return openings.flatMap((opening) =>
    kinds.map(([type, code]) =>
      joined(
        sendCommand(encodePacket(opening, 'raw'), rawUplink),
        Uint8Array.of(Command.Complain, type, code, 60, Command.Repeat, Command.Answer, Syn | Ack),
        Uint8Array.of(Command.Complain, type, code, 48),
      ),
    ),
  );
}

/** Datagrams in pieces, in both orders. */
export function fragmentSeeds(): Uint8Array[] {
  return openings.flatMap((opening) =>
    [0, 1].map((order) => {
      const whole = encodePacket({ ...opening, payload: new Uint8Array(300) }, 'raw');
      const send = sendCommand(whole, rawUplink);
      return joined(
        send,
        Uint8Array.of(Command.Pieces, 8, order, Command.Wait, 18, Command.Repeat),
      );
    }),
  );
}

/** Opens a connection of each kind, and has it answered. */
export function converse(node: CountedNode): void {
  const conversation = new Conversation(node);
  for (const opening of openings) {
    conversation.send(encodePacket(opening, 'raw'), entranceOf(rawUplink));
    conversation.answer(Syn | Ack);
  }
  conversation.sweep(255);
}

function packetSubject(
  node: CountedNode,
  seeds: readonly Uint8Array[],
  play: (input: Uint8Array, conversation: Conversation) => void,
): ByteSubject {
  return {
    seeds,
    dictionary: dictionaryOf(node),
    get counters() {
      return node.counters;
    },
    run(input) {
      node.reset();
      play(input, new Conversation(node));
    },
    describe(input) {
      const lines: string[] = [];
      node.reset();
      try {
        play(input, new Conversation(node, (line) => lines.push(line)));
      } catch {
        // What is wrong is known; this is about what came before.
      }
      return lines;
    },
  };
}

function obey(bytes: ByteReader, conversation: Conversation): void {
  switch (bytes.byte() % commandCount) {
    case Command.Send: {
      const entrance = entranceOf(bytes.byte());
      return conversation.send(bytes.take(bytes.word()), entrance);
    }
    case Command.Answer:
      return conversation.answer(bytes.byte());
    case Command.Repeat:
      return conversation.repeat();
    case Command.Complain:
      return conversation.complain(bytes.byte(), bytes.byte(), bytes.byte());
    case Command.Pieces:
      return conversation.sendPieces(bytes.byte() % 64, bytes.byte() % 2 === 1);
    case Command.Wait:
      return conversation.wait(2 ** (bytes.byte() % 32));
    case Command.Sweep:
      return conversation.sweep(bytes.byte());
    default:
      return conversation.forget();
  }
}

function sendCommand(frame: Uint8Array, entrance: number): Uint8Array {
  const { length } = frame;
  return joined(Uint8Array.of(Command.Send, entrance, length >> 8, length & 0xff), frame);
}

function entranceOf(byte: number): Entrance {
  return { port: (byte >> 1) & 7, link: (byte & 1) === 1 ? 'ethernet' : 'raw' };
}

function madeUp(link: LinkType, seed: number): Uint8Array[] {
  return fc.sample(anyFrame(link), { seed, numRuns: sampleFrames });
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}
