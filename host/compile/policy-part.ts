// The part of a node's maps that follows from policies and from the pods they speak of. Knows
// nothing of Services.

import type { DesiredState, Names } from './desired.ts';
import { encodeMap } from './entries.ts';
import { collectIsolations, findSplittingBlocks } from './grants.ts';
import { classifyPods, compileIdentities } from './identities.ts';
import { nameBlocks } from './blocks.ts';
import { nameIsolations } from './names.ts';
import type { NodeView } from './node-view.ts';
import type { NumberSpace } from './numbering.ts';
import { PeerIndex } from './peers.ts';
import {
  compileIsolations,
  compilePolicies,
  compilePortSets,
  explainAdmission,
} from './policies.ts';
import { compilePortClasses } from './port-classes.ts';

export interface PolicyPart {
  readonly desired: DesiredState;
  readonly names: Pick<Names, 'identities' | 'blocks' | 'isolatedBy' | 'admittedBy'>;
}

const spaces: readonly NumberSpace[] = ['identities', 'blocks', 'port-classes', 'port-sets'];

export function compilePolicyPart(view: NodeView): PolicyPart {
  const { state, numbers } = view;
  for (const space of spaces) numbers.askAgain(space);
  const classes = classifyPods(view, findSplittingBlocks(state.policies));
  const peers = new PeerIndex(classes, state.namespaces);
  const isolations = collectIsolations(state.policies, classes, peers);
  const policies = compileIsolations(isolations, numbers);
  return {
    desired: {
      identities: encodeMap('identities', compileIdentities(classes)),
      blocks: encodeMap('blocks', policies.blocks.entries),
      'port-classes': compilePortClasses(policies.portClasses),
      'port-sets': encodeMap('port-sets', compilePortSets(policies, numbers)),
      policies: encodeMap('policies', compilePolicies(policies, numbers)),
    },
    names: {
      identities: new Map(classes.map(({ number, pods }) => [number, [...pods]])),
      blocks: nameBlocks(policies.blocks),
      isolatedBy: nameIsolations(isolations),
      admittedBy: explainAdmission(policies),
    },
  };
}
