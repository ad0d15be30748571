// Arbitrary clusters in which everything about Services varies: Nodes, kinds of Services, families,
// rivals for one address, spellings, slices that overlap, and the node's settings. Whole objects,
// as an API server would return them; a later one replaces its namesake.

import * as fc from 'fast-check';
import type { NodeConfig } from '../../host/compile/desired.ts';
import type {
  EndpointSlice,
  KubernetesObject,
  Node,
  Service,
} from '../../host/kubernetes/types.ts';
import { endpoint, namespaces, policies, pods, pool, targetPort, type Scene } from './cluster.ts';
import { doorsOf } from './doors.ts';
import { nodeOf, serviceOf, sliceOf } from './objects.ts';

const serviceCount = 4;
const numbers = Array.from({ length: serviceCount }, (_, number) => number);
const zones = fc.constantFrom('east', 'west', null);
const localOrCluster = fc.constantFrom('Cluster' as const, 'Local' as const);

const names = numbers.map((number) => `s${number}`);
const clusterIPs4 = numbers.map((number) => `10.96.0.1${number}`);
const clusterIPs6 = numbers.map((number) => `fd00:10:96::1${number}`);
/** More than one Service may claim them. */
const claimed = ['203.0.113.100', '203.0.113.101', '198.51.100.10', '2001:db8:1b::10'];

function node(name: string, host: number, more: readonly string[]): fc.Arbitrary<Node> {
  const hasIPv6 = fc.constantFrom(true, true, true, true, false);
  return fc.tuple(zones, fc.subarray([...more]), hasIPv6).map(([zone, extra, isDual]) => {
    const both = [`192.168.0.${host}`, `fd00:192:168::${host}`, ...extra];
    const addresses = isDual ? both : both.filter((address) => !address.includes(':'));
    const podCIDRs = [`10.244.${host - 1}.0/24`, `fd00:10:244:${host - 1}::/64`];
    return nodeOf({ name, zone, addresses, podCIDRs });
  });
}

/** Two that are always there. */
function nodes(): fc.Arbitrary<Node[]> {
  return fc.tuple(node('node-a', 2, ['192.168.9.2', 'fd00:192:9::2']), node('node-b', 3, []));
}

function servicePorts(number: number): fc.Arbitrary<Service['spec']['ports']> {
  const nodePort = 30080 + number;
  return fc.subarray<Service['spec']['ports'][number]>(
    [
      { name: 'web', protocol: 'TCP', port: 80, targetPort, nodePort },
      { name: 'alt', protocol: 'TCP', port: 8080, targetPort, nodePort: nodePort + 10 },
      { name: 'dns', protocol: 'UDP', port: 53, targetPort: 53, nodePort },
      { name: 'assoc', protocol: 'SCTP', port: 80, targetPort, nodePort },
    ],
    { minLength: 1 },
  );
}

function ingress(): fc.Arbitrary<Service['status']['ingress']> {
  const one = fc.record({
    ip: fc.constantFrom(...claimed),
    ipMode: fc.constantFrom('VIP' as const, 'VIP' as const, 'Proxy' as const),
  });
  return fc.uniqueArray(one, { maxLength: 2, selector: ({ ip }) => ip });
}

const ranges = fc.constantFrom<string[]>(
  [],
  [],
  ['203.0.113.0/24'],
  [' 192.168.0.0/24', '10.244.1.2/32 '],
  ['fd00::/8'],
  ['0.0.0.0/0'],
);

/** One Service of any kind; what its kind has no use for stays unset. */
function service(number: number): fc.Arbitrary<Service> {
  return fc
    .record({
      type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer', 'LoadBalancer', 'None'),
      families: fc.constantFrom([4], [6], [4, 6], [4, 6], [6, 4]),
      ports: servicePorts(number),
      externalIPs: fc.subarray(claimed.slice(0, 2)),
      ingress: ingress(),
      internalTrafficPolicy: localOrCluster,
      externalTrafficPolicy: localOrCluster,
      sessionAffinity: fc.constantFrom('None' as const, 'None' as const, 'ClientIP' as const),
      sessionAffinityTimeout: fc.constantFrom(10, 10800),
      loadBalancerSourceRanges: ranges,
      publishNotReadyAddresses: fc.boolean(),
    })
    .map(({ type, families, ports, ...choices }) => {
      const isHeadless = type === 'None';
      const ips = { 4: clusterIPs4[number]!, 6: clusterIPs6[number]! };
      const assigned = families.map((family) => ips[family === 4 ? 4 : 6]);
      const isNodePort = type === 'NodePort' || type === 'LoadBalancer';
      const { ingress: balancers, publishNotReadyAddresses, ...rest } = choices;
      const made = serviceOf({
        ...rest,
        name: names[number]!,
        type: type === 'None' ? 'ClusterIP' : type,
        clusterIPs: isHeadless ? ['None'] : assigned,
        ports: isNodePort ? ports : ports.map(({ nodePort: _, ...port }) => port),
        ingress: [],
      });
      return {
        ...made,
        spec: { ...made.spec, publishNotReadyAddresses },
        status: { ingress: type === 'LoadBalancer' ? balancers : [] },
      };
    });
}

/** Two slices of one Service and family: they may name the same endpoints. */
function slices(number: number): fc.Arbitrary<EndpointSlice[]> {
  const ports = fc.subarray<EndpointSlice['ports'][number]>(
    [
      { name: 'web', protocol: 'TCP', port: targetPort },
      { name: 'alt', protocol: 'TCP', port: targetPort },
      { name: 'dns', protocol: 'UDP', port: 53 },
      { name: 'assoc', protocol: 'SCTP', port: targetPort },
    ],
    { minLength: 2 },
  );
  const of = (family: 4 | 6, suffix: string) =>
    fc
      .record({ ports, endpoints: fc.array(endpoint(family), { maxLength: 3 }) })
      .map((found) => sliceOf({ service: names[number]!, family, ...found }))
      .map((slice): EndpointSlice => ({
        ...slice,
        metadata: { ...slice.metadata, name: `${slice.metadata.name}${suffix}` },
      }));
  return fc.tuple(of(4, ''), of(4, '-more'), of(6, ''));
}

/** All objects of a cluster; a Service may be missing while its slices are there. */
function objects(): fc.Arbitrary<KubernetesObject[]> {
  const services = fc
    .tuple(...numbers.map((number) => fc.option(service(number), { freq: 4 })))
    .map((found) => found.filter((one) => one !== null));
  const sliced = fc.tuple(...numbers.map(slices)).map((found) => found.flat());
  return fc
    .tuple(nodes(), pods(), services, sliced, policies())
    .map((groups) => [...namespaces, ...groups.flat()]);
}

function replacement(): fc.Arbitrary<KubernetesObject> {
  const oneOf = (number: number) =>
    fc.oneof<fc.Arbitrary<KubernetesObject>[]>(
      service(number),
      slices(number).chain((found) => fc.constantFrom(...found)),
    );
  return fc.oneof<fc.MaybeWeightedArbitrary<KubernetesObject>[]>(
    { weight: 6, arbitrary: fc.nat({ max: serviceCount - 1 }).chain(oneOf) },
    { weight: 1, arbitrary: nodes().chain((found) => fc.constantFrom(...found)) },
    { weight: 1, arbitrary: pods().chain((found) => fc.constantFrom(...found)) },
    {
      weight: 1,
      arbitrary: policies()
        .filter((found) => found.length > 0)
        .map(([policy]) => policy!),
    },
  );
}

/** Where packets of these clusters run between. */
export const wideScene: Scene = {
  objects,
  replacement,
  pool: {
    4: [...pool[4], ...clusterIPs4, '203.0.113.101', '192.168.9.2', '127.0.0.1'],
    6: [...pool[6], ...clusterIPs6, 'fd00:192:9::2'],
  },
  ports: [80, 53, 8080, 30080, 30081, 30082, 30090],
  doors: [
    ...doorsOf([...clusterIPs4, ...clusterIPs6, ...claimed], { web: 80, dns: 53 }),
    ...doorsOf(['192.168.0.2', '192.168.9.2', 'fd00:192:168::2'], { web: 30080, dns: 30081 }),
  ],
};

/** Settings of a node, but for its mode. */
export function wideSettings(): fc.Arbitrary<Partial<NodeConfig>> {
  const detectLocal = fc.constantFrom<NodeConfig['detectLocal']>(
    undefined,
    { mode: 'ClusterCIDR' },
    { mode: 'ClusterCIDR', cidrs: ['10.244.1.0/24'] },
    { mode: 'NodeCIDR' },
    { mode: 'Interface' },
    { mode: 'None' },
  );
  return fc
    .record({
      masqueradeAll: fc.boolean(),
      detectLocal,
      nodePortAddresses: fc.constantFrom<string[]>(
        [],
        [],
        ['primary'],
        ['192.168.9.0/24'],
        ['0.0.0.0/0', '::/0'],
      ),
      localhostNodePorts: fc.boolean(),
      serviceCIDRs: fc.constantFrom<string[]>([], ['10.96.0.0/16', 'fd00:10:96::/112']),
    })
    .map(({ detectLocal: detector, ...rest }) =>
      detector === undefined ? rest : { ...rest, detectLocal: detector },
    );
}
