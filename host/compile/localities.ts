// Which sources are pods to the local-traffic detector, and which are the node itself. Knows
// nothing of Services.
// Source: cmd/kube-proxy/app/server_linux.go getLocalDetectors.

import { LocalityFlag } from '../abi/abi.gen.ts';
import type { Family } from '../kubernetes/types.ts';
import { parsePrefix, type Prefix } from '../net/prefix.ts';
import { dummyAddresses } from './dummy-addresses.ts';
import type { Entry } from './entries.ts';
import { nestSpans, type Span } from './nesting.ts';
import { families, type NodeView } from './node-view.ts';
import { addressPrefix, prefixKey } from './prefix-key.ts';

/** Prefixes that belong to every node. */
export const loopbackPrefixes: readonly Prefix[] = ['127.0.0.0/8', '::1/128'].map((text) =>
  parsePrefix(text)!,
);

/** What the local-traffic detector goes by. */
export interface Detector {
  /** Families it is configured for: in the others nothing is known to be a pod. */
  readonly families: ReadonlySet<Family>;
  readonly prefixes: readonly Prefix[];
}

/** The detector of a node: by default ClusterCIDR with the cluster's pod CIDRs. */
export function nodeDetector(view: NodeView): Detector {
  const { mode, cidrs } = view.config.detectLocal ?? { mode: 'ClusterCIDR' };
  switch (mode) {
    case 'ClusterCIDR':
      return prefixDetector(cidrs ?? view.state.podCIDRs);
    case 'NodeCIDR':
      return prefixDetector(cidrs ?? view.node?.spec.podCIDRs ?? []);
    case 'Interface':
      return { families: new Set(families), prefixes: podAddresses(view).map(addressPrefix) };
    case 'None':
      return { families: new Set(), prefixes: [] };
  }
}

/** Entries of map `localities`: an address in several prefixes has the flags of all. */
export function compileLocalities(view: NodeView, detector: Detector): Entry<'localities'>[] {
  const span = (flag: number) => (prefix: Prefix) => ({ prefix, except: [], item: flag });
  const addresses = [...view.addresses, ...dummyAddresses(view)];
  const nodePrefixes = [...loopbackPrefixes, ...addresses.map(addressPrefix)];
  const spans: Span<number>[] = [
    ...detector.prefixes.map(span(LocalityFlag.Pod)),
    ...nodePrefixes.map(span(LocalityFlag.Node)),
  ];
  return nestSpans(spans).map(({ prefix, items }) => [
    prefixKey(prefix),
    { flags: items.reduce((flags, flag) => flags | flag, 0) },
  ]);
}

/** kube-proxy takes the first CIDR of each family. */
function prefixDetector(cidrs: readonly string[]): Detector {
  const parsed = cidrs.map(parsePrefix).filter((prefix) => prefix !== null);
  const prefixes = families.flatMap((family) =>
    parsed.filter((prefix) => prefix.family === family).slice(0, 1),
  );
  return { families: new Set(prefixes.map((prefix) => prefix.family)), prefixes };
}

function podAddresses(view: NodeView): string[] {
  return view.pods.flatMap((pod) => pod.status.podIPs);
}
