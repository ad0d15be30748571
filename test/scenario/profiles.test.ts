// What differs between profiles of connection tracking: how long connections live, what ends them,
// and what becomes of them when their endpoint is gone. Sources: those of host/compile/tracking.ts.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Timeout } from '../../host/abi/abi.gen.ts';
import { compileTimeouts, profiles, type Profile } from '../../host/compile/tracking.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { readScenarios } from '../../host/scenario/read.ts';
import { runScenario } from '../../host/scenario/run.ts';
import { Talk } from '../../fuzz/targets/talk.ts';
import { JudgedSubject } from './judged-subject.ts';

const seconds = {
  'kube-proxy': { TcpSynSent: 120, TcpEstablished: 86_400, TcpClose: 10, Udp: 30, Icmp: 30 },
  cilium: { TcpSynSent: 60, TcpEstablished: 8000, TcpClose: 10, Udp: 60, Icmp: 60, Other: 60 },
  calico: { TcpSynSent: 20, TcpEstablished: 3600, TcpClose: 40, Udp: 60, Icmp: 5, Other: 600 },
} as const;

const [before, after] = ['10.244.2.1:53', '10.244.2.2:53'];

/** The story of stale UDP, where only the last flows of TCP and SCTP depend on the profile. */
function storyOf(profile: Profile, endpointOfTheRest: string) {
  const [story] = readFileSync('test/scenario/stale-udp.yaml', 'utf8').split('\n---\n');
  const [start, ...rest] = story!
    .replace('config: { mode: nftables }', `config: { mode: nftables, profile: ${profile} }`)
    .split('- name: TCP goes on');
  const end = rest.join('').replaceAll(before!, endpointOfTheRest);
  return readScenarios(`${start}- name: TCP goes on${end}`, 'story.yaml').scenarios[0]!;
}

describe.each(profiles)('%s', (profile) => {
  test('lives', () => {
    const lives = new Map(compileTimeouts({ profile }).map(([number, life]) => [number, life]));
    for (const [name, life] of Object.entries(seconds[profile])) {
      expect(lives.get(Timeout[name as keyof typeof Timeout]), name).toEqual({ seconds: life });
    }
    expect(lives.size).toBe(Object.keys(Timeout).length);
  });

  test('when an endpoint is gone', async () => {
    const scenario = storyOf(profile, profile === 'cilium' ? after! : before!);
    const subject = new JudgedSubject(scenario);
    const { flows } = await runScenario(scenario, subject);
    expect(flows.flatMap(({ name, failures }) => failures.map((one) => `${name}: ${one}`))).toEqual(
      [],
    );
    expect(flows).toHaveLength(10);
    expect(subject.differences).toEqual([]);
  });

  test('what is over is gone at once in Linux, and elsewhere by the sweep', async () => {
    const talk = await Talk.begin(Ip.Udp, { profile });
    const count = () => talk.node.dataplane.instance.map('counters').lookUp(0)!;
    talk.send(false, {});
    talk.timeMs = 100_000;
    talk.send(false, {});
    expect(count().connectionsCreated).toBe(profile === 'kube-proxy' ? 2 : 1);
    talk.timeMs = 200_000;
    talk.sweep();
    talk.send(false, {});
    expect(count().connectionsCreated).toBe(profile === 'kube-proxy' ? 3 : 2);
  });
});
