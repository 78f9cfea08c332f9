// `watch`: a server that is not ours, as events and lines, and its end. The program's own server, watched from outside, has
// to show the same as it tells itself.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { spawn, temporaryFolder, whenTestsEnd } from '../support/cleanup.js';
import { Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { type EventOf, PROGRAM, run, TestServer } from '../support/server.js';
import { onTerminal } from '../support/terminal.js';
import { missing, pathOf } from '../support/tools.js';

const NEEDS_STRACE = { skip: missing('strace'), ...LIMIT };
const folder = temporaryFolder();

/** A server on node:net that answers and closes; `before` runs first. */
const nodeServer = (before = ''): string[] => [
  '--',
  process.execPath,
  '-e',
  `${before};require('node:net').createServer((s) => s.on('data', () => s.end('hi')).on('error', () => {})).listen(0, '127.0.0.1')`,
];

/** Three clients, the last of which asks first; gives their own 4-tuples. */
async function threeClients(port: number): Promise<string[]> {
  const clients = await Promise.all([0, 1, 2].map(() => Client.connect(port)));
  const tuples = clients.map(
    ({ socket }) => `${[socket.localAddress, socket.localPort, socket.remoteAddress, socket.remotePort]}`,
  );
  for (const client of clients.toReversed()) client.send(get('/'));
  await Promise.all(clients.map((client) => client.rest()));
  return tuples;
}

async function interrupted(server: TestServer): Promise<{ status: number | null; stderr: string }> {
  server.process.kill('SIGINT');
  return server.ended;
}

const inStatus = (pid: number, field: string): number =>
  Number(new RegExp(`^${field}:\\s*(\\d+)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);

const tracerOf = (pid: number): number => inStatus(pid, 'TracerPid');

/** Resolves when the process has ended, or is a zombie that nobody has waited for. */
async function gone(pid: number): Promise<void> {
  const isThere = (): boolean => {
    try {
      return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };
  while (isThere()) await setTimeout(20);
}

const tuplesOf = (events: readonly EventOf<'accepted'>[]): string[] =>
  events.map(({ fourTuple }) => `${fourTuple}`);

describe('a server of ours, watched from outside', NEEDS_STRACE, () => {
  const MODELS: readonly [flags: readonly string[], model: RegExp][] = [
    [['--mode=iterative'], /^one at a time$/],
    [['--mode=blocking', '--spare-threads=0'], /^a thread each$/],
    [['--mode=pool', '--threads=2'], /^a pool of \d threads?$/],
    [['--mode=evented'], /^one loop on epoll$/],
    [['--mode=processes', '--prefork=2'], /^prefork with 2$/],
    [['--mode=evented', '--host=::'], /^one loop on epoll$/],
  ];
  for (const [flags, model] of MODELS) {
    it(`shows what it tells itself: ${flags.join(' ')}`, LIMIT, async () => {
      const server = await TestServer.watching([
        ...['--', process.execPath, PROGRAM, 'serve', '--port=0', '--format=ndjson', ...flags],
      ]);
      // A process that has not come to its accept yet is not seen to share the port.
      const first = flags.includes('--prefork=2') ? await server.first('blocked', isAccepting) : undefined;
      if (first !== undefined)
        await server.first('blocked', (event) => isAccepting(event) && event.tid !== first.tid);
      const tuples = await threeClients(server.port);
      await server.count('closed', 3);
      const { status, stderr } = await interrupted(server);
      assert.equal(status, 0);
      assert.deepEqual(tuplesOf(server.all('accepted')).toSorted(), tuples.toSorted());
      const told = stderr
        .split('\n')
        .filter((line) => line.startsWith('server: {'))
        .map((line) => JSON.parse(line.slice('server: '.length)) as LifecycleEvent);
      assert.deepEqual(facts(server.events), facts(told));
      assert.match(server.all('model-seen').at(-1)!.model, model);
      assert.deepEqual(server.all('advice'), []);
    });
  }
});

const isAccepting = ({ call }: EventOf<'blocked'>): boolean => call === 'accept4';

/** Of each connection: what whoever looks at it must agree on. */
function facts(events: readonly LifecycleEvent[]): Record<string, unknown> {
  const accepted = events.filter((event) => event.event === 'accepted');
  const closed = events.filter((event) => event.event === 'closed');
  const requests = events.filter((event) => event.event === 'request');
  return Object.fromEntries(
    accepted.map(({ fourTuple, connection }) => {
      const isIts = (event: { connection: number }): boolean => event.connection === connection;
      const { bytesIn, bytesOut, requests: answered } = closed.find(isIts)!;
      const { method, target } = requests.find(isIts)!;
      return [String(fourTuple), { bytesIn, bytesOut, answered, method, target }];
    }),
  );
}

describe('watch', NEEDS_STRACE, () => {
  it('shows a client that sends nothing, and for how long the thread slept for it', LIMIT, async () => {
    const server = await TestServer.watching([
      ...['--', process.execPath, PROGRAM, 'serve', '--port=0', '--mode=iterative'],
    ]);
    const client = await Client.connect(server.port);
    const { connection } = await server.connectionFrom(client.port);
    const blocked = await server.first('blocked', (event) => event.connection === connection);
    assert.equal(blocked.call, 'recv');
    client.send(get('/'));
    const resumed = await server.first('resumed', (event) => event.connection === connection);
    assert.equal(resumed.at - blocked.at, resumed.waitedUs);
    await client.rest();
    await interrupted(server);
  });

  it('prints a header, lines and the model, and keeps the server’s own output apart', LIMIT, async () => {
    const child = spawn(process.execPath, [PROGRAM, 'watch', ...nodeServer("console.log('\\u001b[31mup')")], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = pattern.exec(stdout);
        if (found !== null) return found;
        stdout += (await once(child.stdout, 'data'))[0];
      }
    };
    const [, port, pid] = await until(/open +http:\/\/127\.0\.0\.1:(\d+)\/\n.*pid (\d+)\n/);
    whenTestsEnd(() => existsSync(`/proc/${pid}`) && process.kill(Number(pid), 'SIGKILL'));
    await threeClients(Number(port));
    await until(/#3 .* closed fd/);
    child.kill('SIGINT');
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    assert.deepEqual((await once(child, 'close'))[0], 0);
    assert.match(stdout, /3 connections, 3 requests; /);
    assert.match(
      stdout,
      / {2}model: one loop on epoll\n {2}epoll watched all 3 connections, and one thread served them\n$/,
    );
    assert.equal(stderr, 'server: \\u001b[31mup\n');
  });

  it(
    'ends the server and everything that it started, even what ignores Ctrl-C and has left its group',
    LIMIT,
    async () => {
      const server = await TestServer.watching(
        nodeServer(`
        for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => {});
        console.error('child', require('node:child_process').spawn('sleep', ['1000'], { detached: true }).pid)`),
      );
      const child = await server.said(/child (\d+)/);
      assert.equal((await interrupted(server)).status, 0);
      assert.deepEqual(
        [child, String(server.pid)].filter((pid) => existsSync(`/proc/${pid}`)),
        [],
      );
    },
  );

  it('leaves nothing of the server behind where it is killed, but one that ran before', LIMIT, async () => {
    const server = await TestServer.watching(
      nodeServer(`
        for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE']) process.on(name, () => {});
        const daemon = { detached: true, env: {} };
        console.error('child', require('node:child_process').spawn('sleep', ['1000'], daemon).pid)`),
    );
    const child = Number(await server.said(/child (\d+)/));
    const all = [server.pid, child, tracerOf(server.pid)];
    for (const pid of all) whenTestsEnd(() => existsSync(`/proc/${pid}`) && process.kill(pid, 'SIGKILL'));
    server.process.kill('SIGKILL');
    for (const pid of all) await gone(pid);
    const attached = await TestServer.start(['--mode=evented']);
    const watching = await TestServer.watching([`--pid=${attached.pid}`]);
    const tracer = tracerOf(attached.pid);
    watching.process.kill('SIGKILL');
    await gone(tracer);
    assert.equal(tracerOf(attached.pid), 0);
    assert.equal((await attached.stop()).status, 0);
  });

  const needsPython = { skip: missing('python3'), ...LIMIT };
  it(
    'gives advice, and a line for all processes before the server listens; so does replay',
    needsPython,
    async () => {
      const file = join(folder, 'advice.ndjson');
      // Python's socketserver sets SO_REUSEADDR only on request.
      const script =
        'import socketserver as s; s.TCPServer(("127.0.0.1", 0), s.BaseRequestHandler).serve_forever()';
      const child = spawn(process.execPath, [
        PROGRAM,
        'watch',
        `--record=${file}`,
        ...['--', 'sh', '-c', '(true); (true); exec "$@"', 'sh', 'python3', '-c', script],
      ]);
      let stdout = '';
      for await (const text of child.stdout) {
        stdout += text;
        if (/advice: .*socket\(7\)/s.test(stdout)) child.kill('SIGINT');
      }
      const [, pid] = /pid (\d+)/.exec(stdout)!;
      assert.equal(existsSync(`/proc/${pid}`), false);
      const line =
        / main +advice: the server listens on port \d+ and has not set SO_REUSEADDR\. Where .* before bind\. See socket\(7\)\.\n/;
      assert.match(stdout, line);
      assert.match(
        stdout,
        / {2}advice: the server listens on port \d+ and has not set SO_REUSEADDR\. See socket\(7\)\.\n$/,
      );
      const replayed = await run(['replay', file]);
      assert.equal(line.exec(replayed.stdout)?.[0], line.exec(stdout)?.[0]);
      for (const text of [stdout, replayed.stdout]) {
        assert.match(text, /\n {28}\d+ processes started and ended before the server listened\n/);
        assert.doesNotMatch(text, /process started|SIGCHLD/);
      }
    },
  );

  it('attaches to a server that runs, and lets it run on', LIMIT, async () => {
    const own = await TestServer.start(['--mode=evented']);
    const server = await TestServer.watching([`--pid=${own.pid}`]);
    assert.deepEqual([server.port, server.pid], [own.port, own.pid]);
    const tuples = await threeClients(own.port);
    await server.count('closed', 3);
    assert.equal((await interrupted(server)).status, 0);
    assert.deepEqual(tuplesOf(server.all('accepted')), tuplesOf(own.all('accepted')));
    assert.deepEqual(tuplesOf(server.all('accepted')).toSorted(), tuples.toSorted());
    await threeClients(own.port);
    assert.equal((await own.stop()).status, 0);
  });

  it('says that another program traces the process already', LIMIT, async () => {
    const own = await TestServer.start(['--mode=evented']);
    const first = await TestServer.watching([`--pid=${own.pid}`]);
    const { status, stdout, stderr } = await run(['watch', `--pid=${own.pid}`]);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(
      stderr,
      /^evented-demo: strace may not attach to process \d+: .* Use sudo, or start the server with .*\n$/,
    );
    await interrupted(first);
    await own.stop();
  });

  it('shows each port of a server that listens on two', LIMIT, async () => {
    const server = await TestServer.watching(
      nodeServer("require('node:net').createServer((s) => s.end('hi')).listen(0, '127.0.0.1')"),
    );
    const further = await server.first('also-listening');
    assert.notEqual(further.port, server.port);
    await interrupted(server);
  });

  it('records what replay plays', LIMIT, async () => {
    const file = join(folder, 'watched.ndjson');
    const server = await TestServer.watching([`--record=${file}`, ...nodeServer()]);
    await threeClients(server.port);
    await server.count('closed', 3);
    await interrupted(server);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      server.events,
    );
    const { status, stdout } = await run(['replay', file]);
    assert.equal(status, 0);
    assert.match(stdout, /#3 .* accepted \(127\.0\.0\.1, /);
  });

  it('serves a live page, which ends with it', LIMIT, async () => {
    const server = await TestServer.watching(['--page=0', ...nodeServer()]);
    const page = await server.said(/live page is at (http\S+)/);
    assert.match(await (await fetch(page)).text(), /<title>evented-demo, .* server<\/title>/);
    const stream = (await fetch(`${page}events`)).body!.getReader();
    let text = '';
    const until = async (wanted: string): Promise<void> => {
      while (!text.includes(wanted)) text += new TextDecoder().decode((await stream.read()).value);
    };
    await until('"kind":"begin"');
    await threeClients(server.port);
    await until('"model":"one loop on epoll"');
    await until('"connections":3');
    assert.equal((await interrupted(server)).status, 0);
  });

  it('shows a board, and below it the model when it is left', LIMIT, async (t) => {
    const child = onTerminal(['watch', '--board', ...nodeServer().map((word) => word.replaceAll("'", '"'))], {
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
    t.after(() => child.kill('SIGKILL'));
    let shown = '';
    child.stdout!.on('data', (text) => {
      shown += text;
    });
    const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = pattern.exec(stripVTControlCharacters(shown));
        if (found !== null) return found;
        await once(child.stdout!, 'data');
      }
    };
    const [, port, pid] = await until(/127\.0\.0\.1:(\d+) pid (\d+)/);
    whenTestsEnd(() => existsSync(`/proc/${pid}`) && process.kill(Number(pid), 'SIGKILL'));
    const client = await Client.connect(Number(port));
    await until(/#1 .* receiving/);
    await until(/listener +EPOLLIN/);
    client.send('x');
    await client.rest();
    await until(/0 open · 1 accepted/);
    child.stdin!.write('q');
    await until(/model: one loop on epoll/);
    assert.deepEqual((await once(child, 'close'))[0], 0);
  });
});

describe('watch says what is wrong, and what to do', NEEDS_STRACE, () => {
  const script = join(folder, 'no-script');
  writeFileSync(script, 'echo hi\n');
  chmodSync(script, 0o644);
  const cases: readonly [args: readonly string[], status: number, sentence: RegExp][] = [
    [
      ['--', './no-such-server', '8080'],
      1,
      /^evented-demo: Cannot run \.\/no-such-server: there is no such program\. Check/,
    ],
    [['--', script], 1, /no-script is no program that can run\. `chmod \+x`/],
    [['--', 'true'], 1, /The server ended with status 0 before it listened on a TCP port\./],
    [['--pid=2147483000'], 1, /There is no process 2147483000\. `ps -e`/],
    [['--pid=1', '--', 'true'], 2, /Leave out --pid, or the command\./],
    [[], 2, /There is no server to watch\. Write its command behind --/],
  ];
  for (const [args, wanted, sentence] of cases) {
    it(`watch ${args.map((each) => each.replace(folder, '')).join(' ')}`, LIMIT, async () => {
      const { status, stdout, stderr } = await run(['watch', ...args]);
      assert.deepEqual({ status, stdout }, { status: wanted, stdout: '' });
      assert.match(stderr, sentence);
      assert.doesNotMatch(stderr, / at .*:\d+:\d+/);
    });
  }

  it('where strace is not installed', LIMIT, async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    symlinkSync(pathOf('mkfifo'), join(bin, 'mkfifo'));
    const { status, stderr } = await run(['watch', ...nodeServer()], { env: { ...process.env, PATH: bin } });
    assert.equal(status, 1);
    assert.equal(
      stderr,
      "evented-demo: strace is not installed, and watch needs it. Install it: `sudo apt-get install strace`, or your system's package of that name.\n",
    );
  });

  it('where there is no folder for temporary files', LIMIT, async () => {
    const nowhere = join(folder, 'nowhere');
    const { status, stderr } = await run(['watch', ...nodeServer()], {
      env: { ...process.env, TMPDIR: nowhere },
    });
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^evented-demo: watch makes a folder for itself in .*nowhere, and cannot\. Set TMPDIR .*\n$/,
    );
  });

  it('where the system forbids it', LIMIT, async () => {
    const bin = join(folder, 'forbidding');
    mkdirSync(bin);
    symlinkSync(pathOf('mkfifo'), join(bin, 'mkfifo'));
    // What strace writes in a container without the right to trace.
    const says =
      '#!/bin/sh\necho "strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted" >&2\nexit 1\n';
    writeFileSync(join(bin, 'strace'), says, { mode: 0o755 });
    const { status, stderr } = await run(['watch', ...nodeServer()], { env: { ...process.env, PATH: bin } });
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^evented-demo: This system does not allow strace to trace programs\. .*SYS_PTRACE.*\n$/,
    );
  });
});
