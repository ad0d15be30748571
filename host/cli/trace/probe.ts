// The packet that the options of a command describe: its ends looked up, its names resolved. Knows
// no dataplane.

import type { ExplainedStep } from '../../cluster/explain.ts';
import { familyOf } from '../../net/address.ts';
import type { PacketFields } from '../../net/packet.ts';
import { protocolName, protocolNumber } from '../../net/protocol.ts';
import { lookUpParty, type Dialler } from '../../scenario/address-book.ts';
import { nameSteps } from '../../scenario/name-steps.ts';
import type { AddressBook } from '../../scenario/object-party.ts';
import {
  addressesOfOneFamily,
  portToDial,
  UnresolvedError,
  type Party,
} from '../../scenario/party.ts';
import { hasPorts, openingPacket, protocolIn } from '../../scenario/probe.ts';
import { UsageError, type Options, type OptionSpec } from '../command.ts';

const defaultSourcePort = 40000;

/** The options that say which packet to send. */
export const probeOptions: Readonly<Record<string, OptionSpec>> = {
  from: {
    type: 'string',
    value: 'end',
    help: 'an IP, "pod ns/name", "deployment ns/name", node',
  },
  to: {
    type: 'string',
    value: 'end',
    help: 'as --from, or "service ns/name", a DNS name, a URL',
  },
  port: { type: 'string', short: 'p', value: 'n|name', help: 'default: the only one there is' },
  protocol: {
    type: 'string',
    value: 'name|n',
    help: 'TCP (default), UDP, SCTP, ICMP, any other',
  },
  family: { type: 'string', choices: ['4', '6'], help: 'where both ends have both' },
  'source-port': { type: 'string', value: 'n', help: `default ${defaultSourcePort}` },
};

/** A packet to send, and what was settled on the way to it. */
export interface Probe {
  readonly packet: PacketFields;
  readonly notes: readonly string[];
  /** How the names of its ends were resolved; empty where no DNS name was given. */
  readonly nameSteps?: readonly ExplainedStep[];
}

/** A name that stands for no address: no packet can be sent. */
export type Impossible = Required<Pick<Probe, 'notes' | 'nameSteps'>>;

/** Throws UsageError unless the options name both ends. */
export function requireEnds(options: Options): void {
  for (const end of ['from', 'to']) {
    if (options.text(end) === undefined) {
      throw new UsageError(`--${end} is missing`, 'an IP, "pod ns/name", "service ns/name", node');
    }
  }
}

/** The packet that the options describe. Throws UsageError. */
export function makeProbe(book: AddressBook, options: Options): Probe | Impossible {
  const resolve = (option: string, dialler?: Dialler): Party =>
    refuseUnresolved(option, () => lookUpParty(book, options.text(option)!, dialler));
  const family = { '4': 4, '6': 6 }[options.text('family') ?? ''] as 4 | 6 | undefined;
  const from = resolve('from');
  const to = resolve('to', { client: from, ...(family && { family }) });
  const notes = [from.note, to.note].filter((note) => note !== undefined);
  if (to.addresses.length === 0) return { notes, nameSteps: nameSteps(to) };
  const ends = refuseUnresolved('family', () => addressesOfOneFamily(from, to, family));
  const { source, destinations } = ends;
  const destination = destinations[0]!;
  const protocol = protocolIn(readProtocol(options), familyOf(source));
  const destinationPort = hasPorts(protocol)
    ? refuseUnresolved('port', () => portToDial(to, readPort(options), protocolName(protocol)))
    : 0;
  const sourcePort = options.number('source-port', 1) ?? defaultSourcePort;
  const packet = openingPacket({ source, destination, protocol, sourcePort, destinationPort });
  return {
    packet,
    notes,
    nameSteps: [...nameSteps(from, source), ...nameSteps(to, destination)],
  };
}

function refuseUnresolved<Result>(option: string, resolve: () => Result): Result {
  try {
    return resolve();
  } catch (error) {
    if (!(error instanceof UnresolvedError)) throw error;
    throw new UsageError(`--${option}: ${error.message}`, error.expected);
  }
}

function readProtocol(options: Options): number {
  const text = options.text('protocol') ?? 'TCP';
  const number = protocolNumber(text);
  if (number !== null) return number;
  throw new UsageError(
    `--protocol: unknown protocol "${text}"`,
    'TCP, UDP, SCTP, ICMP or 0 to 255',
  );
}

function readPort(options: Options): number | string | undefined {
  const text = options.text('port');
  if (text === undefined || !/^[0-9]+$/.test(text)) return text;
  if (Number(text) <= 65535) return Number(text);
  throw new UsageError(`--port: ${text} is no port`, 'a number from 0 to 65535, or a name');
}
