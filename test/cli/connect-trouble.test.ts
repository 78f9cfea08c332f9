// Addresses that lead nowhere from here: what `connect` says of them, where a machine has IPv6 and where it has none.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import type { ConnectPlan } from '../../src/cli/connect/flags.js';
import { troubleSentence } from '../../src/cli/connect/trouble.js';
import type { Outcome } from '../../src/clients/client.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM } from '../support/server.js';

/** A network of its own, which has no IPv6. */
const OWN_NETWORK = ['--user', '--map-root-user', '--net', 'sh', '-c'];
const WITHOUT_IPV6 =
  'ip link set lo up && for each in all default lo; do echo 1 >/proc/sys/net/ipv6/conf/$each/disable_ipv6; done';
const noNetwork =
  spawnSync('unshare', [...OWN_NETWORK, WITHOUT_IPV6]).status === 0
    ? false
    : 'no network of its own can be had here';

for (const [what, flags, sentence] of [
  ['the loopback address', ['--host=::1'], 'This system has no IPv6, which --host ::1 needs'],
  ['several clients', ['--host=::1', '--count=2'], 'needs (2 of 2 clients)'],
  ['an address to come from', ['--host=::1', '--from=::1'], '--from ::1 is not an address of this machine'],
] as const) {
  it(`without IPv6, ${what}: a sentence that says so`, { ...LIMIT, skip: noNetwork }, () => {
    const script = `${WITHOUT_IPV6} && exec "$0" "$@"`;
    const { status, stderr } = spawnSync(
      'unshare',
      [...OWN_NETWORK, script, process.execPath, PROGRAM, 'connect', ...flags],
      { encoding: 'utf8' },
    );
    assert.equal(status, 1);
    assert.ok(stderr.includes(sentence), stderr);
    assert.match(stderr, /^evented-demo: [^\n]+\n$/);
  });
}

it('a kernel that has no IPv6 at all, and what else can be wrong with an address', () => {
  const to = (address: string): ConnectPlan => ({
    candidates: [{ address, port: 8080 }],
    group: { count: 1, everyMs: 0 },
    script: { target: '/', requests: 1, hold: false, reset: false, patienceMs: Number.POSITIVE_INFINITY },
  });
  const sentence = (errno: string, outcome: Outcome = 'unreachable', address = '2001:db8::1'): string =>
    troubleSentence({ failure: { outcome, call: 'connect', errno }, clients: 1 }, to(address));
  assert.equal(
    sentence('EAFNOSUPPORT'),
    'This system has no IPv6, which --host 2001:db8::1 needs. Use an IPv4 address.',
  );
  assert.equal(sentence('EINVAL'), 'Cannot reach [2001:db8::1]:8080: EINVAL. Check --host.');
  assert.equal(
    sentence('EACCES', 'no address'), // no port was asked for that it could speak of
    'Cannot reach [2001:db8::1]:8080: EACCES. Check --host.',
  );
  // Newer Nodes take the first interface by themselves, and then there is no such error.
  assert.match(
    sentence('EINVAL', 'unreachable', 'fe80::1'),
    /^--host fe80::1 is a link-local address\. Add the interface that leads to it, .* has .*\blo\b.*\.$/,
  );
});
