// A mask of epoll events, spelled as strace spells it.
// Stands beside src/posix/epoll-mask.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
} from '../../src/posix/constants.js';
import { describeEpollMask, flags } from '../../src/posix/epoll-mask.js';

test('the names of a mask are joined by bars, in the order of strace', () => {
  assert.equal(describeEpollMask(EPOLLIN), 'EPOLLIN');
  assert.equal(describeEpollMask(EPOLLOUT | EPOLLIN), 'EPOLLIN|EPOLLOUT');
  assert.equal(describeEpollMask(EPOLLIN | EPOLLERR | EPOLLHUP), 'EPOLLIN|EPOLLERR|EPOLLHUP');
});

test('an empty mask is 0', () => {
  assert.equal(describeEpollMask(0), '0');
});

test('EPOLLET, the highest bit, has its name whether the number is signed or not', () => {
  assert.equal(describeEpollMask(EPOLLIN | EPOLLET), 'EPOLLIN|EPOLLET');
  assert.equal(describeEpollMask(0x8000_0001), 'EPOLLIN|EPOLLET');
  assert.equal(describeEpollMask(EPOLLET), 'EPOLLET');
});

test('bits without a name follow in hexadecimal, never as a negative number', () => {
  assert.equal(describeEpollMask(EPOLLIN | 0x2000), 'EPOLLIN|0x2000');
  assert.equal(describeEpollMask(0x4000), '0x4000');
  assert.equal(flags(-1, [['ONE', 1]]), 'ONE|0xfffffffe');
});

test('the text of any mask means that mask and no other', () => {
  const values: Record<string, number> = {
    EPOLLIN,
    EPOLLOUT,
    EPOLLERR,
    EPOLLHUP,
    EPOLLEXCLUSIVE,
    EPOLLONESHOT,
    EPOLLET,
  };
  fc.assert(
    fc.property(fc.integer(), (mask) => {
      const parts = describeEpollMask(mask).split('|');
      assert.equal(
        parts.reduce((sum, part) => sum | (values[part] ?? Number(part)), 0),
        mask,
      );
    }),
  );
});
