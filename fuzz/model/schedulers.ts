// Which of the endpoints offered at a front-end the ipvs schedulers allow, from what is remembered
// and from the list of connections itself. Every endpoint has weight 1. Where a scheduler hashes
// any endpoint is right at first, and then for ever for equal input. Source: Linux ip_vs_*.c.

import { Ip } from '../../host/net/packet-layout.ts';
import type { Connection } from './connections.ts';
import type { Endpoint } from './endpoints.ts';
import type { ModelSettings } from './world.ts';

/** What is remembered of one front-end. */
export interface ServerMemory {
  readonly last: Endpoint | null;
  readonly position: number;
  /** The set of servers of `lblcr`. */
  readonly set: readonly Endpoint[];
  readonly changedAtMs: number;
}

/** What is remembered of all choices. */
export interface ChoiceMemory {
  /** By front-end. */
  readonly servers: ReadonlyMap<string, ServerMemory>;
  /** Which endpoint an input of a hash led to. */
  readonly homes: ReadonlyMap<string, Endpoint>;
}

export const noChoices: ChoiceMemory = { servers: new Map(), homes: new Map() };

/** A choice to be made. */
export interface Question {
  readonly settings: ModelSettings;
  readonly memory: ChoiceMemory;
  /** Live ones. */
  readonly connections: readonly Connection[];
  readonly client: { readonly source: string; readonly sourcePort: number };
  readonly frontend: Frontend;
  /** In the order in which they are tried; not empty. */
  readonly endpoints: readonly Endpoint[];
  readonly timeMs: number;
}

/** What was dialled. */
export interface Frontend {
  readonly address: string;
  readonly port: number;
  readonly protocol: number;
}

/** The endpoints that are right, and the memory after one of them was taken and seen. */
export interface Answer {
  readonly legal: readonly Endpoint[];
  after(chosen: Endpoint): ChoiceMemory;
}

const dayMs = 86_400_000;
const newServer: ServerMemory = { last: null, position: 0, set: [], changedAtMs: 0 };

/** Answers for the scheduler in use; outside ipvs mode everything is right unless it is hashed. */
export function askScheduler(question: Question): Answer {
  const { mode, scheduler = 'rr', balancing = 'random' } = question.settings;
  const name = mode === 'ipvs' ? scheduler : balancing;
  const { source, sourcePort } = question.client;
  switch (name) {
    case 'random':
      return { legal: question.endpoints, after: () => question.memory };
    case 'rr':
    case 'wrr':
      return only(question, nextInTurn(question));
    case 'lblc':
      return only(question, sameAsBefore(question));
    case 'lblcr':
      return fromSet(question);
    case 'sh':
      return hashed(question, source);
    case 'dh':
      return hashed(question, question.frontend.address);
    case 'mh':
    case 'maglev':
      return hashed(question, `${source} ${sourcePort}`);
    case 'sed':
    case 'nq':
      return only(question, leastBy(question, question.endpoints, activeAt));
    default:
      return only(question, leastBy(question, question.endpoints, loadAt));
  }
}

/** How many live connections go from a front-end to an endpoint; of one client, if it is given. */
export function connectionsAt(
  connections: readonly Connection[],
  frontend: Frontend,
  endpoint: Endpoint,
  client?: string,
): Connection[] {
  return connections.filter(
    ({ service, original, reply }) =>
      service !== null &&
      original.destination === frontend.address &&
      original.destinationPort === frontend.port &&
      original.protocol === frontend.protocol &&
      reply.source === endpoint.address &&
      reply.sourcePort === endpoint.port &&
      (client === undefined || original.source === client),
  );
}

/** TCP that nobody has begun to close, SCTP that is established. */
export function isActive({ original, state }: Connection): boolean {
  if (original.protocol === Ip.Sctp) return state === 'sctp-established';
  const open = ['syn-sent', 'syn-sent-2', 'syn-received', 'established'];
  return original.protocol === Ip.Tcp && open.includes(state);
}

type Measure = (question: Question, endpoint: Endpoint) => number;

const activeAt: Measure = ({ connections, frontend }, endpoint) =>
  connectionsAt(connections, frontend, endpoint).filter(isActive).length;

const loadAt: Measure = (question, endpoint) => {
  const all = connectionsAt(question.connections, question.frontend, endpoint).length;
  const active = activeAt(question, endpoint);
  return active * 256 + (all - active);
};

/** The first of those for which the measure is smallest. */
function leastBy(question: Question, candidates: readonly Endpoint[], measure: Measure): Endpoint {
  const smallest = Math.min(...candidates.map((candidate) => measure(question, candidate)));
  return candidates.find((candidate) => measure(question, candidate) === smallest)!;
}

function nextInTurn(question: Question): Endpoint {
  const { endpoints } = question;
  const { last, position } = serverOf(question);
  const found = endpoints.findIndex((candidate) => last !== null && isSame(candidate, last));
  return endpoints[(found < 0 ? position : found + 1) % endpoints.length]!;
}

function sameAsBefore(question: Question): Endpoint {
  const { last } = serverOf(question);
  const kept = question.endpoints.find((candidate) => last !== null && isSame(candidate, last));
  if (kept !== undefined && !isOverloaded(question, kept)) return kept;
  return leastBy(question, question.endpoints, loadAt);
}

/** More active connections than its weight, while another one has none. */
function isOverloaded(question: Question, endpoint: Endpoint): boolean {
  const hasIdle = question.endpoints.some((candidate) => activeAt(question, candidate) === 0);
  return activeAt(question, endpoint) > 1 && hasIdle;
}

function fromSet(question: Question): Answer {
  const { endpoints, timeMs } = question;
  const server = serverOf(question);
  let { set, changedAtMs } = server;
  const members = endpoints.filter((candidate) => set.some((member) => isSame(member, candidate)));
  let chosen = members.length === 0 ? null : leastBy(question, members, loadAt);
  if (members.length > 1 && timeMs > changedAtMs + dayMs) {
    const worst = leastBy(question, members, (...asked) => -loadAt(...asked));
    set = set.filter((member) => !isSame(member, worst));
    changedAtMs = timeMs;
  }
  if (chosen === null || isOverloaded(question, chosen)) {
    const added = leastBy(question, endpoints, loadAt);
    chosen = added;
    if (!set.some((member) => isSame(member, added))) {
      set = [...set, added];
      changedAtMs = timeMs;
    }
  }
  const after = () => remember(question, { ...server, set, changedAtMs });
  return { legal: [chosen], after };
}

function only(question: Question, last: Endpoint): Answer {
  const position = question.endpoints.indexOf(last);
  const after = () => remember(question, { ...serverOf(question), last, position });
  return { legal: [last], after };
}

/** Equal endpoints and equal input give equal choices, at whatever front-end. */
function hashed({ memory, endpoints }: Question, input: string): Answer {
  const texts = endpoints.map(({ address, port }) => `${address} ${port}`).join(', ');
  const key = `${input}: ${texts}`;
  const home = memory.homes.get(key);
  const after = (chosen: Endpoint) => ({
    ...memory,
    homes: new Map([...memory.homes, [key, chosen]]),
  });
  return { legal: home === undefined ? endpoints : [home], after };
}

function serverOf({ memory, frontend }: Question): ServerMemory {
  return memory.servers.get(nameOf(frontend)) ?? newServer;
}

function remember({ memory, frontend }: Question, server: ServerMemory): ChoiceMemory {
  return { ...memory, servers: new Map([...memory.servers, [nameOf(frontend), server]]) };
}

function nameOf({ address, port, protocol }: Frontend): string {
  return `${address} ${port} ${protocol}`;
}

function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}
