// Rules that no packet shows, or that a test shows more closely: rule -> the tests or decisions, by
// words that are found in the file.

export interface NamedTest {
  readonly file: string;
  readonly title: string;
}

const badPolicies = 'test/host/kubernetes-policy-problems.test.ts';
const openQuestions = 'test/property/policy.test.ts';
const endpointSets = 'test/host/compile/endpoint-sets.test.ts';
const kinds = 'test/host/kubernetes-kinds.test.ts';
const slices = 'test/host/controllers/endpoint-slices.test.ts';
const problems = 'test/host/kubernetes-service-problems.test.ts';
const services = 'test/host/controllers/services.test.ts';

export const namedTests: Readonly<Record<string, readonly NamedTest[]>> = {
  R9: [{ file: kinds, title: 'normalises addresses, old spellings too' }],
  R18: [{ file: endpointSets, title: 'sorted as text of ip:port' }],
  R72: [{ file: 'docs/decisions/0010-service-rules-decided.md', title: 'health endpoint' }],
  R83: [{ file: 'test/host/compile/node.test.ts', title: 'lifetimes: a day established' }],
  R84: [
    { file: 'test/assembly/translation.test.ts', title: 'reaches the client in its own words' },
    {
      file: 'test/assembly/fragments.test.ts',
      title: 'all pieces reach the endpoint, and together make the whole datagram',
    },
  ],
  R100: [{ file: kinds, title: 'has defaults' }],
  R101: [{ file: problems, title: "describe('Service'" }],
  R102: [
    { file: slices, title: 'a slice names its Service, the pods, their Nodes and the target port' },
    { file: slices, title: 'are looked up in each pod: pods with other numbers' },
    { file: slices, title: 'are found in sidecars, and not in other init containers' },
    { file: slices, title: 'a slice holds a hundred endpoints at most' },
  ],
  R103: [{ file: slices, title: "describe('hints'" }],
  P16: [{ file: badPolicies, title: 'ingress: [{from: [{}]}]' }],
  P25: [{ file: badPolicies, title: '{port: http, endPort: 5}' }],
  P28: [{ file: badPolicies, title: 'a-name-that-is-too-long' }],
  P34: [{ file: badPolicies, title: 'a strict subset of `cidr`' }],
  P57: [{ file: badPolicies, title: 'policyTypes: [ingress, Egress, Egress]' }],
  P58: [{ file: badPolicies, title: '{protocol: tcp, port: 0}' }],
  P59: [{ file: badPolicies, title: '{key: a, operator: In}' }],
  P60: [{ file: openQuestions, title: 'one question in two has denied flows' }],
  P61: [{ file: openQuestions, title: 'dataplane, model and sets of flows deny the same flows' }],
  P62: [{ file: 'test/tools/policy-faults.test.ts', title: 'every fault fits the sources' }],
  P63: [{ file: 'test/property/model-policies.test.ts', title: 'type Case = [' }],
  P64: [{ file: badPolicies, title: '{port: 1, endPort: 65537}' }],
  R104: [{ file: services, title: "describe('families'" }],
};
