// What packets left behind goes on in another dataplane of the node: whatever its capacities and
// whatever numbers its objects have; or it is refused with the cure, and nothing happened.

import { Packr, unpack } from 'msgpackr';
import { expect, test } from 'vitest';
import { Cluster, encodePacket, type ConnectionView, type Dataplane } from '../../../host/index.ts';
import { dial, manifests, synFrame } from './shop.ts';

const node = 'node-a';
/** Services that come first in another cluster, so that numbers differ there. */
const others = ['aa', 'ab']
  .map(
    (name, index) => `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default}
spec:
  clusterIP: 10.96.0.2${index}
  selector: {app: none}
  ports: [{name: one, port: 80}, {name: more, port: 81}]
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: default}
spec: {nodeName: node-a, containers: [{name: c, image: c}]}
status: {phase: Running, podIPs: [{ip: 10.244.0.2${index}}]}
`,
  )
  .join('---\n');
const sticky = manifests.replace('type: NodePort', 'type: NodePort\n  sessionAffinity: ClientIP');

const start = (text: string, rest: Parameters<Cluster['dataplane']>[0] = {}): Promise<Dataplane> =>
  Cluster.from(text).dataplane({ node, ...rest });
const outside = { source: '203.0.113.7', destination: '192.168.0.2', port: 30080 };

/** What the endpoint answers to the packet that reached it. */
function answer(dataplane: Dataplane, frame: Uint8Array): ReturnType<Dataplane['process']> {
  const view = new DataView(frame.buffer, frame.byteOffset);
  const address = (at: number) => [...frame.subarray(at, at + 4)].join('.');
  const reply = encodePacket(
    {
      source: address(30),
      destination: address(26),
      protocol: 6,
      sourcePort: view.getUint16(36),
      destinationPort: view.getUint16(34),
      tcpFlags: 18,
      acknowledgement: 1,
    },
    'ethernet',
  );
  return dataplane.process(reply, { port: 'pod/shop/web' });
}

test('a connection goes on where other Services come first', async () => {
  const before = await start(sticky);
  const sent = dial(before, outside);
  expect(sent.verdict).toBe('forward');
  const after = await start(`${others}---\n${sticky}`);
  expect(after.restore(before.snapshot())).toEqual({
    restored: { connections: 1, affinities: 1, fragments: 0, turns: 0, loads: 0 },
    forgotten: 0,
  });
  const [{ service, ...rest }] = after.connections() as [ConnectionView];
  expect(before.connections()).toMatchObject([rest]);
  expect(service).toMatchObject({ namespace: 'shop', name: 'web', portName: 'main' });
  const [connection] = [...after.map('connections').entries()].map(([, value]) => value);
  const [old] = [...before.map('connections').entries()].map(([, value]) => value);
  expect(connection!.service).not.toBe(old!.service);
  const affinity = [...after.map('affinities').entries()].map(([key]) => key);
  expect(affinity).toMatchObject([{ service: connection!.service, client: outside.source }]);
  const back = answer(after, sent.frame);
  expect(back.service).toEqual(service);
  expect({ ...back, service: null }).toEqual({ ...answer(before, sent.frame), service: null });
});

test('what is gone is forgotten, but not the connection', async () => {
  const before = await start(sticky);
  const sent = dial(before, outside);
  const documents = sticky.split('---\n').filter((text) => !text.includes('kind: Service'));
  const after = await start(documents.join('---\n'));
  const report = after.restore(before.snapshot());
  expect(report).toMatchObject({ restored: { connections: 1, affinities: 0 }, forgotten: 1 });
  expect(after.connections()).toMatchObject([{ service: null }]);
  expect(answer(after, sent.frame)).toMatchObject({ verdict: 'forward', port: 'uplink' });
});

test('schedulers go on with their turns and counts', async () => {
  const second = manifests
    .split('---\n')
    .find((text) => text.includes('name: web,') && text.includes('kind: Pod'))!
    .replace('name: web,', 'name: web-1,')
    .replace('10.244.0.10', '10.244.0.12');
  for (const scheduler of ['rr', 'lc', 'lblc', 'lblcr']) {
    const config = { mode: 'ipvs' as const, scheduler };
    const text = `${manifests}---\n${second}`;
    const calm = await start(text, { config });
    let restless = await start(text, { config });
    for (let sourcePort = 40_000; sourcePort < 40_006; sourcePort++) {
      const next = await start(text, { config });
      next.restore(restless.snapshot());
      restless = next;
      const dialled = { ...outside, sourcePort };
      expect(dial(restless, dialled), scheduler).toEqual(dial(calm, dialled));
    }
    const loads = (dataplane: Dataplane) =>
      [...dataplane.map('loads').entries()].map((entry) => JSON.stringify(entry)).toSorted();
    expect(loads(restless), scheduler).toEqual(loads(calm));
  }
});

test('in ipvs mode each front-end keeps its own affinities', async () => {
  const config = { mode: 'ipvs' as const, scheduler: 'rr' };
  const before = await start(sticky, { config });
  dial(before, outside);
  dial(before, {});
  const after = await start(sticky, { config });
  after.restore(before.snapshot());
  const affinities = (dataplane: Dataplane) =>
    [...dataplane.map('affinities').entries()].map((entry) => JSON.stringify(entry)).toSorted();
  expect(affinities(after)).toHaveLength(2);
  expect(affinities(after)).toEqual(affinities(before));
});

test('it fits a smaller table while there is room, else nothing is restored', async () => {
  const before = await start(manifests);
  for (let sourcePort = 1; sourcePort <= 40; sourcePort++) dial(before, { sourcePort });
  const snapshot = before.snapshot();
  const roomy = await start(manifests, { capacity: { connections4: 40 } });
  expect(roomy.restore(snapshot).restored.connections).toBe(40);
  expect(roomy.connections()).toHaveLength(40);
  const tight = await start(manifests, { capacity: { connections4: 39 } });
  expect(() => tight.restore(snapshot, { file: 'x.bin' })).toThrow(
    'x.bin: it needs capacity connections4 40, this dataplane has 39; create it with a larger one',
  );
  expect(tight.connections()).toEqual([]);
});

test('what cannot be restored is refused with the cure', async () => {
  const before = await start(manifests);
  dial(before, {});
  const snapshot = before.snapshot();
  const changed = (change: (file: { layouts: Record<string, string>; abi: number }) => void) => {
    const file = unpack(snapshot) as { layouts: Record<string, string>; abi: number };
    change(file);
    return new Packr({ useRecords: false }).pack(file);
  };
  const fresh = () => start(manifests);
  expect(() => before.restore(snapshot)).toThrow(
    'snapshot: this dataplane has connections of its own; restore it first, into a new one',
  );
  const other = await Cluster.from(manifests).dataplane({ node: 'node-b' });
  expect(() => other.restore(snapshot)).toThrow('the dataplane of node node-a');
  for (const nonsense of [new Uint8Array(), Uint8Array.of(1, 2, 3), synFrame({})]) {
    await expect(fresh().then((one) => one.restore(nonsense))).rejects.toThrow('is no snapshot');
  }
  const laidOut = changed((file) => (file.layouts['connections'] = 'FlowKey6[40] otherwise'));
  await expect(fresh().then((one) => one.restore(laidOut))).rejects.toThrow(
    'map connections was laid out otherwise',
  );
  // An unrelated change of the boundary is none of its business.
  const unrelated = changed((file) => (file.abi += 1));
  expect((await fresh()).restore(unrelated).restored.connections).toBe(1);
});
