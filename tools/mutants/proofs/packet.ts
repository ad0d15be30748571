// Mutants of assembly/packet that no test can tell from what is right, each with the proof.

import type { Proofs } from './proof.js';

const walksMore = 'it has more packets take the whole walk, which comes to the same';

export const packet: Proofs = {
  'assembly/packet/decision.ts': [
    [
      'None is 0, and the whole decision has just been cleared',
      'decision.masquerade = <u8>MasqueradeCause.None;',
      'decision.masquerade = <u8>MasqueradeCause.None; -> nothing',
    ],
  ],
  'assembly/packet/glance.ts': [
    [
      walksMore,
      '',
      'glanceIpv4(packet, frame, length) || glanceIpv6(packet, frame, length) -> ' +
        '(glanceIpv4(packet, frame, length)) && (glanceIpv6(packet, frame, length))',
      'length < ETHERNET_BYTES -> (length) <= (ETHERNET_BYTES)',
      'type == TYPE_IPV4 -> false',
      'available < IPV4_BYTES -> (available) <= (IPV4_BYTES)',
      'available < IPV4_BYTES -> (available) >= (IPV4_BYTES)',
      'bytes > available -> (bytes) >= (available)',
      'bytes < IPV4_BYTES -> (bytes) <= (IPV4_BYTES)',
      'available < IPV6_BYTES -> (available) <= (IPV6_BYTES)',
      'bytes > available - IPV6_BYTES -> (bytes) >= (available - IPV6_BYTES)',
      'bytes < UDP_BYTES -> (bytes) <= (UDP_BYTES)',
      'bytes < UDP_BYTES -> (bytes) >= (UDP_BYTES)',
      'protocol == UDP -> false',
      'header.udpBytes >= UDP_BYTES -> (header.udpBytes) > (UDP_BYTES)',
      'header.udpBytes <= bytes -> (header.udpBytes) < (bytes)',
      'bytes < TCP_BYTES -> (bytes) <= (TCP_BYTES)',
      'bytes < TCP_BYTES -> (bytes) >= (TCP_BYTES)',
      'headerBytes < TCP_BYTES -> (headerBytes) <= (TCP_BYTES)',
      'headerBytes > bytes -> (headerBytes) >= (bytes)',
      'header.tcpFlags & (FIN | SYN | RST | ACK) -> (header.tcpFlags) | ((FIN | SYN | RST | ACK))',
      'FIN | SYN | RST | ACK -> (FIN | SYN | RST) & (ACK)',
    ],
    [
      'a datagram of less than a UDP header is refused behind it as well',
      '',
      'bytes < UDP_BYTES -> false',
    ],
    [
      'headers that short are refused by goOnTcp as well',
      '',
      'headerBytes < TCP_BYTES -> (headerBytes) >= (TCP_BYTES)',
    ],
    [
      'who has such an address either has no connection, or may pass',
      '',
      'header.sourceHigh == 0 || header.destinationHigh == 0 -> (header.sourceHigh == 0) && ' +
        '(header.destinationHigh == 0)',
      'header.sourceHigh == 0 || header.destinationHigh == 0 -> !(header.sourceHigh == 0 || ' +
        'header.destinationHigh == 0)',
      'header.sourceHigh == 0 || header.destinationHigh == 0 -> false',
      'header.sourceHigh == 0 -> (header.sourceHigh) != (0)',
      'header.destinationHigh == 0 -> (header.destinationHigh) != (0)',
      '0 -> 1',
    ],
  ],
  'assembly/packet/ipv4-options.ts': [
    ['of one byte that is left, any length is wrong', '0 : load<u8>(network + at, 1);', '0 -> 1'],
    [
      'a pointer to the last byte was refused on the line before',
      'pointer > bytes; if (isFull',
      'pointer > bytes -> (pointer) >= (bytes)',
    ],
  ],
  'assembly/packet/parse.ts': [
    [
      'the line before has told equal lengths apart',
      'headerBytes < IPV4_BYTES) return Reason.BadIpv4HeaderLength;',
      'headerBytes < IPV4_BYTES -> (headerBytes) <= (IPV4_BYTES)',
    ],
    [
      'what is not IP is no fragment, and its protocol is 0, of which nothing is parsed',
      '0) return reason; if (packet.isFragment',
      '0 -> 1',
    ],
    [
      'no extension header is shorter than 8 bytes, so 7 are refused behind it as well',
      '8) return Reason.TruncatedIpv6Extension;',
      '8 -> 7',
    ],
    [
      'readIpv4 says it is 4, and of a quote nobody asks but whether it is 4',
      '',
      'quote.family = packet.family; -> nothing',
    ],
  ],
  'assembly/packet/tuple.ts': [
    [
      'the other branch writes the same two addresses, one after the other',
      '4) { // One word, as it will be read',
      '4 -> 5',
      '4 -> 3',
    ],
    [
      'the other branch writes the same two addresses, and more only where the ports come next',
      '4) { store<u64>(inverse, rotl',
      '4 -> 5',
      '4 -> 3',
    ],
  ],
};
