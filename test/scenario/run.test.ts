// Running and grading, on a subject that does what it is told: what was not met must be said,
// what was met must not.

import { expect, test } from 'vitest';
import { readScenarios } from '../../host/scenario/read.ts';
import type { FlowReport } from '../../host/scenario/report.ts';
import { runScenario } from '../../host/scenario/run.ts';
import type { Position, Subject, SubjectOutcome } from '../../host/scenario/subject.ts';
import type { PacketFields } from '../../host/net/packet.ts';

const objects = `
    - apiVersion: v1
      kind: Node
      metadata: { name: node-a }
      spec: { podCIDR: 10.244.1.0/24 }
      status: { addresses: [{ type: InternalIP, address: 192.168.0.2 }] }
    - apiVersion: v1
      kind: Pod
      metadata: { name: web-0, labels: { app: web } }
      spec:
        nodeName: node-a
        hostname: web-0
        subdomain: web
        containers: [{ name: c, ports: [{ name: http, containerPort: 8080 }] }]
      status: { podIP: 10.244.1.5 }
    - apiVersion: v1
      kind: Service
      metadata: { name: web }
      spec:
        clusterIP: 10.96.0.10
        selector: { app: web }
        ports: [{ name: http, port: 80, targetPort: 8080 }]
    - apiVersion: v1
      kind: Service
      metadata: { name: peers }
      spec: { clusterIP: None, selector: { app: web }, ports: [{ port: 8080 }] }`;

/** Flows in flow style, one a line. */
function scenarioOf(...flows: string[]) {
  const text = `apiVersion: podplane.io/v1alpha1
kind: Scenario
metadata: { name: s }
spec:
  objects:${objects}
  flows:
${flows.map((flow) => `    - ${flow}`).join('\n')}
`;
  return readScenarios(text, 's.yaml').scenarios[0]!;
}

interface Sent {
  readonly packet: PacketFields;
  readonly port: string;
  readonly timeMs: number;
}

/** Notes what it is sent, and answers by a function. */
class ScriptedSubject implements Subject {
  readonly name = 'scripted';
  readonly sent: Sent[] = [];
  readonly changes: string[] = [];
  readonly #decide: (packet: PacketFields, count: number) => Partial<SubjectOutcome>;

  constructor(decide: (packet: PacketFields, count: number) => Partial<SubjectOutcome>) {
    this.#decide = decide;
  }

  apply(applied: readonly { metadata: { name: string } }[]): Promise<void> {
    this.changes.push(`apply ${applied.map(({ metadata }) => metadata.name).join(' ')}`);
    return Promise.resolve();
  }

  delete(references: readonly { name: string }[]): Promise<void> {
    this.changes.push(`delete ${references.map(({ name }) => name).join(' ')}`);
    return Promise.resolve();
  }

  send(packet: PacketFields, where: { port: string; timeMs: number }): SubjectOutcome {
    this.sent.push({ packet, ...where });
    const plain = {
      verdict: 'forward',
      reason: null,
      port: 'uplink',
      packet,
      service: null,
    } as const;
    return { ...plain, ...this.#decide(packet, this.sent.length) };
  }

  locate(address: string): Position {
    return { port: address.startsWith('10.244.1.') ? 'pod/default/web-0' : 'uplink' };
  }
}

const forward = () => ({});
const drop = () => ({ verdict: 'drop', reason: 'no-route', port: null, packet: null }) as const;
const reject = () => ({ verdict: 'reply', reason: 'reject-no-endpoints' }) as const;

async function runFlow(
  flow: string,
  decide: (packet: PacketFields, count: number) => Partial<SubjectOutcome>,
): Promise<FlowReport> {
  const report = await runScenario(scenarioOf(flow), new ScriptedSubject(decide));
  return report.flows[0]!;
}

const ends = 'from: 203.0.113.7, to: 192.168.0.2, port: 80';

test.each([
  ['verdict: forward', forward, []],
  ['verdict: forward', drop, ['verdict: expected forward, got drop (no-route)']],
  ['verdict: pass', forward, []],
  ['verdict: pass', drop, ['verdict: expected pass, got drop (no-route)']],
  ['verdict: reject', reject, []],
  [
    'verdict: reject',
    () => ({ verdict: 'reply', reason: 'time-exceeded' }) as const,
    ['verdict: expected reject, got reply (time-exceeded)'],
  ],
  ['verdict: drop, reason: no-route', drop, []],
  ['reason: null', drop, ['reason: expected none, got drop (no-route)']],
  ['reason: no-endpoints', drop, ['reason: expected no-endpoints, got drop (no-route)']],
  ['endpoints: ["192.168.0.2:80"]', forward, []],
  ['endpoints: []', forward, ['endpoints: unexpected 192.168.0.2:80']],
  [
    'endpoints: ["192.168.0.2:80", "192.168.0.3:80"]',
    forward,
    ['endpoints: never seen 192.168.0.3:80'],
  ],
  ['endpointsAnyOf: ["192.168.0.2:80", "192.168.0.3:80"]', forward, []],
  [
    'endpointsAnyOf: ["192.168.0.3:80"]',
    drop,
    ['endpoints: expected any of 192.168.0.3:80, got none'],
  ],
  ['endpointsAnyOf: []', forward, []],
  [
    'masquerade: true',
    forward,
    ['masquerade: expected true, got source 203.0.113.7 -> 203.0.113.7'],
  ],
  ['masquerade: false', forward, []],
  ['masquerade: false', drop, []],
  ['reply: ok', forward, []],
  ['reply: ok', drop, ['reply: expected ok, got no answer: the packet met drop']],
] as const)('%s', async (expectation, decide, failures) => {
  const decideReplies = (packet: PacketFields, count: number) =>
    count === 1 ? decide() : { packet, port: 'uplink' };
  const flow = await runFlow(`{ ${ends}, expect: { ${expectation} } }`, decideReplies);
  expect(flow.failures).toEqual(failures);
  expect(flow.pass).toBe(failures.length === 0);
});

test('an answer must come back to where the client is, as from where it dialled', async () => {
  const wrongPort = await runFlow(
    `{ ${ends}, sourcePort: 5000, expect: { reply: ok } }`,
    (packet, count) => (count === 2 ? { packet, port: 'host' } : {}),
  );
  expect(wrongPort.reply).toBe('mistranslated');
  expect(wrongPort.failures).toEqual([
    'reply: expected ok, got the answer came back as 192.168.0.2:80 > 203.0.113.7:5000 at host, ' +
      'not 192.168.0.2:80 > 203.0.113.7:5000 at uplink',
  ]);
  const lost = await runFlow(`{ ${ends}, expect: { reply: lost } }`, (_, count) =>
    count === 2 ? drop() : {},
  );
  expect(lost).toMatchObject({ pass: true, reply: 'lost' });
});

test('connections: outcomes counted, endpoints gathered, masquerade told by endpoint', async () => {
  const flow = await runFlow(`{ ${ends}, connections: 3 }`, (packet, count) => {
    if (count === 3) return drop();
    const endpoint = { ...packet, destination: `10.244.1.${count}`, destinationPort: 8080 };
    return { packet: count === 1 ? endpoint : { ...endpoint, source: '192.168.0.2' } };
  });
  expect(flow).toMatchObject({
    verdict: 'forward',
    reason: null,
    endpoints: ['10.244.1.1:8080', '10.244.1.2:8080'],
    masquerade: false,
    masqueradeByEndpoint: { '10.244.1.1:8080': false, '10.244.1.2:8080': true },
    sources: ['192.168.0.2', '203.0.113.7'],
    egress: ['uplink'],
    reply: null,
    outcomes: [
      { verdict: 'forward', reason: null, count: 2 },
      { verdict: 'drop', reason: 'no-route', count: 1 },
    ],
  });
});

test('steps run by time, then as written; source ports are given out in order', async () => {
  const subject = new ScriptedSubject(forward);
  await runScenario(
    scenarioOf(
      `{ name: last, ${ends}, at: 20 }`,
      `{ name: first, ${ends}, connections: 2, sourcePort: 65535 }`,
      '{ change: { delete: [{ kind: Pod, name: web-0 }] }, at: 10.5 }',
      `{ name: second, ${ends} }`,
    ),
    subject,
  );
  expect(subject.changes).toEqual(['apply node-a web-0 web peers', 'delete web-0']);
  expect(subject.sent.map(({ packet, timeMs }) => [packet.sourcePort, timeMs])).toEqual([
    [65535, 0],
    [1, 0],
    [32768, 0],
    [32769, 20_000],
  ]);
});

test('an answer comes from whoever received the packet, by the port it left by', async () => {
  const subject = new ScriptedSubject((packet, count) =>
    count === 1
      ? {
          packet: { ...packet, destination: '10.244.1.5', destinationPort: 8080 },
          port: 'pod/default/web-0',
        }
      : {},
  );
  await runScenario(
    scenarioOf(`{ name: ask, ${ends}, sourcePort: 5000 }`, '{ answers: ask, at: 1 }'),
    subject,
  );
  expect(subject.sent[1]).toMatchObject({
    port: 'pod/default/web-0',
    timeMs: 1000,
    packet: {
      source: '10.244.1.5',
      sourcePort: 8080,
      destination: '203.0.113.7',
      destinationPort: 5000,
      tcpFlags: 18,
      acknowledgement: 1001,
    },
  });
});

test.each([
  ['to: service default/web', '10.96.0.10', 80],
  ['to: svc/default/web, port: http', '10.96.0.10', 80],
  ['to: web', '10.96.0.10', 80],
  ['to: web.default', '10.96.0.10', 80],
  ['to: web.default.svc.cluster.local.', '10.96.0.10', 80],
  ['to: "http://web/"', '10.96.0.10', 80],
  ['to: "https://web.default:8443/x"', '10.96.0.10', 8443],
  ['to: pod default/web-0, port: http', '10.244.1.5', 8080],
  ['to: web-0', '10.244.1.5', 8080],
  ['to: web-0.web.default.svc.cluster.local', '10.244.1.5', 8080],
  ['to: 10-244-1-5.default.pod.cluster.local', '10.244.1.5', 8080],
  ['to: peers', '10.244.1.5', 8080],
  ['to: node, port: 22', '192.168.0.2', 22],
  ['to: node/node-a, port: 22', '192.168.0.2', 22],
  ['to: 10.96.0.10, port: http', '10.96.0.10', 80],
  ['to: 198.51.100.1, port: 443', '198.51.100.1', 443],
])('%s', async (to, destination, destinationPort) => {
  const subject = new ScriptedSubject(forward);
  await runScenario(scenarioOf(`{ from: pod default/web-0, ${to} }`), subject);
  expect(subject.sent[0]).toMatchObject({
    port: 'pod/default/web-0',
    packet: { source: '10.244.1.5', destination, destinationPort },
  });
});

test.each([
  ['protocol: ICMP', { protocol: 1, icmpType: 8 }],
  ['protocol: 47', { protocol: 47 }],
  ['protocol: UDP, port: 53', { protocol: 17, destinationPort: 53 }],
  ['protocol: SCTP, port: 53', { protocol: 132, destinationPort: 53 }],
])('%s', async (protocol, packet) => {
  const subject = new ScriptedSubject(forward);
  await runScenario(scenarioOf(`{ from: 203.0.113.7, to: node, ${protocol} }`), subject);
  expect(subject.sent[0]!.packet).toMatchObject(packet);
});

test('what belongs to one node and what belongs to all is told apart', () => {
  const read = (spec: string) => () =>
    readScenarios(
      `apiVersion: podplane.io/v1alpha1
kind: Scenario
metadata: { name: s }
spec: ${spec}`,
      's.yaml',
    );
  expect(read("{ node: '*', nodeAddresses: [192.168.0.2] }")).toThrow(
    /s\.yaml:4:\d+: spec\.nodeAddresses: .*belongs to one node/,
  );
  const flow = 'from: node, to: node, port: 80, via: node-a, expect: { node: node-a }';
  expect(read(`{ flows: [{ ${flow} }] }`)).toThrow(
    /spec\.flows\[0\]\.via: .*only with node: "\*"(.|\n)*expect\.node: .*only with node: "\*"/,
  );
  expect(read(`{ node: '*', flows: [{ ${flow} }] }`)).not.toThrow();
});

test('documents of other kinds are left alone; a file without a scenario is refused', () => {
  expect(() => readScenarios('kind: Service\napiVersion: v1\n', 's.yaml')).toThrow(
    's.yaml: no scenario in this file',
  );
});
