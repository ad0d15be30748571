// The node of the guided target `frame`, for the native fuzzer: as a script, with its connections;
// and the inputs and words that the target begins with, as libFuzzer reads them.

import { compileNode, defaultNodeConfig } from '../../host/compile/compile-node.ts';
import { Cluster } from '../../host/cluster/cluster.ts';
import { defaultCapacity } from '../../host/dataplane/capacity.ts';
import { rememberedMaps } from '../../host/dataplane/regions.ts';
import { plan } from '../../host/reconcile/plan.ts';
import { subjectNode } from '../../fuzz/arbitrary/cluster.ts';
import { CountedNode, fuzzedCapacity } from '../../fuzz/guided/counted-node.ts';
import type { ByteSubject } from '../../fuzz/guided/byte-subject.ts';
import { converse } from '../../fuzz/guided/packets.ts';
import { guidedTargets, type Material } from '../../fuzz/guided/targets.ts';
import { sampleObjects } from '../../fuzz/targets/sample-cluster.ts';
import { encodeScript, entriesOf, type ScriptEntry } from './script.ts';

/** The target in Node: what it says of an input counts. */
export function openFrameTarget(material: Material): ByteSubject {
  return guidedTargets.find(({ name }) => name === 'frame')!.open(material);
}

/** The maps of its node, and what is left of the conversation before every input. */
export function encodeFuzzScript({ counted }: Pick<Material, 'counted'>): Uint8Array {
  const { instance } = new CountedNode(counted, converse, true);
  const { state } = Cluster.from(sampleObjects, { controllers: false });
  const { desired } = compileNode(state, subjectNode, defaultNodeConfig);
  const remembered = rememberedMaps.flatMap((map): ScriptEntry[] =>
    [...instance.map(map).entriesBytes()].map(([key, value]) => ({
      ...{ map, key, value },
      isRestored: true,
    })),
  );
  const capacity = { ...defaultCapacity, ...fuzzedCapacity };
  return encodeScript(capacity, [...entriesOf(plan({}, desired)), ...remembered]);
}

/** Words in libFuzzer's form, one a line. */
export function writeDictionary(words: readonly Uint8Array[]): string {
  const escape = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;
  return words.map((word) => `"${Array.from(word, escape).join('')}"\n`).join('');
}
