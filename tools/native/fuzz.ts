// `npm run fuzz:native -- --time 60`: libFuzzer and AddressSanitizer on the dataplane compiled by
// clang, guided by its branches and compared values, from the inputs of the guided target `frame`.
// The corpus is kept in the folder `--corpus`, by default `build/native/corpus`. An input that
// breaks a law is played in Node, too; then the exit code is 1.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeHex } from '../../fuzz/subject/hex.ts';
import { readGuidedFiles } from '../../host/cli/guided-files.ts';
import { buildFuzzer, folder } from './build.ts';
import { encodeFuzzScript, openFrameTarget, writeDictionary } from './fuzz-node.ts';
import { findMissingForTwin } from './toolchain.ts';

const longestInput = 2049;
/** Whether compared values guide: finds what branches do not tell, at a tenth of the speed. */
const stages = [
  [1, 1 / 4],
  [0, 3 / 4],
] as const;

const { values: options } = parseArgs({
  options: {
    time: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    corpus: { type: 'string', default: join(folder, 'corpus') },
  },
});
process.exitCode = main();

function main(): number {
  const missing = findMissingForTwin();
  if (missing.length > 0) {
    console.log(`left out; this machine lacks ${missing.join('; ')}`);
    return 0;
  }
  const material = { ...readGuidedFiles(), seed: Number(options.seed) };
  const target = openFrameTarget(material);
  const program = buildFuzzer();
  const [script, dictionary] = [join(folder, 'fuzz-script'), join(folder, 'fuzz-dictionary')];
  writeFileSync(script, encodeFuzzScript(material));
  writeFileSync(dictionary, writeDictionary(target.dictionary));
  writeSeeds(target.seeds);
  const crashes = join(folder, 'crashes');
  rmSync(crashes, { recursive: true, force: true });
  mkdirSync(crashes, { recursive: true });
  const seconds = Number(options.time);
  for (const [isProfiled, share] of stages) {
    const limit = `-max_total_time=${Math.ceil(seconds * share)}`;
    const how = [limit, `-use_value_profile=${isProfiled}`];
    const files = [`-dict=${dictionary}`, `-artifact_prefix=${crashes}/`, options.corpus];
    runFuzzer(program, script, [...how, ...files]);
  }
  const found = readdirSync(crashes).map((name) => readFileSync(join(crashes, name)));
  for (const input of found) tellOf(input);
  console.log(found.length === 0 ? 'nothing failed' : `${found.length} failed`);
  return found.length === 0 ? 0 : 1;

  /** What a broken law is in words, where the target in Node finds it as well. */
  function tellOf(input: Uint8Array): void {
    try {
      target.run(input);
      console.log('in Node no law is broken');
    } catch (error) {
      console.log(`in Node: ${(error as Error).message}`);
    }
    for (const line of target.describe(input)) console.log(line);
    console.log(`repeat it with: podplane fuzz --guided frame --input=${writeHex(input)}`);
  }
}

function writeSeeds(seeds: readonly Uint8Array[]): void {
  const { corpus } = options;
  if (existsSync(corpus) && readdirSync(corpus).length > 0) return;
  mkdirSync(corpus, { recursive: true });
  seeds.forEach((seed, index) => writeFileSync(join(corpus, `seed-${index}`), seed));
}

/** Prints what libFuzzer says in the end. */
function runFuzzer(program: string, script: string, parameters: readonly string[]): void {
  const always = [`-max_len=${longestInput}`, '-print_final_stats=1', `-seed=${options.seed}`];
  const { stderr, error } = spawnSync(program, [...always, ...parameters], {
    encoding: 'utf8',
    env: { ...process.env, PODPLANE_SCRIPT: script, ASAN_OPTIONS: 'detect_leaks=0' },
    maxBuffer: 2 ** 30,
  });
  if (error) throw error;
  const told = stderr
    .split('\n')
    .filter((line) => /^stat::|BROKEN LAW|ERROR|^#\d+\s+DONE/.test(line));
  for (const line of told) console.log(line);
}
