// `connect` as a student uses it, beside real servers; ss and /proc are asked whether what it tells is true.

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { afterEach, it as test } from 'node:test';
import type { FourTuple } from '../../src/net/four-tuple.js';
import { spawn } from '../support/cleanup.js';
import { HELLO } from '../support/client.js';
import { TestClients } from '../support/clients.js';
import { LIMIT } from '../support/limit.js';
import { MODELS } from '../support/models.js';
import { PROGRAM, run, TestServer } from '../support/server.js';
import { onRequest, smallServer } from '../support/small-server.js';
import { missing } from '../support/tools.js';

const noSs = missing('ss');
const it = (title: string, behave: () => Promise<void>, skip: string | false = false) =>
  test(title, { skip, ...LIMIT }, behave);

/** Whatever a test that failed has left behind. */
const running: { readonly process: ChildProcess }[] = [];
afterEach(() => {
  for (const { process } of running.splice(0)) process.kill('SIGKILL');
});

async function serve(flags: readonly string[]): Promise<TestServer> {
  const server = await TestServer.start(flags);
  running.push(server);
  return server;
}

function clientsOf(port: number, flags?: readonly string[]): TestClients {
  const clients = new TestClients(port, flags);
  running.push(clients);
  return clients;
}

interface Seen {
  readonly state: string;
  readonly inode: number;
}

/** What ss(8) shows of the end that the 4-tuple's source names; undefined where there is none. */
function seenBySs([source, sourcePort, destination, destinationPort]: FourTuple): Seen | undefined {
  const filter = ['sport', '=', `:${sourcePort}`, 'and', 'dport', '=', `:${destinationPort}`];
  const lines = execFileSync('ss', ['-tanHe', ...filter], { encoding: 'utf8' }).split('\n');
  const line = lines.find(
    (each) => each.includes(` ${source}:${sourcePort} `) && each.includes(` ${destination}:`),
  );
  if (line === undefined) return undefined;
  return { state: line.split(/\s+/)[0]!, inode: Number(/ino:(\d+)/.exec(line)?.[1] ?? 0) };
}

const mirrored = ([a, b, c, d]: FourTuple): FourTuple => [c, d, a, b];

for (const [model, flags] of Object.entries(MODELS)) {
  it(`${model}: both sides tell the same 4-tuples, on one clock`, async () => {
    const server = await serve(flags);
    const clients = clientsOf(server.port, ['--count=3', '--from=127.0.0.4']);
    assert.deepEqual(await clients.ended, { status: 0, signal: null, stderr: '' });
    await server.count('closed', 3);
    const told = clients.all('connected').map(({ fourTuple }) => fourTuple!);
    assert.deepEqual(
      told.map(String).toSorted(),
      server
        .all('accepted')
        .map(({ fourTuple }) => String(fourTuple))
        .toSorted(),
    );
    for (const { fourTuple, at } of server.all('accepted')) {
      const mine = clients.events.filter(
        (event) => 'client' in event && String(event.fourTuple) === String(fourTuple),
      );
      const accepted = server.listening.monotonicUs! + at;
      assert.ok(
        accepted < mine.find(({ event }) => event === 'reply')!.monotonicUs,
        'accepted before the reply',
      );
      assert.ok(accepted > clients.events[0]!.monotonicUs, 'and after the clients were started');
    }
    for (const number of process.platform === 'linux' ? [1, 2, 3] : []) {
      const states = clients.all('state').filter(({ client }) => client === number);
      const told = states.map(({ to }) => to).filter((to) => to !== 'LAST_ACK'); // gone before it can be seen, mostly
      assert.deepEqual(told, ['ESTABLISHED', 'CLOSE_WAIT', 'CLOSED']);
    }
    const { connected, replies, failed, bytesIn } = clients.all('stopped')[0]!;
    assert.deepEqual(
      { connected, replies, failed, bytesIn },
      { connected: 3, replies: 3, failed: 0, bytesIn: 3 * HELLO.length },
    );
    await server.stop();
  });
}

it(
  'its states, and its descriptor, are what the kernel says',
  async () => {
    const server = await serve(['--mode=blocking']);
    const clients = clientsOf(server.port, ['--silent', '--hold']);
    const { fourTuple, fd } = await clients.first('state', ({ to }) => to === 'ESTABLISHED');
    const established = seenBySs(fourTuple!);
    assert.equal(established?.state, 'ESTAB');
    assert.equal(readlinkSync(`/proc/${clients.pid}/fd/${fd}`), `socket:[${established.inode}]`);
    await server.stop(); // which closes its side
    await clients.first('state', ({ from, to }) => from === 'ESTABLISHED' && to === 'CLOSE_WAIT');
    assert.equal(seenBySs(fourTuple!)?.state, 'CLOSE-WAIT');
    assert.equal(clients.all('closed').length, 0, 'it is held');
    assert.equal((await clients.interrupt()).status, 0);
    const { to } = clients.all('state').at(-1)!;
    const left = clients.all('stopped')[0]!.left;
    assert.deepEqual([to, left, seenBySs(fourTuple!)], ['CLOSED', {}, undefined]);
  },
  noSs,
);

it(
  'where the server leaves its close out this side is in FIN_WAIT2, the other in CLOSE_WAIT',
  async () => {
    const server = await serve(['--mode=evented', '--keep-open']);
    const clients = clientsOf(server.port);
    assert.equal((await clients.ended).status, 0);
    const { fourTuple, reason } = clients.all('closed')[0]!;
    assert.equal(reason, 'replied', 'it was the first to close');
    assert.deepEqual(clients.all('stopped')[0]!.left, { FIN_WAIT2: 1 });
    assert.equal(seenBySs(fourTuple!)?.state, 'FIN-WAIT-2');
    assert.equal(seenBySs(mirrored(fourTuple!))?.state, 'CLOSE-WAIT');
    await server.stop();
  },
  noSs,
);

it(
  'whoever closes first is in TIME_WAIT',
  async () => {
    const server = await serve(['--mode=evented']);
    const clients = clientsOf(server.port, ['--silent']);
    const { fourTuple } = await clients.first('state');
    assert.equal((await clients.interrupt()).status, 0);
    assert.equal(clients.all('state').at(-1)!.to, 'TIME_WAIT');
    assert.deepEqual(clients.all('stopped')[0]!.left, { TIME_WAIT: 1 });
    assert.equal(seenBySs(fourTuple!)?.state, 'TIME-WAIT');
    await server.stop();
  },
  noSs,
);

it('two connections may differ in the source address alone, but no two have the same 4-tuple', async () => {
  const server = await serve(['--mode=evented']);
  const first = clientsOf(server.port, ['--silent', '--from=127.0.0.2']);
  const port = (await first.first('connected')).fourTuple![1];
  const second = clientsOf(server.port, ['--silent', `--from=127.0.0.3:${port}`, '--count=2']);
  const sources = (await second.count('connected', 2)).map(({ fourTuple }) => fourTuple!.slice(0, 2));
  assert.deepEqual(sources, [
    ['127.0.0.3', port],
    ['127.0.0.3', port + 1],
  ]);
  await server.connectionFrom(port, '127.0.0.2');
  await server.connectionFrom(port, '127.0.0.3');
  const third = await clientsOf(server.port, [`--from=127.0.0.2:${port}`]).ended;
  assert.equal(third.status, 1);
  assert.match(
    third.stderr,
    new RegExp(
      `A connection from port ${port} of 127\\.0\\.0\\.2 to 127\\.0\\.0\\.1:${server.port} exists already`,
    ),
  );
  await Promise.all([first.interrupt(), second.interrupt()]);
  await server.stop();
});

it(
  'ten clients of a server that is busy, with a backlog of 3: four connect, six are in SYN_SENT',
  async () => {
    const server = await serve(['--mode=iterative', '--backlog=3']);
    const busy = clientsOf(server.port, ['--silent', '--hold']);
    await server.count('accepted', 1);
    const ten = clientsOf(server.port, ['--count=10', '--silent']);
    const connected = await ten.count('connected', 4);
    await ten.count('state', 4, ({ to }) => to === 'ESTABLISHED');
    const waiting = await ten.count(
      // the four may have been seen in that state too, before
      'state',
      6,
      ({ client, to }) => to === 'SYN_SENT' && !connected.some((each) => each.client === client),
    );
    assert.equal(ten.all('connected').length, 4);
    for (const { fourTuple } of waiting) assert.equal(seenBySs(fourTuple!)?.state, 'SYN-SENT');
    for (const { fourTuple } of ten.all('connected')) assert.equal(seenBySs(fourTuple!)?.state, 'ESTAB');
    assert.deepEqual(await ten.interrupt(), { status: 0, signal: null, stderr: '' });
    assert.deepEqual(
      ten.all('closed').map(({ client }) => client),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      'in their order',
    );
    const { clients, connected: number, failed } = ten.all('stopped')[0]!;
    assert.deepEqual([clients, number, failed], [10, 4, 0]);
    for (const { fourTuple } of ten.all('connecting')) assert.notEqual(seenBySs(fourTuple!)?.state, 'ESTAB');
    await busy.interrupt();
    await server.stop();
  },
  noSs,
);

for (const mode of ['blocking', 'evented']) {
  it(`${mode}: a slow sender's bytes come one at a time`, async () => {
    const server = await serve([`--mode=${mode}`]);
    const clients = clientsOf(server.port, ['--slow=3']);
    assert.equal((await clients.ended).status, 0);
    const sent = clients.all('sent');
    assert.ok(sent.every(({ bytes }) => bytes === 1));
    assert.match(sent.map(({ text }) => text).join(''), /^GET \/ HTTP\/1\.1\r\n.*\r\n\r\n$/s);
    await server.count('closed', 1);
    const received = server.all('received').reduce((sum, { bytes }) => sum + bytes, 0);
    assert.equal(received, sent.length); // in how many pieces depends on how busy the server's CPU is
    await server.stop();
  });

  it(`${mode}: the server is told of a reset`, async () => {
    const server = await serve([`--mode=${mode}`]);
    const clients = clientsOf(server.port, ['--silent', '--reset']);
    await server.count('accepted', 1);
    assert.equal((await clients.interrupt()).status, 0);
    assert.equal((await server.first('closed')).reason, 'reset');
    assert.equal(clients.all('closed')[0]!.withReset, true);
    await server.stop();
  });

  it(`${mode}: a connection is held, and used again`, async () => {
    const server = await serve([`--mode=${mode}`, '--keep-alive']);
    const clients = clientsOf(server.port, ['--requests=3', '--hold', '--path=/connection']);
    const replies = await clients.count('reply', 3);
    assert.equal(new Set(replies.map(({ body }) => body)).size, 1, 'one id, one 4-tuple');
    assert.equal((await clients.interrupt()).status, 0);
    assert.equal((await server.first('closed')).reason, 'peer-closed');
    assert.equal(server.all('accepted').length, 1);
    await server.stop();
  });
}

it('a slow reader lets the server wait', async () => {
  const server = await serve(['--mode=evented']);
  const clients = clientsOf(server.port, ['--slow-read=50', '--path=/bytes?count=50000000']);
  await clients.count('received', 3);
  assert.equal((await clients.interrupt()).status, 0);
  const { reason, bytesOut } = await server.first('closed');
  assert.equal(reason, 'reset', 'for there were bytes that nobody read');
  assert.ok(bytesOut < 50_000_000, 'the rest was not even sent');
  assert.ok(clients.all('received').every(({ bytes }) => bytes <= 64 * 1024));
  assert.equal(clients.all('stopped')[0]!.replies, 0, 'no whole one came');
  await server.stop();
});

it('a reply that is late: it gives up, and says so', async () => {
  const server = await serve(['--mode=evented']);
  const clients = clientsOf(server.port, ['--timeout=0.5', '--path=/sleep?ms=5000', '--count=2']);
  const { status, stderr } = await clients.ended;
  assert.equal(status, 1);
  assert.match(stderr, /^evented-demo: No complete reply within 0\.5 s \(2 of 2 clients\)\. [^\n]*\n$/);
  const { waitingFor, seconds } = clients.all('timed-out')[0]!;
  assert.deepEqual([waitingFor, seconds], ['reply', 0.5]);
  await server.stop();
});

it('a server that does not keep the connection answers one request of three, and the flags are named', async () => {
  const server = await serve(['--mode=evented']);
  const { status, stderr } = await run(['connect', `--port=${server.port}`, '--requests=3']);
  assert.equal(status, 1);
  assert.equal(
    stderr,
    'evented-demo: The server closed the connection after 1 of 3 replies. Start the server with --keep-alive, or leave --requests out.\n',
  );
  await server.stop();
});

it('Ctrl-C before all were started ends those that were', async () => {
  const server = await serve(['--mode=evented']);
  const clients = clientsOf(server.port, ['--count=1000', '--every=50', '--silent']);
  await clients.count('connected', 2);
  assert.equal((await clients.interrupt()).status, 0);
  const { clients: started, connected } = clients.all('stopped')[0]!;
  assert.ok(started < 1000 && connected <= started);
  assert.equal(clients.all('closed').length, started);
  await server.stop();
});

it('nobody listens: a sentence, and status 1', async () => {
  const server = await smallServer(() => {});
  server.close();
  const { status, stdout, stderr } = await run(['connect', `--port=${server.port}`, '--count=2']);
  assert.equal(status, 1);
  assert.match(stdout, /^ +\d\.\d{6} #2 {5}refused: nobody listens there$/m);
  assert.match(stdout, /\n {2}2 clients, 0 connected; 0 replies; 2 failed\n$/);
  assert.match(
    stderr,
    new RegExp(
      `^evented-demo: Nobody listens on 127.0.0.1:${server.port} \\(2 of 2 clients\\)\\. Start a server there with \`\\S+ \\S+ serve --port ${server.port}\`, in another terminal\\.\n$`,
    ),
  );
});

for (const [what, args, status, sentence] of [
  [
    'an address that is not ours',
    ['--from=192.0.2.1'],
    1,
    /--from 192\.0\.2\.1 is not an address of this machine\. It has 127/,
  ],
  [
    'no address',
    ['--from=here'],
    2,
    /--from cannot be "here"\. Use an address, or address:port as in 127\.0\.0\.2:50000/,
  ],
  [
    'a port out of range',
    ['--from=127.0.0.1:70000'],
    2,
    /--from cannot be "127\.0\.0\.1:70000"\. Use an address/,
  ],
  [
    'more ports than there are',
    ['--from=127.0.0.2:65530', '--count=10'],
    2,
    /from 65530 on there are too few for 10 clients\. Use port 65526 or lower\./,
  ],
  ['two families', ['--from=::1'], 2, /--from ::1 can't reach 127\.0\.0\.1: .* Use IPv4 for both/],
  [
    'a path with a blank',
    ['--path=/a b'],
    2,
    /--path cannot be "\/a b"\. Use a path that begins with \/ and has no blanks/,
  ],
  [
    'a silent client that asks',
    ['--silent', '--path=/'],
    2,
    /: Option '--silent' cannot be used with option '--path <path>'\. `\S+ \S+ connect --help`/,
  ],
  [
    'a host that is no name',
    ['--host=no.such.host.invalid'],
    1,
    /No address is known for --host "\S+"\. Use the server's address or name/,
  ],
] as const) {
  it(`${what}: status ${status} and a sentence`, async () => {
    const server = await smallServer(() => {});
    const ended = await run(['connect', `--port=${server.port}`, ...args]);
    server.close();
    assert.equal(ended.status, status);
    assert.match(ended.stderr, sentence);
    assert.match(ended.stderr, /^evented-demo: [^\n]+\n$/, 'one line');
  });
}

it(
  'more clients than there are descriptors are refused before the first one starts',
  async () => {
    const args = ['--nofile=100:100', process.execPath, PROGRAM, 'connect', '--port=1', '--count=90'];
    const child = spawn('prlimit', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const [status] = await once(child, 'close');
    assert.equal(status, 1);
    assert.match(
      stderr,
      /Too few file descriptors for 90 clients: the limit is 100, and 130 are needed\. .* lower --count to 60\.\n$/,
    );
  },
  missing('prlimit'),
);

it('the lines for a person: columns, what came is escaped, no line too long', async () => {
  const reply = 'HTTP/1.1 200 \x1b[2JOK\r\nContent-Length: 12\r\n\r\na\x1b]0;x\x07\nb\u0085\n';
  const server = await smallServer((socket) => onRequest(socket, () => socket.end(Buffer.from(reply))));
  const { status, stdout, stderr } = await run(['connect', `--port=${server.port}`, '--path=/x?y=1']);
  server.close();
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(
    stdout,
    /^evented-demo, 1 client of 127\.0\.0\.1:\d+\n {2}client {3}requests \/x\?y=1, then closes\n/,
  );
  assert.match(stdout, /^ +\d\.\d{6} #1 {5}connected \(127\.0\.0\.1, \d+, 127\.0\.0\.1, \d+\) fd \d+$/m);
  assert.match(stdout, /^ +\d\.\d{6} #1 {5}sent \d+ bytes: GET \/x\?y=1 HTTP\/1\.1$/m);
  assert.match(
    stdout,
    /#1 {5}reply HTTP\/1\.1 200 \\u001b\[2JOK after [\d.]+ [mu]?s, 12 bytes:\n {21}a\\u001b\]0;x\\u0007\n {21}b\\u0085\n/,
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is what must not be there
  assert.doesNotMatch(stdout, /[\x1b\x07\u0085]/);
  assert.deepEqual(
    stdout.split('\n').filter((line) => line.length > 80),
    [],
  );
});

it('a reader that does not read holds up neither the clients nor Ctrl-C', async () => {
  const server = await serve(['--mode=evented']);
  const args = [PROGRAM, 'connect', `--port=${server.port}`, '--count=600', '--silent'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] }); // 64 KiB fit into a pipe
  await server.count('accepted', 600);
  child.kill('SIGINT');
  const [status, signal] = await once(child, 'exit');
  assert.deepEqual([status, signal], [0, null]);
  await server.count('closed', 600);
  child.stdout.destroy();
  await server.stop();
});
