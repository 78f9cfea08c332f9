// The server closes at once, with bytes that it has not read: the kernel resets the connection, and the reply may be lost.

import { Calls } from '../../models/calls.js';
import type { ServerConnection } from '../../models/server-connection.js';
import { word } from '../evidence.js';
import { type Fault, NOTHING_TO_COUNT, ONE_THREAD } from '../fault.js';

class ClosesUnread extends Calls {
  /** Where a lingering close would begin (RFC 9112, section 9.6). */
  override shutdown({ session }: ServerConnection): number {
    session.lingered();
    return 0;
  }
}

export const closesUnread: Fault = {
  name: 'closes-unread',
  claim: 'It closes a connection although the client is still sending.',
  sign: 'Requests without a body would be answered. A client that sends a large body would be reset, and strace would show a close without a shutdown before it.',
  question: 'Send a body of 10 MB (curl -T FILE). Which packet ends the connection: FIN or RST?',
  servers: ONE_THREAD,
  amounts: NOTHING_TO_COUNT,
  Calls: ClosesUnread,
  evidence: () => word(['RST', 'reset'], ['FIN']),
  cause: () =>
    'After its reply the server calls close while bytes of the client are unread. The kernel then sends RST in place of FIN, and a client that is reset may lose the reply too. A server must say that it has no more to send (shutdown), read and drop what comes, and then close.',
  looks: [
    [
      'head -c 10000000 /dev/zero | curl -sS -T - http://127.0.0.1:8080/',
      'Connection reset by peer, or broken pipe',
    ],
    ['strace -f -p $PID -e trace=recvfrom,shutdown,close', 'a close without shutdown'],
  ],
};
