// A system call over several rows: nothing is torn apart, and its result is always there.
// Stands beside src/terminal/wrap-call.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrapCall } from '../../src/terminal/wrap-call.js';

const ACCEPT =
  'accept4(22, {sa_family=AF_INET, sin_port=htons(38228), sin_addr=inet_addr("127.0.0.1")}, [28 => 16], SOCK_CLOEXEC|SOCK_NONBLOCK) = 24';

test('a call ends its rows after a comma', () => {
  assert.deepEqual(wrapCall(ACCEPT, 50, 4), [
    'accept4(22, {sa_family=AF_INET,',
    'sin_port=htons(38228),',
    'sin_addr=inet_addr("127.0.0.1")}, [28 => 16],',
    'SOCK_CLOEXEC|SOCK_NONBLOCK) = 24',
  ]);
  assert.deepEqual(wrapCall('close(24) = 0', 50, 4), ['close(24) = 0']);
});

test('a call that is too long shows its beginning and its result', () => {
  assert.deepEqual(wrapCall(ACCEPT, 50, 3), [
    'accept4(22, {sa_family=AF_INET,',
    'sin_port=htons(38228),',
    'sin_addr=inet_addr("127.0.0.1")}, ...) = 24',
  ]);
});

test('flags are separated only where no row has room for them', () => {
  const text = 'socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_TCP) = 22';
  assert.deepEqual(wrapCall(text, 50, 3), [
    'socket(AF_INET,',
    'SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK,',
    'IPPROTO_TCP) = 22',
  ]);
  assert.deepEqual(wrapCall(text, 30, 3), [
    'socket(AF_INET, SOCK_STREAM|',
    'SOCK_CLOEXEC|SOCK_NONBLOCK,',
    'IPPROTO_TCP) = 22',
  ]);
});

test('bytes with blanks, commas, quotes and escapes stay in one row, cut between two of them where it is too short', () => {
  const bytes = String.raw`"a, b = c \"d\" \r\n\r\n\r\n"...`;
  assert.deepEqual(wrapCall(`recvfrom(24, ${bytes}, 65536, 0, NULL, NULL) = -1 EAGAIN`, 40, 3), [
    'recvfrom(24,',
    `${bytes}, 65536,`,
    '0, NULL, NULL) = -1 EAGAIN',
  ]);
  assert.deepEqual(wrapCall(`recvfrom(24, ${bytes}, 65536, 0, NULL, NULL) = 9`, 25, 4), [
    'recvfrom(24,',
    String.raw`"a, b = c \"d\" \r\n"...,`,
    '65536, 0, NULL, NULL) = 9',
  ]);
});
