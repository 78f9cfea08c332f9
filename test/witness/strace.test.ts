// The system calls that `--detail calls` tells, compared line by line with those that strace(1) saw.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { TestServer } from '../support/server.js';
import { underStrace } from '../support/strace.js';
import { missing } from '../support/tools.js';

const CALLS =
  'socket,setsockopt,bind,listen,accept4,getsockname,recvfrom,sendto,poll,pselect6,shutdown,close,ioctl,epoll_create1,epoll_ctl,epoll_wait,io_uring_register,io_uring_enter';

/** Both write times, pointers and error texts in ways of their own. */
function plain(line: string): string {
  return line
    .replace(/0x[0-9a-f]+/g, '...')
    .replace(/\s+=/g, ' =')
    .replace(/ \((?:[A-Z][a-z]|\[\{|in |out |left ).*\)$/, '');
}

for (const flags of [
  ['--mode=iterative'],
  ['--mode=blocking'],
  ['--mode=pool', '--threads=1'],
  ['--mode=processes'],
  ['--mode=processes', '--prefork=1'],
  ['--mode=evented'],
  ['--mode=evented', '--edge-triggered'],
  ['--mode=evented', '--poller=poll'],
  ['--mode=evented', '--poller=select'],
  ['--mode=evented', '--loops=2'],
  ['--mode=evented', '--loops=2', '--share=listener'],
  ['--mode=async'],
  ['--mode=completion'],
  ['--mode=evented', '--host=::1'],
  ['--mode=blocking', '--host=::'],
]) {
  it(`${flags.join(' ')}: strace sees the calls that are told`, {
    skip: missing('strace'),
    ...LIMIT,
  }, async () => {
    const { wrap, linesOf } = underStrace(CALLS);
    const server = await TestServer.start([...flags, '--detail=calls'], wrap);
    const host = flags.includes('--host=::1') ? '::1' : '127.0.0.1';
    const client = await Client.connect(server.port, { host });
    client.send('GET / HT');
    await server.first('received');
    client.send('TP/1.1\r\n\r\n');
    await client.rest();
    await server.first('closed');
    await server.stop();

    const tids = [...new Set(server.all('call').map((event) => event.tid))];
    const several = /blocking|pool|processes|loops/.test(flags.join());
    assert.equal(tids.length, several ? 2 : 1);
    for (const tid of tids) {
      const told = server
        .all('call')
        .filter((event) => event.tid === tid && event.name !== 'io_uring_setup') // each strace knows other flags
        .map(({ name, arguments: args, result, errno }) =>
          plain(`${name}(${args.join(', ')}) = ${result}${errno === null ? '' : ` ${errno}`}`),
        );
      const all = linesOf(tid).map(plain);
      // Around the server's own calls are those of Node's start and end of the thread.
      const start = all.indexOf(told[0]!);
      assert.deepEqual(all.slice(start, start + told.length), told);
      const after = all.slice(start + told.length);
      assert.deepEqual(
        after.filter((line) => /^(accept4|recvfrom|sendto|shutdown)/.test(line)),
        [],
      );
    }
    const names = new Set(server.all('call').map((event) => event.name));
    const work = flags.includes('--mode=completion')
      ? ['io_uring_setup', 'io_uring_register', 'io_uring_enter']
      : ['accept4', 'recvfrom', 'sendto', 'close'];
    for (const name of ['socket', 'bind', 'listen', ...work]) assert.ok(names.has(name), name);
  });
}

it('in completion mode a request takes io_uring_enter, and no other call', {
  skip: missing('strace'),
  ...LIMIT,
}, async () => {
  const { wrap, linesOf } = underStrace('%network,%desc,io_uring_enter');
  const server = await TestServer.start(['--mode=completion'], wrap);
  for (const headers of ['', 'Connection: close\r\n']) {
    const client = await Client.connect(server.port);
    client.send(get('/', headers));
    await client.rest();
  }
  await server.count('closed', 2);
  const { tid } = server.listening;
  await server.stop();
  const lines = linesOf(tid);
  const calls = lines.map((line) => line.slice(0, line.indexOf('(')));
  const enters = calls.flatMap((call, i) => (call === 'io_uring_enter' ? [i] : []));
  assert.ok(enters.length >= 8);
  // mmap(2) takes a descriptor, so it is traced too: V8 asks for memory with it whenever it needs some.
  const others = (call: string) => call !== 'io_uring_enter' && call !== 'mmap';
  const between = calls.slice(enters[0], enters.at(-2)! + 1).filter(others);
  assert.deepEqual(between, []);
});
