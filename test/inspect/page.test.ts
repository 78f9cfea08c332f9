// A look as a person reads it, of machines that this one is not: what may not be read, and terminals that are narrow.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import type { Look } from '../../src/inspect/look.js';
import { Page } from '../../src/inspect/page.js';
import type { Thread } from '../../src/inspect/threads.js';

const LOOK: Look = {
  at: new Date(0),
  server: {
    pid: 7,
    uid: 0,
    mode: 'blocking',
    engine: 'system-calls',
    address: '127.0.0.1',
    port: 8080,
    fd: 20,
    inode: 1,
    backlog: 511,
  },
  acceptQueue: { waiting: 0, backlog: 511 },
  sockets: [],
  threads: [],
  interestList: undefined,
  descriptorsReadable: true,
  callsReadable: true,
};

const shown = (look: Partial<Look>, width?: number): string[] =>
  new Page(new Chalk({ level: 0 })).lines({ ...LOOK, ...look }, width, undefined);

const asleep = (tid: number, name: string, wchan: string | undefined): Thread => ({
  tid,
  name,
  ofServer: true,
  state: 'S',
  call: undefined,
  fd: undefined,
  wchan,
});

test('where the calls may not be read, threads that sleep elsewhere in the kernel are not told as one', () => {
  const connections = Array.from({ length: 14 }, (_, i) =>
    asleep(11 + i, `conn-${i + 1}`, i < 10 ? 'wait_woken' : 'futex_do_wait'),
  );
  const threads = [asleep(10, 'acceptor', 'inet_csk_accept'), ...connections];
  const rows = shown({ threads, callsReadable: false }).map((line) => line.trim().replaceAll(/ +/g, ' '));
  assert.ok(rows.includes("acceptor 10 asleep in the kernel's inet_csk_accept"), rows.join('\n'));
  assert.ok(rows.includes("conn-1 .. conn-10 10 asleep in the kernel's wait_woken"), rows.join('\n'));
  assert.ok(rows.includes("conn-11 21 asleep in the kernel's futex_do_wait"), rows.join('\n'));
});
