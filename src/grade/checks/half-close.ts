// A client that ends its side after the request, as `nc -N` does: it still reads.

import { check } from '../check.js';
import { someNumber } from '../fields.js';

export const halfClose = check({
  name: 'half-close',
  title: 'a client that ended its side gets its reply',
  limits: { seconds: someNumber(5, 0.1, 60) },
  play: async (testbed, { seconds }) => {
    const client = testbed.client('the client that ended its side');
    client.send(testbed.request);
    await client.finish();
    await testbed.goodReply(
      client,
      'A client sent its request and ended its side: shutdown(fd, SHUT_WR).',
      seconds,
      'Look at what your server does when recv gives 0: the client sends no more, but it still reads, and its request is whole.',
    );
  },
});
