// Connections are counted exactly: after any story, map `loads` says what a list of the connections
// says, by front-end, endpoint and state, and once more by client where there is session affinity.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { balancedStory, stickyStory, story } from '../../fuzz/arbitrary/story.ts';
import { subjectNode } from '../../fuzz/arbitrary/cluster.ts';
import { WasmSubject } from '../../fuzz/subject/wasm-subject.ts';
import { playStory } from '../../fuzz/targets/story.ts';
import { ConnectionFlag, ConnectionState } from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { schedulers } from '../../host/compile/balancing.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import { runs } from './setup.ts';

const activeTcp: readonly number[] = [
  ConnectionState.SynSent,
  ConnectionState.SynSent2,
  ConnectionState.SynReceived,
  ConnectionState.Established,
];

type Counts = Record<string, { active: number; inactive: number }>;

/** Counted from map `connections`. */
function listed(instance: Instance): Counts {
  const counts: Counts = {};
  for (const [key, value] of instance.map('connections').entries()) {
    // A hairpin may be translated to where it was going: its service tells.
    if (value.service === 0 && !(value.flags & ConnectionFlag.DestinationTranslated)) continue;
    const { destination, destinationPort, protocol } = key;
    const name = [destination, destinationPort, protocol, value.replySource, value.replySourcePort];
    const count = (counts[name.join(' ')] ??= { active: 0, inactive: 0 });
    const isActive =
      (protocol === 6 && activeTcp.includes(value.state)) ||
      (protocol === 132 && value.state === ConnectionState.SctpEstablished);
    count[isActive ? 'active' : 'inactive'] += 1;
  }
  return counts;
}

/** What map `loads` says of all clients together, or the sum of what it says of each. */
function counted(instance: Instance, isOfOne: boolean): Counts {
  const counts: Counts = {};
  for (const [key, { active, inactive }] of instance.map('loads').entries()) {
    if ((key.client !== '::') !== isOfOne || active + inactive === 0) continue;
    const { frontend, frontendPort, protocol, endpoint, endpointPort } = key;
    const name = [frontend, frontendPort, protocol, endpoint, endpointPort].join(' ');
    const count = (counts[name] ??= { active: 0, inactive: 0 });
    count.active += active;
    count.inactive += inactive;
  }
  return counts;
}

const scheduler = fc.constantFrom(...Object.keys(schedulers));

test.each([
  ['of any kind', story(), false],
  ['about balancing', balancedStory(), false],
  ['about persistence', stickyStory(), true],
] as const)(
  'the sum of counts is the live connections, after stories %s',
  async (_, told, isSticky) => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(told, scheduler, async (plot, name) => {
        const config = { ...defaultNodeConfig, mode: 'ipvs' as const, scheduler: name };
        const subject = new WasmSubject({ node: subjectNode, config });
        await playStory(plot, config, { subject });
        const { instance } = subject.node.dataplane;
        const expected = listed(instance);
        expect(counted(instance, false)).toEqual(expected);
        if (isSticky) expect(counted(instance, true)).toEqual(expected);
        seen += Object.keys(expected).length;
        instance.sweep(Number.MAX_SAFE_INTEGER, 10_000);
        expect(listed(instance)).toEqual({});
        expect(counted(instance, false)).toEqual({});
        expect(instance.map('counters').lookUp(0)?.loadsRefused ?? 0).toBe(0);
      }),
      runs(60),
    );
    expect(seen).toBeGreaterThan(0);
  },
);
