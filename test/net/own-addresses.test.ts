// The addresses that a class is told: those that others can open, the likeliest first.
// Stands beside src/net/own-addresses.ts.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { NetworkInterfaceInfo } from 'node:os';
import { test } from 'node:test';
import { defaultRoute, ownAddresses } from '../../src/net/own-addresses.js';
import { missing } from '../support/tools.js';

const at = (address: string, internal = false): NetworkInterfaceInfo =>
  ({ address, family: address.includes(':') ? 'IPv6' : 'IPv4', internal }) as NetworkInterfaceInfo;

const INTERFACES = {
  lo: [at('127.0.0.1', true), at('::1', true)],
  docker0: [at('172.17.0.1')],
  eth0: [at('192.0.2.7'), at('fe80::1')],
  wlan0: [at('2001:db8::7'), at('198.51.100.7')],
  usb0: [at('169.254.3.4')],
};

const addresses = (outward?: string): string[] =>
  ownAddresses(INTERFACES, outward).map((each) => each.address);

test('neither loopback nor link-local addresses are among them', () => {
  assert.deepEqual(addresses().toSorted(), ['172.17.0.1', '192.0.2.7', '198.51.100.7', '2001:db8::7']);
});

test('the interface of the default route comes first, and what leads to containers last', () => {
  assert.deepEqual(addresses('wlan0'), ['198.51.100.7', '2001:db8::7', '192.0.2.7', '172.17.0.1']);
  assert.deepEqual(addresses('eth0'), ['192.0.2.7', '198.51.100.7', '2001:db8::7', '172.17.0.1']);
});

test('the default route is the one that ip(8) tells', { skip: missing('ip') }, (t) => {
  const routes = execFileSync('ip', ['-4', 'route', 'show', 'default'], { encoding: 'utf8' });
  const on = / dev (\S+)/.exec(routes)?.[1];
  if (on === undefined) return t.skip('there is none');
  assert.equal(defaultRoute(), on);
});
