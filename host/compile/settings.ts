// A node's settings as map `config`. Knows no Services and no policies.

import { ConfigFlag, type Balancing } from '../abi/abi.gen.ts';
import type { ClusterState } from '../controllers/state.ts';
import { balancingOf, goesByCounts } from './balancing.ts';
import type { Entry } from './entries.ts';
import type { Detector } from './localities.ts';
import type { NodeView } from './node-view.ts';
import { loopback4, nodePortAddresses } from './node-port-addresses.ts';
import { policyOptionsOf } from './policy-options.ts';
import { compilePorts } from './routes.ts';
import { trackingFlags } from './tracking.ts';

const noAddress = '::';

/** The one entry of map `config`. Revisions are left 0: only the caller knows what it replaces. */
export function compileConfig(view: NodeView, detector: Detector): Entry<'config'>[] {
  const balancing = balancingOf(view.config);
  const config = {
    node4: view.primary.get(4) ?? noAddress,
    node6: view.primary.get(6) ?? noAddress,
    flags: configFlags(view, detector) | countFlags(view, balancing) | trackingFlags(view.config),
    balancing,
    largestMtuBytes: Math.max(...compilePorts(view).flatMap(([, { mtuBytes }]) => mtuBytes ?? [])),
    errorsPerSecond: view.config.icmpErrors?.perSecond ?? 0,
    errorsAtOnce: view.config.icmpErrors?.atOnce ?? 0,
  };
  return [[0, config]];
}

function configFlags(view: NodeView, detector: Detector): number {
  const { config } = view;
  const isIptables = config.mode === 'iptables';
  const isIpvs = config.mode === 'ipvs';
  const policy = policyOptionsOf(config);
  const flags: readonly (readonly [boolean, number])[] = [
    [config.masqueradeAll, ConfigFlag.MasqueradeAll],
    [detector.families.has(4), ConfigFlag.DetectLocal4],
    [detector.families.has(6), ConfigFlag.DetectLocal6],
    [isIptables, ConfigFlag.DropInvalid],
    [isIptables, ConfigFlag.HairpinAnyEndpoint],
    [isIpvs, ConfigFlag.NoShortCircuit],
    [nodePortAddresses(view, 4).includes(loopback4), ConfigFlag.GuardLoopback],
    [isIpvs, ConfigFlag.MasqueradeClusterIpSource],
    [policy.liveConnections === 'revalidate', ConfigFlag.RevalidatePolicy],
    [policy.selfThroughService === 'judge', ConfigFlag.JudgeSelfThroughService],
    [policy.toOwnNode === 'allow', ConfigFlag.AllowToOwnNode],
    [policy.fromOwnNode === 'after-admin', ConfigFlag.OwnNodeAfterAdmin],
    [policy.icmp === 'essential', ConfigFlag.EssentialIcmp],
    [policy.masqueradedSource === 'node', ConfigFlag.JudgeMasqueraded],
    [config.masqueradePorts === 'keep-if-free', ConfigFlag.KeepSourcePort],
  ];
  return flags.reduce((sum, [isSet, flag]) => (isSet ? sum | flag : sum), 0);
}

/**
 * Only ipvs counts connections. Its choices go by them where the scheduler does, and where a
 * client's live connections keep it with its endpoint.
 */
function countFlags({ config, state }: NodeView, balancing: Balancing): number {
  if (config.mode !== 'ipvs') return 0;
  const isExact = goesByCounts(balancing) || isAnySticky(state);
  return ConfigFlag.CountConnections | (isExact ? ConfigFlag.ExactCounts : 0);
}

/** Whether some Service has session affinity. */
export function isAnySticky({ services }: ClusterState): boolean {
  return services.some(({ spec }) => spec.sessionAffinity === 'ClientIP');
}
