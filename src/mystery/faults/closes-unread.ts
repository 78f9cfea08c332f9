// The server closes at once, with bytes that it has not read: the kernel resets the connection, and the reply may be lost.

import { Calls } from '../../models/calls.js';
import type { ServerConnection } from '../../models/server-connection.js';
import { wordIn } from '../evidence.js';
import { type Fault, ONE_THREAD } from '../fault.js';

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
  sign: "A request with many bytes behind it would end in a reset, and leave no TIME-WAIT on the server's side (ss -tan). Other requests would leave one.",
  question:
    'Ask for /sleep?ms=500, and send a megabyte more at once on the same connection. Which packet of the server ends it: FIN or RST?',
  servers: ONE_THREAD,
  Calls: ClosesUnread,
  evidence: () => wordIn(['RST', 'reset'], ['FIN']),
  cause: () =>
    'After its reply the server calls close while bytes of the client are unread. The kernel then sends RST in place of FIN, and a client that is reset may lose the reply too. A server must say that it has no more to send (shutdown), read and drop what comes, and then close.',
  looks: [
    ["evented-demo connect; ss -tanH 'sport = :8080'", 'a TIME-WAIT: the server has closed first'],
    [
      "(printf 'GET /sleep?ms=500 HTTP/1.1\\r\\n\\r\\n'; head -c 1000000 /dev/zero) | nc 127.0.0.1 8080",
      'afterwards ss shows no new TIME-WAIT',
    ],
    ['strace -f -p $PID -e trace=recvfrom,sendto,shutdown,close', 'a close without shutdown'],
  ],
};
