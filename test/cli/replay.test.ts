// `replay`: the lines of a recording, and the board that plays it, freezes it and goes back.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BoardOnTerminal } from '../support/board.js';
import { spawn, temporaryFolder } from '../support/cleanup.js';
import { Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM, run, TestServer } from '../support/server.js';

const folder = temporaryFolder();
const recording = join(folder, 'recording.ndjson');
/** The same, five seconds later, and damaged. */
const later = join(folder, 'later.ndjson');

/** What the server itself printed. */
let printed: string;
let recorded: string[];
/** Three clients, one of them silent from beginning to end. */
before(async () => {
  const child = spawn(
    process.execPath,
    [PROGRAM, 'serve', '--mode=blocking', '--port=0', `--record=${recording}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  printed = '';
  child.stdout.on('data', (text) => {
    printed += text;
  });
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(printed);
      if (found !== null) return found;
      await once(child.stdout, 'data');
    }
  };
  const port = Number((await until(/listening on port (\d+)/))[1]);
  const silent = await Client.connect(port);
  await until(/#1 .* asleep in recv/);
  for (const path of ['/', '/connection?name=Ada']) {
    const client = await Client.connect(port);
    client.send(get(path));
    await client.rest();
  }
  silent.socket.end();
  await until(/#1 .* closed/);
  child.kill('SIGTERM');
  await once(child, 'close');
  recorded = readFileSync(recording, 'utf8').trimEnd().split('\n');
  const late = recorded.map((line) => {
    const event = JSON.parse(line);
    return JSON.stringify(event.at <= 0 ? event : { ...event, at: event.at + 5e6 });
  });
  writeFileSync(later, `${late.join('\n')}\n{"at":`);
});

/** Sleeps that are too short to be shown are found in the events that came together, which differ. */
const withoutSleeps = (text: string): string[] =>
  text
    .slice(text.indexOf('what happened'))
    .split('\n')
    .filter((line) => !/ (asleep|awake|back) /.test(line));

describe('replay to a pipe', LIMIT, () => {
  it('prints the lines that the server printed', async () => {
    const { status, stdout, stderr } = await run(['replay', recording]);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    assert.match(stdout, /^recording\.ndjson: blocking server, recorded \d{4}-\d\d-\d\d \d\d:\d\d\n/);
    assert.ok(withoutSleeps(printed).length > 15);
    assert.deepEqual(withoutSleeps(stdout), withoutSleeps(printed));
    const folded = await run(['replay', recording, '--lines=folded']);
    assert.match(folded.stdout, /#2 GET \/ 200 OK\n.*fd \d+\n {2}accepted\n/);
  });

  it('gives the events as they were recorded, with --format ndjson', async () => {
    const { status, stdout } = await run(['replay', recording, '--format=ndjson']);
    assert.equal(status, 0);
    assert.deepEqual(stdout.trimEnd().split('\n'), recorded);
  });

  it('follows one connection', async () => {
    const { stdout } = await run(['replay', recording, '--format=ndjson', '--follow=2']);
    const wanted = recorded.filter((line) => JSON.parse(line).connection === 2);
    assert.ok(wanted.length > 5);
    assert.deepEqual(stdout.trimEnd().split('\n'), wanted);
  });

  it('follows the client with a name, and lists the names where nobody has it', async () => {
    const { stdout } = await run(['replay', recording, '--format=ndjson', '--follow=ad']);
    const wanted = recorded.filter((line) => JSON.parse(line).connection === 3);
    assert.ok(wanted.length > 5);
    assert.deepEqual(stdout.trimEnd().split('\n'), wanted);
    const { status, stderr } = await run(['replay', recording, '--follow=Bob']);
    assert.equal(status, 1);
    assert.match(stderr, /There is no client "Bob" in .*recording\.ndjson\. The names are: Ada\.\n$/);
    const svg = join(folder, 'ada.svg');
    await run(['replay', recording, '--ladder', svg, '--follow=Ada']);
    assert.match(readFileSync(svg, 'utf8'), />A connection of Ada, from [\s\S]*>#3 /);
  });

  it('begins at a moment', async () => {
    const { at } = JSON.parse(recorded.at(-5)!);
    const { stdout } = await run(['replay', recording, '--format=ndjson', `--at=${(at / 1e6).toFixed(6)}`]);
    const wanted = recorded.filter((line) => JSON.parse(line).at >= at);
    assert.deepEqual(stdout.trimEnd().split('\n'), wanted);
  });

  it('plays up to the damage, says where it is, and ends with status 1', async () => {
    const damaged = join(folder, 'damaged.ndjson');
    writeFileSync(damaged, `${recorded.slice(0, 9).join('\n')}\n{"at":`);
    const { status, stdout, stderr } = await run(['replay', damaged, '--format=ndjson']);
    assert.deepEqual(stdout.trimEnd().split('\n'), recorded.slice(0, 9));
    assert.match(stderr, /^evented-demo: .* is damaged at line 10\. .* was played\.\n$/);
    assert.equal(status, 1);
  });

  it('prints nothing of a file that is no recording, and says how to make one', async () => {
    const other = join(folder, 'other.txt');
    appendFileSync(other, 'hello\n');
    for (const [file, reason] of [
      [other, /is no recording/],
      [folder, /it is a folder/],
      [join(folder, 'nowhere'), /it does not exist/],
    ] as const) {
      const { status, stdout, stderr } = await run(['replay', file]);
      assert.equal(stdout, '');
      assert.match(stderr, reason);
      assert.equal(status, 1);
    }
  });

  it('lets no byte of the network or of the file reach the terminal', async () => {
    const hostile = join(folder, 'hostile.ndjson');
    const hidden = '\\u001b]0;owned\\u0007\\u009b2J';
    const lines = recorded.map((line) =>
      line.replace('"thread":"conn-1"', `"thread":"${hidden}"`).replace('GET', hidden),
    );
    writeFileSync(hostile, `${lines.join('\n')}\n`);
    for (const format of ['pretty', 'ndjson']) {
      const { stdout } = await run(['replay', hostile, `--format=${format}`]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      assert.match(stdout, /owned/);
    }
  });

  it('refuses --step, which needs keys, an end before the beginning, and what two recordings have not', async () => {
    for (const [flags, reason] of [
      [[recording], /stands there twice/],
      [[PROGRAM, '--format=ndjson'], /--format ndjson gives the lines of one recording/],
      [['--step'], /--step needs a terminal/],
      [['--at=2', '--to=1.5'], /--to must be later than --at/],
    ] as const) {
      const { status, stderr } = await run(['replay', recording, ...flags]);
      assert.equal(status, 2);
      assert.match(stderr, reason);
    }
  });
});

describe('replay of two recordings', LIMIT, () => {
  it('shows both side by side from their first clients on, each up to its damage', async () => {
    const { status, stdout, stderr } = await run(['replay', recording, later]);
    assert.match(stdout, /^recording\.ndjson: blocking server, .* beside later\.ndjson: blocking server, /);
    const linesOf = (name: string): string[] =>
      stdout.split('\n').flatMap((line) => (line.startsWith(name) ? [line.slice(name.length).trim()] : []));
    const lines = linesOf('blocking:recording.ndjson');
    assert.match(lines[1]!, /^0\.0000 #1 +acceptor accepted /);
    assert.ok(lines.length > 15);
    assert.deepEqual(linesOf('blocking:later.ndjson'), lines);
    assert.match(stderr, /later\.ndjson is damaged at line \d+\. .* was played\.\n$/);
    assert.equal(status, 1);
  });

  it('has a panel for each on the board', async (t) => {
    const board = new BoardOnTerminal(t, ['replay', recording, later, '--speed=1000', '--follow=3']);
    await board.until(/^recording\.ndjson beside later\.ndjson: .* the end · follows #3/);
    assert.match(board.picture, /blocking:recording\.ndjson +:\d+ .*│ blocking:later\.ndjson +:\d+ /);
    assert.match(board.picture, /3 accepted.*│.* 3 accepted/);
    board.press('q');
    assert.equal(await board.ended, 1);
  });

  it('plays a comparison alone', async () => {
    const compared = join(folder, 'compared.ndjson');
    const comparison = {
      at: 0,
      event: 'comparison',
      scenario: '',
      question: '',
      servers: ['a'],
      startedAt: '',
    };
    writeFileSync(compared, `${JSON.stringify(comparison)}\n`);
    const { status, stdout, stderr } = await run(['replay', recording, compared]);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /compared\.ndjson is a recording of several servers already/);
  });
});

describe('replay on a terminal', LIMIT, () => {
  const LEFT = '\x1b[D';
  const RIGHT = '\x1b[C';

  it('begins frozen with --step, and goes event by event, forwards and backwards', async (t) => {
    const board = new BoardOnTerminal(t, ['replay', recording, '--step']);
    await board.until(/frozen/);
    const accepted = recorded.findIndex((line) => JSON.parse(line).event === 'accepted');
    board.press(RIGHT.repeat(accepted)); // the first event is shown already
    await board.until(/connections {2}1 open/);
    const at = (line: string): string => (JSON.parse(line).at / 1e6).toFixed(6);
    await board.until(new RegExp(`${at(recorded[accepted]!)} s, frozen`));
    board.press(LEFT);
    await board.until(/connections {2}0 open/);
    await board.until(new RegExp(`${at(recorded[accepted - 1]!)} s, frozen`));
    board.press('q');
    assert.equal(await board.ended, 0);
  });

  it('plays to the end, shows who sleeps in what, and goes back to a chapter', async (t) => {
    const board = new BoardOnTerminal(t, ['replay', recording, '--speed=1000']);
    await board.until(/the end/);
    board.press('p');
    await board.until(/a thread has started/);
    board.press(RIGHT);
    await board.until(/conn-\d +asleep in recv on fd \d+ for #\d/);
    board.press('\x03');
    assert.equal(await board.ended, 0);
    assert.ok(board.all.trimEnd().endsWith('\x1b[?1049l'), 'the terminal is as it was');
  });

  it('has the lines one key away', async (t) => {
    const board = new BoardOnTerminal(t, ['replay', recording, '--speed=1000', '--follow=ada']);
    await board.until(/the end · follows Ada/);
    board.press('l');
    await board.prints(/stopped after/);
    board.press('q');
    assert.equal(await board.ended, 0);
  });

  it('never takes the screen for a file that is no recording', async (t) => {
    const board = new BoardOnTerminal(t, ['replay', join(folder, 'nowhere')]);
    assert.equal(await board.ended, 1);
    assert.doesNotMatch(board.all, /\[\?1049h/);
    assert.match(board.all, /it does not exist/);
  });
});

describe('a compressed recording', LIMIT, () => {
  it('has all but the last moment of a server that was killed, and can be cut off', async () => {
    const file = join(folder, 'killed.ndjson.gz');
    const server = await TestServer.start(['--mode=blocking', `--record=${file}`]);
    const client = await Client.connect(server.port);
    client.send(get('/'));
    await client.rest();
    await server.count('closed', 1);
    const written = (): string => gunzipSync(readFileSync(file)).toString();
    while (!existsSync(file) || readFileSync(file).length === 0 || !written().includes('"closed"'))
      await nextTurn();
    await server.stop('SIGKILL');

    const whole = await run(['replay', file, '--format=ndjson']);
    assert.deepEqual([whole.status, whole.stdout], [0, written()]);

    const cut = join(folder, 'cut.ndjson.gz');
    const member = gzipSync(`${recorded[0]}\n`);
    writeFileSync(cut, Buffer.concat([readFileSync(file), member.subarray(0, -9)]));
    const damaged = await run(['replay', cut, '--format=ndjson']);
    assert.equal(damaged.status, 1);
    assert.ok(damaged.stdout.startsWith(written()));
    assert.match(damaged.stderr, /is damaged at line \d+\. The compressed file is damaged or ends too early/);
  });
});

describe('serve --board', LIMIT, () => {
  it('shows a server at work, goes on while it is frozen, and says what the server did', async (t) => {
    const board = new BoardOnTerminal(t, ['serve', '--mode=blocking', '--port=0', '--board']);
    const [, port] = await board.until(/127\.0\.0\.1:(\d+) pid/);
    const client = await Client.connect(Number(port));
    await board.until(
      new RegExp(`#1 +\\(127\\.0\\.0\\.1, ${client.port}, 127\\.0\\.0\\.1, ${port}\\) +\\d+ +receiving`),
    );
    // Both sleep, so that nothing more comes.
    await board.until(/acceptor +asleep in accept4[\s\S]*conn-1 +asleep in recv on fd \d+ for #1/);
    board.press(' ');
    await board.until(/frozen, 0 events behind/);
    client.send(get('/'));
    await client.rest();
    await board.until(/frozen, [1-9]\d* events behind/);
    assert.match(board.picture, /connections {2}1 open/);
    board.press(' ');
    await board.until(/connections {2}0 open[\s\S]*live|live[\s\S]*connections {2}0 open/);
    board.press('\x03');
    assert.equal(await board.ended, 0);
    assert.match(board.all, /stopped after .*\s+1 connection, 1 request/);
  });

  it('is refused where there is no terminal', async () => {
    const { status, stderr } = await run(['serve', '--port=0', '--board']);
    assert.equal(status, 2);
    assert.match(stderr, /--board needs a terminal/);
  });
});
