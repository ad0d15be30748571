// What native programs are built with, and what of it this machine lacks. Asks, and changes
// nothing.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { platform, release } from 'node:os';

interface Requirement {
  readonly name: string;
  readonly isMet: () => boolean;
  readonly remedy: string;
}

/** Where Debian has the runtime of wasm2c. */
export const runtimeFolder = '/usr/share/wabt/wasm2c';

const succeeds = (command: string, ...parameters: string[]): boolean =>
  spawnSync(command, parameters, { stdio: 'ignore' }).status === 0;

const twinRequirements: readonly Requirement[] = [
  { name: 'clang', isMet: () => succeeds('clang', '--version'), remedy: 'apt-get install clang' },
  {
    name: 'wasm2c and its runtime',
    isMet: () => succeeds('wasm2c', '--version') && existsSync(`${runtimeFolder}/wasm-rt-impl.c`),
    remedy: 'apt-get install wabt',
  },
];

const kernelRequirements: readonly Requirement[] = [
  { name: 'Linux', isMet: () => process.platform === 'linux', remedy: 'run it on Linux' },
  { name: 'root', isMet: () => process.getuid?.() === 0, remedy: 'run it with sudo' },
  { name: 'clang', isMet: () => succeeds('clang', '--version'), remedy: 'apt-get install clang' },
  {
    name: 'libbpf',
    isMet: () => existsSync('/usr/include/bpf/libbpf.h'),
    remedy: 'apt-get install libbpf-dev',
  },
];

/** `clang: apt-get install clang`, for everything that the twin or the fuzzer lacks. */
export function findMissingForTwin(): string[] {
  return findMissing(twinRequirements);
}

/** The same, for programs of the kernel. */
export function findMissingForKernel(): string[] {
  return findMissing(kernelRequirements);
}

/** Runs a program of the toolchain; throws Error with what it says. */
export function runTool(command: string, ...parameters: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, parameters, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${parameters.join(' ')}\n${stderr}`);
  return stdout;
}

/** The first line that a program says about its version; null if it is not there. */
export function versionOf(command: string): string | null {
  const { stdout, error } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return error ? null : stdout.split('\n')[0]!.trim();
}

/** The kernel, and whether it compiles programs or interprets them. */
export function describeKernel(): string {
  const file = '/proc/sys/net/core/bpf_jit_enable';
  const isCompiled = existsSync(file) && readFileSync(file, 'utf8').trim() !== '0';
  return `${platform()} ${release()}, eBPF ${isCompiled ? 'compiled' : 'interpreted'}`;
}

function findMissing(requirements: readonly Requirement[]): string[] {
  return requirements
    .filter(({ isMet }) => !isMet())
    .map(({ name, remedy }) => `${name}: ${remedy}`);
}
