// Rounds of packets through the kernel's node: hands them to the process that owns the sockets and
// reads what came back. Knows records and devices, no stories.

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { encodePacket } from '../../host/net/packet.ts';
import { links } from './cluster.ts';
import { HOST, type PlacedPacket } from './flow.ts';
import { farNamespace, nodeNamespace } from './namespaces.ts';
import { markSource } from './rules.ts';

/** Packets on their way at once: fewer than a busy kernel queues (net.core.netdev_max_backlog). */
const AT_ONCE = 300;
const RECORD_BYTES = 6;
const LOCAL = 0xfffe;
const END = 0xffff;
const ETHERNET_BYTES = 14;
const ETHERTYPE = { 4: 0x0800, 6: 0x86dd } as const;

const placeOf = (device: number): string => (device === LOCAL ? HOST : links[device]!.port);
const deviceOf = (place: string): number => links.findIndex(({ port }) => port === place);

/** Where the packets that close a round go: to every link, and to the node. */
const marks: readonly { device: number; destination: string }[] = [
  ...links.slice(1).map(({ far }) => ({ device: 0, destination: far[4] })),
  { device: 1, destination: '203.0.113.251' },
  { device: 0, destination: '192.168.0.2' },
];

/** The far ends of the node's links. */
export class Wire {
  readonly #child: ChildProcessWithoutNullStreams;
  #pending: Buffer[] = [];
  #messages = '';
  #wake: (() => void) | null = null;
  #hasEnded = false;

  /** Starts the process; the namespaces must be there. */
  constructor(python: string, folder: string) {
    const devices = links.map(({ device }) => device);
    const script = join(folder, 'frames.py');
    this.#child = spawn(python, [script, farNamespace, nodeNamespace, ...devices]);
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.#pending.push(chunk);
      this.#wake?.();
    });
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#messages += chunk.toString()));
    // That it has ended shows when it is read from, with what it said.
    this.#child.stdin.on('error', () => {});
    this.#child.on('close', () => {
      this.#hasEnded = true;
      this.#wake?.();
    });
  }

  /** Sends packets in order; returns what left the node, in order for each place. */
  async exchange(packets: readonly PlacedPacket[]): Promise<PlacedPacket[]> {
    const left: PlacedPacket[] = [];
    for (let first = 0; first < packets.length; first += AT_ONCE) {
      left.push(...(await this.#exchangeSome(packets.slice(first, first + AT_ONCE))));
    }
    return left;
  }

  async #exchangeSome(packets: readonly PlacedPacket[]): Promise<PlacedPacket[]> {
    const records = packets.map(({ place, packet }) => record(deviceOf(place), packet));
    const closing = marks.map(({ device, destination }) =>
      record(device, encodePacket({ source: markSource, destination, protocol: 17 }, 'raw')),
    );
    const end = header(END, marks.length);
    this.#child.stdin.write(Buffer.concat([...records, ...closing, end]));
    return this.#readRound();
  }

  close(): void {
    this.#child.stdin.end();
  }

  async #readRound(): Promise<PlacedPacket[]> {
    const left: PlacedPacket[] = [];
    for (;;) {
      const [device, bytes] = await this.#readRecord();
      if (device === END) return left;
      const isFrame = device !== LOCAL;
      const packet = Uint8Array.from(isFrame ? bytes.subarray(ETHERNET_BYTES) : bytes);
      left.push({ place: placeOf(device), packet });
    }
  }

  async #readRecord(): Promise<[device: number, bytes: Buffer]> {
    const head = await this.#take(RECORD_BYTES);
    const device = head.readUInt16LE(0);
    return [device, await this.#take(head.readUInt32LE(2))];
  }

  async #take(length: number): Promise<Buffer> {
    while (this.#pending.reduce((sum, chunk) => sum + chunk.length, 0) < length) {
      if (this.#hasEnded) throw new Error(`frames.py ended: ${this.#messages.trim()}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const all = this.#pending.length === 1 ? this.#pending[0]! : Buffer.concat(this.#pending);
    this.#pending = [all.subarray(length)];
    return all.subarray(0, length);
  }
}

function record(device: number, packet: Uint8Array): Buffer {
  const ethernet = Buffer.from('0200000000020200000000010000', 'hex');
  ethernet.writeUInt16BE(packet[0]! >> 4 >= 6 ? ETHERTYPE[6] : ETHERTYPE[4], 12);
  return Buffer.concat([header(device, ethernet.length + packet.length), ethernet, packet]);
}

function header(device: number, length: number): Buffer {
  const head = Buffer.alloc(RECORD_BYTES);
  head.writeUInt16LE(device, 0);
  head.writeUInt32LE(length, 2);
  return head;
}
