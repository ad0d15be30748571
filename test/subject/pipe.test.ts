// The pipe: what goes through it is what was meant, and whoever is on the other side and breaks
// down in whatever way is told of in words, in time. The other sides here are written in Node, so
// that nothing else needs to be installed.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { subjectNode } from '../../fuzz/arbitrary/cluster.ts';
import { claimedStory } from '../../fuzz/arbitrary/claimed-story.ts';
import { story, type Story } from '../../fuzz/arbitrary/story.ts';
import { runFuzz } from '../../fuzz/main.ts';
import type { Channel } from '../../fuzz/subject/channel.ts';
import { parseHex, writeHex } from '../../fuzz/subject/hex.ts';
import { modelSubjects } from '../../fuzz/subject/model-subject.ts';
import { openCommand, splitWords } from '../../fuzz/subject/open-command.ts';
import { parseOutcome } from '../../fuzz/subject/pipe-protocol.ts';
import { PipeSource } from '../../fuzz/subject/pipe-subject.ts';
import { serveSubjects } from '../../fuzz/subject/serve.ts';
import type { SubjectSource } from '../../fuzz/subject/subject.ts';
import { wasmSubjects } from '../../fuzz/subject/wasm-subject.ts';
import { findFailure } from '../../fuzz/targets/story-targets.ts';
import { playStory } from '../../fuzz/targets/story.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import { runs } from '../property/setup.ts';

/** A queue of lines: whoever is early waits. */
class Lines implements AsyncIterable<string> {
  readonly #written: string[] = [];
  #isEnded = false;
  #wake: () => void = () => {};

  write(line: string): void {
    this.#written.push(line);
    this.#wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      const line = this.#written.shift();
      if (line !== undefined) yield line;
      else if (this.#isEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** A subject of this process behind a pipe. */
function served(source: SubjectSource): () => Channel {
  return () => {
    const [requests, answers] = [new Lines(), new Lines()];
    const serving = serveSubjects(source, requests, (line) => answers.write(line));
    const reader = answers[Symbol.asyncIterator]();
    return {
      write: (line) => requests.write(line),
      read: async () => (await reader.next()).value as string,
      close: () => {
        requests.end();
        return serving;
      },
    };
  };
}

test.each([
  ['our dataplane', wasmSubjects],
  ['the model', modelSubjects],
])('%s behind a pipe plays every story as it does without', async (_, source) => {
  const pipe = await PipeSource.open({ open: served(source), timeoutMs: 1000 });
  expect(pipe.claims).toEqual(source.claims);
  const settings = { node: subjectNode, config: defaultNodeConfig };
  await fc.assert(
    fc.asyncProperty(story(), async (plot) => {
      const here = await source.start(settings);
      const plain = await playStory(plot, defaultNodeConfig, { subject: here });
      const there = await pipe.start(settings);
      const { log, wrong } = await playStory(plot, defaultNodeConfig, { subject: there });
      expect(wrong, log.join('\n')).toEqual([]);
      expect(log).toEqual(plain.log);
      expect(await there.dump()).toBe(await here.dump());
      await here.close();
    }),
    runs(25),
  );
  await pipe.close();
});

/** A program of Node that says hello and then answers each request with what `answer` makes. */
function program(answer: string, hello = '{"hello":1,"protocols":["UDP"]}'): string {
  const source =
    `console.log(${JSON.stringify(hello)});` +
    `require("node:readline").createInterface({input: process.stdin}).on("line", (line) => {` +
    `const request = JSON.parse(line), id = request.id; ${answer} });`;
  return `'${process.execPath}' -e '${source}'`;
}

const accept = 'if (!request.packet) return console.log(JSON.stringify({id}));';
const story5 = { targets: ['story'], seed: 1, runs: 5, answerTimeoutMs: 2000 };

test.each([
  ['there is no such program', 'no-such-program-anywhere --now', 'it cannot be started'],
  ['there is no command', '  ', 'there is no command'],
  ['a quote is open', "node -e 'x", 'a quote is not closed'],
  ['it ends at once', `'${process.execPath}' -e 'process.exit(3)'`, 'it ended with exit code 3'],
  [
    'it complains and ends',
    `'${process.execPath}' -e 'throw new Error("no kernel here")'`,
    /it ended with exit code 1; its last words:\n[^]*no kernel here/,
  ],
  ['its hello is no JSON', program('', 'hello, world'), 'it said "hello, world"; expected {"hello'],
  [
    'it speaks another version',
    program('', '{"hello":2}'),
    'it speaks version 2 of the protocol; expected 1',
  ],
  [
    'it claims what nobody knows',
    program('', '{"hello":1,"protocols":["UDP"],"features":["speed"]}'),
    'its hello is wrong: features: "speed"; expected some of cluster-ip',
  ],
  [
    'it never says hello',
    `'${process.execPath}' -e 'setInterval(() => {}, 1000)'`,
    'no answer within 1000 ms',
  ],
])('a subject that cannot be used is refused: %s', async (_, subject, why) => {
  const timed = { answerTimeoutMs: why === 'no answer within 1000 ms' ? 200 : 10_000 };
  const running = runFuzz({ subject, ...story5, ...timed });
  await expect(running).rejects.toThrow(RangeError);
  await expect(running).rejects.toThrow(why);
});

const outcome = (fields: string) => `${accept} console.log(JSON.stringify({id, ${fields}}));`;

test.each([
  [
    'ends',
    `${accept} console.error("out of memory"); process.exit(7);`,
    /exit code 7; its last words:\nout of memory\nafter "{"id":\d+,"packet"/,
  ],
  ['is killed', `${accept} process.kill(process.pid, "SIGKILL");`, 'it ended with signal SIGKILL'],
  [
    'says nonsense',
    `${accept} console.log("<html>");`,
    'it said "<html>"; expected an answer {"id":',
  ],
  [
    'answers something else',
    `${accept} console.log("{\\"id\\":0}");`,
    'it answered "{"id":0}"; expected an answer with "id":',
  ],
  ['answers with a list', `${accept} console.log("[]");`, 'it said "[]"'],
  ['refuses', `console.log(JSON.stringify({id, error: "not today"}));`, 'it refuses: not today'],
  [
    'has no verdict',
    outcome('port: "uplink"'),
    'its answer is wrong: verdict: none; expected one of forward',
  ],
  [
    'has nothing that leaves',
    outcome('verdict: "forward"'),
    'port: none; expected where it leaves; hex: none',
  ],
  ['has no bytes', outcome('verdict: "local", hex: "xyz"'), 'hex: ""xyz""; expected what leaves'],
])('a subject that %s has failed the story', async (_, answer, why) => {
  const source = await openCommand(program(answer), 10_000);
  const [plot] = fc.sample(claimedStory(source.claims), { numRuns: 1, seed: 1 }) as [Story];
  const told = await findFailure(plot, defaultNodeConfig, source);
  expect(told).toContain('the subject does not answer as it should: ');
  expect(told).toMatch(why);
  await source.close();
});

test('a subject that is silent is not waited for, nor asked for ever', async () => {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const silent = { subject: program(accept), ...story5, answerTimeoutMs: 500, print };
  const { failures, runs: made } = await runFuzz({ ...silent, targets: ['story', 'story'] });
  expect(failures).toHaveLength(1);
  expect(failures[0]!.message).toMatch(/no answer within 500 ms\nafter "{"id":\d+,"packet"/);
  expect(Object.keys(made)).toEqual(['story']);
  expect(lines.at(-1)).toBe('a subject was silent too often: it is not asked again');
}, 20_000);

test('a subject that fails once is started anew', async () => {
  let started = 0;
  const dying = (): Channel => {
    started += 1;
    const channel = served(wasmSubjects)();
    const isFirst = started === 1;
    let left = 3;
    return { ...channel, write: (line) => channel.write(isFirst && left-- === 0 ? '{}' : line) };
  };
  const source = await PipeSource.open({ open: dying, timeoutMs: 1000 });
  const [plot] = fc.sample(story(60), { numRuns: 1, seed: 1 }) as [Story];
  const settings = { node: subjectNode, config: defaultNodeConfig };
  const first = { subject: await source.start(settings) };
  const { wrong } = await playStory(plot, defaultNodeConfig, first);
  expect(wrong[0]).toMatch(/^the subject does not answer as it should: it answered .*"id":4\n/);
  const second = { subject: await source.start(settings) };
  expect((await playStory(plot, defaultNodeConfig, second)).wrong).toEqual([]);
  expect(started).toBe(2);
  await source.close();
});

test('an outcome says what it says, and no more', () => {
  const leaving = { verdict: 'forward', port: 'uplink', hex: '45ff' };
  const frame = Uint8Array.of(0x45, 0xff);
  expect(parseOutcome(leaving)).toEqual({ verdict: 'forward', port: 'uplink', frame });
  expect(parseOutcome({ ...leaving, reason: null, service: 'a/b' })).toEqual({
    verdict: 'forward',
    port: 'uplink',
    frame,
    reason: null,
    service: { namespace: 'a', name: 'b' },
  });
  const dropped = { verdict: 'drop', port: null, frame: new Uint8Array() };
  expect(parseOutcome({ verdict: 'drop', extra: 1 })).toEqual(dropped);
  expect(() => parseOutcome({ verdict: 'drop', reason: 7, service: 'x' })).toThrow(
    'its answer is wrong: reason: "7"; expected a code, null or nothing; ' +
      'service: ""x""; expected namespace/name, null or nothing',
  );
});

test('bytes are text and back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
      expect(parseHex(writeHex(bytes))).toEqual(bytes);
    }),
  );
  for (const wrong of ['', '4', '4g', null, 45]) expect(parseHex(wrong)).toBeNull();
});

test('commands are split as a shell would', () => {
  expect(splitWords(`python3  a.py 'x y' "it's" -k'v'w`)).toEqual([
    'python3',
    'a.py',
    'x y',
    "it's",
    '-kvw',
  ]);
});
