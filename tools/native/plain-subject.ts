// The service path as JavaScript would have it: maps are `Map`s, packets are read and written with
// a DataView. Connections are found by destination, then by source, both as numbers, which is
// faster than any key of text. Source: RFC 1624.

import type { LoadPacket } from '../../host/cli/bench-connections.ts';
import { meanOfParts } from '../../host/cli/bench-parts.ts';
import {
  endpointsPerService,
  firstAddresses,
  scatter,
  servicePort,
  targetPort,
} from '../../host/cli/bench-traffic.ts';
import { hasValidChecksums } from '../../host/net/packet-layout.ts';
import { decodePacket } from '../../host/net/packet.ts';
import { policies, services, type Load } from './load.ts';
import type { Phase, Subject } from './subject.ts';

interface Endpoint {
  readonly address: number;
  readonly port: number;
}

interface Connection {
  readonly endpoint: Endpoint;
  seen: number;
  packets: number;
  bytes: number;
}

const frameBytes = 64;
const portFactor = 65_536;
const packetsAtOnce = 256;
const tcp = 6;
/** Offsets in an Ethernet frame with IPv4 and TCP. */
const at = {
  etherType: 12,
  version: 14,
  lifetime: 22,
  protocol: 23,
  checksum: 24,
  source: 26,
  destination: 30,
  sourcePort: 34,
  destinationPort: 36,
  tcpChecksum: 50,
} as const;

export class PlainSubject implements Subject {
  readonly name = 'plain JavaScript';
  readonly #load: Load;
  readonly #services = new Map<number, readonly Endpoint[]>();
  /** By source address, then by port. */
  readonly #allowed = new Map<number, Set<number>>();
  #connections = new Map<number, Map<number, Connection>>();
  readonly #memory = new DataView(new ArrayBuffer(packetsAtOnce * frameBytes));

  constructor(load: Load) {
    this.#load = load;
    const { service, endpoint } = firstAddresses;
    for (let number = 0; number < services; number++) {
      const endpoints = Array.from({ length: endpointsPerService }, (_, index) => {
        const address = endpoint + number * endpointsPerService + index;
        return { address, port: targetPort };
      });
      this.#services.set((service + number) * portFactor + servicePort, endpoints);
    }
    const ports = new Set(Array.from({ length: policies }, (_, number) => targetPort + number));
    for (let number = 0; number < load.connections; number++) {
      this.#allowed.set(load.traffic.endsOf(number).source, ports);
    }
  }

  async clear(): Promise<void> {
    this.#connections = new Map();
  }

  async establish(): Promise<void> {
    await this.time('established', this.#load.connections);
  }

  async time(phase: Phase, packets: number): Promise<number> {
    const sent = this.#load.packetsOf(phase);
    const costs: number[] = [];
    for (let done = 0; done < packets; done += packetsAtOnce) {
      const count = Math.min(packetsAtOnce, packets - done);
      this.#fill(sent, count);
      const start = performance.now();
      this.#processAll(count);
      costs.push(((performance.now() - start) * 1e6) / count);
    }
    return meanOfParts(costs);
  }

  close(): void {}

  /** Throws Error unless the first packets leave translated, with right checksums. */
  check(phase: Phase): void {
    const count = Math.min(packetsAtOnce, this.#load.connections);
    this.#fill(this.#load.packetsOf(phase), count);
    this.#processAll(count);
    const bytes = new Uint8Array(this.#memory.buffer);
    for (let index = 0; index < count; index++) {
      const frame = bytes.subarray(index * frameBytes, (index + 1) * frameBytes);
      const packet = decodePacket(frame, 'ethernet');
      const isSentOn = packet?.destinationPort === targetPort && packet.ttl === 63;
      if (!isSentOn || !hasValidChecksums(frame, 'ethernet')) {
        throw new Error(`${this.name}: a packet left as it should not`);
      }
    }
  }

  /** Writes the next packets of the load, one behind the other. */
  #fill(sent: Iterator<LoadPacket>, count: number): void {
    for (let index = 0; index < count; index++) {
      const { connection, template } = sent.next().value as LoadPacket;
      const ends = this.#load.traffic.endsOf(connection);
      template.write(ends, this.#memory, index * frameBytes);
    }
  }

  #processAll(count: number): void {
    for (let index = 0; index < count; index++) {
      if (!this.#process(index * frameBytes)) throw new Error('a packet was not sent on');
    }
  }

  /** Whether the packet goes on, rewritten. */
  #process(frame: number): boolean {
    const view = this.#memory;
    if (view.getUint16(frame + at.etherType) !== 0x0800) return false;
    if (view.getUint8(frame + at.version) !== 0x45) return false;
    if (view.getUint8(frame + at.protocol) !== tcp) return false;
    const source = view.getUint32(frame + at.source);
    const sourcePort = view.getUint16(frame + at.sourcePort);
    const destination = view.getUint32(frame + at.destination);
    const from = source * portFactor + sourcePort;
    const to = destination * portFactor + view.getUint16(frame + at.destinationPort);
    const known = this.#connections.get(to)?.get(from) ?? this.#open(from, to, source);
    if (known === null) return false;
    known.seen = performance.timeOrigin;
    known.packets += 1;
    known.bytes += frameBytes;
    this.#rewrite(frame, known.endpoint);
    return true;
  }

  #open(from: number, to: number, source: number): Connection | null {
    const endpoints = this.#services.get(to);
    if (endpoints === undefined) return null;
    const endpoint = endpoints[scatter((from % portFactor) ^ source) % endpoints.length]!;
    if (this.#allowed.get(source)?.has(endpoint.port) !== true) return null;
    const opened = { endpoint, seen: 0, packets: 0, bytes: 0 };
    const known = this.#connections.get(to);
    if (known === undefined) this.#connections.set(to, new Map([[from, opened]]));
    else known.set(from, opened);
    return opened;
  }

  #rewrite(frame: number, { address, port }: Endpoint): void {
    const view = this.#memory;
    const before = view.getUint32(frame + at.destination);
    const change = wordsOf(address) + 2 * 0xffff - wordsOf(before);
    const ports = port + 0xffff - view.getUint16(frame + at.destinationPort);
    view.setUint32(frame + at.destination, address);
    view.setUint16(frame + at.destinationPort, port);
    view.setUint8(frame + at.lifetime, view.getUint8(frame + at.lifetime) - 1);
    this.#change(frame + at.checksum, change + 0xffff - 0x0100);
    this.#change(frame + at.tcpChecksum, change + ports);
  }

  #change(place: number, change: number): void {
    const sum = (~this.#memory.getUint16(place) & 0xffff) + change;
    const once = (sum & 0xffff) + (sum >>> 16);
    this.#memory.setUint16(place, ~((once & 0xffff) + (once >>> 16)));
  }
}

function wordsOf(value: number): number {
  return (value >>> 16) + (value & 0xffff);
}
