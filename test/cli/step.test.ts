// `serve --step`: no thread makes a step before its key, and the user says which thread is next. `serve --board`: the pace
// of a running server. Both as a user sees them, on a terminal.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { BoardOnTerminal } from '../support/board.js';
import { temporaryFolder } from '../support/cleanup.js';
import { ask, Client, get, HELLO } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { MODELS_AND_VARIANTS } from '../support/models.js';
import { asleepIn, CALL, tasksOf } from '../support/proc.js';
import { run } from '../support/server.js';

const CTRL_C = '\x03';
const TAB = '\t';

interface Stepped {
  readonly board: BoardOnTerminal;
  readonly port: number;
  readonly pid: number;
}

/** A server whose first thread has stopped before its first step. */
async function start(t: TestContext, flags: readonly string[]): Promise<Stepped> {
  const board = new BoardOnTerminal(t, ['serve', '--port=0', '--step', ...flags], { columns: 110, rows: 40 });
  const [, port, pid] = await board.until(/127\.0\.0\.1:(\d+) pid (\d+)/);
  return { board, port: Number(port), pid: Number(pid) };
}

/** Presses the keys that the title line asks for, with each picture, until `end` has come. */
async function stepUntil(board: BoardOnTerminal, end: Promise<unknown>): Promise<void> {
  let ended = false;
  void end.finally(() => {
    ended = true;
  });
  while (!ended) {
    if (board.picture.includes('press Tab')) board.press(TAB);
    else if (board.picture.includes('next for')) board.press('s');
    await once(board.child.stdout!, 'data');
  }
}

for (const [model, flags] of Object.entries(MODELS_AND_VARIANTS).filter(
  ([name]) => !name.includes('portable'),
)) {
  it(`${model}: a client is served step by step, and Ctrl-C ends it`, LIMIT, async (t) => {
    const { board, port } = await start(t, flags);
    await board.until(/next for \S+: /);
    const client = await Client.connect(port);
    client.send(get('/'));
    const reply = client.rest();
    await stepUntil(board, reply);
    assert.equal(await reply, HELLO);
    board.press(CTRL_C);
    assert.equal(await board.ended, 0);
    assert.match(board.all, /stopped after .*\s+1 connection, 1 request/);
    assert.match(board.all, /slowed down by hand/);
  });
}

describe('blocking, step by step', LIMIT, () => {
  it('accepts when its key is pressed, and sleeps in futex(2) before', async (t) => {
    const { board, port, pid } = await start(t, ['--mode=blocking']);
    await board.until(/next for acceptor: accept4 on fd \d+/);
    await board.until(/> acceptor +stopped before accept4 on fd \d+/);
    await Client.connect(port);
    const { tid } = tasksOf(pid).find(({ name }) => name === 'acceptor')!;
    await asleepIn(pid, tid, CALL.futex);
    assert.match(board.picture, / 0 accepted /);
    board.press('s');
    await board.until(/ 1 accepted /);
    await board.until(/accept4\(\d+, \{sa_family=AF_INET.* = \d+/);
    board.press(CTRL_C);
    assert.equal(await board.ended, 0);
  });

  it('lets the chosen thread go first', async (t) => {
    const { board, port, pid } = await start(t, ['--mode=blocking', '--detail=lifecycle']);
    for (const id of [1, 2]) {
      await board.until(/next for acceptor/);
      board.press('s');
      (await Client.connect(port)).send(get('/'));
      await board.until(new RegExp(`conn-${id} +stopped before recv on fd \\d+ for #${id}`));
    }
    await board.until(/> acceptor/);
    board.press(TAB);
    await board.until(/> conn-1/);
    board.press(TAB);
    await board.until(/> conn-2/);
    board.press('s');
    await board.until(/next for conn-2: send on fd \d+/);
    assert.match(board.picture, /#2 received \d+ bytes[\s\S]*#2 request GET \//);
    assert.match(board.picture, /conn-1 +stopped before recv on fd \d+ for #1/);
    const { tid } = tasksOf(pid).find(({ name }) => name === 'conn-1')!;
    await asleepIn(pid, tid, CALL.futex);
    board.press('\x1b[A'); // up
    await board.until(/next for conn-1: recv/);
    board.press('\r');
    await board.until(/next for conn-1: send/);
    board.press(CTRL_C);
    assert.equal(await board.ended, 0);
  });
});

describe('evented, step by step', LIMIT, () => {
  it('goes on by itself after c, and stops again after s', async (t) => {
    const { board, port } = await start(t, ['--mode=evented']);
    await board.until(/next for loop: epoll_ctl/);
    board.press('c');
    assert.equal(await ask(port, get('/')), HELLO);
    await board.until(/ s, live\s[\s\S]*loop +asleep in epoll_wait[\s\S]*0 open · 1 accepted/);
    board.press('s');
    await board.until(/no thread has stopped/);
    await Client.connect(port);
    await board.until(/next for loop: accept4/);
    board.press(CTRL_C);
    assert.equal(await board.ended, 0);
  });

  it('makes no step that is not on the screen: a frozen picture is let go first', async (t) => {
    const { board } = await start(t, ['--mode=evented']);
    await board.until(/next for loop: epoll_ctl/);
    board.press('\x1b[D'); // left
    await board.until(/frozen, 1 event behind/);
    board.press('s');
    await board.until(/next for loop: epoll_ctl/);
    board.press('s');
    await board.until(/next for loop: epoll_wait/);
    board.press(CTRL_C);
    assert.equal(await board.ended, 0);
  });
});

describe('the pace of a running server', LIMIT, () => {
  it('changes with - and +, and its events say so', async (t) => {
    const recording = join(temporaryFolder(), 'recording.ndjson');
    const board = new BoardOnTerminal(t, ['serve', '--port=0', '--board', `--record=${recording}`]);
    const [, port] = await board.until(/127\.0\.0\.1:(\d+) pid/);
    for (const milliseconds of [50, 100, 200]) {
      board.press('-');
      await board.until(new RegExp(`live, ${milliseconds} ms before each step`));
    }
    assert.equal(await ask(Number(port), get('/')), HELLO);
    board.press('+');
    await board.until(/live, 100 ms before each step/);
    board.press(CTRL_C);
    assert.equal(await board.ended, 0);
    const events = readFileSync(recording, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as LifecycleEvent);
    assert.deepEqual(
      events.flatMap((event) => (event.event === 'pace-changed' ? event.pace : [])),
      ['50ms', '100ms', '200ms', '100ms'],
    );
    const closed = events.find((event) => event.event === 'closed')!;
    assert.ok(closed.durationUs >= 600_000, `it recvs, sends and closes after ${closed.durationUs} us`);
    assert.equal(events.find((event) => event.event === 'stopped')!.pace, 'by hand');
  });
});

it('--step is refused where there is no terminal, and where no event would be shown', LIMIT, async (t) => {
  const { status, stderr } = await run(['serve', '--port=0', '--step']);
  assert.equal(status, 2);
  assert.equal(stderr, 'evented-demo: --step needs a terminal. Leave it out.\n');
  const board = new BoardOnTerminal(t, ['serve', '--port=0', '--step', '--detail=none']);
  assert.equal(await board.ended, 2);
  assert.match(board.all, /--step shows events\. Leave --detail none out\./);
});
