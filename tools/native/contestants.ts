// Who takes part in a comparison, and the files that native programs are given.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePackets, type Load } from './load.ts';
import { KernelSubject, kernelPrograms, type KernelProgram } from './kernel-subject.ts';
import { PlainSubject } from './plain-subject.ts';
import { encodeScript, entriesOf, PacketFile } from './script.ts';
import type { Phase, Subject } from './subject.ts';
import { TwinSubject } from './twin-subject.ts';
import { WasmSubject } from './wasm-subject.ts';

/** Programs that were built; null for what this machine cannot run. */
export interface NativePrograms {
  readonly twin: string | null;
  readonly kernel: { readonly program: string; readonly object: string } | null;
}

/** A connection is opened by three packets. */
const handshake = 3;
const comparedPackets = 100_000;

/** The dataplane first; throws Error if the twin does not do the same with the packets. */
export async function openContestants(
  load: Load,
  programs: NativePrograms,
  folder: string,
): Promise<Subject[]> {
  const packets: Record<Phase, string> = {
    established: join(folder, 'established'),
    opening: join(folder, 'opening'),
  };
  for (const phase of ['established', 'opening'] as const)
    writePackets(load, phase, packets[phase]);
  const wasm = await WasmSubject.open(load);
  const subjects: Subject[] = [wasm];
  if (programs.twin !== null)
    subjects.push(await openTwin(wasm, load, programs.twin, { folder, packets }));
  if (programs.kernel !== null) {
    const { program, object } = programs.kernel;
    for (const name of Object.keys(kernelPrograms) as KernelProgram[]) {
      subjects.push(await KernelSubject.open(name, load, { program, object, packets }));
    }
  }
  const plain = new PlainSubject(load);
  for (const phase of ['opening', 'established'] as const) plain.check(phase);
  await plain.clear();
  return [...subjects, plain];
}

async function openTwin(
  wasm: WasmSubject,
  load: Load,
  program: string,
  { folder, packets }: { folder: string; packets: Record<Phase, string> },
): Promise<TwinSubject> {
  const handshakePackets = load.connections * handshake;
  const recorded = new PacketFile(handshakePackets);
  await wasm.establish((frame, port) => recorded.add(frame, port));
  const [script, handshakes] = [join(folder, 'script'), join(folder, 'handshakes')];
  recorded.write(handshakes);
  writeFileSync(script, encodeScript(load.capacity, entriesOf(load.traffic.operations)));
  const files = { script, handshakes, handshakePackets, packets };
  const twin = await TwinSubject.open(program, files);
  await twin.establish();
  const count = Math.min(load.connections, comparedPackets);
  const [ours, theirs] = [
    wasm.digest('established', count),
    await twin.digest('established', count),
  ];
  if (ours !== theirs) throw new Error('the native twin does something else with the packets');
  await Promise.all([wasm.clear(), twin.clear()]);
  return twin;
}
