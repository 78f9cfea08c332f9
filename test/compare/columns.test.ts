// Side by side on a wide screen, one below the other on a narrow one and in a pipe; never a line too long.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import { Columns, type Told } from '../../src/compare/columns.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import type { Mode } from '../../src/models/options.js';

const MODES: readonly Mode[] = ['blocking', 'evented'];
const plain = new Chalk({ level: 0 });

const accepted = (mode: Mode, at: number, thread: string): Told => ({
  mode,
  event: {
    at,
    event: 'accepted',
    thread,
    tid: 1,
    connection: 1,
    fd: 23,
    fourTuple: ['127.0.0.1', 52_356, '127.0.0.1', 8080],
  },
});

const told = (mode: Mode, at: number, event: object): Told => ({
  mode,
  event: { at, thread: 'loop', tid: 1, ...event } as LifecycleEvent,
});

test('at 100 columns each model has its own, and what happens at the same time stands in one row', () => {
  const columns = new Columns(plain, MODES, 100);
  const lines = columns.lines([
    accepted('blocking', 1_000_000, 'acceptor'),
    accepted('evented', 1_000_900, 'loop'),
  ]);
  assert.equal(lines.length, 2, 'the 4-tuple goes on in a second line');
  const [first, second] = lines as [string, string];
  assert.match(
    first,
    /^ {2}1\.000000 │ #1 {2}acceptor accepted \(127\.0\.0\.1, 52356, +│ #1 {2}loop {5}accepted/,
  );
  assert.match(second, /^ +│ +127\.0\.0\.1, 8080\) fd 23 +│ +127\.0\.0\.1, 8080\) fd 23$/);
});

test('what happens later stands below, in the order of time, whichever server told it first', () => {
  const columns = new Columns(plain, MODES, 120);
  const lines = columns.lines([
    told('evented', 5_000, { event: 'received', connection: 1, fd: 23, bytes: 78 }),
    told('blocking', 1_000, { event: 'received', connection: 1, fd: 23, bytes: 60 }),
  ]);
  assert.equal(lines.length, 2);
  assert.match(lines[0]!, /0\.001000 │ .*received 60 bytes +│$/);
  assert.match(lines[1]!, /0\.005000 │ +│ .*received 78 bytes$/);
});

test('no line is wider than the screen, at any width', () => {
  const long = 'GET /'.padEnd(400, 'x');
  for (const modes of [MODES, ['iterative', 'blocking', 'evented'] as const]) {
    for (let screen = 60; screen <= 200; screen += 7) {
      const columns = new Columns(plain, modes, screen);
      const lines = [
        columns.heading(),
        ...columns.lines([
          accepted('blocking', 1, 'acceptor'),
          told('evented', 2, {
            event: 'request',
            connection: 1,
            fd: 3,
            method: 'GET',
            target: long,
            status: 200,
          }),
          told('blocking', 3, { event: 'blocked', call: 'accept4', fd: 22 }),
        ]),
        ...columns.status(
          new Map([
            [
              'blocking' as Mode,
              {
                at: 1,
                connections: 10_000,
                threads: 10_001,
                answered: 123_456,
                memory: 2e9,
                cpuSeconds: 123.4,
              },
            ],
          ]),
          new Map([['evented' as Mode, 'gone']]),
        ),
      ].flatMap((line) => line.split('\n'));
      for (const line of lines) assert.ok(line.length <= screen, `${line.length} of ${screen}: ${line}`);
    }
  }
});

test('below 100 columns, and in a pipe, each line says whose it is', () => {
  for (const screen of [99, undefined]) {
    const [line] = new Columns(plain, MODES, screen).lines([accepted('evented', 1_000_000, 'loop')]);
    assert.match(
      line!,
      /^ {2}1\.000000 evented +#1 {2}loop +accepted \(127\.0\.0\.1, 52356, 127\.0\.0\.1, 8080\) fd 23$/,
    );
  }
});

test('bytes from the network are harmless by the time they are in a column', () => {
  const request = { event: 'request', connection: 1, fd: 3, method: 'GET', target: '/\x1b[2J', status: 200 };
  for (const screen of [120, undefined]) {
    const lines = new Columns(plain, MODES, screen).lines([told('evented', 1, request)]);
    assert.ok(!lines.join('').includes('\x1b'));
  }
});
