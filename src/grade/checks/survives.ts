// All rude clients, on one server, one kind after the other: in the end it still answers.

import { check } from '../check.js';
import { someNumber, wholeNumber } from '../fields.js';
import { LEFT, LEFT_AMID_REQUEST, LONG_HEAD, NO_REQUEST, RESETS, visitRudely } from '../rude.js';

const ALL = [LEFT, LEFT_AMID_REQUEST, NO_REQUEST, LONG_HEAD, ...RESETS];

export const survives = check({
  name: 'survives',
  title: 'it answers after all kinds of clients',
  limits: { clients: wholeNumber(5, 1, 500), seconds: someNumber(5, 0.1, 60) },
  play: (testbed, { clients, seconds }) =>
    visitRudely(
      testbed,
      ALL,
      clients,
      seconds,
      'Look at what your server does with a client that leaves early or sends anything at all: close that one connection and go on.',
    ),
});
