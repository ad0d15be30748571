// Reads a node's settings: `spec.config` of a scenario, and the file of `--config`. The names
// and meanings are those of kube-proxy's configuration where it has them.

import type { NodeConfig, PolicyOptions } from '../compile/desired.ts';
import { profiles } from '../compile/tracking.ts';
import type { FieldReader } from '../kubernetes/field-reader.ts';
import { readAddress, readBlock } from '../kubernetes/values.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { ScenarioConfig } from './scenario.ts';

export const modes = ['nftables', 'iptables', 'ipvs'] as const;
const schedulers = 'rr wrr lc wlc lblc lblcr sh dh sed nq mh'.split(' ');
const detectors = ['ClusterCIDR', 'NodeCIDR', 'Interface', 'None'] as const;
const masqueradePorts = ['random', 'keep-if-free'] as const;
const fields = [
  'mode',
  'scheduler',
  'profile',
  'beLiberal',
  'loose',
  'masqueradeAll',
  'masqueradePorts',
  'detectLocal',
  'nodePortAddresses',
  'localhostNodePorts',
  'serviceCIDRs',
  'nodeAddresses',
  'mtu',
  'icmpErrors',
  'seed',
  'policy',
  'controllers',
];

/** Settings of policy that are one of a few words. */
const policyChoices = {
  liveConnections: ['keep', 'revalidate'],
  selfThroughService: ['allow', 'judge'],
  toOwnNode: ['judge', 'allow'],
  fromOwnNode: ['allow', 'after-admin'],
  icmp: ['rules', 'essential'],
  masqueradedSource: ['original', 'node'],
  baseline: ['direction', 'pod'],
} as const;

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
    ...present('masqueradePorts', reader.field('masqueradePorts').oneOf(masqueradePorts)),
    ...present('detectLocal', readDetectLocal(reader.field('detectLocal'))),
    ...present('nodePortAddresses', readNodePortAddresses(reader.field('nodePortAddresses'))),
    ...present('localhostNodePorts', reader.field('localhostNodePorts').boolean()),
    ...present('serviceCIDRs', readBlocks(reader.field('serviceCIDRs'))),
    ...present('policy', readPolicy(reader.field('policy'))),
    ...present('mtu', readMtu(reader.field('mtu'))),
    ...present('icmpErrors', readIcmpErrors(reader.field('icmpErrors'))),
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

function readPolicy(reader: FieldReader): Partial<PolicyOptions> | undefined {
  if (reader.isAbsent) return undefined;
  reader.warnOfUnknownFields([...Object.keys(policyChoices), 'sidecarPortNames', 'domainNames']);
  const choices = Object.entries(policyChoices).map(([name, words]) =>
    present(name, reader.field(name).oneOf<string>(words)),
  );
  return {
    ...(Object.assign({}, ...choices) as Partial<PolicyOptions>),
    ...present('sidecarPortNames', reader.field('sidecarPortNames').boolean()),
    ...present('domainNames', readDomainNames(reader.field('domainNames'))),
  };
}

/** Addresses by domain name. */
function readDomainNames(reader: FieldReader): PolicyOptions['domainNames'] | undefined {
  if (reader.isAbsent) return undefined;
  const names = reader.entries().map(([name, list]): [string, string[]] => {
    const addresses = list.items().map(readAddress);
    return [name, addresses.filter((address) => address !== undefined)];
  });
  return Object.fromEntries(names);
}

const podPort = /^pod\/[^/]+\/[^/]+$/;

/** RFC 791: every link carries 68 bytes. No IP packet has more than 65535. */
function readMtu(reader: FieldReader): NodeConfig['mtu'] {
  if (reader.isAbsent) return undefined;
  const given = reader.entries().flatMap(([port, value]): [string, number][] => {
    if (port !== 'uplink' && port !== 'pods' && !podPort.test(port)) {
      value.forbidden('a port is uplink, pods or pod/<namespace>/<name>');
      return [];
    }
    const mtuBytes = value.integer(68, 65_535);
    return mtuBytes === undefined ? [] : [[port, mtuBytes]];
  });
  return Object.fromEntries(given);
}

function readIcmpErrors(reader: FieldReader): NodeConfig['icmpErrors'] {
  if (reader.isAbsent) return undefined;
  reader.warnOfUnknownFields(['perSecond', 'atOnce']);
  const perSecond = reader.field('perSecond').integer(1, 1_000_000) ?? 1000;
  return { perSecond, atOnce: reader.field('atOnce').integer(1, 1_000_000) ?? 50 };
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
