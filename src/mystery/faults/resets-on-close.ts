// SO_LINGER with a time of 0: each close sends RST and drops what is still to be sent.

import { SO_LINGER, SOL_SOCKET } from '../../posix/constants.js';
import { wordIn } from '../evidence.js';
import { EVERY_ACCEPTOR, type Fault } from '../fault.js';
import { withSystemCalls } from '../other-calls.js';

/** struct linger: on, 0 seconds (socket(7)). */
const NO_TIME = new Uint8Array(Int32Array.of(1, 0).buffer);

const ResetsOnClose = withSystemCalls(({ accept4, setsockopt }) => ({
  accept4: (listener, address, length, how) => {
    const fd = accept4(listener, address, length, how);
    if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_LINGER, NO_TIME, NO_TIME.length);
    return fd;
  },
}));

export const resetsOnClose: Fault = {
  name: 'resets-on-close',
  claim: 'Every close is a reset.',
  sign: "Clients would be reset after a whole reply, and ss -tan would show no TIME-WAIT on the server's side, although it closes first.",
  question: 'Which socket option does it set on each connection that it accepts (strace)?',
  servers: EVERY_ACCEPTOR,
  Calls: ResetsOnClose,
  evidence: () => wordIn(['SO_LINGER', 'linger']),
  cause: () =>
    'Each accepted socket gets SO_LINGER with a time of 0. Then close drops what is not sent yet and sends RST. Some do this to have no TIME-WAIT, and lose replies on slow networks.',
  looks: [
    ['for i in {1..5}; do evented-demo connect; done', 'replies, and after each of them a reset'],
    ["ss -tanH 'sport = :8080'", 'no TIME-WAIT'],
    ['strace -f -p $PID -e trace=accept4,setsockopt', 'SO_LINGER, {l_onoff=1, l_linger=0}'],
  ],
};
