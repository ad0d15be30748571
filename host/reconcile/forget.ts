// Takes out of the tables that packets fill what a change of Services has made untrue. Must not
// know why: it is told which sockets are meant.

import { decode, offsetsOf } from '../abi/struct.ts';
import { socketText, type Departures, type ServingSockets } from '../compile/departures.ts';
import { familyOf } from '../net/address.ts';
import { protocolNumber } from '../net/protocol.ts';

/** The part of an instance that this needs. */
export interface EntryStore {
  map(name: 'affinities' | 'connections'): {
    entriesBytes(): Iterable<[Uint8Array, Uint8Array]>;
    deleteBytes(key: Uint8Array): boolean;
  };
}

const udp = protocolNumber('UDP')!;
const affinityOffsets = offsetsOf('AffinityKey');
const flowOffsets = offsetsOf('FlowKey6');

/** Releases the clients of endpoints that left. Looks at the map only if there are such. */
export function forgetAffinities(store: EntryStore, departures: Departures): void {
  if (departures.size === 0) return;
  deleteEntries(store.map('affinities'), (key) => {
    const left = departures.get(readNumber(key, affinityOffsets.service));
    if (left === undefined) return false;
    const { address, port } = decode('AffinityKey', key);
    return left.has(socketText(address, port));
  });
}

/**
 * Forgets UDP connections whose answers would come from elsewhere than from where they may go on
 * to, untranslated ones included. Looks at the map only if endpoints changed.
 */
export function forgetConnections(store: EntryStore, serving: ServingSockets | null): void {
  if (serving === null) return;
  deleteEntries(store.map('connections'), (key, value) => {
    if (key[flowOffsets.protocol] !== udp) return false;
    const { destination, destinationPort } = decode('FlowKey6', key);
    const family = familyOf(destination);
    if (!serving.families.has(family)) return false;
    const { replySource, replySourcePort } = decode('Connection', value);
    const answering = socketText(replySource, replySourcePort);
    const meant = [
      serving.bySocket.get(socketText(destination, destinationPort)),
      serving.byNodePort.get(`${family} ${destinationPort}`),
    ];
    return meant.some((sockets) => sockets?.has(answering) === false);
  });
}

/**
 * Forgets connections of Services to endpoints that are gone, of one protocol or of all (null). The
 * client's next packet is then the first of another connection.
 */
export function forgetAbandoned(store: EntryStore, gone: Departures, protocol: 'UDP' | null): void {
  if (gone.size === 0) return;
  deleteEntries(store.map('connections'), (key, value) => {
    if (protocol !== null && key[flowOffsets.protocol] !== protocolNumber(protocol)) return false;
    const { service, replySource, replySourcePort } = decode('Connection', value);
    return gone.get(service)?.has(socketText(replySource, replySourcePort)) === true;
  });
}

/** Finds first and deletes then: a map that changes may show an entry twice, or never. */
function deleteEntries(
  map: ReturnType<EntryStore['map']>,
  isStale: (key: Uint8Array, value: Uint8Array) => boolean,
): void {
  const stale: Uint8Array[] = [];
  for (const [key, value] of map.entriesBytes()) if (isStale(key, value)) stale.push(key);
  for (const key of stale) map.deleteBytes(key);
}

function readNumber(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
}
