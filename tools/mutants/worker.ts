// A process that records, or that asks mutants of checks, in a tree. Parameters: assembly or host;
// record or kill; for how many seconds of checks a mutant is asked. It is told which mutants to
// ask, and tells the fate of each.

import { collectInstances } from './instances.js';
import { Killer, type Fate } from './kill.js';
import { loadBattery, readRecordings, record } from './record.js';
import { GlobalSwitch, WasmSwitch } from './switch.js';

/** Mutants to ask, each with its source. */
export type Order = readonly { readonly number: number; readonly path: string }[];

/** What it says: that it can be told, now and then that it lives, and each fate. */
export type Message = 'ready' | 'alive' | Fate;

const aliveMs = 10_000;

const [kind, task, patience] = process.argv.slice(2);
const mutants = kind === 'assembly' ? new WasmSwitch() : new GlobalSwitch();
const recordFile = '../record.json';
collectInstances();

if (task === 'record') {
  await record(mutants, recordFile);
  process.exit();
}
const say = (message: Message): void => void process.send!(message);
const killer = new Killer(mutants, Number(patience) * 1000);
for (const [file, { checks }] of Object.entries(readRecordings(recordFile))) {
  if (checks.length > 0) killer.add(await loadBattery(file), checks);
}
process.on('message', (order: Order) => {
  void (async () => {
    for (const { number, path } of order) say(await killer.kill(number, path));
    // When all that was said before is out.
    process.send!('alive', () => process.exit());
  })();
});
setInterval(() => say('alive'), aliveMs).unref();
say('ready');
