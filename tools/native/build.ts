// Builds the native programs in `build/native`: the twin of the module, the fuzzer, and what
// runs in the kernel. Runs in the root of the repository.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { writeAbiHeader } from './abi-header.ts';
import { lowerVectors } from './lower-vectors.ts';
import { runTool, runtimeFolder } from './toolchain.ts';

const sources = 'tools/native';
/** Where everything is built. */
export const folder = 'build/native';
const includes = [`-I${folder}`, `-I${sources}`, `-I${runtimeFolder}`];
/**
 * Changes of what wasm2c writes. It keeps loads whose results nobody needs, as they might have
 * trapped; and every write is to be known to the program (`dataplane.h`).
 */
const changes: readonly (readonly [string, string])[] = [
  ['wasm_asm("" ::"r"(result));', ''],
  ['wasm_rt_memcpy(&mem->data[addr], &wrapped', 'WRITES(addr, sizeof(t1)); $&'],
  ['memset(mem->data + d,', 'WRITES(d, n); $&'],
  ['memmove(dest->data + dest_addr,', 'WRITES(dest_addr, n); $&'],
];
/** Accesses of memory have any type; what wasm2c writes is not for people. */
const ofGenerated = ['-fno-strict-aliasing', '-Wno-everything', ...includes];

/** The module compiled by clang, as fast as it gets: bounds are held by guard pages, as in V8. */
export function buildTwin(): string {
  translateModule();
  const flags = ['-O3', '-march=native', '-DWASM_RT_MEMCHECK_SIGNAL_HANDLER=1', ...ofGenerated];
  return buildProgram('twin', [...flags, `${runtimeFolder}/wasm-rt-impl.c`, '-lm']);
}

/** The module for libFuzzer, with every bound checked; it opens its node from the script. */
export function buildFuzzer(): string {
  translateModule();
  const checked = ['-DWASM_RT_MEMCHECK_SIGNAL_HANDLER=0', '-fsanitize=fuzzer,address'];
  const flags = ['-O2', '-g', '-march=native', ...checked, ...ofGenerated];
  return buildProgram('fuzz', [...flags, `${runtimeFolder}/wasm-rt-impl.c`, '-lm']);
}

/** The programs for the kernel, and the one that runs them there. */
export function buildKernelPrograms(): { readonly program: string; readonly object: string } {
  mkdirSync(folder, { recursive: true });
  const object = `${folder}/service-path.o`;
  const headers = `/usr/include/${runTool('clang', '-print-multiarch').trim()}`;
  const flags = ['-O2', '-g', '-Wall', '-fno-strict-aliasing', '-mcpu=v3', `-I${headers}`];
  runTool('clang', '-target', 'bpf', ...flags, '-c', `${sources}/service-path.bpf.c`, '-o', object);
  return { object, program: buildProgram('kernel', ['-O2', '-Wall', '-lbpf']) };
}

/** The module as C, which the programs include. */
function translateModule(): void {
  mkdirSync(folder, { recursive: true });
  const [text, wasm, code] = ['wat', 'wasm', 'gen.c'].map(
    (ending) => `${folder}/dataplane.${ending}`,
  );
  writeFileSync(text!, lowerVectors(readFileSync('build/release.wat', 'utf8')));
  writeFileSync(`${folder}/abi.h`, writeAbiHeader());
  runTool('wat2wasm', text!, '-o', wasm!);
  runTool('wasm2c', wasm!, '-n', 'dataplane', '-o', code!);
  let written = readFileSync(code!, 'utf8');
  for (const [from, to] of changes) {
    if (!written.includes(from)) throw new Error(`wasm2c does not write ${from} any more`);
    written = written.replaceAll(from, to);
  }
  writeFileSync(code!, written);
}

function buildProgram(name: string, parameters: readonly string[]): string {
  const program = `${folder}/${name}`;
  runTool('clang', `${sources}/${name}.c`, ...parameters, '-o', program);
  return program;
}
