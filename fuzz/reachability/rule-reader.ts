// Rules as sets of flows: those of their peers, cut with those of their ports. Knows no order of
// rules and no verdicts.

import type {
  Labels,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicyRule,
  TierPeer,
  TierPort,
  TierRule,
} from '../../host/kubernetes/types.ts';
import { isWithin, rangeOf } from './address-range.ts';
import { findNodeAddresses, satisfies, type Resident } from './census.ts';
import type { FlowSet, PolicyFlow, Question, Side } from './question.ts';

const numbers = { TCP: 6, UDP: 17, SCTP: 132 };
const echo = [1, 58];

/** Reads the rules of one side; the peer is at the other end. */
export class RuleReader {
  readonly side: Side;
  readonly #question: Question;
  readonly #residents: readonly Resident[];
  readonly #all: FlowSet;

  constructor(question: Question, residents: readonly Resident[], side: Side) {
    this.side = side;
    this.#question = question;
    this.#residents = residents;
    this.#all = (1n << BigInt(question.flows.length)) - 1n;
  }

  /** A rule of a NetworkPolicy of this namespace. */
  read({ peers, ports }: NetworkPolicyRule, namespace: string): FlowSet {
    const ofPeers = peers.map((peer) => this.#peer(peer, namespace));
    const ofPorts = ports.map((port) => this.#port(port));
    return (
      (peers.length === 0 ? this.#all : unite(ofPeers)) &
      (ports.length === 0 ? this.#all : unite(ofPorts))
    );
  }

  /** A rule of a tier whose peers are all known. */
  readTier({ peers, ports }: TierRule): FlowSet {
    const ofPorts = ports?.map((port) => this.#tierPort(port));
    return (
      unite(peers.map((peer) => this.#tierPeer(peer))) & (ofPorts ? unite(ofPorts) : this.#all)
    );
  }

  /** Flows of the pod that is judged. */
  flowsOf(addresses: ReadonlySet<string>): FlowSet {
    const own = this.side === 'ingress' ? 'destination' : 'source';
    return this.#where((flow) => addresses.has(flow[own]));
  }

  withPeers(addresses: ReadonlySet<string>): FlowSet {
    return this.#wherePeer((address) => addresses.has(address));
  }

  echoes(): FlowSet {
    return this.#where(({ protocol }) => echo.includes(protocol));
  }

  #peer({ ipBlock, ...selectors }: NetworkPolicyPeer, namespace: string): FlowSet {
    if (ipBlock !== undefined) {
      const hole = unite(ipBlock.except.map((block) => this.#block(block)));
      return this.#block(ipBlock.cidr) & ~hole;
    }
    const { namespaceSelector, podSelector = {} } = selectors;
    return this.#pods(
      podSelector,
      namespaceSelector === undefined
        ? (resident) => resident.namespace === namespace
        : ({ namespaceLabels }) => satisfies(namespaceLabels, namespaceSelector),
    );
  }

  #tierPeer({ pods, networks, nodes, domainNames }: TierPeer): FlowSet {
    if (pods !== undefined) {
      const isIn = (labels: Labels) => satisfies(labels, pods.namespaceSelector);
      return this.#pods(pods.podSelector ?? {}, ({ namespaceLabels }) => isIn(namespaceLabels));
    }
    if (networks !== undefined) return unite(networks.map((block) => this.#block(block)));
    const { state, openPoints } = this.#question;
    if (nodes !== undefined) return this.withPeers(findNodeAddresses(state, nodes));
    const known = Object.entries(openPoints.domainNames)
      .filter(([name]) => domainNames!.some((wanted) => nameMatcher(wanted).test(name)))
      .flatMap(([, addresses]) => addresses);
    return this.withPeers(new Set(known));
  }

  #pods(podSelector: NonNullable<NetworkPolicyPeer['podSelector']>, isIn: Test<Resident>): FlowSet {
    const found = this.#residents.filter(
      (resident) => isIn(resident) && satisfies(resident.labels, podSelector),
    );
    return this.withPeers(new Set(found.flatMap(({ addresses }) => [...addresses])));
  }

  #block(block: string): FlowSet {
    const range = rangeOf(block);
    return this.#wherePeer((address) => isWithin(address, range));
  }

  #port({ protocol, port, endPort }: NetworkPolicyPort): FlowSet {
    if (typeof port === 'string') return this.#named(port, [protocol]);
    return this.#numbered(protocol, port ?? 0, endPort ?? port ?? 65535);
  }

  #tierPort(port: TierPort): FlowSet {
    if ('name' in port) return this.#named(port.name, ['TCP', 'UDP', 'SCTP']);
    return this.#numbered(port.protocol, port.first, port.last);
  }

  #numbered(protocol: keyof typeof numbers, first: number, last: number): FlowSet {
    return this.#where(
      (flow) =>
        flow.protocol === numbers[protocol] &&
        flow.port !== null &&
        flow.port >= first &&
        flow.port <= last,
    );
  }

  /** Pod by pod: the flows to a port of that pod which has the name. */
  #named(name: string, protocols: readonly string[]): FlowSet {
    const { sidecarPortNames } = this.#question.openPoints;
    const sets = this.#residents.flatMap(({ pod, addresses }) => {
      const { containers, initContainers } = pod.spec;
      const isRunning = ({ restartPolicy }: { restartPolicy?: string }) =>
        sidecarPortNames && restartPolicy === 'Always';
      return [...containers, ...initContainers.filter(isRunning)]
        .flatMap(({ ports }) => ports)
        .filter((port) => port.name === name && protocols.includes(port.protocol))
        .map(
          ({ protocol, containerPort }) =>
            this.#numbered(protocol, containerPort, containerPort) &
            this.#where(({ destination }) => addresses.has(destination)),
        );
    });
    return unite(sets);
  }

  #wherePeer(holds: Test<string>): FlowSet {
    const peer = this.side === 'ingress' ? 'source' : 'destination';
    return this.#where((flow) => holds(flow[peer]));
  }

  #where(holds: Test<PolicyFlow>): FlowSet {
    const bits = this.#question.flows.map((flow, at) => (holds(flow) ? 1n << BigInt(at) : 0n));
    return unite(bits);
  }
}

type Test<T> = (value: T) => boolean;

function unite(sets: readonly FlowSet[]): FlowSet {
  return sets.reduce((all, set) => all | set, 0n);
}

function nameMatcher(pattern: string): RegExp {
  const labels = pattern.split('.').map((label) => (label === '*' ? '.+' : label));
  return new RegExp(`^${labels.join('\\.')}$`);
}
