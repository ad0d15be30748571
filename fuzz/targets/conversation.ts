// One connection at a time, in depth: any packets from both ends with time passing between them.
// The model says what becomes of each, and what is remembered after it.

import * as fc from 'fast-check';
import { Ip } from '../../host/net/packet-layout.ts';
import { conversation, openConversation, type Conversation } from '../arbitrary/conversation.ts';
import { Talk } from './talk.ts';
import type { Target } from './target.ts';

/** Throws where model and dataplane disagree. */
export async function converse({ protocol, turns, settings }: Conversation): Promise<void> {
  const talk = await Talk.begin(protocol, settings);
  for (const { isReply, waitMs, isSwept, isAccompanied, fields } of turns) {
    talk.timeMs += waitMs;
    if (isSwept) talk.sweep();
    talk.send(isReply, fields, isAccompanied);
  }
}

const anyConversation = fc.oneof(
  { weight: 3, arbitrary: conversation(Ip.Tcp) },
  { weight: 3, arbitrary: openConversation() },
  { weight: 1, arbitrary: conversation(Ip.Udp) },
  { weight: 2, arbitrary: conversation(Ip.Sctp) },
);

export const conversationTarget: Target = {
  name: 'conversation',
  claim: 'whatever both ends of a connection send, it ends and is remembered as the model says',
  property: () => fc.asyncProperty(anyConversation, converse),
};
