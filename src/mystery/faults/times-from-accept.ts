// The time limit of a connection counts from its accept, and not from the last byte: busy clients are closed too.

import { TIMED_OUT } from '../../models/steps.js';
import type { Connection } from '../../net/connection.js';
import type { Listener } from '../../net/listener.js';
import { numberIn } from '../evidence.js';
import { type Fault, keptAlive, ONE_THREAD } from '../fault.js';
import { OtherCalls } from '../other-calls.js';

class TimesFromAccept extends OtherCalls {
  /** By descriptor. */
  readonly #acceptedAt: number[] = [];

  override accept4(listener: Listener, peer: Uint8Array): number {
    const fd = super.accept4(listener, peer);
    if (fd >= 0) this.#acceptedAt[fd] = performance.now();
    return fd;
  }

  override recv(c: Connection, buffer: Uint8Array): number {
    if (performance.now() - this.#acceptedAt[c.fd]! > this.amount * 1000) throw TIMED_OUT;
    return super.recv(c, buffer);
  }
}

export const timesFromAccept: Fault = {
  name: 'times-from-accept',
  claim: 'It closes a connection some time after its accept, however busy that is.',
  sign: 'A client that sends one request after the other on one connection would be cut off after a fixed time.',
  question: 'After about how many seconds is a connection with a request every half second closed?',
  servers: keptAlive(ONE_THREAD),
  amounts: [2, 3, 4, 5],
  Calls: TimesFromAccept,
  evidence: (limit) => numberIn(limit, 'seconds', 0.9),
  cause: (limit) =>
    `The limit of ${limit} seconds counts from accept4. It is meant for clients that are silent, so it must begin again with each byte that comes.`,
  looks: [
    [
      "curl -sS -o /dev/null -w '%{time_total} %{num_connects}\\n' --rate 2/s http://127.0.0.1:8080/[1-20]",
      'a 1 in the second column, where curl had to connect again',
    ],
  ],
};
