// Text to a descriptor whose reader is slow, gone, or a full disk: nothing here ever waits for it.
// Stands beside src/terminal/output.ts, with real pipes, which the file system lends by name (mkfifo(3)).

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Output } from '../../src/terminal/output.js';
import { temporaryFolder } from '../support/cleanup.js';
import { LIMIT } from '../support/limit.js';

const onlyHere = { skip: process.platform === 'linux' ? false : 'needs the pipes of Linux', ...LIMIT };

/** More than a pipe holds. */
const MUCH = `${'x'.repeat(300_000)}\n`;

/** Both ends of a pipe: the reading one, which is open for both so that no open waits, and the writing one. */
async function openPipe(t: TestContext, flags = 0): Promise<{ reader: FileHandle; fd: number }> {
  const path = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = await open(path, 'r+');
  const fd = openSync(path, constants.O_WRONLY | flags);
  t.after(async () => {
    await reader.close(); // wakes a write that still sleeps
    closeSync(fd);
  });
  return { reader, fd };
}

/** What comes out of the pipe, up to the line `last`. */
async function readUntil(reader: FileHandle, last: string): Promise<string> {
  const bytes = Buffer.alloc(65_536);
  let text = '';
  while (!text.endsWith(last)) {
    const { bytesRead } = await reader.read(bytes);
    text += bytes.toString('latin1', 0, bytesRead);
  }
  return text;
}

const noGap = (): string => assert.fail('nothing was skipped');
const notClosed = (code: string): void => assert.fail(`told of ${code}`);

test('what is written comes out whole and in order', async (t) => {
  const path = join(temporaryFolder(), 'file');
  const fd = openSync(path, 'w');
  t.after(() => closeSync(fd));
  const output = new Output(fd, 1000, noGap, notClosed);
  const lines = Array.from({ length: 200 }, (_, i) => `line ${i} \u00e9\n`);
  for (const line of lines) output.write(line, 1);
  await output.flush(10_000);
  assert.equal(readFileSync(path, 'utf8'), lines.join(''));
  assert.deepEqual([output.skipped, output.stuck, output.failure], [0, false, undefined]);
});

test('a reader that is slow gets what was taken, and a line where some was skipped', onlyHere, async (t) => {
  const { reader, fd } = await openPipe(t);
  const output = new Output(fd, 20, (skipped) => `${skipped} skipped\n`, notClosed);
  output.write(MUCH, 1); // fills the pipe, and the rest of it waits in write(2)
  assert.equal(output.full, false);
  output.write('waits in memory\n', 1);
  assert.equal(output.full, false);
  output.write('and this\n', 1);
  assert.equal(output.full, true);
  output.skip(3);
  output.skip(4);
  assert.equal(output.skipped, 7);

  await output.flush(1);
  assert.equal(output.stuck, true);

  const reading = readUntil(reader, 'the end\n');
  await output.flush(10_000);
  assert.deepEqual([output.full, output.stuck], [false, false]);
  output.write('the end\n', 1);
  assert.equal(await reading, `${MUCH}waits in memory\nand this\n7 skipped\nthe end\n`);
  assert.equal(output.skipped, 7);
});

test('what was skipped last is told when all is flushed', onlyHere, async (t) => {
  const { reader, fd } = await openPipe(t);
  const output = new Output(fd, 1000, (skipped) => `${skipped} skipped\n`, notClosed);
  output.write('first\n', 1);
  output.skip(2);
  await output.flush(10_000);
  assert.equal(await readUntil(reader, 'skipped\n'), 'first\n2 skipped\n');
});

test('a pipe that somebody made non-blocking loses nothing', onlyHere, async (t) => {
  const { reader, fd } = await openPipe(t, constants.O_NONBLOCK);
  const output = new Output(fd, 1_000_000, noGap, notClosed);
  output.write(MUCH, 1);
  output.write('the end\n', 1);
  await output.flush(1);
  assert.equal(output.stuck, true);
  assert.equal(await readUntil(reader, 'the end\n'), `${MUCH}the end\n`);
  await output.flush(10_000);
  assert.deepEqual([output.stuck, output.failure], [false, undefined]);
});

/** As a server's events are: whole lines, more of them than a pipe holds. */
const line = (i: number): string => `${i} ${'x'.repeat(1000)}\n`;
const LINES = Array.from({ length: 500 }, (_, i) => line(i));

test('at the end a reader that still reads gets all that waited', onlyHere, async (t) => {
  const { reader, fd } = await openPipe(t);
  const output = new Output(fd, 1_000_000, noGap, notClosed);
  for (const each of LINES) output.write(each, 1);
  const ending = output.end({ stalledMs: 10_000, mostMs: 10_000 });
  assert.equal(await readUntil(reader, LINES.at(-1)!), LINES.join(''));
  await ending;
  assert.deepEqual([output.stuck, output.skipped], [false, 0]);
});

test(
  'at the end one that is too slow gets whole lines, how many are missing, and the last',
  onlyHere,
  async (t) => {
    const { reader, fd } = await openPipe(t);
    const output = new Output(fd, 1_000_000, (skipped) => `${skipped} skipped\n`, notClosed);
    for (const each of LINES.slice(0, 300)) output.write(each, 1);
    output.skip(7);
    for (const each of LINES.slice(300)) output.write(each, 1);
    output.write('the end\n', 1);
    await output.end({ stalledMs: 0, mostMs: 0 });
    const text = await readUntil(reader, 'the end\n');
    const lines = text.split('\n');
    const missing = Number(/^(\d+) skipped$/.exec(lines.at(-3)!)![1]);
    const got = lines.slice(0, -3);
    assert.equal(got.join('\n'), LINES.slice(0, got.length).join('').trimEnd());
    assert.equal(got.length + missing, LINES.length + 7, 'every line was read or is counted');
    assert.equal(output.skipped, missing);
  },
);

test('at the end one that has stopped reading is not waited for', onlyHere, async (t) => {
  const { fd } = await openPipe(t);
  const output = new Output(fd, 1_000_000, String, () => {}); // the pipe closes at the end of the test
  for (const each of LINES) output.write(each, 1);
  await output.end({ stalledMs: 10, mostMs: 3_600_000 });
  assert.equal(output.stuck, true);
  assert.ok(output.skipped > 300, 'what was not taken is counted');
});

test(
  'a reader that closes early is told of once, and all that follows is counted as skipped',
  onlyHere,
  async (t) => {
    const path = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const fd = openSync(path, 'w');
    t.after(() => closeSync(fd));
    const codes: string[] = [];
    const output = new Output(
      fd,
      1_000_000,
      () => '',
      (code) => codes.push(code),
    );
    output.write(MUCH, 1);
    output.write('never read\n', 1);
    closeSync(reader);
    await output.flush(10_000);
    assert.deepEqual([output.failure, output.full, output.stuck], ['EPIPE', true, false]);
    output.write('two\nlines\n', 2);
    output.skip(1);
    assert.equal(output.skipped, 3);
    await output.flush(10_000);
    assert.deepEqual(codes, ['EPIPE']);
  },
);

test('a full disk is told of', onlyHere, async (t) => {
  const fd = openSync('/dev/full', 'w');
  t.after(() => closeSync(fd));
  const codes: string[] = [];
  const output = new Output(fd, 1000, noGap, (code) => codes.push(code));
  output.write('a line\n', 1);
  await output.flush(10_000);
  assert.deepEqual([codes, output.failure, output.full], [['ENOSPC'], 'ENOSPC', true]);
});

test('with nothing to write a flush is over at once', async () => {
  const output = new Output(-1, 1000, noGap, notClosed);
  await output.flush(Number.POSITIVE_INFINITY);
  assert.equal(output.stuck, false);
});
