// The listener is opened without SO_REUSEADDR: after a stop the port cannot be used again while TIME-WAIT lasts.

import { SO_REUSEADDR, SOL_SOCKET } from '../../posix/constants.js';
import { wordIn } from '../evidence.js';
import { EVERY_ACCEPTOR, type Fault } from '../fault.js';
import { withSystemCalls } from '../other-calls.js';

const NoReuseaddr = withSystemCalls(({ setsockopt }) => ({
  setsockopt: (fd, level, option, value, length) =>
    level === SOL_SOCKET && option === SO_REUSEADDR ? 0 : setsockopt(fd, level, option, value, length),
}));

export const noReuseaddr: Fault = {
  name: 'no-reuseaddr',
  claim: 'It cannot be started again right after a stop.',
  sign: 'After one request and Ctrl-C, the next start would fail for a minute: the port is in use, and ss -ltn shows no listener there.',
  question: 'In which state are the sockets that keep the port (ss -tan), while no process has it?',
  servers: EVERY_ACCEPTOR,
  Calls: NoReuseaddr,
  evidence: () => wordIn(['TIME-WAIT'], ['CLOSE-WAIT', 'FIN-WAIT']),
  cause: () =>
    'bind is called without SO_REUSEADDR. A connection that the server has closed first stays in TIME-WAIT for a minute, and until then bind fails with EADDRINUSE.',
  looks: [
    [
      'evented-demo connect',
      'a reply, and the server closes first (curl may be faster); then Ctrl-C, and start the server again: it fails',
    ],
    ["ss -tanH 'sport = :8080'", 'TIME-WAIT'],
    ['strace -f -e trace=setsockopt,bind evented-demo serve --mystery N', 'no SO_REUSEADDR before bind'],
  ],
};
