// A look as a person reads it, of machines that this one is not: what may not be read, and terminals that are narrow.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import type { Snapshot } from '../../src/inspect/snapshot.js';
import { SnapshotView } from '../../src/inspect/snapshot-view.js';
import type { OwnedSocket } from '../../src/inspect/sockets.js';
import type { Thread } from '../../src/inspect/threads.js';

const LOOK: Snapshot = {
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
    listeners: [{ fd: 20, inode: 1 }],
    loops: 1,
    workers: 0,
    backlog: 511,
  },
  acceptQueue: { waiting: 0, backlog: 511 },
  ownQueue: undefined,
  sockets: [],
  threads: [],
  interestLists: [],
  inFlight: undefined,
  descriptorsReadable: true,
  callsReadable: true,
};

const shown = (look: Partial<Snapshot>, width?: number): string[] =>
  new SnapshotView(new Chalk({ level: 0 })).lines({ ...LOOK, ...look }, width, undefined);

const asleep = (tid: number, name: string, wchan: string | undefined): Thread => ({
  pid: 42,
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

test('where sockets do not fit, queues that are empty go before anything is cut', () => {
  const client = (port: number, receiveQueue: number): OwnedSocket => ({
    state: 'ESTABLISHED',
    end: 'client',
    local: { address: '192.168.100.101', port },
    peer: { address: '192.168.100.101', port: 8080 },
    receiveQueue,
    sendQueue: 0,
    uid: 0,
    inode: port,
    secondsLeft: undefined,
    fourTuple: undefined,
    fd: 21,
    connection: undefined,
    thread: undefined,
    process: { pid: 9749, name: 'evented-demo' },
    awaitsAccept: false,
  });
  const rows = (receiveQueue: number, width: number): string[] =>
    shown({ sockets: [client(50_001, 0), client(50_002, receiveQueue)] }, width)
      .map((line) => line.trim().replaceAll(/ +/g, ' '))
      .filter((line) => /^(state|ESTABLISHED) /.test(line));
  const ends = (port: number): string => `192.168.100.101:${port} 192.168.100.101:8080`;
  const first = `${ends(50_001)} 21 pid 9749 evented-demo`;
  assert.deepEqual(rows(0, 100).slice(0, 2), [
    'state recv send local peer fd whose',
    `ESTABLISHED 0 0 ${first}`,
  ]);
  assert.deepEqual(rows(0, 85).slice(0, 2), ['state local peer fd whose', `ESTABLISHED ${first}`]);
  assert.deepEqual(rows(7, 91).slice(0, 3), [
    'state recv local peer fd whose',
    `ESTABLISHED 0 ${first}`,
    `ESTABLISHED 7 ${ends(50_002)} 21 pid 9749 evented-demo`,
  ]);
});
