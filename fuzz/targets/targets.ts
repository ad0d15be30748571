// All fuzz targets. `canary` fails on purpose: it shows that a failure is noticed, shrunk and can
// be repeated.

import * as fc from 'fast-check';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import { schedulers } from '../../host/compile/balancing.ts';
import type { LinkType } from '../../host/net/packet-layout.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { subjectNode } from '../arbitrary/cluster.ts';
import { campaign } from '../arbitrary/campaign.ts';
import { anyFrame, link, packetFields } from '../arbitrary/packet.ts';
import { policyQuestion } from '../arbitrary/policy-question.ts';
import { conversationTarget } from './conversation.ts';
import { expressTarget } from './express.ts';
import { fragmentsTarget } from './fragments.ts';
import { NodeUnderTest } from '../subject/node-under-test.ts';
import { runCampaign } from './laws.ts';
import { findDisagreements } from './policy.ts';
import { quotedTarget } from './quoted.ts';
import { sampleObjects } from './sample-cluster.ts';
import { clusterTargets, storyTargets } from './story-targets.ts';
import type { Target } from './target.ts';

const frameTarget: Target = {
  name: 'frame',
  claim: 'whatever the bytes, the dataplane does not trap, and what it drops has a reason',
  property: () =>
    fc.asyncProperty(link().chain(framesOf), async ({ linkType, frames }) => {
      const node = await NodeUnderTest.create(sampleObjects, {
        node: subjectNode,
        config: defaultNodeConfig,
      });
      const arrivals = frames.map((frame) => ({
        frame,
        link: linkType,
        port: 'uplink',
        timeMs: 0,
      }));
      for (const { outcome } of node.sendAll(arrivals)) {
        const isPlain = outcome.verdict === 'forward' || outcome.verdict === 'local';
        if (isPlain !== (outcome.reason === null)) {
          throw new Error(`verdict ${outcome.verdict} with reason ${outcome.reason}`);
        }
      }
    }),
};

function framesOf(linkType: LinkType) {
  const frames = fc.array(anyFrame(linkType), { minLength: 1, maxLength: 40, size: 'max' });
  return fc.record({ linkType: fc.constant(linkType), frames });
}

const policyTarget: Target = {
  name: 'policy',
  claim: 'dataplane, model and sets of flows agree on what policies of every kind deny',
  property: () =>
    fc.asyncProperty(policyQuestion(), async (question) => {
      const disagreements = await findDisagreements(question);
      if (disagreements.length > 0) throw new Error(disagreements.join('\n'));
    }),
};

const anyMode = fc.oneof(
  fc.constantFrom('nftables' as const, 'iptables' as const).map((mode) => ({ mode })),
  fc.constantFrom(...Object.keys(schedulers)).map((scheduler) => {
    return { scheduler, mode: 'ipvs' as const };
  }),
);
const anyPorts = fc.constantFrom('random' as const, 'keep-if-free' as const);

let packetsUnderLaw = 0;

const lawsTarget: Target = {
  name: 'laws',
  claim: 'connections and translation keep their laws, whatever happens to a node meanwhile',
  amount: () => `${packetsUnderLaw.toLocaleString('en')} packets`,
  property: () =>
    fc.asyncProperty(campaign(), anyMode, anyPorts, async (plan, settings, masqueradePorts) => {
      const config = { ...defaultNodeConfig, ...settings, masqueradePorts };
      packetsUnderLaw += await runCampaign(plan, config);
    }),
};

const canaryTarget: Target = {
  name: 'canary',
  claim: 'no UDP datagram carries more than 8 bytes (which is wrong)',
  property: () =>
    fc.asyncProperty(packetFields(), ({ protocol, payload }) => {
      const carried = payload?.length ?? 0;
      if (protocol === Ip.Udp && carried > 8) throw new Error(`it carries ${carried} bytes`);
      return Promise.resolve();
    }),
};

/** Every target; the canary last. */
export const targets: readonly Target[] = [
  frameTarget,
  ...storyTargets,
  policyTarget,
  ...clusterTargets,
  conversationTarget,
  expressTarget,
  fragmentsTarget,
  quotedTarget,
  lawsTarget,
  canaryTarget,
];
