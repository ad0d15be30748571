// Runs a scenario on a subject: applies its objects, sends its flows in order, grades what was
// seen. Time is the scenario's own and source ports are given out in order, so a run repeats
// exactly.

import { familyOf } from '../net/address.ts';
import type { PacketFields } from '../net/packet.ts';
import { protocolName } from '../net/protocol.ts';
import { InputError } from '../problem.ts';
import { lookUpParty } from './address-book.ts';
import { observe, receiverOf, type Observation } from './connection.ts';
import { gradeFlow } from './grade.ts';
import { unknownObject } from './object-party.ts';
import { addressesOfOneFamily, portToDial, UnresolvedError, type Party } from './party.ts';
import { answerTo, hasPorts, openingPacket, protocolIn } from './probe.ts';
import { summarizeFlow, type FlowReport, type ScenarioReport } from './report.ts';
import type { Change, Flow, Place, Scenario } from './scenario.ts';
import type { Position, Subject } from './subject.ts';
import { World } from './world.ts';

/** Ports that Linux gives to clients (net.ipv4.ip_local_port_range). */
const ephemeralPorts = { first: 32768, count: 28232 } as const;

/** Everything a run keeps from step to step. */
interface Run {
  readonly subject: Subject;
  readonly world: World;
  /** By the flow's name. */
  readonly observations: Map<string, readonly Observation[]>;
  portsGiven: number;
}

/**
 * Runs a scenario on a subject that holds no objects yet. Throws InputError for names that stand
 * for nothing at the time they are used.
 */
export async function runScenario(scenario: Scenario, subject: Subject): Promise<ScenarioReport> {
  const world = new World(scenario);
  const run: Run = { subject, world, observations: new Map(), portsGiven: 0 };
  world.apply(scenario.objects);
  await subject.apply(scenario.objects);
  const flows: FlowReport[] = [];
  for (const step of scenario.steps) {
    if (step.type === 'flow') {
      flows.push(runFlow(run, step));
      continue;
    }
    await change(run, step);
  }
  return { name: scenario.name, file: scenario.file, flows };
}

async function change({ world, subject }: Run, step: Change): Promise<void> {
  if (step.apply.length > 0) {
    world.apply(step.apply);
    await subject.apply(step.apply);
  }
  if (step.delete.length > 0) {
    world.delete(step.delete);
    await subject.delete(step.delete);
  }
}

function runFlow(run: Run, flow: Flow): FlowReport {
  const observations = packetsOf(run, flow).map(({ packet, at }) =>
    observe(run.subject, packet, {
      ...at,
      ...(flow.via !== undefined && { via: flow.via }),
      timeMs: flow.atMs,
      isAnswer: flow.answers !== undefined,
      isAnswered: flow.expect.reply !== undefined,
    }),
  );
  run.observations.set(flow.name, observations);
  const summary = summarizeFlow(observations);
  const failures = gradeFlow(flow.expect, observations, summary);
  return { name: flow.name, pass: failures.length === 0, ...summary, failures };
}

interface PlacedPacket {
  readonly packet: PacketFields;
  readonly at: Position;
}

/** The packets of a flow, and where each enters. */
function packetsOf(run: Run, flow: Flow): PlacedPacket[] {
  try {
    requireNode(run, flow.via);
    return flow.answers === undefined
      ? openings(run, flow)
      : answers(run, flow, flow.answers).slice(0, flow.connections);
  } catch (error) {
    if (error instanceof UnresolvedError) throw refusal(flow.place, error);
    throw error;
  }
}

function requireNode({ world }: Run, name: string | undefined): void {
  const names = world.book.state.nodes.map(({ metadata }) => metadata.name);
  if (name !== undefined && !names.includes(name)) throw unknownObject('node', name, names);
}

function refusal(place: Place, { message, expected }: UnresolvedError): InputError {
  return new InputError([{ ...place, message, ...(expected !== undefined && { expected }) }]);
}

function openings(run: Run, flow: Flow): PlacedPacket[] {
  const { book } = run.world;
  const from = lookUpParty(book, flow.from ?? '');
  const asked = flow.family === undefined ? {} : { family: flow.family };
  const to = lookUpParty(book, flow.to ?? '', { client: from, ...asked });
  if (to.addresses.length === 0)
    throw new UnresolvedError(to.note ?? `${to.object} has no address`);
  const { source, destinations } = addressesOfOneFamily(from, to, flow.family);
  const protocol = protocolIn(flow.protocol, familyOf(source));
  const destinationPort = dialledPort(to, flow, protocol);
  const at = run.subject.locate(source);
  return Array.from({ length: flow.connections }, (_, index) => {
    const sourcePort = sourcePortOf(run, flow, index);
    const destination = destinations[index % destinations.length]!;
    const ends = { source, destination, protocol, sourcePort, destinationPort };
    return { packet: openingPacket(ends), at };
  });
}

function dialledPort(to: Party, flow: Flow, protocol: number): number {
  return hasPorts(protocol) ? portToDial(to, flow.port, protocolName(protocol)) : 0;
}

function sourcePortOf(run: Run, flow: Flow, index: number): number {
  if (flow.sourcePort !== undefined) return ((flow.sourcePort - 1 + index) % 65535) + 1;
  return ephemeralPorts.first + (run.portsGiven++ % ephemeralPorts.count);
}

/**
 * Answers to an earlier flow's connections, from whoever received them, else as if the packet had
 * got through.
 */
function answers(run: Run, flow: Flow, name: string): PlacedPacket[] {
  const observations = run.observations.get(name);
  if (observations === undefined) {
    throw new UnresolvedError(`no flow named "${name}" has run by then`, 'name an earlier flow');
  }
  return observations.map(({ sent, outcome }) => {
    const receiver = receiverOf(outcome);
    if (receiver !== null) return { packet: answerTo(receiver.packet), at: receiver.at };
    const packet = answerTo(sent);
    return { packet, at: run.subject.locate(packet.source) };
  });
}
