// The QR code says what it is to say: another program's reader is the witness.
// Stands beside src/terminal/qr-code.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import { drawQrCode } from '../../src/terminal/qr-code.js';
import { readQrCode } from '../support/qr-code.js';

const PLAIN = new Chalk({ level: 0 });
const COLOURS = new Chalk({ level: 2 });
const ROOM = [200, 100] as const;

for (const url of [
  'http://10.0.0.5:8080/connection',
  'http://192.168.178.123:8080/connection',
  'http://[2001:db8:1234:5678:9abc:def0:1234:5678]:65535/connection',
]) {
  test(`a reader finds ${url}, black on white and white on black`, () => {
    assert.deepEqual(readQrCode(drawQrCode(url, COLOURS, ...ROOM)), { text: url, inverted: false });
    // Without colours a light terminal shows it inverted, a dark one does not.
    assert.deepEqual(readQrCode(drawQrCode(url, PLAIN, ...ROOM), 'dark'), { text: url, inverted: false });
    assert.deepEqual(readQrCode(drawQrCode(url, PLAIN, ...ROOM), 'light'), { text: url, inverted: true });
  });
}

test('the colours are its own, not the terminal’s, and every line is of one width', () => {
  const lines = drawQrCode('http://10.0.0.5:8080/connection', COLOURS, ...ROOM);
  for (const line of lines) {
    assert.ok(line.startsWith('  \x1b[38;5;16m\x1b[48;5;231m'), JSON.stringify(line));
    assert.ok(line.endsWith('\x1b[49m\x1b[39m'), JSON.stringify(line));
  }
  const plain = drawQrCode('http://10.0.0.5:8080/connection', PLAIN, ...ROOM);
  assert.deepEqual([...new Set(plain.map((line) => line.length))], [2 + 25 + 8]);
});

test('a part of a code is none: without room for all of it there is no line', () => {
  const draw = (columns: number, rows: number): number =>
    drawQrCode('http://10.0.0.5:8080/connection', PLAIN, columns, rows).length;
  assert.equal(draw(35, 17), 17);
  assert.equal(draw(34, 17), 0);
  assert.equal(draw(35, 16), 0);
});
