// --host as a user writes it: what is announced can be opened, limits go with who can connect, and nobody innocent is
// named. Interfaces are made in a network of their own.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { ClientRun } from '../../src/clients/client-run.js';
import { spawn } from '../support/cleanup.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM, run, TestServer } from '../support/server.js';
import { smallServer } from '../support/small-server.js';
import { missing } from '../support/tools.js';

for (const [host, announced] of [
  ['0::1', '::1'],
  ['::ffff:127.0.0.1', '127.0.0.1'],
] as const) {
  it(`--host ${host} is this machine, and has its limits`, LIMIT, async (t) => {
    const server = await TestServer.start([`--host=${host}`]);
    t.after(() => server.stop('SIGKILL'));
    assert.equal(server.listening.address, announced);
    const url = `http://${announced.includes(':') ? `[${announced}]` : announced}:${server.port}`;
    const reply = await fetch(`${url}/bytes?count=20000000`); // twice what a server gives that is open to others
    await reply.body?.cancel();
    assert.equal(reply.status, 200);
  });
}

it(
  'a port in use: names who listens at this address, and not who has the same port of another',
  LIMIT,
  async () => {
    const { port } = await smallServer(() => {}, '127.0.0.2');
    const script = `require('node:net').createServer().listen(${port}, '127.0.0.1', () => console.log('listens'))`;
    const culprit = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(culprit.stdout, 'data');
    const { status, stderr } = await run(['serve', `--port=${port}`]);
    assert.equal(status, 1);
    assert.match(
      stderr,
      new RegExp(`^evented-demo: Port ${port} of 127.0.0.1 is in use by \\S+ \\(pid ${culprit.pid}\\)\\.`),
    );
  },
);

it('clients of a name try its next address where nobody listens on the first', LIMIT, async (t) => {
  const server = await smallServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  t.after(() => server.close());
  const part = { target: '/', requests: 1, hold: false, reset: false, patienceMs: 50_000 };
  const told: string[] = [];
  const candidates = [{ address: '127.0.0.9', port: server.port }, server.where] as const;
  const { ended } = new ClientRun(candidates, { count: 2, everyMs: 0 }, part, undefined, (events) => {
    for (const each of events)
      told.push('address' in each && each.event === 'connecting' ? each.address : each.event);
  });
  assert.deepEqual(await ended, []);
  assert.ok(told.includes('127.0.0.9') && told.includes('127.0.0.1'), told.join());
  assert.equal(told.filter((each) => each === 'reply').length, 2);
});

const INTERFACES = `
ip link set lo up
ip link add veth0 type veth peer name veth1 && ip link set veth0 up && ip link set veth1 up
ip link add down0 type veth peer name down1
until ip -6 address show dev veth0 scope link -tentative | grep -q inet6; do sleep 0.1; done
address=$(ip -6 address show dev veth0 scope link | sed -n 's/.*inet6 \\([^/]*\\).*/\\1/p')
`;

/** A script in a network of its own, with an address `$address` on veth0; `$node` and `$program` start the program. */
function inOwnNetwork(script: string): string {
  const all = `${INTERFACES}\nnode=$0 program=$1\n${script}`;
  const { stdout, stderr } = spawnSync(
    'unshare',
    ['--user', '--map-root-user', '--net', 'sh', '-c', all, process.execPath, PROGRAM],
    { encoding: 'utf8', timeout: 50_000 },
  );
  return stdout + stderr;
}

const noNetwork =
  missing('ip') ||
  missing('curl') ||
  (spawnSync('unshare', ['--user', '--map-root-user', '--net', 'ip', 'link', 'add', 'type', 'veth'])
    .status === 0
    ? false
    : 'no network of its own can be made here');

describe('a link-local address', { ...LIMIT, skip: noNetwork }, () => {
  for (const engine of ['system-calls', 'portable']) {
    it(`${engine}: the curl line in the header works as it stands`, () => {
      const output = inOwnNetwork(`
        log=$(mktemp)
        "$node" "$program" serve --engine ${engine} --host "$address%veth0" --port 0 >"$log" &
        until grep -q '^ *try' "$log"; do sleep 0.1; done
        eval "$(sed -n 's/^ *try *//p' "$log") -s"
        kill $!; wait; rm "$log"`);
      assert.match(output, /^4-tuple +\(fe80::[\da-f:]+%veth0, \d+, fe80::[\da-f:]+%veth0, \d+\)$/m);
    });
  }

  it('with an interface that is not there, with one that has no address, and with none', () => {
    const output = inOwnNetwork(`
      for host in fe80::1%nothere fe80::1%down0 fe80::1; do "$node" "$program" serve --host $host --port 0; done
      "$node" "$program" connect --host fe80::1%nothere >/dev/null`);
    assert.deepEqual(
      output.split('\n').map((line) => line.replace(/(has|as in) .*/, '$1')),
      [
        'evented-demo: --host fe80::1%nothere names an interface that this machine does not have. This machine has',
        'evented-demo: --host fe80::1%down0 is not an address of this machine. It has',
        'evented-demo: --host fe80::1 is a link-local address. Add the interface that leads to it, as in',
        'evented-demo: --host fe80::1%nothere names an interface that this machine does not have. This machine has',
        '',
      ],
    );
  });
});
