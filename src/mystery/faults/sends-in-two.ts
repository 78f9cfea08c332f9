// The head and the body of a reply are two sends, without TCP_NODELAY: the body waits for the client's delayed ACK.

import { IPPROTO_TCP, TCP_NODELAY } from '../../posix/constants.js';
import { numberIn } from '../evidence.js';
import { type Fault, keptAlive, ONE_THREAD } from '../fault.js';
import { withSystemCalls } from '../other-calls.js';

const SendsInTwo = withSystemCalls(({ setsockopt, send }) => ({
  setsockopt: (fd, level, option, value, length) =>
    level === IPPROTO_TCP && option === TCP_NODELAY ? 0 : setsockopt(fd, level, option, value, length),
  send: (fd, bytes, length, how) => send(fd, bytes, headLength(bytes) || length, how),
}));

/** Up to its empty line; 0 where there is none. */
function headLength({ buffer, byteOffset, length }: Uint8Array): number {
  const end = Buffer.from(buffer, byteOffset, length).indexOf('\r\n\r\n');
  return end < 0 ? 0 : end + 4;
}

export const sendsInTwo: Fault = {
  name: 'sends-in-two',
  claim: 'It sends a reply in two pieces, and the second waits until the client has acknowledged the first.',
  sign: 'On a kept connection the second and later requests would take some 40 ms each, without any CPU, and strace would show two sends for a reply.',
  question: 'How many milliseconds does a later request on the same connection take?',
  servers: keptAlive(ONE_THREAD),
  Calls: SendsInTwo,
  evidence: () => numberIn(42, 'ms', 12),
  cause: () =>
    "The head and the body are two calls of send, and TCP_NODELAY is not set. So Nagle's algorithm (RFC 896) holds the body back until the head is acknowledged, and the client's kernel delays that ACK by 40 ms, because it hopes to send it with data. One send, or TCP_NODELAY, cures it.",
  looks: [
    [
      "curl -s -o /dev/null -w '%{time_total}\\n' http://127.0.0.1:8080/[1-9]",
      'a first fast reply or two, then 0.04',
    ],
    ['strace -f -tt -p $PID -e trace=sendto', 'two sendto for each reply'],
  ],
};
