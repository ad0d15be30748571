// The door for tests, `podplane/testing`: the reference model, what generates clusters and packets,
// and the fuzzers that race the dataplane against the model.

export { cluster, replacement } from './arbitrary/cluster.ts';
export { anyFrame, applyDamage, damage, packetFields } from './arbitrary/packet.ts';
export { stickyStory, story, type Step, type Story } from './arbitrary/story.ts';
export { runGuided, type GuidedOptions, type GuidedRun } from './guided/main.ts';
export { listTargets, runFuzz, type FuzzFailure, type FuzzOptions } from './main.ts';
export { Model, type ModelOptions, type Where } from './model/model.ts';
export { flood, type FloodReport } from './targets/flood.ts';
export { playStory, type Play } from './targets/story.ts';
