// The TCP table that `inspect` shows, compared with what ss(8) asks the kernel for, in each state that there is to see.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { it } from 'node:test';
import { TCP_STATES } from '../../src/net/tcp-states.js';
import { spawn } from '../support/cleanup.js';
import { Client, get } from '../support/client.js';
import { deafen, deafFromTheStart } from '../support/deaf.js';
import {
  type Inspected,
  type InspectedSocket,
  inspected,
  inspectedWhen,
  numbers,
  pretty,
  start,
} from '../support/inspect.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM } from '../support/server.js';
import { missing } from '../support/tools.js';

const WITH_SS = { ...LIMIT, skip: missing('ss') };

/** ss has names of its own for them. */
const IN_SS: Record<string, string> = {
  ESTABLISHED: 'ESTAB',
  SYN_SENT: 'SYN-SENT',
  SYN_RECV: 'SYN-RECV',
  FIN_WAIT1: 'FIN-WAIT-1',
  FIN_WAIT2: 'FIN-WAIT-2',
  TIME_WAIT: 'TIME-WAIT',
  CLOSE_WAIT: 'CLOSE-WAIT',
  LAST_ACK: 'LAST-ACK',
};

/** The states in which both were found to agree. */
const compared = new Set<string>();

/** State, queues and both ends; a listener's send queue is its backlog in ss. */
function bySs(port: number): string[] {
  const table = execFileSync('ss', ['-tanH', `( sport = :${port} or dport = :${port} )`], {
    encoding: 'utf8',
  });
  return table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .trim()
        .split(/\s+/)
        .slice(0, 5)
        .join(' ')
        .replace(/\[::ffff:([\d.]+)\]/g, '$1'),
    )
    .toSorted();
}

function byInspect({ sockets, acceptQueue }: Inspected): string[] {
  return sockets
    .map((socket) => {
      const { state, receiveQueue, sendQueue, local, peer } = socket;
      if (state === 'LISTEN') {
        const any = local.address === '::' ? '*' : ends(local);
        const peers = local.address.includes(':') ? (any === '*' ? '*' : '[::]') : '0.0.0.0';
        return `LISTEN ${receiveQueue} ${acceptQueue.backlog} ${any === '*' ? `*:${local.port}` : any} ${peers}:*`;
      }
      return `${IN_SS[state] ?? state} ${receiveQueue} ${sendQueue} ${ends(local)} ${ends(peer)}`;
    })
    .toSorted();
}

const ends = ({ address, port }: InspectedSocket['local']): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;

/** Both say the same of every socket of the server's port. */
function agrees(seen: Inspected): void {
  assert.deepEqual(byInspect(seen), bySs(seen.server.port));
  for (const { state } of seen.sockets) compared.add(state);
}

const serverEnds = ({ sockets }: Inspected): InspectedSocket[] =>
  sockets.filter(({ end, state }) => end === 'server' && state !== 'LISTEN');
const clientEnds = ({ sockets }: Inspected): InspectedSocket[] =>
  sockets.filter(({ end }) => end === 'client');

it('a busy iterative server: the accept queue, and who waits in it', WITH_SS, async (t) => {
  const server = await start(t, ['--mode=iterative', '--backlog=3']);
  const first = await Client.connect(server.port);
  const { fd } = await server.first('accepted');
  const waiting = [await Client.connect(server.port), await Client.connect(server.port)];
  const seen = await inspectedWhen(server, ({ acceptQueue }) => acceptQueue.waiting === 2);
  assert.deepEqual(seen.acceptQueue, { waiting: 2, backlog: 3 });
  assert.deepEqual(numbers(seen), { LISTEN: 1, ESTABLISHED: 6 });
  agrees(seen);
  assert.deepEqual(
    serverEnds(seen).map(({ peer, fd, awaitsAccept, thread }) => [peer.port, fd, awaitsAccept, thread]),
    [
      [first.port, fd, undefined, 'server'],
      ...waiting
        .map(({ port }) => [port, undefined, true, undefined])
        .toSorted((a, b) => Number(a[0]) - Number(b[0])),
    ],
  );
  assert.match(await pretty(server), /\n {2}queue {4}2 connections wait for accept, backlog 3\n/);

  waiting[1]!.socket.destroy();
  const gone = await inspectedWhen(server, (each) => numbers(each).CLOSE_WAIT === 1);
  agrees(gone);
  const left = serverEnds(gone).find(({ state }) => state === 'CLOSE_WAIT')!;
  assert.deepEqual([left.peer.port, left.awaitsAccept], [waiting[1]!.port, true]);
  for (const client of [first, ...waiting]) client.socket.destroy();
});

for (const mode of ['iterative', 'blocking', 'evented']) {
  it(
    `${mode}: ESTABLISHED at both ends, each with its descriptor, and left open after the client's close`,
    WITH_SS,
    async (t) => {
      const server = await start(t, [`--mode=${mode}`, '--keep-open']);
      const client = await Client.connect(server.port, { localAddress: '127.0.0.2' });
      const { fd, fourTuple, connection } = await server.first('accepted');
      const open = await inspectedWhen(
        server,
        (each) => serverEnds(each)[0]?.thread !== undefined || serverEnds(each)[0]?.connection !== undefined,
      );
      agrees(open);
      const [serverEnd] = serverEnds(open);
      const [clientEnd] = clientEnds(open);
      assert.deepEqual([serverEnd!.fd, serverEnd!.fourTuple], [fd, fourTuple]);
      assert.equal(serverEnd!.connection, mode === 'evented' ? connection : undefined);
      const blocked = server.all('blocked').findLast((event) => event.fd === fd);
      assert.equal(serverEnd!.thread, blocked?.thread);
      assert.deepEqual([clientEnd!.process?.pid, clientEnd!.fourTuple], [process.pid, fourTuple]);
      assert.deepEqual(clientEnd!.local, { address: '127.0.0.2', port: client.port });

      client.send(get('/'));
      await client.until('Hello, world!');
      await server.first('left-open');
      client.socket.destroy();
      await client.closed;
      const left = await inspectedWhen(server, (each) => numbers(each).CLOSE_WAIT === 1);
      assert.deepEqual(numbers(left), { LISTEN: 1, CLOSE_WAIT: 1, FIN_WAIT2: 1 });
      agrees(left);
      assert.deepEqual([serverEnds(left)[0]!.state, serverEnds(left)[0]!.fd], ['CLOSE_WAIT', fd]);
      const [orphan] = clientEnds(left);
      assert.deepEqual([orphan!.state, orphan!.fd, orphan!.process], ['FIN_WAIT2', undefined, undefined]);
      assert.ok(orphan!.secondsLeft! > 0 && orphan!.secondsLeft! <= 60);
    },
  );
}

it('TIME_WAIT after a close, without any descriptor', WITH_SS, async (t) => {
  const server = await start(t, ['--mode=iterative']);
  const client = await Client.connect(server.port);
  client.send(get('/'));
  await client.rest(); // the server closes first
  const seen = await inspectedWhen(server, (each) => numbers(each).TIME_WAIT === 1);
  agrees(seen);
  const [closed] = serverEnds(seen);
  assert.deepEqual([closed!.state, closed!.fd, closed!.peer.port], ['TIME_WAIT', undefined, client.port]);
  assert.ok(closed!.secondsLeft! > 0 && closed!.secondsLeft! <= 60);
});

it('a full accept queue, backlog 3 and ten clients: six of them in SYN_SENT', WITH_SS, async (t) => {
  const server = await start(t, ['--mode=iterative', '--backlog=3']);
  const clients = [await Client.connect(server.port)];
  await server.first('accepted');
  const ten = Array.from({ length: 10 }, () => connect(server.port, '127.0.0.1'));
  const seen = await inspectedWhen(server, (each) => numbers(each).SYN_SENT === 6);
  assert.deepEqual(seen.acceptQueue, { waiting: 4, backlog: 3 });
  assert.deepEqual(numbers(seen), { LISTEN: 1, ESTABLISHED: 10, SYN_SENT: 6 });
  agrees(seen);
  for (const socket of [...clients.map((each) => each.socket), ...ten]) socket.destroy();
});

it('a client that closes with bytes which nobody reads: FIN_WAIT1', WITH_SS, async (t) => {
  const server = await start(t, ['--mode=iterative']);
  const first = await Client.connect(server.port);
  await server.first('accepted');
  const writer = await Client.connect(server.port); // stays in the accept queue
  writer.send(Buffer.alloc(50_000_000));
  writer.socket.destroy();
  const seen = await inspectedWhen(server, (each) => numbers(each).FIN_WAIT1 === 1);
  agrees(seen);
  const left = clientEnds(seen).find(({ state }) => state === 'FIN_WAIT1')!;
  assert.deepEqual([left.local.port, left.fd], [writer.port, undefined]);
  assert.ok(left.sendQueue > 0);
  first.socket.destroy();
});

it('a handshake whose answers are lost: SYN_SENT there, and SYN_RECV here', WITH_SS, async (t) => {
  const server = await start(t, ['--mode=evented']);
  const client = deafFromTheStart();
  t.after(() => client.destroy());
  client.connect(server.port, '127.0.0.1');
  const seen = await inspectedWhen(server, (each) => numbers(each).SYN_RECV === 1);
  assert.deepEqual(numbers(seen), { LISTEN: 1, SYN_SENT: 1, SYN_RECV: 1 });
  agrees(seen);
  assert.match(await pretty(server), /^ {2}SYN_RECV .* handshake/m);
});

it("a FIN that is lost is FIN_WAIT1, and CLOSING when the other side's has come", WITH_SS, async (t) => {
  const server = await start(t, ['--mode=blocking']);
  const client = await Client.connect(server.port);
  t.after(() => client.reset());
  deafen(client.socket);
  client.send(get('/'));
  await server.first('closed');
  const seen = await inspectedWhen(
    server,
    (each) => numbers(each).FIN_WAIT1 === 1 && clientEnds(each)[0]?.sendQueue === 0,
  );
  assert.deepEqual(numbers(seen), { LISTEN: 1, ESTABLISHED: 1, FIN_WAIT1: 1 });
  agrees(seen);
  assert.deepEqual([serverEnds(seen)[0]!.state, serverEnds(seen)[0]!.fd], ['FIN_WAIT1', undefined]);
  client.socket.end();
  const both = await inspectedWhen(
    server,
    (each) => numbers(each).CLOSING === 1 && numbers(each).FIN_WAIT2 === 1,
  );
  assert.equal(both.sockets.length, 3);
  agrees(both);
});

it("a FIN that is lost after the client's has come is LAST_ACK", WITH_SS, async (t) => {
  const server = await start(t, ['--mode=evented']);
  const client = await Client.connect(server.port);
  t.after(() => client.reset());
  deafen(client.socket);
  client.socket.end();
  const seen = await inspectedWhen(
    server,
    (each) => numbers(each).LAST_ACK === 1 && numbers(each).FIN_WAIT2 === 1,
  );
  assert.equal(seen.sockets.length, 3);
  agrees(seen);
});

for (const [host, connectTo] of [
  ['::1', ['::1']],
  ['::', ['::1', '127.0.0.1']],
] as const) {
  it(`IPv6 on ${host}: the same addresses as in ss and as the server told`, WITH_SS, async (t) => {
    const server = await start(t, ['--mode=evented', `--host=${host}`]);
    const clients = await Promise.all(connectTo.map((each) => Client.connect(server.port, { host: each })));
    await server.count('watching', 1 + clients.length);
    const seen = await inspected(server);
    agrees(seen);
    assert.equal(seen.server.address, host);
    for (const { connection, fd, fourTuple } of server.all('accepted')) {
      const found = serverEnds(seen).find((each) => each.connection === connection);
      assert.deepEqual([found?.fd, found?.fourTuple], [fd, fourTuple]);
    }
    assert.equal(clientEnds(seen).length, clients.length, 'the clients of an IPv4 address too');
    for (const client of clients) client.socket.destroy();
  });
}

it('a client that inspect itself was handed by its shell is not told as its own', LIMIT, async (t) => {
  const server = await start(t, ['--mode=evented']);
  const client = await Client.connect(server.port);
  await server.first('accepted');
  const { fd } = (client.socket as unknown as { _handle: { fd: number } })._handle;
  const script = 'read -r line; exec "$0" "$@"';
  const flags = ['inspect', `--pid=${server.pid}`, '--format=json'];
  const shell = spawn('sh', ['-c', script, process.execPath, PROGRAM, ...flags], {
    stdio: ['pipe', 'pipe', 'inherit', fd],
  });
  client.socket.destroy();
  await client.closed; // here; the shell has it still, and what the shell becomes
  shell.stdin!.end('\n');
  const seen: Inspected = JSON.parse(await textOf(shell.stdout!));
  const [end] = clientEnds(seen);
  assert.deepEqual([end!.local.port, end!.state, end!.process], [client.port, 'ESTABLISHED', undefined]);
});

it('no state that there is was left out', { skip: missing('ss') }, () => {
  const states = TCP_STATES.filter((state) => state !== 'CLOSED'); // of that there is no socket to show
  assert.deepEqual([...compared].toSorted(), [...new Set<string>(states)].toSorted());
});

it('of a server on one address, connections to the same port of another are not shown', LIMIT, async (t) => {
  const server = await start(t, ['--mode=evented']);
  const other = await start(t, ['--mode=evented', '--host=127.0.0.9', `--port=${server.port}`]);
  const client = await Client.connect(server.port, { host: '127.0.0.9' });
  await other.first('accepted');
  assert.deepEqual(numbers(await inspected(server)), { LISTEN: 1 });
  assert.deepEqual(numbers(await inspected(other)), { LISTEN: 1, ESTABLISHED: 2 });
  client.socket.destroy();
});

it('thousands of sockets are counted, and some of each kind shown', LIMIT, async (t) => {
  const server = await start(t, ['--mode=evented', '--keep-alive', '--backlog=1024']);
  const clients = await Promise.all(Array.from({ length: 500 }, () => Client.connect(server.port)));
  await server.count('watching', 501);
  const text = await pretty(server);
  assert.match(text, /^sockets {2}1 LISTEN, 1,000 ESTABLISHED$/m);
  assert.match(text, /^ {2}\.\.\. (\d+) more: \d+ ESTABLISHED of the server, \d+ ESTABLISHED of clients$/m);
  assert.match(text, /^interest list {2}of epoll fd \d+: 501 descriptors$/m);
  assert.ok(text.split('\n').length < 110, text);
  const all = await inspected(server);
  assert.equal(all.sockets.length, 1001);
  assert.deepEqual(
    new Set(serverEnds(all).map(({ connection }) => connection)),
    new Set(server.all('accepted').map(({ connection }) => connection)),
  );
  for (const client of clients) client.socket.destroy();
});

it('behind a pipe it is as wide as COLUMNS says, or as it has to be', LIMIT, async (t) => {
  const server = await start(t, ['--mode=evented']);
  const client = await Client.connect(server.port);
  t.after(() => client.socket.destroy());
  await server.first('accepted');
  const row = `^  ESTABLISHED .* 127\\.0\\.0\\.1:${client.port} .* #1`;
  const tuple = ` +\\(127\\.0\\.0\\.1, ${client.port}, 127\\.0\\.0\\.1, ${server.port}\\)`;
  assert.match(await pretty(server), new RegExp(`${row}${tuple}$`, 'm'));
  const narrow = await pretty(server, '80');
  assert.match(narrow, new RegExp(`${row}$`, 'm'));
  for (const line of narrow.split('\n')) assert.ok(line.length <= 80, line);
});
