// The targets of guided fuzzing, by name.

import { sourceOf } from '../../host/pcap/block-reader.ts';
import { openCapture } from '../../host/pcap/reader.ts';
import type { CountedModule } from './counted-node.ts';
import { mapSubject } from './map-operations.ts';
import {
  commandSubject,
  connectionSeeds,
  fragmentSeeds,
  frameSubject,
  quoteSeeds,
  type Origin,
} from './packets.ts';
import { captureSubject, manifestSubject } from './readers.ts';
import type { ByteSubject } from './byte-subject.ts';

/** What all targets are made from. */
export interface Material {
  readonly counted: CountedModule;
  /** Files to start from. */
  readonly captures: readonly Uint8Array[];
  readonly manifests: readonly Uint8Array[];
  readonly seed: number;
}

export interface GuidedTarget {
  readonly name: string;
  /** What must hold, in a sentence. */
  readonly claim: string;
  open(material: Material): ByteSubject;
}

/** Of each capture. */
const framesOfCapture = 12;
/** Longer seeds would be cut off by the first change. */
const seedBytes = 2048;

const packetClaim =
  'no packet traps, verdict and reason fit, and length and right checksums stay as they were';

export const guidedTargets: readonly GuidedTarget[] = [
  { name: 'frame', claim: packetClaim, open: (material) => frameSubject(originOf(material)) },
  {
    name: 'quoted',
    claim: packetClaim,
    open: (material) => commandSubject(material, quoteSeeds()),
  },
  {
    name: 'fragments',
    claim: packetClaim,
    open: (material) => commandSubject(material, fragmentSeeds()),
  },
  {
    name: 'commands',
    claim: packetClaim,
    open: (material) => commandSubject(material, connectionSeeds(originOf(material))),
  },
  {
    name: 'maps',
    claim: 'a map refuses an operation or does it, whatever the key and the value',
    open: ({ counted }) => mapSubject(counted),
  },
  {
    name: 'captures',
    claim: 'a damaged capture is read as far as it goes, or refused with the reason',
    open: ({ captures }) => captureSubject(captures.map((bytes) => bytes.subarray(0, seedBytes))),
  },
  {
    name: 'manifests',
    claim: 'any text is read as manifests, or refused with every problem',
    open: ({ manifests }) =>
      manifestSubject(manifests.map((bytes) => bytes.subarray(0, seedBytes))),
  },
];

/** What packet targets are made from. */
export function originOf({ counted, captures, seed }: Material): Origin {
  return { counted, frames: captures.flatMap(firstFrames), seed };
}

function firstFrames(capture: Uint8Array): Uint8Array[] {
  const reader = openCapture(sourceOf(capture), 'seed.pcap');
  const frames: Uint8Array[] = [];
  while (frames.length < framesOfCapture) {
    const packet = reader.next();
    if (packet === null) break;
    frames.push(packet.frame.slice());
  }
  return frames;
}
