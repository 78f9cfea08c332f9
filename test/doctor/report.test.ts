// The report of the doctor: its status in words, no line wider than it was told, and nothing that a terminal obeys.
// Stands beside src/doctor/report.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import { type Finding, failing, ok, warning } from '../../src/doctor/finding.js';
import { reportJson, reportText, worstStatus } from '../../src/doctor/report.js';

const plain = new Chalk({ level: 0 });

test('each line says its status in a word, and below it what to do', () => {
  const findings = [
    ok('node', 'v20.20.2'),
    warning('ss', 'missing', 'apt-get install iproute2'),
    failing('port', 'node (pid 7) has 8080', 'stop that'),
  ];
  assert.equal(
    reportText(plain, findings, 80),
    [
      '  ok       node  v20.20.2',
      '  warning  ss    missing',
      '                 -> apt-get install iproute2',
      '  failing  port  node (pid 7) has 8080',
      '                 -> stop that',
      '',
      'not ready: 1 ok, 1 warning, 1 failing',
      '',
    ].join('\n'),
  );
});

test('no line is wider than the terminal, and no word is lost', () => {
  const words = 'one word after the other '.repeat(12).trim();
  for (const columns of [60, 80]) {
    const text = reportText(plain, [warning('descriptors', words, words)], columns);
    for (const line of text.split('\n')) assert.ok(line.length <= columns, line);
    const [findings] = text.split('\n\n');
    assert.equal(findings!.match(/one|word|after|the|other/g)?.length, 2 * 60);
  }
  const [line] = reportText(plain, [ok('addresses', 'x'.repeat(200))], 80).split('\n');
  assert.equal(line!.length, 80);
});

test('the worst of all findings is the verdict', () => {
  const good = ok('a', 'b');
  const poor = warning('a', 'b', 'c');
  assert.equal(worstStatus([good]), 'ok');
  assert.equal(worstStatus([good, poor]), 'warning');
  assert.equal(worstStatus([poor, failing('a', 'b', 'c'), good]), 'failing');
});

test('as JSON it is one line, whatever a process calls itself', () => {
  const findings: Finding[] = [failing('port', '\x1b[2J\u202eevil\n has it', 'stop that')];
  const json = reportJson(findings);
  assert.deepEqual(JSON.parse(json), { status: 'failing', checks: findings });
  for (const text of [json, reportText(plain, findings, 80)])
    assert.doesNotMatch(text, /\p{Cc}(?<!\n)|\u202e/u);
  assert.equal(json.indexOf('\n'), json.length - 1);
});
