// One packet of which only the ports change: for those who send the same one to many ports. The
// checksum follows by difference. Source: RFC 1624, eqn. 3.

import { foldToChecksum } from './checksum.ts';
import { encodePacket, type PacketFields } from './packet.ts';
import { checksumOffset, Ip, locatePacket, sctpChecksum } from './packet-layout.ts';

/** Raw packets (IP header first) that differ in their ports. TCP, UDP and SCTP only. */
export class PortTemplate {
  readonly #frame: Uint8Array;
  readonly #view: DataView;
  readonly #transportAt: number;
  readonly #protocol: number;
  /** Complement of the checksum with both ports zero. */
  readonly #sum: number;

  constructor(fields: PacketFields) {
    const { protocol } = fields;
    this.#frame = encodePacket({ ...fields, sourcePort: 0, destinationPort: 0 }, 'raw');
    this.#view = new DataView(this.#frame.buffer);
    this.#transportAt = locatePacket(this.#frame, 'raw')!.transportAt;
    this.#protocol = protocol;
    this.#sum = ~this.#view.getUint16(this.#transportAt + checksumOffset(protocol)!) & 0xffff;
  }

  /** The packet with these ports: a view that the next call changes. */
  withPorts(sourcePort: number, destinationPort: number): Uint8Array {
    const at = this.#transportAt;
    this.#view.setUint16(at, sourcePort);
    this.#view.setUint16(at + 2, destinationPort);
    if (this.#protocol === Ip.Sctp) {
      const layout = locatePacket(this.#frame, 'raw')!;
      this.#view.setUint32(at + 8, sctpChecksum(this.#frame, layout), true);
      return this.#frame;
    }
    const checksum = foldToChecksum(this.#sum + sourcePort + destinationPort);
    // UDP: 0 means that there is no checksum (RFC 768).
    const written = checksum === 0 && this.#protocol === Ip.Udp ? 0xffff : checksum;
    this.#view.setUint16(at + checksumOffset(this.#protocol)!, written);
    return this.#frame;
  }
}
