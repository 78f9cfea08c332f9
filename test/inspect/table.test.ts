// Rows in columns: what is cut, counted, merged and marked. And the numbers of the system calls, for each CPU.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import { systemCallOf } from '../../src/inspect/calls.js';
import { marked } from '../../src/inspect/changes.js';
import { parseWatches } from '../../src/inspect/interest-lists.js';
import { stateText } from '../../src/inspect/snapshot-view.js';
import { type KeyedRow, mergeKinds, type Section, sectionLines, shareOut } from '../../src/inspect/table.js';
import { inOrder, type Thread } from '../../src/inspect/threads.js';

const chalk = new Chalk({ level: 0 });

const row = (key: string, kind: string, facts = ''): KeyedRow => ({
  key,
  kind,
  facts,
  cells: [key, kind, facts],
  style: (text) => text,
});

const section = (rows: readonly KeyedRow[]): Section<KeyedRow> => ({
  title: 'things',
  summary: 'some',
  columns: [{ heading: 'key', right: true }, { heading: 'kind' }, { heading: 'facts', optional: true }],
  rows,
});

test('columns are as wide as they have to be, and an optional one goes where it does not fit', () => {
  const rows = [row('1', 'short', 'one'), row('200', 'a longer one', 'two')];
  assert.deepEqual(sectionLines(chalk, section(rows), 9, undefined), [
    'things  some',
    '  key  kind          facts',
    '    1  short         one',
    '  200  a longer one  two',
  ]);
  assert.deepEqual(sectionLines(chalk, section(rows), 9, 22), [
    'things  some',
    '  key  kind',
    '    1  short',
    '  200  a longer one',
  ]);
  assert.deepEqual(sectionLines(chalk, section(rows), 9, 15).at(-1), '  200  a lon...');
  assert.equal(
    sectionLines(chalk, section([row('1', 'k')]), 9, undefined)[1],
    '  key  kind',
    'nor where it is empty',
  );
});

test('where there is no room some of each kind are shown and the others counted', () => {
  const rows = [
    ...Array.from({ length: 8 }, (_, i) => row(`${i}`, 'many')),
    row('x', 'few'),
    row('y', 'few'),
  ];
  const lines = sectionLines(chalk, section(rows), 6, undefined);
  assert.deepEqual(
    lines.slice(2).map((line) => line.trim().split(/ {2}/)[0]),
    ['0', '1', '2', 'x', 'y', '... 5 more: 5 many'],
  );
  const changed = rows.map((each) => (each.key === '7' ? { ...each, mark: 'new' as const } : each));
  assert.ok(
    sectionLines(chalk, section(changed), 6, undefined).includes('+   7  many'),
    'what is new comes first',
  );
});

test('room is shared: the modest have what they want', () => {
  assert.deepEqual(shareOut([2, 3], 10), [2, 3]);
  assert.deepEqual(shareOut([100, 2, 50], 20), [9, 2, 9]);
  assert.deepEqual(shareOut([5, 5], 1), [0, 1]);
});

test('rows that do the same become one, the most numerous first, until there are few enough', () => {
  const rows = [
    row('a', 'one'),
    ...Array.from({ length: 5 }, (_, i) => row(`${i}`, 'many')),
    row('b', 'two'),
    row('c', 'two'),
  ];
  const merge = (same: readonly KeyedRow[]): KeyedRow =>
    row(`${same[0]!.key}..${same.at(-1)!.key}`, same[0]!.kind);
  const keys = (most: number): string[] => mergeKinds(rows, merge, most).map(({ key }) => key);
  assert.deepEqual(keys(8).length, 8);
  assert.deepEqual(keys(4), ['a', '0..4', 'b', 'c']);
  assert.deepEqual(keys(3), ['a', '0..4', 'b..c']);
  assert.deepEqual(keys(1), ['a', '0..4', 'b..c'], 'unlike ones stay apart');
});

test('new, changed and gone rows are marked, and what is gone stays in its place', () => {
  const before = [section([row('0', 'k'), row('1', 'k', 'old'), row('2', 'k'), row('3', 'k')])];
  const now = [section([row('1', 'k', 'new'), row('3', 'k'), row('4', 'k')])];
  assert.deepEqual(
    marked(before, now)[0]!.rows.map(({ key, mark }) => [key, mark]),
    [
      ['0', 'gone'],
      ['1', 'changed'],
      ['2', 'gone'],
      ['3', undefined],
      ['4', 'new'],
    ],
  );
  assert.ok(marked([], now)[0]!.rows.every(({ mark }) => mark === undefined));
});

test('fdinfo is read as the kernel prints it, other lines and all', () => {
  const fdinfo = `pos:\t0\nflags:\t02000002\nmnt_id:\t17\nino:\t20
tfd:       24 events: 8000001d data:  ffffffff00000018  pos:0 ino:23a9bf0 sdev:9
tfd:       22 events:       19 data:               16  pos:0 ino:23a85aa sdev:9
`;
  assert.deepEqual(parseWatches(fdinfo), [
    { fd: 22, interest: 1, data: '0x16', tag: 0 },
    { fd: 24, interest: 0x80000005 | 0, data: '0xffffffff00000018', tag: 0xffffffff },
  ]);
  assert.deepEqual(parseWatches(''), []);
});

test('calls have their numbers by CPU, and an unknown one is told by its number', () => {
  for (const [cpu, number, name] of [
    ['x64', 45, 'recvfrom'],
    ['x64', 232, 'epoll_wait'],
    ['arm64', 207, 'recvfrom'],
    ['riscv64', 22, 'epoll_pwait'],
    ['loong64', 242, 'accept4'],
  ] as const)
    assert.deepEqual(systemCallOf(number, cpu), { name, onFd: true });
  assert.deepEqual(systemCallOf(999, 'x64'), { name: 'call 999', onFd: false });
  assert.deepEqual(systemCallOf(45, 'mips'), { name: 'call 45', onFd: false });
});

test('a thread says what it does with what could be read of it', () => {
  const nothing = { call: undefined, fd: undefined, wchan: undefined };
  assert.equal(stateText({ ...nothing, state: 'R' }), 'running');
  assert.equal(stateText({ ...nothing, state: 'S', call: 'recvfrom', fd: 7 }), 'asleep in recvfrom on fd 7');
  assert.equal(stateText({ ...nothing, state: 'S', call: 'futex', wchan: 'x' }), 'asleep in futex');
  assert.equal(
    stateText({ ...nothing, state: 'S', wchan: 'inet_csk_accept' }),
    "asleep in the kernel's inet_csk_accept",
    'where kernel.yama.ptrace_scope hides the call',
  );
  assert.equal(stateText({ ...nothing, state: 'S' }), 'asleep');
  assert.equal(stateText({ ...nothing, state: 'T', call: 'accept4', fd: 3 }), 'stopped in accept4 on fd 3');
});

test('threads stand as they were started, also where the kernel began again with low tids', () => {
  const asleep = { pid: 42, state: 'S', call: undefined, fd: undefined, wchan: undefined };
  const thread = (tid: number, name: string, ofServer = true): Thread => ({ ...asleep, tid, name, ofServer });
  const byTid = [
    thread(301, 'conn-2'),
    thread(302, 'conn-10'),
    thread(32_764, 'node', false),
    thread(32_765, 'acceptor'),
    thread(32_767, 'conn-1'),
  ];
  const names = inOrder(byTid).map(({ name }) => name);
  assert.deepEqual(names, ['node', 'acceptor', 'conn-1', 'conn-2', 'conn-10']);
});
