// Watches every dataplane that is made from now on, whoever makes it: another module runs in place
// of its own, every packet is traced, and what became of it is told. Changes no outcome.

import type { Layout, Service, TraceStep } from '../../host/abi/abi.gen.ts';
import { Link, MapId, PacketFlag } from '../../host/abi/abi.gen.ts';
import { decode, offsetsOf, sizeOf } from '../../host/abi/struct.ts';
import type { ModuleExports } from '../../host/dataplane/load.ts';
import { decodePacket, type PacketFields } from '../../host/net/packet.ts';

/** A packet, and what the dataplane said about it. */
export interface WatchedPacket {
  /** As it came in; null if it was no whole packet. */
  readonly fields: PacketFields | null;
  /** Number of the port that it came in by. */
  readonly port: number;
  readonly steps: readonly TraceStep[];
}

export interface Observer {
  instance(instance: WebAssembly.Instance): void;
  packet(packet: WatchedPacket, serviceOf: (number: number) => Service): void;
  /** Of any packet, those that were held included. */
  reason(reason: number): void;
  mapStatus(status: number): void;
}

/** In place of the host's own capacity: no step of a vector is lost. */
const traceSteps = 4096;
const descriptorBytes = sizeOf('PacketDescriptor');
const flagsAt = offsetsOf('PacketDescriptor').flags;

/** From now on every instance runs `module`, and `observer` is told. */
export function watchInstances(module: WebAssembly.Module, observer: Observer): void {
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(made, [, imports]) {
      const instance = Reflect.construct(made, [module, imports]) as WebAssembly.Instance;
      observer.instance(instance);
      const raw = instance.exports as unknown as ModuleExports;
      return { exports: watchedExports(raw, observer) };
    },
  });
}

function watchedExports(raw: ModuleExports, observer: Observer): ModuleExports {
  const toldStatus = (operation: (map: number) => number) => (map: number) => {
    const status = operation(map);
    observer.mapStatus(status);
    return status;
  };
  return {
    ...raw,
    initialise: () => initialise(raw),
    process: (count) => process(raw, count, observer),
    mapLookUp: toldStatus(raw.mapLookUp),
    mapUpdate: toldStatus(raw.mapUpdate),
    mapDelete: toldStatus(raw.mapDelete),
    mapRestore: toldStatus(raw.mapRestore),
  };
}

function initialise(raw: ModuleExports): number {
  const at = layoutOf(raw).capacity + offsetsOf('Capacity').traceSteps;
  new DataView(raw.memory.buffer).setUint32(at, traceSteps, true);
  return raw.initialise();
}

function process(raw: ModuleExports, count: number, observer: Observer): number {
  const bytes = bytesOf(raw);
  const { descriptors } = layoutOf(raw);
  const came = Array.from({ length: count }, (_, index) => {
    const at = descriptors + index * descriptorBytes;
    bytes[at + flagsAt]! |= PacketFlag.Trace;
    return readArrival(bytes, at);
  });
  const done = raw.process(count);
  const layout = layoutOf(raw);
  const steps = readSteps(bytes, layout);
  for (const [index, packet] of came.entries()) {
    const own = steps.filter((step) => step.packet === index);
    observer.packet({ ...packet, steps: own }, (number) => readService(raw, number));
  }
  tellReasons(bytes, layout, { count, observer });
  return done;
}

/** Before the packet is rewritten in place. */
function readArrival(bytes: Uint8Array, at: number): Omit<WatchedPacket, 'steps'> {
  const { address, lengthBytes, link, port } = decode('PacketDescriptor', bytes, at);
  const frame = bytes.slice(address, address + lengthBytes);
  return { fields: decodePacket(frame, link === Link.Raw ? 'raw' : 'ethernet'), port };
}

function readSteps(bytes: Uint8Array, layout: Layout): TraceStep[] {
  if (layout.traceSteps > traceSteps) throw new RangeError('steps are lost; raise traceSteps');
  return Array.from({ length: layout.traceSteps }, (_, index) =>
    decode('TraceStep', bytes, layout.trace + index * sizeOf('TraceStep')),
  );
}

function tellReasons(
  bytes: Uint8Array,
  { descriptors, released, releasedPackets }: Layout,
  { count, observer }: { count: number; observer: Observer },
): void {
  const tell = (first: number, packets: number): void => {
    for (let index = 0; index < packets; index++) {
      const { reason } = decode('PacketDescriptor', bytes, first + index * descriptorBytes);
      observer.reason(reason);
    }
  };
  tell(descriptors, count);
  tell(released, releasedPackets);
}

/** By the module's own operation, of which nobody is told. */
function readService(raw: ModuleExports, number: number): Service {
  const { key, value } = layoutOf(raw);
  new DataView(raw.memory.buffer).setUint32(key, number, true);
  raw.mapLookUp(MapId.Services);
  return decode('Service', bytesOf(raw), value);
}

function layoutOf(raw: ModuleExports): Layout {
  return decode('Layout', bytesOf(raw), raw.layout());
}

function bytesOf({ memory }: ModuleExports): Uint8Array {
  return new Uint8Array(memory.buffer);
}
