// A listener that breaks ends the server with one sentence, whatever its other threads sleep in.
// The break is made by strace(1), which lets an accept4(2) of the server fail.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ask, Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { TestServer } from '../support/server.js';
import { missing } from '../support/tools.js';

for (const [mode, ...flags] of [
  ['iterative'],
  ['blocking'],
  ['pool'],
  ['evented'],
  ['evented', '--loops=2'],
  ['evented', '--loops=2', '--share=listener'],
  ['async'],
]) {
  it(`${[mode, ...flags].join(' ')}: says what broke, and ends with status 1`, {
    skip: missing('strace'),
    ...LIMIT,
  }, async () => {
    const failing = ['-e', 'trace=accept4', '-e', 'inject=accept4:error=EBADF:when=5+', '-e', 'signal=none'];
    const server = await TestServer.start(
      [`--mode=${mode}`, ...flags],
      ['strace', '-f', '-qq', '-o', '/dev/null', ...failing],
    );
    await ask(server.port, get('/')); // in blocking mode this leaves an idle thread
    const silent = mode === 'iterative' ? undefined : await Client.connect(server.port); // and this one in recv
    const more = Array.from({ length: 5 * 4 }, () =>
      ask(server.port, get('/')).catch((error: NodeJS.ErrnoException) => error.code),
    );
    const { status, stderr } = await server.ended;
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^evented-demo: The server stopped: accept4: EBADF \(bad file descriptor\)\. Start it again\.\n$/,
    );
    silent?.socket.destroy();
    await Promise.all(more);
  });
}
