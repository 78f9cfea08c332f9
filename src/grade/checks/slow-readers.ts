// Clients that ask for a large reply and read it slowly, and quick ones beside them.

import { setTimeout as delay } from 'node:timers/promises';
import { count, number } from '../../terminal/quantities.js';
import { check } from '../check.js';
import type { GradeClient } from '../client.js';
import { Failure, Skipped } from '../failure.js';
import { someNumber, wholeNumber } from '../fields.js';
import { requestFor, whatCame } from '../task.js';
import type { Testbed } from '../testbed.js';

const LOOK =
  'Look at what your server does with what send returns: it may take fewer bytes than it was given, and the rest has to be sent later.';

export const slowReaders = check({
  name: 'slow-readers',
  title: 'slow readers hold nobody up',
  limits: {
    clients: wholeNumber(3, 1, 100),
    requests: wholeNumber(10, 1, 1000),
    seconds: someNumber(5, 0.1, 60),
  },
  play: async (testbed, { clients, requests, seconds }) => {
    const { big } = testbed.task;
    if (big === undefined)
      throw new Skipped(
        'the assignment names no path with a large reply: "big": { "path": "/big", "bytes": 20000000 }',
      );
    const story = `${count(clients, 'client')} asked for ${big.path} and read nothing of the reply.`;
    const slow = await testbed.connect(clients, 'slow reader', story, seconds);
    for (const client of slow) {
      client.send(requestFor(testbed.task, big.path, testbed.server.where));
      client.pauseAfterFirst();
    }
    for (const client of slow) await client.reply(seconds * 1000, () => client.bytesIn > 0);
    for (let i = 1; i <= requests; i++)
      await testbed.ask(
        `${story} Meanwhile a client sent a request.`,
        seconds,
        'Look at where your server waits until one client has read: the buffer of that connection is full, and others have to be served meanwhile.',
      );
    for (const client of slow) await readAll(client, testbed, big.bytes, seconds);
  },
});

async function readAll(client: GradeClient, testbed: Testbed, least: number, seconds: number): Promise<void> {
  client.resume();
  const story = `A client read a large reply slowly.`;
  for (let before = -1; client.bytesIn > before; await delay(0)) {
    before = client.bytesIn;
    // As long as more comes, it is not over.
    const reply = await client.reply(seconds * 1000, () => client.bytesIn > before);
    if (reply.ending === 'open') continue;
    if (reply.ending !== 'whole')
      throw new Failure(
        `${story} ${whatCame(reply, testbed.task.protocol, seconds)} All of it was due.`,
        LOOK,
      );
    if (reply.bodyBytes < least)
      throw new Failure(
        `${story} It had ${count(reply.bodyBytes, 'byte')}. At least ${number(least)} were due.`,
        LOOK,
      );
    return;
  }
  throw new Failure(
    `${story} After ${count(client.bytesIn, 'byte')} nothing more came within ${count(seconds, 'second')}. All of it was due.`,
    LOOK,
  );
}
