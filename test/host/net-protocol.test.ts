// Names and numbers of IP protocols, in both directions.

import { describe, expect, it } from 'vitest';
import { protocolName, protocolNumber } from '../../host/net/protocol.ts';

describe('protocol names', () => {
  it('every number has a name that reads back', () => {
    for (let number = 0; number < 256; number++) {
      expect(protocolNumber(protocolName(number))).toBe(number);
    }
  });

  it.each([
    ['TCP', 6],
    ['udp', 17],
    ['SCTP', 132],
    ['icmpv6', 58],
    ['47', 47],
  ])('%s is %i', (name, number) => expect(protocolNumber(name)).toBe(number));

  it.each(['', '256', '-1', '06', 'tcp6', 'constructor'])('refuses %j', (name) =>
    expect(protocolNumber(name)).toBeNull(),
  );
});
