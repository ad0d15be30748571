// The order of the admin tiers' rules as numbers: priority, then the policy's name among those of
// equal priority, then the place in the policy. Equal priorities are undefined in the API; by name
// they are deterministic. Source: network-policy-api ClusterNetworkPolicySpec.priority.

import { compareObjects } from '../controllers/written.ts';
import type { TierPolicy } from '../kubernetes/types.ts';

const rulesPerPolicy = 1 << 7;
const policiesPerPriority = 1 << 15;

/** Rank of the first rule of each policy; the others follow it. They compare inside one tier. */
export function rankTiers(policies: readonly TierPolicy[]): Map<TierPolicy, number> {
  const seen = new Map<string, number>();
  const ranks = new Map<TierPolicy, number>();
  for (const policy of policies.toSorted(compareObjects)) {
    const { tier, priority } = policy.spec;
    const place = seen.get(`${tier} ${priority}`) ?? 0;
    seen.set(`${tier} ${priority}`, place + 1);
    ranks.set(policy, (priority * policiesPerPriority + place) * rulesPerPolicy);
  }
  return ranks;
}
