// The rewritten capture: what leaves the dataplane, with the times of what came in and the
// capture's own headers kept as they came. Dropped packets are left out.

import { Verdict } from '../abi/abi.gen.ts';
import type { RawOutcome } from '../dataplane/vector.ts';
import { packetBehind } from '../pcap/link-header.ts';
import { openCapture } from '../pcap/reader.ts';
import { writePcap, writePcapng, type ByteSink, type CaptureWriter } from '../pcap/writer.ts';
import { leavingFrame, leaves, type FedPacket, type OutcomeListener } from './feed.ts';
import type { CaptureInput } from './place.ts';

/** Begins a rewritten capture: pcap like the inputs, or pcapng if they hold several link types. */
export function openRewritten(
  captures: readonly CaptureInput[],
  sink: ByteSink,
): { write: OutcomeListener; finish(): void } {
  const writer = chooseWriter(captures, sink);
  return {
    write: (fed, outcome) => writeOutcome(writer, fed, outcome),
    finish: () => writer.finish(),
  };
}

/**
 * Reads the captures once to know their link types: a pcapng file may name another one anywhere.
 */
function chooseWriter(captures: readonly CaptureInput[], sink: ByteSink): CaptureWriter {
  const linkTypes = new Set<number>();
  let hasNanoseconds = false;
  for (const capture of captures) {
    const reader = openCapture(capture.open(), capture.file);
    hasNanoseconds ||= reader.hasNanoseconds;
    for (let packet = reader.next(); packet !== null; packet = reader.next()) {
      linkTypes.add(packet.linkType);
    }
  }
  const [linkType = 1, ...others] = linkTypes;
  if (others.length > 0) return writePcapng(sink);
  return writePcap(sink, { linkType, hasNanoseconds, littleEndian: true });
}

function writeOutcome(writer: CaptureWriter, fed: FedPacket, outcome: RawOutcome): void {
  if (!leaves(outcome.verdict)) return;
  const packet = packetBehind(fed.header, leavingFrame(fed, outcome));
  const isAnswer = outcome.verdict === Verdict.Reply;
  const originalLengthBytes = isAnswer
    ? fed.headerBytes.length + packet.length
    : fed.originalLengthBytes;
  writer.write({ ...fed, originalLengthBytes }, fed.headerBytes, packet);
}
