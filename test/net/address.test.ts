// Addresses are compared as addresses, however they are spelled.
// Stands beside src/net/address.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressAndPort,
  collide,
  isAny,
  isLinkLocal,
  isLoopback,
  sameAddress,
  urlOf,
} from '../../src/net/address.js';

test('loopback: 127.0.0.0/8 and ::1, in each of their spellings', () => {
  for (const address of [
    '127.0.0.1',
    '127.1.2.3',
    '::1',
    '0::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
  ])
    assert.ok(isLoopback(address), address);
  for (const address of ['128.0.0.1', '::', '0.0.0.0', '::2', '::ffff:192.0.2.1', 'fe80::1%lo'])
    assert.ok(!isLoopback(address), address);
});

test('any address, in each of its spellings', () => {
  for (const address of ['0.0.0.0', '::', '0::0', '0:0:0:0:0:0:0:0', '::ffff:0.0.0.0'])
    assert.ok(isAny(address), address);
  for (const address of ['127.0.0.1', '::1', '0.0.0.1']) assert.ok(!isAny(address), address);
});

test('link-local, with and without a zone', () => {
  for (const address of ['169.254.0.1', 'fe80::1', 'FEBF::1', 'fe80::1%eth0', '::ffff:169.254.1.1'])
    assert.ok(isLinkLocal(address), address);
  for (const address of ['169.253.0.1', 'fec0::1', 'fd00::1']) assert.ok(!isLinkLocal(address), address);
});

test('two spellings are one address; without a zone it is that of any', () => {
  assert.ok(sameAddress('0::1', '::1'));
  assert.ok(sameAddress('::ffff:127.0.0.1', '127.0.0.1'));
  assert.ok(sameAddress('fe80::1%eth0', 'fe80::1'));
  assert.ok(!sameAddress('fe80::1%eth0', 'fe80::1%eth1'));
  assert.ok(!sameAddress('127.0.0.1', '127.0.0.2'));
});

test('who keeps whom from listening on the same port', () => {
  assert.ok(collide('127.0.0.1', '127.0.0.1'));
  assert.ok(collide('0.0.0.0', '127.0.0.1'));
  assert.ok(collide('127.0.0.1', '::'));
  assert.ok(collide('::', '::1'));
  assert.ok(!collide('127.0.0.1', '127.0.0.2'));
  assert.ok(!collide('0.0.0.0', '::1'));
  assert.ok(!collide('127.0.0.1', '::1'));
});

test('as text, and in a URL, where the % of a zone is escaped', () => {
  assert.equal(addressAndPort({ address: '127.0.0.1', port: 80 }), '127.0.0.1:80');
  assert.equal(addressAndPort({ address: 'fe80::1%eth0', port: 80 }), '[fe80::1%eth0]:80');
  assert.equal(urlOf({ address: 'fe80::1%eth0', port: 80 }), 'http://[fe80::1%25eth0]:80/');
});
