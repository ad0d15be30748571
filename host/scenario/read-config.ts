// Reads a node's settings: `spec.config` of a scenario, and the file of `--config`. The names
// and meanings are those of kube-proxy's configuration where it has them.

import type { NodeConfig } from '../compile/desired.ts';
import { profiles } from '../compile/tracking.ts';
import type { FieldReader } from '../kubernetes/field-reader.ts';
import { readBlock } from '../kubernetes/values.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { ScenarioConfig } from './scenario.ts';

export const modes = ['nftables', 'iptables', 'ipvs'] as const;
const schedulers = 'rr wrr lc wlc lblc lblcr sh dh sed nq mh'.split(' ');
const detectors = ['ClusterCIDR', 'NodeCIDR', 'Interface', 'None'] as const;
const fields = [
  'mode',
  'scheduler',
  'profile',
  'beLiberal',
  'loose',
  'masqueradeAll',
  'detectLocal',
  'nodePortAddresses',
  'localhostNodePorts',
  'serviceCIDRs',
  'nodeAddresses',
  'seed',
  'controllers',
];

/** Settings that are written; everything absent is left to the defaults. */
export function readConfig(reader: FieldReader): ScenarioConfig {
  if (reader.isAbsent) return { controllers: true };
  reader.warnOfUnknownFields(fields);
  return {
    controllers: reader.field('controllers').boolean() ?? true,
    ...present('mode', reader.field('mode').oneOf(modes)),
    ...present('scheduler', reader.field('scheduler').oneOf(schedulers)),
    ...present('profile', reader.field('profile').oneOf(profiles)),
    ...present('beLiberal', reader.field('beLiberal').boolean()),
    ...present('loose', reader.field('loose').boolean()),
    ...present('masqueradeAll', reader.field('masqueradeAll').boolean()),
    ...present('detectLocal', readDetectLocal(reader.field('detectLocal'))),
    ...present('nodePortAddresses', readNodePortAddresses(reader.field('nodePortAddresses'))),
    ...present('localhostNodePorts', reader.field('localhostNodePorts').boolean()),
    ...present('serviceCIDRs', readBlocks(reader.field('serviceCIDRs'))),
    ...present('seed', reader.field('seed').integer(0, Number.MAX_SAFE_INTEGER)),
  };
}

/** The settings of the node alone: whether controllers run is the cluster's affair. */
export function nodeSettings(config: ScenarioConfig): Partial<NodeConfig> {
  return Object.fromEntries(Object.entries(config).filter(([name]) => name !== 'controllers'));
}

/** An object with the field, or without it when there is no value. */
export function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: Value });
}

function readDetectLocal(reader: FieldReader): NodeConfig['detectLocal'] {
  if (reader.isAbsent) return undefined;
  reader.warnOfUnknownFields(['mode', 'cidrs']);
  const mode = reader.field('mode').requiredOneOf(detectors) ?? 'ClusterCIDR';
  return { mode, ...present('cidrs', readBlocks(reader.field('cidrs'))) };
}

function readBlocks(reader: FieldReader): string[] | undefined {
  if (reader.isAbsent) return undefined;
  const blocks = reader.items().map(readBlock);
  return blocks.filter((block) => block !== undefined).map(formatPrefix);
}

/** Blocks, or the word `primary`. */
function readNodePortAddresses(reader: FieldReader): string[] | undefined {
  if (reader.isAbsent) return undefined;
  return reader.items().flatMap((item) => {
    if (item.value === 'primary') return ['primary'];
    const block = readBlock(item);
    return block === undefined ? [] : [formatPrefix(block)];
  });
}
