// The targets that are stories: what is told, in which mode, and on what it is played.

import * as fc from 'fast-check';
import { schedulers } from '../../host/compile/balancing.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';
import { profiles } from '../../host/compile/tracking.ts';
import { claimedStory } from '../arbitrary/claimed-story.ts';
import { courseStory } from '../arbitrary/course-story.ts';
import { doorStory } from '../arbitrary/door-story.ts';
import { subjectNode } from '../arbitrary/cluster.ts';
import type { Story } from '../arbitrary/story.ts';
import { balancedStory, stickyStory, story } from '../arbitrary/story.ts';
import { wideScene, wideSettings } from '../arbitrary/wide-cluster.ts';
import { everything, isEverything, type Claims } from '../subject/claims.ts';
import { modelSubjects } from '../subject/model-subject.ts';
import type { Subject, SubjectSource } from '../subject/subject.ts';
import { SubjectError } from '../subject/subject.ts';
import {
  reloadedWasmSubjects,
  wasmInVectors,
  wasmRestored,
  wasmSubjects,
} from '../subject/wasm-subject.ts';
import { wasmAcrossWorkers } from '../subject/workers.ts';
import { describeBreakdown, playStory } from './story.ts';
import type { Target } from './target.ts';

interface Plot {
  readonly name: string;
  /** What is particular to its stories, behind `every packet of a story`. */
  readonly about?: string;
  readonly mode: NodeConfig['mode'];
  /** For whoever makes these claims; null if they are too few. */
  readonly told: (claims: Claims) => fc.Arbitrary<Story> | null;
  /** Settings that vary from story to story. */
  readonly varied?: fc.Arbitrary<Partial<NodeConfig>>;
}

/** Told to those only who claim everything. */
function whole(told: fc.Arbitrary<Story>): Plot['told'] {
  return (claims) => (isEverything(claims) ? told : null);
}

function claimOf({ mode, about = '' }: Plot): string {
  const subject = ['every packet of a story', about].join(' ').trimEnd();
  return `in ${mode} mode ${subject} ends as the model says it may`;
}

function storyTarget(plot: Plot): Target {
  const propertyOf = (subjects: SubjectSource) =>
    storyProperty(plot, subjects.claims, fc.constant(subjects));
  const property = () => propertyOf(wasmSubjects)!;
  return { name: plot.name, claim: claimOf(plot), isStory: true, property, propertyOf };
}

/** The same stories on our dataplane in another way. */
function variantTarget(name: string, about: string, subjects: fc.Arbitrary<SubjectSource>): Target {
  const plot: Plot = { name, about, mode: 'nftables', told: claimedStory };
  const property = () => storyProperty(plot, everything, subjects)!;
  return { name, claim: claimOf(plot), isStory: true, property };
}

function storyProperty(
  { mode, told, varied = fc.constant({}) }: Plot,
  claims: Claims,
  sources: fc.Arbitrary<SubjectSource>,
): fc.IRawProperty<unknown, true> | null {
  const stories = claims.modes.includes(mode) ? told(claims) : null;
  if (stories === null) return null;
  const plays = fc.tuple(stories, varied, sources).map(([plot, settings, source]) => {
    const print = () => [fc.stringify(plot), `# ${JSON.stringify(settings)}, on ${source.name}`];
    return { plot, settings, source, [fc.toStringMethod]: () => print().join('\n') };
  });
  return fc.asyncProperty(plays, async ({ plot, settings, source }) => {
    // Whoever is given up has failed: the story found so far is not made any shorter.
    if (source.isGivenUp) return;
    const config = { ...defaultNodeConfig, ...settings, mode };
    const failure = await findFailure(plot, config, source);
    if (failure !== null) throw new Error(failure);
  });
}

/** What happened and what was wrong with it, in words; null if nothing was. */
export async function findFailure(
  plot: Story,
  config: NodeConfig,
  source: SubjectSource,
): Promise<string | null> {
  const { vectorPackets = 1 } = source;
  let subject: Subject | null = null;
  try {
    subject = await source.start({ node: subjectNode, config });
    const play = await playStory(plot, config, { subject, vectorPackets });
    if (play.wrong.length === 0) return null;
    return [...play.log, ...play.wrong, ...(await stateOf(subject))].join('\n');
  } catch (error) {
    if (error instanceof SubjectError) return describeBreakdown(error);
    throw error;
  } finally {
    await subject?.close();
  }
}

/** What the subject says of itself; whoever is broken says nothing. */
async function stateOf(subject: Subject): Promise<string[]> {
  try {
    const dump = await subject.dump();
    return dump === '' ? [] : [`what it knows of connections: ${dump}`];
  } catch (error) {
    if (error instanceof SubjectError) return [];
    throw error;
  }
}

const scheduled = {
  mode: 'ipvs',
  varied: fc.constantFrom(...Object.keys(schedulers)).map((scheduler) => ({ scheduler })),
} as const;

const anyProfile = fc.record<Partial<NodeConfig>>({
  profile: fc.constantFrom(...profiles),
  beLiberal: fc.boolean(),
  loose: fc.boolean(),
  balancing: fc.constantFrom('random', 'maglev'),
  policy: fc.constantFrom({}, { liveConnections: 'revalidate' }),
});

const opening = 'about connections that open and close';
const coming = 'about clients that come again';

export const storyTargets: readonly Target[] = [
  storyTarget({ name: 'story', told: claimedStory, mode: 'nftables' }),
  storyTarget({ name: 'story-iptables', told: claimedStory, mode: 'iptables' }),
  storyTarget({ name: 'story-ipvs', told: claimedStory, ...scheduled }),
  storyTarget({ name: 'balance', about: opening, told: whole(balancedStory(60)), ...scheduled }),
  storyTarget({ name: 'persistence', about: coming, told: whole(stickyStory(60)), ...scheduled }),
  storyTarget({ name: 'affinity', about: coming, told: whole(stickyStory(60)), mode: 'nftables' }),
  storyTarget({
    name: 'profiles',
    about: 'with connections tracked in any way',
    told: whole(story(60)),
    mode: 'nftables',
    varied: anyProfile,
  }),
  storyTarget({
    name: 'doors',
    about: 'about every door of a Service',
    told: whole(doorStory()),
    mode: 'nftables',
  }),
  storyTarget({
    name: 'courses',
    about: 'about connections that run their whole course',
    told: whole(courseStory()),
    mode: 'nftables',
    varied: anyProfile,
  }),
  variantTarget(
    'vectors',
    'taken many at a time',
    fc.integer({ min: 2, max: 64 }).map(wasmInVectors),
  ),
  variantTarget(
    'reload',
    'with objects read anew at each change',
    fc.constant(reloadedWasmSubjects),
  ),
  variantTarget(
    'restore',
    'with a snapshot that takes over now and then',
    fc.integer({ min: 1, max: 8 }).map(wasmRestored),
  ),
  variantTarget(
    'workers',
    'shared out among several',
    fc.integer({ min: 2, max: 4 }).map(wasmAcrossWorkers),
  ),
  variantTarget('model', 'told by the model itself', fc.constant(modelSubjects)),
];

/** Short stories in clusters of every kind: what varies is the cluster. */
function clusterTarget(mode: NodeConfig['mode']): Target {
  const settings = mode === 'ipvs' ? [wideSettings(), scheduled.varied] : [wideSettings()];
  const varied = fc.tuple(...settings).map((parts) => Object.assign({}, ...parts));
  const about = 'in a cluster of any kind';
  const told = whole(story(24, wideScene));
  return storyTarget({ name: `cluster-${mode}`, about, told, mode, varied });
}

export const clusterTargets: readonly Target[] = [
  clusterTarget('nftables'),
  clusterTarget('iptables'),
  clusterTarget('ipvs'),
];
