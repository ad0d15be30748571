// Where captures are read from: files, gzip of any origin, streams once or, through a file, again.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { openSource } from '../../../host/cli/capture-source.ts';
import { describeProgress } from '../../../host/cli/replay-progress.ts';
import type { ByteSource } from '../../../host/pcap/block-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'podplane-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** More than the parts in which pipes and zlib give it. */
const content = Uint8Array.from({ length: 700_001 }, (_, index) => (index * index) >> 3);

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A named pipe into which another process writes a file. */
function pipeOf(name: string, bytes: Uint8Array): string {
  const path = join(folder, `${name}.fifo`);
  execFileSync('mkfifo', [path]);
  spawn('sh', ['-c', 'cat "$0" > "$1"', file(name, bytes), path], { stdio: 'ignore' });
  return path;
}

function readAll(source: ByteSource): Uint8Array {
  const whole = new Uint8Array(2 * content.length);
  let end = 0;
  for (let count = 1; count > 0; end += count) count = source.read(whole.subarray(end, end + 5000));
  return whole.subarray(0, end);
}

describe.each([
  ['a file', (): string => file('plain', content), content.length],
  ['a compressed file', (): string => file('packed', gzipSync(content)), content.length],
  ['a pipe', (): string => pipeOf('piped', content), content.length],
  ['a compressed pipe', (): string => pipeOf('both', gzipSync(content)), content.length],
])('%s', (_, make, sizeBytes) => {
  test('is read again and again', async () => {
    const source = await openSource(make(), true);
    expect(source.sizeBytes).toBe(sizeBytes);
    for (let pass = 0; pass < 2; pass++) expect(readAll(source.open())).toEqual(content);
    source.close();
    expect(() => source.open().read(new Uint8Array(1))).toThrow('EBADF');
  });
});

test('a pipe that is read once goes by as it comes', async () => {
  const source = await openSource(pipeOf('once', content), false);
  expect(source.sizeBytes).toBeNull();
  expect(readAll(source.open())).toEqual(content);
  source.close();
});

test('shorter than the first bytes of gzip', async () => {
  for (const bytes of [new Uint8Array(), Uint8Array.of(0x1f)]) {
    const source = await openSource(file('short', bytes), false);
    expect(readAll(source.open())).toEqual(bytes);
    source.close();
  }
});

const descriptors = '/proc/self/fd';

test.skipIf(!existsSync(descriptors))('what is refused leaves nothing open', async () => {
  const packed = gzipSync(content);
  const broken = packed.subarray(0, packed.length / 2);
  const path = file('broken', broken);
  await expect(openSource(path, false)).rejects.toThrow('unexpected end of file');
  await expect(openSource(folder, false)).rejects.toThrow('EISDIR');
  await expect(openSource(join(folder, 'nowhere'), false)).rejects.toThrow('ENOENT');
  const open = readdirSync(descriptors).map((name) => {
    const link = join(descriptors, name);
    return existsSync(link) ? readlinkSync(link) : '';
  });
  expect(open).not.toContain(path);
  expect(open).not.toContain(folder);
});

test.each([
  [{ packets: 4096, bytesRead: 0, ms: 0 }, 100, '4,096 packets'],
  [{ packets: 5000, bytesRead: 25, ms: 1000 }, 100, '5,000 packets, 5,000/s, 25 %, 3 s left'],
  [{ packets: 5000, bytesRead: 25, ms: 1000 }, null, '5,000 packets, 5,000/s'],
  [{ packets: 600, bytesRead: 10, ms: 60_000 }, 100, '600 packets, 10/s, 10 %, 9 min 0 s left'],
  [{ packets: 600, bytesRead: 1, ms: 60_000 }, 100, '600 packets, 10/s, 1 %, 1 h 39 min left'],
  [{ packets: 600, bytesRead: 200, ms: 60_000 }, 100, '600 packets, 10/s'],
])('progress %#', (done, sizeBytes, text) => {
  expect(describeProgress(done, sizeBytes)).toBe(text);
});
