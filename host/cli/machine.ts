// What measurements are made on, in words.

import { arch, cpus, platform } from 'node:os';

/** Processor, system and Node. */
export function describeMachine(): string {
  const processor = cpus()[0]?.model ?? 'unknown processor';
  return `${processor}, ${platform()} ${arch()}, Node ${process.version}, one thread`;
}
