// Many clients that connect and stay, and one that asks.

import { limitOf } from '../../posix/process-limits.js';
import { count, number } from '../../terminal/quantities.js';
import { belongingsOf } from '../belongings.js';
import { check } from '../check.js';
import type { GradeClient } from '../client.js';
import { Failure, NotRun } from '../failure.js';
import { someNumber, wholeNumber } from '../fields.js';

/** So many connect at the same time: fewer than most servers' backlog. */
const AT_ONCE = 25;
/** The kernel tries again after 1 s and 3 s where a queue was full (tcp(7), tcp_syn_retries). */
const CONNECT_SECONDS = 10;
/** Descriptors that a process needs for other things. */
const OTHERS = 100;

export const connections = check({
  name: 'connections',
  title: 'many idle clients hold nobody up',
  limits: {
    clients: wholeNumber(1000, 1, 20_000),
    /** Most threads of all its processes together; 0 for any number. */
    threads: wholeNumber(0, 0, 100_000),
    seconds: someNumber(5, 0.1, 60),
  },
  play: async (testbed, { clients: asked, threads: most, seconds }) => {
    const allowed = Math.max(1, (limitOf('Max open files')?.soft ?? Number.POSITIVE_INFINITY) - OTHERS);
    const clients = Math.min(asked, allowed);
    const group: GradeClient[] = [];
    while (group.length < clients) {
      const more = Math.min(AT_ONCE, clients - group.length);
      const story = `${number(group.length)} clients had connected and stayed. The next ones connected too.`;
      group.push(...(await testbed.connect(more, 'idle client', story, CONNECT_SECONDS)));
    }
    const story = `${count(clients, 'client')} connected and stayed, and sent nothing.`;
    await testbed.ask(
      `${story} Then a client sent a request.`,
      seconds,
      'Look at what limits your server: the backlog of listen, a fixed number of threads or array entries, FD_SETSIZE (1,024) of select, `ulimit -n`.',
    );
    const gone = group.filter(({ isOpen }) => !isOpen).length;
    if (gone > 0)
      throw new Failure(
        `${story} The server closed ${number(gone)} of them. All were to stay.`,
        'Look at what limits your server, and at errors of accept such as EMFILE.',
      );
    const { threads } = belongingsOf(testbed.server.pids);
    if (most > 0 && threads > most)
      throw new Failure(
        `${story} The server had ${number(threads)} threads. At most ${number(most)} were allowed.`,
        'Look at what starts a thread or a process for each client: one loop with epoll, poll or select needs none.',
      );
    if (clients < asked)
      throw new NotRun(
        `It served beside ${number(clients)} idle clients, but ${number(asked)} need more descriptors than this machine allows: raise the limit with \`ulimit -n ${asked + OTHERS}\`.`,
      );
  },
});
