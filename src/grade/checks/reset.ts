// Clients that tear their connection down with a RST at each stage, and after each stage one that asks.

import { check } from '../check.js';
import { someNumber, wholeNumber } from '../fields.js';
import { RESETS, visitRudely } from '../rude.js';

export const reset = check({
  name: 'reset',
  title: 'a reset costs only its own connection',
  limits: { clients: wholeNumber(10, 1, 500), seconds: someNumber(5, 0.1, 60) },
  play: (testbed, { clients, seconds }) =>
    visitRudely(
      testbed,
      RESETS,
      clients,
      seconds,
      'Look at what your server does when recv or send fails (ECONNRESET, EPIPE): close that one connection and go on. A send after a reset raises SIGPIPE, which ends a C program: ignore it, or use MSG_NOSIGNAL.',
    ),
});
