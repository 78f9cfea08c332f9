// One client after the other asks.

import { check } from '../check.js';
import { someNumber, wholeNumber } from '../fields.js';

export const answers = check({
  name: 'answers',
  title: 'a request gets a whole reply',
  limits: { requests: wholeNumber(3, 1, 1000), seconds: someNumber(5, 0.1, 60) },
  play: async (testbed, { requests, seconds }) => {
    for (let i = 1; i <= requests; i++) {
      const again = i === 1 ? 'A client' : `${i - 1} of ${requests} clients had a good reply. The next one`;
      await testbed.ask(
        `${again} sent a request.`,
        seconds,
        'Look at what your server sends, and at when it closes: it has to read up to the empty line, send the whole reply, and close.',
      );
    }
  },
});
