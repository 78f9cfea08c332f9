// A column for each server where there is room, one below the other where there is not; never a line too long.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import { Columns } from '../../src/compare/columns.js';
import { EveryLine, LEAST_LINE_COLUMN } from '../../src/compare/every-line.js';
import { FoldedView, LEAST_FOLDED_COLUMN } from '../../src/compare/folded-view.js';
import type { ModeEvent } from '../../src/compare/in-order.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import type { Mode } from '../../src/models/options.js';
import { ASCII, type Glyphs, UNICODE } from '../../src/terminal/terminal.js';

const MODES: readonly Mode[] = ['blocking', 'evented'];
const ALL: readonly Mode[] = ['iterative', 'blocking', 'evented', 'async'];
const plain = new Chalk({ level: 0 });

const folded = (modes: readonly Mode[], screen: number, glyphs: Glyphs = UNICODE): FoldedView =>
  new FoldedView(new Columns(plain, modes, screen, glyphs, LEAST_FOLDED_COLUMN));
const everyLine = (modes: readonly Mode[], screen: number | undefined, chalk = plain): EveryLine =>
  new EveryLine(new Columns(chalk, modes, screen, UNICODE, LEAST_LINE_COLUMN));

const told = (mode: Mode, at: number, event: object): ModeEvent => ({
  mode,
  event: { at, thread: 'loop', tid: 1, connection: 1, fd: 23, ...event } as LifecycleEvent,
});

const accepted = (mode: Mode, at: number, thread: string, port = 52_356): ModeEvent =>
  told(mode, at, { event: 'accepted', thread, fourTuple: ['127.0.0.1', port, '127.0.0.1', 8080] });

const lines = (view: FoldedView | EveryLine, events: readonly ModeEvent[]): string[] => [
  ...view.stepEnds(0),
  ...view.take(events),
  ...view.stepEnds(9e6),
];

test('two models have a column each down to 80 columns, and a 4-tuple is never broken', () => {
  const events = [
    accepted('blocking', 1_000_000, 'acceptor'),
    accepted('evented', 1_000_900, 'loop', 52_400),
  ];
  for (const view of [folded(MODES, 80), everyLine(MODES, 80)]) {
    const text = lines(view, events).join('\n');
    assert.match(text, /:52356 -> :8080 fd 23 +│ .*:52400 -> :8080 fd 23$/m);
  }
});

test('a column for each event goes down by itself, so that no place is lost, and each line has its time', () => {
  const received = (mode: Mode, at: number, bytes: number): ModeEvent =>
    told(mode, at, { event: 'received', bytes, connection: bytes });
  const [first, second, third, ...others] = lines(everyLine(MODES, 120), [
    received('evented', 1000, 78),
    received('evented', 2000, 79),
    received('blocking', 40_000, 60),
    received('blocking', 900_000, 61),
  ]);
  assert.match(
    first!,
    /^ {2}0\.0400 #60 {2}loop received 60 bytes +│ {3}0\.0010 #78 {2}loop received 78 bytes$/,
  );
  assert.match(second!, /^ +│ {3}0\.0020 #79/);
  assert.match(third!, /^ {2}0\.9000 #61/, 'much later stands below');
  assert.deepEqual(others, []);
});

test('no line is wider than the screen, at any width, for any number of models', () => {
  const long = 'GET /'.padEnd(400, 'x');
  for (const modes of [MODES, ALL.slice(0, 3), ALL]) {
    for (let screen = 60; screen <= 200; screen += 7) {
      for (const view of [folded(modes, screen), everyLine(modes, screen)]) {
        const sample = {
          at: 1,
          connections: 10_000,
          threads: 10_001,
          answered: 123_456,
          memory: 2e9,
          cpuSeconds: 123.4,
        };
        const all = [
          ...view.columns.heading(modes.map(() => 'port 65535, pid 1234567')),
          ...view.columns.step({ at: 123_456_789, text: 'what the clients do '.repeat(10) }),
          ...lines(view, [
            accepted('blocking', 1, 'acceptor'),
            told('evented', 2, { event: 'request', method: 'GET', target: long }),
            told('blocking', 3, { event: 'blocked', call: 'accept4', fd: 22 }),
          ]),
          ...view.columns.status(new Map([['blocking', sample]]), new Map([['evented', 'gone']])),
        ];
        for (const line of all) assert.ok(line.length <= screen, `${line.length} of ${screen}: ${line}`);
      }
    }
  }
});

test('in a pipe, with a line for each event, each line has its model and is never cut', () => {
  const [line] = lines(everyLine(MODES, undefined), [accepted('evented', 1_000_000, 'loop')]);
  assert.match(
    line!,
    /^evented +1\.0000 #1 +loop +accepted \(127\.0\.0\.1, 52356, 127\.0\.0\.1, 8080\) fd 23$/,
  );
});

test('where columns would be too narrow each line has its model, or says that it is for all', () => {
  const request = { event: 'request', method: 'GET', target: '/' };
  const events = ALL.flatMap((mode) => [accepted(mode, 1, 'loop'), told(mode, 2, request)]);
  const [first, second, ...others] = lines(folded(ALL, 80), events);
  assert.match(first!, /^all +#1 GET \/ no reply yet$/);
  assert.match(second!, /^all +:52356 -> :8080 fd 23$/);
  assert.match(others.join(), /^all +accepted$/);
});

test('one model alone has the whole width, and no line says whose it is', () => {
  const view = folded(['evented'], 80);
  assert.deepEqual(view.columns.heading(['port 1, pid 2']), ['evented', 'port 1, pid 2']);
  assert.deepEqual(lines(view, [accepted('evented', 1, 'loop')]), [
    '#1 silent',
    '  :52356 -> :8080 fd 23',
    '  accepted',
  ]);
});

test('bytes from the network are harmless by the time they are in a column', () => {
  const request = told('evented', 1, { event: 'request', method: 'GET', target: '/\x1b[2J' });
  for (const view of [folded(MODES, 120), everyLine(MODES, 120), everyLine(MODES, undefined)])
    assert.match(lines(view, [request]).join(''), /GET \/\\u001b\[2J/);
});

test('where the terminal has no Unicode, columns are drawn with ASCII', () => {
  const view = folded(MODES, 120, ASCII);
  const all = [
    ...view.columns.heading(['port 1', 'port 2']),
    ...lines(view, [accepted('evented', 1, 'loop')]),
    ...view.columns.status(new Map(), new Map()),
  ].join('\n');
  assert.match(all, / \| /);
  assert.match(all, /^[ -~\n]+$/);
});

test('a connection has one colour in its column, in dim lines too, and open ones differ', () => {
  const view = everyLine(MODES, undefined, new Chalk({ level: 2 }));
  const coloursOf = (mode: Mode, connection: number): string[] =>
    lines(view, [
      told(mode, 1, { event: 'received', connection, bytes: 1 }),
      told(mode, 2, { event: 'would-block', call: 'recv', connection }),
    ])
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
      .map((line) => /\x1b\[38;5;(\d+)m[^\n]*\x1b\[38;5;(\d+)m/.exec(line)![2]!);
  const seen = [1, 2, 5, 21].map((connection) => coloursOf('evented', connection));
  for (const [bright, dim] of seen) assert.equal(bright, dim);
  assert.equal(new Set(seen.flat()).size, 4);
  assert.deepEqual(coloursOf('blocking', 1), seen[0], 'each server has the colours in the same order');
});
