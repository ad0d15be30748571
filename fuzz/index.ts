// The door for tests, `podplane/testing`: the reference model, what generates clusters and packets,
// and the fuzzers that race a dataplane, ours or another, against the model.

export { cluster, replacement } from './arbitrary/cluster.ts';
export { anyFrame, applyDamage, damage, packetFields } from './arbitrary/packet.ts';
export { stickyStory, story, type Step, type Story } from './arbitrary/story.ts';
export {
  listGuidedTargets,
  runGuided,
  type Corpora,
  type GuidedOptions,
  type GuidedRun,
} from './guided/main.ts';
export { listTargets, runFuzz, type FuzzFailure, type FuzzOptions } from './main.ts';
export { Model, type ModelOptions, type Where } from './model/model.ts';
export { everything, features, type Claims, type Feature } from './subject/claims.ts';
export { modelSubjects } from './subject/model-subject.ts';
export { PipeSource, type PipeOptions } from './subject/pipe-subject.ts';
export { serveSubjects } from './subject/serve.ts';
export {
  SubjectError,
  type Answer,
  type Arrival,
  type NodeSettings,
  type Subject,
  type SubjectSource,
} from './subject/subject.ts';
export {
  reloadedWasmSubjects,
  wasmInVectors,
  wasmRestored,
  wasmSubjects,
} from './subject/wasm-subject.ts';
export { flood, type FloodReport } from './targets/flood.ts';
export { playStory, type Cast, type Play } from './targets/story.ts';
