// `inspect --watch`: what changed from one look to the next, how it ends, and that the terminal is as it was.

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { it, type TestContext } from 'node:test';
import { spawn } from '../support/cleanup.js';
import { ask, Client, get } from '../support/client.js';
import { type Inspected, start } from '../support/inspect.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM, type TestServer } from '../support/server.js';
import { onTerminal } from '../support/terminal.js';
import { missing } from '../support/tools.js';

function started(t: TestContext, child: ChildProcess) {
  t.after(() => child.kill('SIGKILL'));
  const shown = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]!.on('data', (text) => {
      shown[stream] += text;
    });
  }
  const until = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(shown.stdout)) await once(child.stdout!, 'data');
  };
  const ended = once(child, 'close').then(([status]) => status as number | null);
  return { child, shown, until, ended };
}

const watching = (t: TestContext, { pid }: TestServer, ...flags: string[]) =>
  started(
    t,
    spawn(process.execPath, [PROGRAM, 'inspect', `--pid=${pid}`, '--watch=0.1', ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );

it('marks what is new, changed and gone, and ends with the server', LIMIT, async (t) => {
  const server = await start(t, ['--mode=blocking', '--keep-open']);
  const { shown, until, ended } = watching(t, server);
  await until(/^threads/m);
  const [first] = shown.stdout.split('\n\nevented-demo, ');
  assert.doesNotMatch(first!, /^[+~-] /m, 'nothing is new in the first look');

  const client = await Client.connect(server.port);
  await until(new RegExp(`^\\+ ESTABLISHED .* 127\\.0\\.0\\.1:${client.port} `, 'm'));
  await until(/^[+~] conn-1 /m); // until it has its name it is called as the thread that started it
  await until(/^[ ~+] conn-1 .* asleep in recvfrom/m);
  client.send(get('/'));
  await client.until('Hello, world!');
  await until(/^~ conn-1 .* asleep in futex/m);
  client.socket.destroy();
  await until(new RegExp(`^~ CLOSE_WAIT .* 127\\.0\\.0\\.1:${client.port} `, 'm'));

  await server.stop();
  assert.equal(await ended, 0);
  assert.equal(shown.stderr, `evented-demo: The server, pid ${server.pid}, has ended.\n`);
  const looks = shown.stdout.split(/\n\n(?=evented-demo, blocking server)/);
  assert.ok(looks.length > 3);
  for (const look of looks) assert.match(look, /^evented-demo, blocking server: /);
});

it('shows a row that is gone once more', LIMIT, async (t) => {
  const server = await start(t, ['--mode=evented']);
  const { child, shown, until, ended } = watching(t, server);
  const client = await Client.connect(server.port);
  const row = `EPOLLIN +0x1[0-9a-f]{8} +#1 `;
  await until(new RegExp(`^[ +] +\\d+ {2}${row}`, 'm'));
  client.reset();
  await until(new RegExp(`^- +\\d+ {2}${row}`, 'm'));
  await server.first('closed');
  const before = shown.stdout.length;
  while (shown.stdout.slice(before).split('\nevented-demo').length < 3) await once(child.stdout!, 'data');
  assert.equal(shown.stdout.match(new RegExp(`^- +\\d+ {2}${row}`, 'gm'))?.length, 1);
  child.kill('SIGINT');
  assert.equal(await ended, 0);
});

it('ends with status 0 on Ctrl-C, and when its reader has gone', LIMIT, async (t) => {
  const server = await start(t, ['--mode=iterative']);
  const interrupted = watching(t, server);
  await interrupted.until(/^threads/m);
  interrupted.child.kill('SIGINT');
  assert.equal(await interrupted.ended, 0);
  assert.equal(interrupted.shown.stderr, '');
  const unread = watching(t, server);
  await unread.until(/^threads/m);
  unread.child.stdout!.destroy();
  assert.equal(await unread.ended, 0);
  assert.equal(unread.shown.stderr, '');
});

it('on a terminal draws in place, and leaves it as it was', {
  ...LIMIT,
  skip: missing('script'),
}, async (t) => {
  const server = await start(t, ['--mode=evented']);
  const { child, shown, until, ended } = started(
    t,
    onTerminal(['inspect', `--pid=${server.pid}`, '--watch=0.1']),
  );
  await until(/(interest list[\s\S]*){3}/);
  child.stdin!.write('\x03');
  assert.equal(await ended, 0);
  const [before, during] = shown.stdout.split('\x1b[?1049h');
  assert.equal(before, '');
  const [looks, after] = during!.split('\x1b[?1049l');
  assert.ok(looks!.startsWith('\x1b[?25l\x1b[?7l'));
  assert.ok(looks!.endsWith('\x1b[?7h\x1b[?25h'), 'the cursor is there again');
  assert.equal(after, '');
  for (const look of looks!.split('\x1b[H').slice(1)) assert.ok(look.split('\n').length <= 24);
});

it('on a dumb terminal shows one look after the other, without any escape', {
  ...LIMIT,
  skip: missing('script'),
}, async (t) => {
  const server = await start(t, ['--mode=evented']);
  const env = { ...process.env, TERM: 'dumb', FORCE_COLOR: '', NO_COLOR: '1' };
  const { child, shown, until, ended } = started(
    t,
    onTerminal(['inspect', `--pid=${server.pid}`, '--watch=0.1'], { env }),
  );
  await until(/(interest list[\s\S]*){3}/);
  child.stdin!.write('\x03');
  assert.equal(await ended, 0);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is what must not be there
  assert.doesNotMatch(shown.stdout, /\x1b/);
});

it('shows its rows on a terminal that does not say how large it is, such as a serial line', {
  ...LIMIT,
  skip: missing('script'),
}, async (t) => {
  const server = await start(t, ['--mode=evented']);
  const size = { columns: 0, rows: 0, env: { ...process.env, NO_COLOR: '1' } };
  const once = started(t, onTerminal(['inspect', `--pid=${server.pid}`], size));
  assert.equal(await once.ended, 0);
  assert.match(once.shown.stdout, / LISTEN +0 +0 +127\.0\.0\.1:\d+/);
  const again = started(t, onTerminal(['inspect', `--pid=${server.pid}`, '--watch=0.1'], size));
  await again.until(/ LISTEN +0 +0 +127\.0\.0\.1:\d+[\s\S]* EPOLLIN /);
  again.child.stdin!.write('\x03');
  assert.equal(await again.ended, 0);
});

it('reads on while threads and sockets come and go, and when the server is killed', LIMIT, async (t) => {
  const server = await start(t, ['--mode=blocking', '--spare-threads=0']);
  const { shown, until, ended } = watching(t, server, '--format=json');
  for (let i = 0; i < 100; i++) await ask(server.port, get('/'));
  await until(/\n/);
  await server.count('thread-ended', 100);
  process.kill(server.pid, 'SIGKILL');
  assert.equal(await ended, 0);
  assert.equal(shown.stderr, `evented-demo: The server, pid ${server.pid}, has ended.\n`);
  const looks: Inspected[] = shown.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const look of looks) assert.equal(look.sockets[0]!.state, 'LISTEN');
  assert.ok(looks.some(({ sockets }) => sockets.some(({ state }) => state === 'TIME_WAIT')));
});
