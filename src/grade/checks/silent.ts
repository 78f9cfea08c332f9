// Clients that connect and send nothing, and quick ones beside them.

import { count } from '../../terminal/quantities.js';
import { check } from '../check.js';
import { someNumber, wholeNumber } from '../fields.js';

export const silent = check({
  name: 'silent',
  title: 'silent clients hold nobody up',
  limits: {
    clients: wholeNumber(4, 1, 1000),
    requests: wholeNumber(3, 1, 1000),
    seconds: someNumber(2, 0.1, 60),
  },
  play: async (testbed, { clients, requests, seconds }) => {
    const story = `${count(clients, 'client')} connected and sent nothing.`;
    await testbed.connect(clients, 'silent client', story, seconds);
    for (let i = 1; i <= requests; i++)
      await testbed.ask(
        `${story} Then a client sent a request.`,
        seconds,
        'Look at where your server waits for one client: a thread each, a process each, or one loop with epoll, poll or select lets it serve the others meanwhile.',
      );
  },
});
