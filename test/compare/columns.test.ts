// Side by side on a wide screen, one below the other on a narrow one and in a pipe; never a line too long.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import { Columns, type ModelEvent } from '../../src/compare/columns.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import type { Mode } from '../../src/models/options.js';
import { ASCII, UNICODE } from '../../src/terminal/terminal.js';

const MODES: readonly Mode[] = ['blocking', 'evented'];
const plain = new Chalk({ level: 0 });

const accepted = (mode: Mode, at: number, thread: string): ModelEvent => ({
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

const told = (mode: Mode, at: number, event: object): ModelEvent => ({
  mode,
  event: { at, thread: 'loop', tid: 1, ...event } as LifecycleEvent,
});

test('at 100 columns each model has its own, and what happens at the same time stands in one row', () => {
  const columns = new Columns(plain, MODES, 100, UNICODE);
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
  const columns = new Columns(plain, MODES, 120, UNICODE);
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
      const columns = new Columns(plain, modes, screen, UNICODE);
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
    const [line] = new Columns(plain, MODES, screen, UNICODE).lines([accepted('evented', 1_000_000, 'loop')]);
    assert.match(
      line!,
      /^ {2}1\.000000 evented +#1 {2}loop +accepted \(127\.0\.0\.1, 52356, 127\.0\.0\.1, 8080\) fd 23$/,
    );
  }
});

test('bytes from the network are harmless by the time they are in a column', () => {
  const request = { event: 'request', connection: 1, fd: 3, method: 'GET', target: '/\x1b[2J' };
  for (const screen of [120, undefined]) {
    const lines = new Columns(plain, MODES, screen, UNICODE).lines([told('evented', 1, request)]);
    assert.ok(!lines.join('').includes('\x1b'));
  }
});

test('where the terminal has no Unicode, columns are drawn with ASCII', () => {
  const columns = new Columns(plain, MODES, 120, ASCII);
  const lines = [
    columns.heading(),
    ...columns.lines([accepted('evented', 1, 'loop')]),
    ...columns.status(new Map(), new Map()),
  ];
  assert.match(lines.join('\n'), / \| /);
  assert.match(lines.join('\n'), /^[ -~\n]+$/);
});

test('a connection has one colour in its column, in dim lines too, and open ones differ', () => {
  const columns = new Columns(new Chalk({ level: 2 }), MODES, undefined, ASCII);
  const coloursOf = (mode: Mode, connection: number): string[] =>
    columns
      .lines([
        told(mode, 1, { event: 'received', connection, fd: 3, bytes: 1 }),
        told(mode, 2, { event: 'would-block', call: 'recv', connection, fd: 3 }),
      ])
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
      .map((line) => /\x1b\[38;5;(\d+)m/.exec(line)![1]!);
  const seen = [1, 2, 5, 21].map((connection) => coloursOf('evented', connection));
  for (const [bright, dim] of seen) assert.equal(bright, dim);
  assert.equal(new Set(seen.flat()).size, 4);
  assert.deepEqual(coloursOf('blocking', 1), seen[0], 'each server has the colours in the same order');
});
