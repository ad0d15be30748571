// Stories keep to what is claimed: whatever is left out of the claims never happens in them. And
// what is written in a hello is read, or refused with every reason.

import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimedStory } from '../../fuzz/arbitrary/claimed-story.ts';
import { subjectNode } from '../../fuzz/arbitrary/cluster.ts';
import type { Story } from '../../fuzz/arbitrary/story.ts';
import { everything, features, parseClaims, type Claims } from '../../fuzz/subject/claims.ts';
import type { Answer, Arrival } from '../../fuzz/subject/subject.ts';
import { WasmSubject } from '../../fuzz/subject/wasm-subject.ts';
import { playStory } from '../../fuzz/targets/story.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import { isIcmpError } from '../../host/net/packet-layout.ts';
import type { KubernetesObject, Service, SliceEndpoint } from '../../host/kubernetes/types.ts';
import { decodePacket, type PacketFields } from '../../host/net/packet.ts';
import { protocolNumber } from '../../host/net/protocol.ts';
import { runs } from '../property/setup.ts';

interface Exchange {
  readonly came: PacketFields;
  readonly answer: Answer;
  readonly left: PacketFields | null;
}

/** Our dataplane, with a record of everything that it was asked. */
class RecordingSubject extends WasmSubject {
  readonly exchanges: Exchange[] = [];
  readonly pausesMs: number[] = [];
  #nowMs: number | null = null;

  override advance(timeMs: number): void {
    if (this.#nowMs !== null) this.pausesMs.push(timeMs - this.#nowMs);
    this.#nowMs = timeMs;
    super.advance(timeMs);
  }

  override send(arrivals: readonly Arrival[]): Answer[] {
    // Frames are kept as they came: sending may change them.
    const came = arrivals.map(({ frame }) => decodePacket(frame.slice(), 'raw')!);
    const answers = super.send(arrivals);
    for (const [index, answer] of answers.entries()) {
      const left = answer.frame.length === 0 ? null : decodePacket(answer.frame, 'raw');
      this.exchanges.push({ came: came[index]!, answer, left });
    }
    return answers;
  }
}

function some<T>(all: readonly T[]): fc.Arbitrary<T[]> {
  return fc.subarray([...all], { minLength: 1 });
}

const anyClaims: fc.Arbitrary<Claims> = fc
  .record({
    protocols: some(everything.protocols),
    families: some(everything.families),
    modes: fc.constant(['nftables' as const]),
    features: some(everything.features).map((names) => ['cluster-ip', ...names]),
  })
  .map((hello) => ({ ...hello, features: [...new Set(hello.features)] }))
  .filter((hello) => parseClaims(hello).problems.length === 0)
  .map((hello) => parseClaims(hello).claims);

const isTranslated = ({ came, left }: Exchange) => left !== null && came.source !== left.source;
const nodeAddresses = ['192.168.0.2', 'fd00:192:168::2'];

/** What no packet must show unless a feature is claimed. */
const signs: Readonly<Partial<Record<keyof typeof features, (exchange: Exchange) => boolean>>> = {
  masquerade: (exchange) =>
    isTranslated(exchange) &&
    exchange.answer.verdict === 'forward' &&
    nodeAddresses.includes(exchange.left!.source),
  'network-policies': ({ answer }) => answer.reason?.startsWith('policy-') === true,
  answers: ({ answer }) => answer.verdict === 'reply',
  'icmp-errors': ({ came }) => isIcmpError(came.protocol, came.icmpType ?? 0),
  'tcp-states': ({ came }) => ![undefined, 2, 16, 18].includes(came.tcpFlags),
};

type ObjectSign = (object: KubernetesObject) => boolean;

const ofService = (isSeen: (service: Service) => boolean): ObjectSign => {
  return (object) => object.kind === 'Service' && isSeen(object);
};
const ofEndpoints = (isSeen: (endpoint: SliceEndpoint) => boolean): ObjectSign => {
  return (object) => object.kind === 'EndpointSlice' && object.endpoints.some(isSeen);
};

/** What no object must show unless a feature is claimed. */
const objectSigns: Readonly<Partial<Record<keyof typeof features, ObjectSign>>> = {
  'session-affinity': ofService(({ spec }) => spec.sessionAffinity === 'ClientIP'),
  'node-ports': ofService(({ spec }) => spec.ports.some(({ nodePort }) => nodePort !== undefined)),
  'external-addresses': ofService(
    ({ spec, status }) => spec.externalIPs.length + status.ingress.length > 0,
  ),
  'traffic-policies': ofService(
    ({ spec: { internalTrafficPolicy, externalTrafficPolicy } }) =>
      internalTrafficPolicy === 'Local' || externalTrafficPolicy === 'Local',
  ),
  topology: ofEndpoints(({ hints }) => hints.forNodes.length + hints.forZones.length > 0),
  draining: ofEndpoints(({ conditions }) => conditions.terminating === true),
  'network-policies': ({ kind }) => kind === 'NetworkPolicy',
};

function objectsOf({ objects, steps }: Story): KubernetesObject[] {
  return [...objects, ...steps.flatMap((step) => (step.kind === 'apply' ? [step.object] : []))];
}

/** The features that a story, or what came of it, shows. */
function featuresSeen(story: Story, exchanges: readonly Exchange[]): string[] {
  const inPackets = Object.entries(signs).filter(([, isSeen]) => exchanges.some(isSeen));
  const objects = objectsOf(story);
  const inObjects = Object.entries(objectSigns).filter(([, isSeen]) => objects.some(isSeen));
  return [...inPackets, ...inObjects].map(([feature]) => feature);
}

test('a story holds nothing that is not claimed, and our dataplane plays it right', async () => {
  const seen = { packets: 0, services: 0 };
  await fc.assert(
    fc.asyncProperty(
      anyClaims.chain((claims) => fc.tuple(fc.constant(claims), claimedStory(claims, 40))),
      async ([claims, story]) => {
        const subject = new RecordingSubject({ node: subjectNode, config: defaultNodeConfig });
        const { log, wrong } = await playStory(story, defaultNodeConfig, { subject });
        expect(wrong, log.join('\n')).toEqual([]);
        const numbers = claims.protocols.map((name) => protocolNumber(name));
        if (claims.protocols.includes('ICMP')) numbers.push(58);
        if (claims.features.includes('icmp-errors')) numbers.push(1, 58);
        for (const exchange of subject.exchanges) {
          const { came, answer } = exchange;
          expect(numbers).toContain(came.protocol);
          expect(claims.families).toContain(came.source.includes(':') ? 6 : 4);
          seen.packets += 1;
          seen.services += answer.service === null ? 0 : 1;
        }
        expect(claims.features).toEqual(
          expect.arrayContaining(featuresSeen(story, subject.exchanges)),
        );
        if (!claims.features.includes('expiry')) {
          expect(subject.pausesMs.filter((pause) => pause > 1)).toEqual([]);
        }
      },
    ),
    runs(80),
  );
  expect(seen.services).toBeGreaterThan(seen.packets / 10);
});

test('each feature that leaves a sign is seen where it is claimed', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(claimedStory(everything, 60), async (story) => {
      const subject = new RecordingSubject({ node: subjectNode, config: defaultNodeConfig });
      await playStory(story, defaultNodeConfig, { subject });
      for (const feature of featuresSeen(story, subject.exchanges)) seen.add(feature);
    }),
    // Fewer would not see everything.
    { numRuns: 40 },
  );
  expect([...seen].sort()).toEqual(Object.keys({ ...signs, ...objectSigns }).sort());
});

describe('a hello', () => {
  test('claims least where it says nothing', () => {
    expect(parseClaims({ protocols: ['UDP'] })).toEqual({
      claims: { protocols: ['UDP'], families: [4], modes: ['nftables'], features: ['cluster-ip'] },
      problems: [],
    });
  });

  test('is refused with every reason', () => {
    const hello = { protocols: ['UPD'], families: 5, features: ['node-ports', 'nat'] };
    expect(parseClaims(hello).problems).toEqual([
      'protocols: "UPD"; expected some of TCP, UDP, SCTP, ICMP',
      'protocols: none; expected some of TCP, UDP, SCTP, ICMP',
      'families: 5; expected some of 4, 6',
      'families: none; expected some of 4, 6',
      `features: "nat"; expected some of ${Object.keys(features).join(', ')}`,
      'features: node-ports without masquerade; expected both, or neither',
    ]);
  });

  test('has its features in the reference page', () => {
    const page = readFileSync('docs/reference/pipe-protocol.md', 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| (.+?) +\|$/gm)].map(([, ...row]) => row);
    for (const row of Object.entries(features)) expect(rows).toContainEqual(row);
  });
});
