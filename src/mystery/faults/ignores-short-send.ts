// send took a part of the chunk, and the server takes it for all of it: large replies have holes.

import type { Outbox } from '../../http/reply.js';
import { Calls } from '../../models/calls.js';
import type { Connection } from '../../net/connection.js';
import { wordIn } from '../evidence.js';
import { type Fault, WITH_A_LOOP } from '../fault.js';

class IgnoresShortSend extends Calls {
  override send(c: Connection, outbox: Outbox): number {
    const bytes = super.send(c, outbox);
    return bytes > 0 ? outbox.chunk.length : bytes;
  }
}

export const ignoresShortSend: Fault = {
  name: 'ignores-short-send',
  claim: 'It takes a part for the whole: large replies have holes.',
  sign: 'Small replies would be whole. Of a large one, such as /bytes?count=50000000, bytes would be missing, and strace would show a send that takes less than it was given.',
  question: 'Which system call, as strace writes its name, does less than the server believes?',
  servers: WITH_A_LOOP,
  Calls: IgnoresShortSend,
  evidence: () => wordIn(['sendto', 'send']),
  cause: () =>
    'send returns how many bytes the kernel had room for, which may be fewer than it was given. The server continues as if all had been taken, and the rest is never sent.',
  looks: [
    [
      'curl --limit-rate 20M -o /dev/null "http://127.0.0.1:8080/bytes?count=50000000"',
      'transfer closed with some bytes remaining: a slow client fills the buffer',
    ],
    [
      'strace -f -p $PID -e trace=sendto',
      'for the same request a result below the length, and the next sendto does not begin with the rest',
    ],
  ],
};
