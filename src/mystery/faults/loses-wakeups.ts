// A worker that is done writes to the eventfd, and now and then it adds 0: its result is there, and the loop sleeps.

import { THREAD } from '../../lifecycle/server-memory.js';
import { numberIn } from '../evidence.js';
import type { Fault } from '../fault.js';
import { OtherCalls } from '../other-calls.js';

const NOTHING = BigUint64Array.of(0n);

class LosesWakeups extends OtherCalls {
  #done = 0;

  /** To add 0 to the count of an eventfd does not make it readable (eventfd(2)). */
  override write(fd: number): number {
    const { shared, sys } = this.thread;
    const isDone = shared.state === THREAD.done; // or it has just started
    if (isDone && ++this.#done % this.amount === 0) return sys.write(fd, NOTHING, 8);
    return super.write(fd);
  }
}

export const losesWakeups: Fault = {
  name: 'loses-wakeups',
  claim: 'The result of a computation lies there, and nobody takes it.',
  sign: 'From some request on, /compute would get no reply, although no thread computes and the loop sleeps. / would still be answered.',
  question:
    'Ask for /compute?ms=50 again and again, one request after the other. Which one, on a fresh server, is the first without a reply?',
  servers: [
    { mode: 'evented', workers: 1 },
    { mode: 'evented', workers: 1, keepAlive: true },
    { mode: 'evented', workers: 1, edgeTriggered: true },
  ],
  amounts: [2, 3, 4],
  Calls: LosesWakeups,
  evidence: (every) => numberIn(every),
  cause: (every) =>
    `After one of every ${every} computations the worker adds 0 to the count of the eventfd, which does not make it readable. The result lies in memory, and the loop sleeps in epoll_wait and does not look.`,
  looks: [
    [
      'for i in {1..5}; do curl -sS -m 3 "http://127.0.0.1:8080/compute?ms=50"; done',
      'replies until a wakeup is lost, then only time-outs: the worker gets no more work until its result is taken',
    ],
    ['evented-demo inspect', 'the worker in futex and the loop in epoll_wait, while curl waits'],
    [
      'strace -f -p $PID -e trace=write',
      "for that request the worker writes zeros to the eventfd, and otherwise a 1; `inspect` has its number on the interest list, and other eventfds are Node's",
    ],
  ],
};
