// How often the loop tells the kernel what a connection waits for: once where that changes, and edge-triggered once more
// for each turn that it ends of its own accord. Stands beside src/models/evented/server.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, get } from '../../support/client.js';
import { TestServer } from '../../support/server.js';

/** What was told of one connection that was sent a long reply: its interests, and the readiness between them. */
async function interestsAndReadiness(flags: readonly string[]): Promise<string[]> {
  const server = await TestServer.start(['--mode=evented', ...flags]);
  await ask(server.port, get('/bytes?count=8000000'));
  const { connection } = await server.first('closed');
  await server.stop();
  return server
    .of(connection!)
    .flatMap((event) =>
      event.event === 'watching' ? [event.interest] : event.event === 'ready' ? ['ready'] : [],
    );
}

test('level-triggered, the interest in writing is told to the kernel once', async () => {
  const story = await interestsAndReadiness([]);
  assert.deepEqual(story.slice(0, 4), ['EPOLLIN', 'ready', 'EPOLLOUT', 'ready']);
  assert.deepEqual(new Set(story.slice(4)), new Set(['ready']));
});

test('edge-triggered, it is told again after a turn that has ended early, but never twice in a row', async () => {
  const story = await interestsAndReadiness(['--edge-triggered']);
  assert.deepEqual(story.slice(0, 4), ['EPOLLIN|EPOLLET', 'ready', 'EPOLLOUT|EPOLLET', 'ready']);
  assert.ok(story.slice(4).includes('EPOLLOUT|EPOLLET'), `it was told once: ${story}`);
  const pairs = story.slice(1).filter((each, i) => each !== 'ready' && story[i] !== 'ready');
  assert.deepEqual(pairs, []);
});
