// One connection at a time, in depth: any packets from both ends with time passing between them.
// The model says what becomes of each, and what is remembered after it.

import * as fc from 'fast-check';
import { test } from 'vitest';
import { conversation } from '../../fuzz/arbitrary/conversation.ts';
import { converse } from '../../fuzz/targets/conversation.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { runs } from './setup.ts';

test.each([
  ['TCP', Ip.Tcp, 1500],
  ['UDP', Ip.Udp, 200],
  ['SCTP', Ip.Sctp, 800],
])('%s goes on and ends as the model says', async (_, protocol, count) => {
  await fc.assert(fc.asyncProperty(conversation(protocol), converse), runs(count));
});
