// Clients whose requests come a byte at a time, and quick ones beside them.

import { setTimeout as delay } from 'node:timers/promises';
import { count } from '../../terminal/quantities.js';
import { check } from '../check.js';
import { someNumber, wholeNumber } from '../fields.js';

export const slowSenders = check({
  name: 'slow-senders',
  title: 'slow senders hold nobody up',
  limits: {
    clients: wholeNumber(3, 1, 1000),
    requests: wholeNumber(10, 1, 1000),
    pace: wholeNumber(20, 1, 1000),
    seconds: someNumber(2, 0.1, 60),
  },
  play: async (testbed, { clients, requests, pace, seconds }) => {
    const story = `${count(clients, 'client')} sent a byte of their request every ${pace} ms.`;
    const slow = await testbed.connect(clients, 'slow client', story, seconds);
    const { request } = testbed;
    let isOver = false;
    // The last byte waits until the quick ones are answered: however slow this machine is, they come in between.
    const sending = (async () => {
      for (const byte of request.slice(0, -1)) {
        if (isOver) return;
        for (const client of slow) client.send(byte);
        await delay(pace);
      }
    })();
    try {
      for (let i = 1; i <= requests; i++)
        await testbed.ask(
          `${story} Meanwhile a client sent its request at once.`,
          seconds,
          'Look at where your server waits for the rest of one request: it has to serve other clients meanwhile.',
        );
      await sending;
    } finally {
      isOver = true;
    }
    for (const client of slow) client.send(request.slice(-1));
    for (const client of slow)
      await testbed.goodReply(
        client,
        `${story} Others were served meanwhile.`,
        seconds,
        'Look at where your server keeps the part of a request that it has so far: each connection needs a buffer of its own.',
      );
  },
});
