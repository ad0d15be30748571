// Bugs of many kinds in the dataplane and in what compiles objects for it, as somebody might write
// them: what `hunt-bugs` plants, one at a time, to see how soon the fuzzer finds each. Where the
// text of a line changes, its bug changes with it: a test finds each text exactly once.

import type { Fault } from './fault.js';

/** A fault, and what is wrong with it in a few words. */
export interface PlantedBug extends Fault {
  readonly kind: string;
}

type Slip = readonly [kind: string, right: string, wrong: string];

const slips: Readonly<Record<string, readonly Slip[]>> = {
  'assembly/wire/checksum.ts': [
    [
      'checksum: the carry is not folded in',
      '((sum & 0xffff) + (sum >> 16)) ^ 0xffff',
      'sum ^ 0xffff',
    ],
  ],
  'assembly/nat/rewrite.ts': [
    [
      'source and destination port swapped',
      'store<u32>(packet.transport, load<u32>(key + bytes));',
      'store<u32>(packet.transport, rotl(load<u32>(key + bytes), 16));',
    ],
    [
      'a UDP datagram without a checksum gets one',
      'packet.transportBytes < QUOTED_BYTES || load<u16>(at) == 0)',
      'packet.transportBytes < QUOTED_BYTES)',
    ],
  ],
  'assembly/nat/rewrite-error.ts': [
    [
      "IPv6 only: an ICMP error's checksum does not follow its addresses",
      'else update(packet.transport + ICMP_CHECKSUM, delta);',
      '',
    ],
    [
      "an ICMP error's outer addresses stay",
      'if (effects & Effect.SourceTranslated) memory.copy(at, key, half);',
      '',
    ],
  ],
  'assembly/table/prefix-table.ts': [
    [
      'prefix: addresses are compared but for the last bit',
      'key.addressLow = low & maskLow(length);',
      'key.addressLow = low & maskLow(length - 1);',
    ],
    [
      'prefix: the next shorter length is passed over',
      'nextLength(table, length - 1)',
      'nextLength(table, length - 2)',
    ],
  ],
  'assembly/table/expiring-table.ts': [
    [
      'stale affinity: one that has expired is found',
      'value != 0 && load<u64>(value) > nowMs ? value : 0',
      'value',
    ],
  ],
  'assembly/conntrack/connection-table.ts': [
    [
      'reply tuple lost: it is entered under another hash',
      'reply, hashKey(table, reply));',
      'reply, hash);',
    ],
    [
      'an expired connection is found',
      'if (recordOf(table, half).expiresAtMs > nowMs) return half;',
      'if (recordOf(table, half).expiresAtMs != 0) return half;',
    ],
    [
      'a full table evicts an assured connection',
      'if (recordOf(table, half).flags & ConnectionFlag.Assured) continue;',
      '',
    ],
  ],
  'assembly/conntrack/tcp-state.ts': [
    [
      'half-closed TCP: the last ACK is not noticed',
      'ES, IV, ES, ES, CW, CW, TW, TW, CL, IV',
      'ES, IV, ES, ES, CW, CW, LA, TW, CL, IV',
    ],
  ],
  'assembly/conntrack/tcp.ts': [
    [
      'a closed TCP connection cannot be opened again',
      'if (isReopening && mayReopen(record, direction)) return Progress.Reopens;',
      '',
    ],
  ],
  'assembly/conntrack/tcp-window.ts': [
    [
      'TCP: what lies beyond the window is accepted',
      'if (!isBefore(segment.sequence, sender.maxEnd + 1)) {',
      'if (false) {',
    ],
  ],
  'assembly/conntrack/sctp.ts': [
    [
      'SCTP: an abort with a wrong tag ends the association',
      'return tag == expected ? Progress.Valid : Progress.Invalid;',
      'return Progress.Valid;',
    ],
  ],
  'assembly/conntrack/track.ts': [
    [
      'UDP: a stream lives as short as a question',
      'isStream(record, packet) ? Timeout.UdpStream : Timeout.Udp',
      'Timeout.Udp',
    ],
  ],
  'assembly/service/affinity.ts': [
    ['affinity time-out in milliseconds, not seconds', '<u64>seconds * 1000', '<u64>seconds'],
  ],
  'assembly/service/endpoint.ts': [
    [
      'affinity is not renewed by connections that follow it',
      'if (isSticky) keepAffinity(',
      'if (isSticky && cause != EndpointCause.Affinity) keepAffinity(',
    ],
    [
      'hairpin without masquerade',
      'if (isHairpin(packet, chosen)) decision',
      'if (false) decision',
    ],
    ['DNAT forgets the target port', 'decision.destinationPort = chosen.port;', ''],
  ],
  'assembly/service/scheduler.ts': [
    ['ipvs: round robin stays where it is', '? turn.slot : last + 1', '? turn.slot : last'],
  ],
  'assembly/service/service.ts': [
    [
      'externalTrafficPolicy Local is ignored',
      'if (!(service.flags & ServiceFlag.ExternalLocal)) {',
      'if (true) {',
    ],
    [
      'internalTrafficPolicy Local is ignored',
      'service.flags & ServiceFlag.InternalLocal ? EndpointSet.Local : EndpointSet.Cluster',
      'EndpointSet.Cluster',
    ],
    [
      'source ranges are not looked at',
      'frontend.flags & FrontendFlag.SourceRanges && !isInRange(',
      'false && !isInRange(',
    ],
    [
      'a ClusterIP is not masqueraded for the outside',
      'if (!isPod) decision.masquerade = <u8>MasqueradeCause.NotLocal;',
      '',
    ],
    [
      'no local endpoint: rejected, not dropped',
      'refuse(decision, Reason.NoLocalEndpoints)',
      'refuse(decision, Reason.RejectNoEndpoints)',
    ],
  ],
  'assembly/policy/policy.ts': [
    [
      'policy is judged by the address that was dialled, before DNAT',
      'findIdentity(decision.destinationHigh, decision.destinationLow)',
      'findIdentity(packet.destinationHigh, packet.destinationLow)',
    ],
    [
      'policy: rules for ingress are taken for egress',
      'Direction.Ingress ? subject.ingress : subject.egress',
      'Direction.Egress ? subject.ingress : subject.egress',
    ],
  ],
  'assembly/policy/ruling.ts': [
    [
      'policy union: the last rule alone counts',
      'ruling.isAllowed |= found.isAllowed;',
      'ruling.isAllowed = found.isAllowed;',
    ],
  ],
  'assembly/route/hop.ts': [
    ['IPv6 only: the hop limit is not taken', 'changetype<Ipv6>(network).hopLimit--;', ''],
    [
      'the header checksum does not follow the TTL',
      'update(network + IPV4_CHECKSUM, HOP_DELTA);',
      '',
    ],
  ],
  'assembly/route/route.ts': [
    [
      "a stranger may use the node's own address",
      'if (packet.family == 4 && locality & LocalityFlag.Node) return true;',
      '',
    ],
  ],
  'assembly/packet/tuple.ts': [
    [
      'IPv6 only: the opposite tuple keeps an address',
      'copyWords(inverse + half, key, half);',
      'copyWords(inverse + half, key + half, half);',
    ],
  ],
  'assembly/packet/parse.ts': [
    [
      'a packet inherits what the one before it was',
      '  clearPacket(packet);\n  packet.timeMs',
      '  packet.timeMs',
    ],
  ],
  'assembly/pipeline/crossing.ts': [
    ['TTL 1 is forwarded', 'if (hopsLeft(packet) <= 1) reason', 'if (hopsLeft(packet) < 1) reason'],
  ],
  'assembly/pipeline/commit.ts': [
    ['replies are not translated back', 'fillHalf(table, created | 1);', ''],
  ],
  'assembly/pipeline/translate.ts': [
    [
      'masquerade port: one below 1024 may be chosen',
      'const lowest = isEcho(packet) ? 0 : FIRST_PORT;',
      'const lowest = 0;',
    ],
  ],
  'assembly/pipeline/established.ts': [
    [
      'an ICMP error quotes the translated packet',
      'rewriteQuote(packet, quoted, keyOf(table, half ^ 1), deltas);',
      '',
    ],
    [
      'a connection keeps its route when routes change',
      'state.routeRevision == config.routeRevision &&',
      '',
    ],
  ],
  'assembly/pipeline/datagram.ts': [
    [
      'fragments: only the first one is translated',
      'if (first.effects & BOTH) takeAddresses(packet, first);',
      '',
    ],
    ["fragments: the first one's ports are lost", 'record.sourcePort = sourcePort;', ''],
  ],
  'assembly/pipeline/express.ts': [
    ['the express lane forwards what has no hops left', 'hopsLeft(packet) <= 1', 'false'],
  ],
  'assembly/conntrack/steady.ts': [
    ['the express lane forgets what was sent', 'noteSent(sender, receiver, end);', ''],
  ],
  'assembly/pipeline/process.ts': [
    [
      'packets of a vector get each other’s outcomes',
      'take(descriptor, packet, number);',
      'take(descriptorAt(descriptors, count - 1 - number), packet, number);',
    ],
  ],
  'host/compile/endpoint-sets.ts': [
    [
      'a terminating endpoint is chosen',
      '(endpoint) => endpoint.isReady)',
      '(endpoint) => endpoint.isReady || endpoint.isTerminating)',
    ],
    [
      'an endpoint that drains but does not serve is chosen',
      'endpoint.isServing && endpoint.isTerminating',
      'endpoint.isTerminating',
    ],
    [
      'hints for zones count where one endpoint has none',
      "here === '' || ready.some((endpoint) => hints(endpoint).length === 0)",
      "here === ''",
    ],
  ],
  'host/compile/frontends.ts': [
    [
      'a node port opens the port of the Service',
      'kind === FrontendKind.NodePort ? nodePort : port.port',
      'port.port',
    ],
  ],
  'host/compile/node-port-addresses.ts': [
    [
      'node ports are open on every address',
      "(listed.length === 0 && mode === 'nftables')",
      'false',
    ],
  ],
  'host/compile/service-port.ts': [
    ['ipMode Proxy is taken for VIP', "({ ipMode }) => (ipMode ?? 'VIP') === 'VIP'", '() => true'],
    [
      'one of two families gets the other’s ranges',
      '.filter((prefix) => prefix?.family === family)',
      '.filter((prefix) => prefix !== null)',
    ],
  ],
  'host/replay/shard.ts': [
    [
      'workers: what goes to a Service goes to another one than its answer',
      'one ?? other ?? source.hash',
      'one ?? source.hash',
    ],
  ],
  'host/compile/ruling.ts': [['policy: endPort is left out', '[first, last + 1]', '[first, last]']],
};

export const plantedBugs: readonly PlantedBug[] = Object.entries(slips).flatMap(([file, list]) =>
  list.map(([kind, right, wrong]) => ({ kind, file, right, wrong })),
);
