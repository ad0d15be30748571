// What became of a packet, in names instead of numbers. Knows no frames but to copy the one that
// leaves.

import { Reason } from '../abi/abi.gen.ts';
import { codeOf, codesOfBits } from '../abi/enum.ts';
import type { Names, ServiceName } from '../compile/desired.ts';
import type { RawOutcome } from '../dataplane/outcome.ts';

export interface Outcome {
  /**
   * `forward`: it leaves through another port. `local`: it is handed to the node's own stack.
   * `reply`: the dataplane answered it itself. `drop`: nothing leaves. `hold`: a fragment that
   * waits for the first one of its datagram.
   */
  readonly verdict: 'forward' | 'local' | 'reply' | 'drop' | 'hold';
  /** Stable kebab-case code; null for an ordinary forward or delivery. */
  readonly reason: string | null;
  /** Name of the port it leaves by, null if nothing leaves. */
  readonly port: string | null;
  /** The Service port that decided, null if none did. */
  readonly service: ServiceName | null;
  /**
   * What happened on the way: `source-translated`, `destination-translated`, `created`,
   * `reply-direction` …
   */
  readonly effects: readonly string[];
  /** State of its connection after the packet: `established`; `none` if no connection is known. */
  readonly state: string;
  /** The frame that leaves: rewritten, or the answer; empty if nothing leaves. */
  readonly frame: Uint8Array;
  /** Fragments that were held before and leave behind this packet, or are dropped; if there are. */
  readonly released?: readonly Outcome[];
}

/** Names the numbers of an outcome; the frame is a copy. */
export function readOutcome(raw: RawOutcome, names: Names): Outcome {
  return {
    verdict: codeOf('Verdict', raw.verdict) as Outcome['verdict'],
    reason: raw.reason === Reason.None ? null : codeOf('Reason', raw.reason),
    port: raw.outPort === 0 ? null : (names.ports.get(raw.outPort) ?? null),
    service: names.services.get(raw.service) ?? null,
    effects: codesOfBits('Effect', raw.effects),
    state: codeOf('ConnectionState', raw.state),
    frame: raw.frame.slice(),
  };
}
