// Arbitrary stories about one conversation: whatever its ends may say to each other in whatever
// state they are, right or wrong.

import * as fc from 'fast-check';
import { Ip } from '../../host/net/packet-layout.ts';
import { SctpChunk, TcpFlag } from '../../host/net/packet.ts';
import { namespaces, nodes, podSketches, pods, targetPort } from './cluster.ts';
import { withText, type Opening, type Step, type Story } from './story.ts';

const { Fin, Syn, Rst, Ack } = TcpFlag;
const [, server] = podSketches;
const clients = ['203.0.113.7', '2001:db8::7'];

/** Most of them lead on; resets, after which there is little to say, are rarer. */
function flags(): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(Syn, Syn | Ack, Fin | Ack, Ack, Ack) },
    { weight: 1, arbitrary: fc.constantFrom(Rst, 0) },
    { weight: 2, arbitrary: fc.nat({ max: 255 }) },
  );
}

/** As above, of chunks; 3 (SACK) is one that changes nothing. */
function chunks(): fc.Arbitrary<number> {
  const { Abort, ...others } = SctpChunk;
  return fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...Object.values(others), 3) },
    { weight: 2, arbitrary: fc.constant(Abort) },
  );
}

type Conversation = Pick<Opening, 'source' | 'destination' | 'protocol'>;

function opening(between: Conversation): fc.Arbitrary<Step> {
  const rest = { sourcePort: 40_000, destinationPort: targetPort, ttl: 64 };
  const words = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ tcpFlags: Syn, chunk: SctpChunk.Init }) },
    { weight: 3, arbitrary: fc.constant({ tcpFlags: Ack, chunk: SctpChunk.Heartbeat }) },
    { weight: 1, arbitrary: fc.record({ tcpFlags: flags(), chunk: chunks() }) },
  );
  return words.map((said) => ({ kind: 'send', opening: { ...between, ...rest, ...said } }));
}

/** Any words of either end: of the one whose turn it is, or of the other. */
function anything(between: Conversation): fc.Arbitrary<Step> {
  const reply = fc
    .record({ back: fc.nat({ max: 1 }), tcpFlags: flags(), chunk: chunks() })
    .map((said): Step => ({ kind: 'reply', ...said }));
  const wait = fc.constantFrom(1, 10_001, 120_001).map((ms): Step => ({ kind: 'wait', ms }));
  return fc.oneof(
    { weight: 1, arbitrary: opening(between) },
    { weight: 10, arbitrary: reply },
    { weight: 1, arbitrary: wait },
  );
}

/**
 * Somebody outside and a pod that nothing isolates, by TCP or SCTP, in either family: so far by the
 * book, and then anyhow.
 */
export function courseStory(maxLength = 20): fc.Arbitrary<Story> {
  const objects = pods().map((found) => [...nodes, ...namespaces, ...found]);
  const between = fc.constantFrom(
    // SCTP has more to say.
    ...[Ip.Tcp, Ip.Sctp, Ip.Sctp].flatMap((protocol) =>
      server!.ips.map((destination, position) => {
        return { source: clients[position]!, destination, protocol };
      }),
    ),
  );
  const byTheBook: Step = { kind: 'reply', back: 0, tcpFlags: null };
  const farewell: Step = { ...byTheBook, tcpFlags: Fin | Ack, chunk: SctpChunk.Shutdown };
  const probe: Step = { ...byTheBook, chunk: SctpChunk.Heartbeat };
  const turns = fc.oneof(fc.constant(0), fc.nat({ max: 8 }));
  const beginning = fc
    .tuple(turns, fc.constantFrom([], [farewell], [probe]))
    .map(([count, end]) => [...Array.from({ length: count }, () => byTheBook), ...end]);
  const steps = between.chain((ends) =>
    fc
      .tuple(opening(ends), beginning, fc.array(anything(ends), { maxLength, size: 'max' }))
      .map(([first, next, rest]) => [first, ...next, ...rest]),
  );
  return fc.record({ objects, steps }).map(withText);
}
