// Which server `inspect` looks at, and what it says where there is none, more than one, or somebody else.

import assert from 'node:assert/strict';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { spawn, temporaryFolder } from '../support/cleanup.js';
import { Client } from '../support/client.js';
import { start } from '../support/inspect.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM, run } from '../support/server.js';
import { smallServer } from '../support/small-server.js';

/** A process sees no others but those that it starts itself, whatever else runs on this machine. */
const ALONE = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--kill-child'];

function alone(script: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('unshare', [...ALONE, 'sh', '-c', script, process.execPath, PROGRAM, ...args], {
    encoding: 'utf8',
  });
}

const notAlone =
  spawnSync('unshare', [...ALONE, 'true']).status === 0 ? false : 'no namespace of its own can be had here';

describe('alone on the machine', { skip: notAlone }, () => {
  it('where no server runs it says so, and how to start one', LIMIT, () => {
    const { status, stdout, stderr } = alone('"$0" "$1" inspect');
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(
      stderr,
      /^evented-demo: No server of evented-demo is running\. Start one with `\S+ \S+\.js serve`\.\n$/,
    );
    const { stderr: onPort } = alone('"$0" "$1" inspect --port 8123');
    assert.match(
      onPort,
      /: Nobody listens on port 8123\. Start one with `\S+ \S+\.js serve --port 8123`\.\n$/,
    );
  });

  it('the one server that runs is found without a flag', LIMIT, () => {
    const { status, stdout, stderr } = alone(
      `mkfifo "$2/events"
       "$0" "$1" serve --mode=blocking --port=0 --format=ndjson > "$2/events" 2> /dev/null &
       while read -r line; do case $line in *'"listening"'*) break;; esac; done < "$2/events"
       "$0" "$1" inspect --format=json`,
      temporaryFolder(),
    );
    assert.deepEqual([status, stderr], [0, '']);
    const { server, acceptQueue } = JSON.parse(stdout);
    assert.equal(server.mode, 'blocking');
    assert.deepEqual(acceptQueue.waiting, 0);
  });
});

it('of several it lists each, and takes the one that --port or --pid names', LIMIT, async (t) => {
  const servers = [
    await start(t, ['--mode=evented']),
    await start(t, ['--mode=blocking', '--host=::1']),
    await start(t, ['--mode=iterative']),
    await start(t, ['--mode=async']),
  ];
  const { status, stdout, stderr } = await run(['inspect']);
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^evented-demo: \d+ servers are running: .*\. Choose one with --port or --pid\.\n$/);
  for (const [i, { pid, port, listening }] of servers.entries()) {
    const address = listening.address.includes(':') ? `[${listening.address}]` : listening.address;
    assert.ok(stderr.includes(`pid ${pid} ${listening.mode} ${address}:${port}`), stderr);
    const one = await run(['inspect', i < 2 ? `--port=${port}` : `--pid=${pid}`, '--format=json']);
    assert.equal(one.status, 0);
    assert.deepEqual(JSON.parse(one.stdout).server.pid, pid);
  }
  const both = await run(['inspect', `--pid=${servers[0]!.pid}`, `--port=${servers[1]!.port}`]);
  assert.equal(both.status, 1);
});

it('a port of somebody else: who listens there', LIMIT, async () => {
  const { port, close } = await smallServer();
  const taken = await run(['inspect', `--port=${port}`]);
  await close();
  assert.deepEqual([taken.status, taken.stdout], [1, '']);
  assert.match(
    taken.stderr,
    new RegExp(
      `^evented-demo: .* \\(pid ${process.pid}\\) listens on port ${port}: it is not a server of evented-demo\\. .*\n$`,
    ),
  );
  const free = await run(['inspect', `--port=${port}`]);
  assert.match(free.stderr, new RegExp(`: Nobody listens on port ${port}\\. `));
});

it('a process that is none, or none of this program', LIMIT, async () => {
  const { status, stderr } = await run(['inspect', `--pid=${process.pid}`]);
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`: Process ${process.pid} is .+, not a server of evented-demo\\. `));
  assert.match((await run(['inspect', '--pid=4194304'])).stderr, /: There is no process 4194304\. /);
});

/** Resolves with the port that a process which listens has printed. */
async function portOf(t: TestContext, child: ChildProcess, stream: 'stdout' | 'stderr'): Promise<string> {
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  for (;;) {
    text += (await once(child[stream]!, 'data'))[0];
    const port = /:(\d+)\b/.exec(text)?.[1];
    if (port !== undefined) return port;
  }
}

it('a stranger with our name among its arguments is no server of ours', LIMIT, async (t) => {
  const script = `const server = net.createServer().listen(0, '127.0.0.1', () => console.log(':' + server.address().port))`;
  const stranger = spawn(process.execPath, ['-e', script, '/home/me/evented-demo']);
  const port = await portOf(t, stranger, 'stdout');
  const { status, stdout, stderr } = await run(['inspect', `--port=${port}`]);
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(
    stderr,
    new RegExp(
      `: \\S+ \\(pid ${stranger.pid}\\) listens on port ${port}: it is not a server of evented-demo\\. `,
    ),
  );
});

it(
  "a server of another version, with flags that are unknown here, is no other server's trouble",
  LIMIT,
  async (t) => {
    const script = `net.createServer().listen(0, '127.0.0.1', function () { console.log(':' + this.address().port); })`;
    const args = ['-e', script, '/home/me/evented-demo', 'serve', '--mode=of-tomorrow'];
    await portOf(t, spawn(process.execPath, args), 'stdout');
    const server = await start(t, ['--mode=evented']);
    const { status, stderr } = await run(['inspect', `--port=${server.port}`]);
    assert.deepEqual([status, stderr], [0, '']);
  },
);

it('clients that listen for a debugger are no server', LIMIT, async (t) => {
  const server = await start(t, ['--mode=evented']);
  const clients = spawn(process.execPath, [PROGRAM, 'connect', '--silent', `--port=${server.port}`], {
    env: { ...process.env, NODE_OPTIONS: '--inspect=127.0.0.1:0' },
  });
  const port = await portOf(t, clients, 'stderr');
  await server.first('accepted');
  for (const flag of [`--port=${port}`, `--pid=${clients.pid}`]) {
    const { status, stdout, stderr } = await run(['inspect', flag]);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^evented-demo: [^\n]+ not a server of evented-demo\. [^\n]+\n$/);
  }
});

for (const [args, sentence] of [
  [['--port=0'], /--port cannot be "0"\. Use a whole number from 1 to 65535\.$/m],
  [['--watch=0'], /--watch cannot be "0"\. Use a number of seconds from 0\.1 to 3600\.$/m],
  [['--format=jsno'], /--format cannot be "jsno"\. Use one of pretty, json\./],
] as const) {
  it(`wrong usage, ${args.join()}: status 2 and a sentence`, LIMIT, async () => {
    const { status, stdout, stderr } = await run(['inspect', ...args]);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, sentence);
  });
}

const NOBODY = 65_534;

function noOtherUser(): string | false {
  if (process.getuid!() !== 0) return 'only root can be another user';
  const { status } = spawnSync(process.execPath, [PROGRAM, '--version'], { uid: NOBODY });
  return status === 0 ? false : 'another user can not read this folder';
}

it("another user's server: the table and the threads' names, and what can not be read", {
  ...LIMIT,
  skip: noOtherUser(),
}, async (t) => {
  // Its port must be on its command line: nothing else tells whose a listener is.
  const { port, close } = await smallServer();
  await close();
  const server = await start(t, ['--mode=blocking', `--port=${port}`]);
  const client = await Client.connect(port);
  await server.count('thread-started', 2);
  const json = await run(['inspect', `--port=${port}`, '--format=json'], { uid: NOBODY });
  assert.deepEqual([json.status, json.stderr], [0, '']);
  const seen = JSON.parse(json.stdout);
  assert.deepEqual(seen.readable, { descriptors: false, calls: false });
  assert.deepEqual([seen.server.pid, seen.server.mode, seen.server.fd], [server.pid, 'blocking', undefined]);
  assert.equal(seen.sockets.length, 3);
  const names = seen.threads.filter((each: { ofServer: boolean }) => each.ofServer);
  assert.deepEqual(
    names.map(({ name, state, call }: Record<string, unknown>) => [name, state, call]),
    [
      ['acceptor', 'S', undefined],
      ['conn-1', 'S', undefined],
    ],
  );
  const { stdout } = await run(['inspect', `--port=${port}`], { uid: NOBODY });
  assert.match(stdout, /^Descriptors and system calls are not shown: only user 0 and root may read them\.$/m);
  client.socket.destroy();
});

it('a process that has ended and was not waited for: a sentence', LIMIT, async () => {
  // The shell becomes a program that never waits for the child it has.
  const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [pid] = await once(parent.stdout, 'data');
  const { status, stderr } = await run(['inspect', `--pid=${String(pid).trim()}`]);
  parent.kill();
  assert.equal(status, 1);
  assert.match(stderr, /^evented-demo: (Process|There is no process) \d+[^\n]+\n$/);
});
