// The public door: everything that runs in Node, Deno, Bun and browsers alike. Files, workers and
// the command line are behind `podplane/node`.

export { outside, type NetworkPort } from './cluster/atlas.ts';
export {
  Cluster,
  Dataplane,
  type ClusterOptions,
  type DataplaneOptions,
} from './cluster/cluster.ts';
export type { ConnectionView, CounterView, ExhaustionView, Tuple } from './cluster/connections.ts';
export type { ExplainedStep } from './cluster/explain.ts';
export type { Departure, Hop, Journey } from './cluster/journey.ts';
export { Network, type NetworkOptions } from './cluster/network.ts';
export type { Outcome } from './cluster/outcome.ts';
export type { PacketInput, PacketPlace } from './cluster/process.ts';
export type { RestoreReport } from './cluster/snapshot.ts';
export type { Manifests, PlainManifest, References } from './cluster/written-objects.ts';

export {
  compileNode,
  defaultNodeConfig,
  type Compiled,
  type Predecessor,
} from './compile/compile-node.ts';
export type {
  DesiredState,
  Names,
  NodeConfig,
  PolicyExplanation,
  PolicyFit,
  PolicyOptions,
  PolicyQuestion,
  RuleFit,
  RuleName,
  ServiceName,
} from './compile/desired.ts';
export { emptyNumbering, type Numbering } from './compile/numbering.ts';
export type { PersistentMap } from './compile/persistent-map.ts';

export { completeCluster } from './controllers/complete.ts';
export {
  defaultControllerOptions,
  type ClusterState,
  type ControllerOptions,
  type Note,
} from './controllers/state.ts';
export { describeQuery, describeResolvConf } from './dns/describe.ts';
export {
  answerQuestion,
  type AddressType,
  type Answer,
  type DNSRecord,
  type Question,
} from './dns/records.ts';
export { assumedResolvConf, podResolvConf, type ResolvConf } from './dns/resolv-conf.ts';
export { resolveName, type Lookup, type Query, type Resolution } from './dns/resolver.ts';
export {
  readManifests,
  readObject,
  readReference,
  type ReadResult,
  type SkippedObject,
} from './kubernetes/read.ts';
export type * from './kubernetes/types.ts';
export { objectKey } from './kubernetes/types.ts';
export { formatProblem, InputError, type Problem } from './problem.ts';

export * as abi from './abi/abi.gen.ts';
export type { Capacity, MapName, Maps } from './abi/abi.gen.ts';
export { codeOf, codesOfBits, sentenceOf, valueOf } from './abi/enum.ts';
export { decode, encode, encodeInto, sizeOf } from './abi/struct.ts';
export { defaultCapacity } from './dataplane/capacity.ts';
export { embeddedBytes, embeddedModule } from './dataplane/embedded.ts';
export { CapacityError, MapError, ModuleError, PoisonedError } from './dataplane/errors.ts';
export { Instance, type InstanceOptions } from './dataplane/instance.ts';
export type { MapHandle } from './dataplane/map-handle.ts';
export type { RawOutcome } from './dataplane/outcome.ts';
export type { ChoiceInput, Vector, VectorEntry } from './dataplane/vector.ts';

export { compareModes } from './survey/compare-modes.ts';
export type { Mode, ModeDifference, ModeOutcome, ModeReport } from './survey/compare-modes.ts';
export {
  compareManifests,
  type CompareOptions,
  type ConnectionChange,
  type ManifestDifference,
} from './survey/compare-manifests.ts';
export type { Decision } from './survey/decisions.ts';
export { answerHealthCheck, type HealthCheckAnswer } from './survey/health-check.ts';
export { lintCluster, type LintReport } from './survey/lint.ts';
export { lintCodes, type LintCode, type LintFinding } from './survey/lint/finding.ts';
export {
  surveyMatrix,
  type MatrixConnection,
  type MatrixEnd,
  type MatrixOptions,
  type MatrixReport,
} from './survey/matrix.ts';
export type { Cause } from './survey/reach/cause.ts';
export type { Grouping } from './survey/reach/groups.ts';
export type { ServiceChange } from './survey/reach/service-changes.ts';
export { explainService } from './survey/service.ts';
export type { DoorReport, ServiceReport, SourceReport, SurveyOptions } from './survey/service.ts';
export type { SourceClass } from './survey/sources.ts';
export {
  listVirtualServers,
  type RealServer,
  type VirtualServer,
} from './survey/virtual-servers.ts';

export { canonicalAddress, formatAddress, parseAddress } from './net/address.ts';
export { decodePacket, encodePacket, TcpFlag, type PacketFields } from './net/packet.ts';
export { formatPrefix, parsePrefix, type Prefix } from './net/prefix.ts';
export { protocolName, protocolNumber } from './net/protocol.ts';
