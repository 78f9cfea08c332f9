// What a student can choose from: all faults, and some that no mystery has.

import type { Diagnosis } from './fault.js';
import { FAULTS } from './faults.js';

const OTHERS: readonly Diagnosis[] = [
  {
    name: 'small-backlog',
    claim: 'Its accept queue is too short, so the kernel drops connections.',
    sign: 'ss -ltn would show a small Send-Q for the listener, its backlog, and clients in SYN-SENT.',
    question: 'What is the backlog (Send-Q of the listener in ss -ltn)?',
  },
  {
    name: 'waits-before-reply',
    claim: 'It sleeps before each reply.',
    sign: 'Each reply would be late by the same time, the first one too, and strace would show clock_nanosleep.',
    question: 'How many milliseconds does each reply take?',
  },
  {
    name: 'dies-of-sigpipe',
    claim: 'A client that leaves in the middle of a reply ends the whole server.',
    sign: 'After such a client the server would be gone, and strace would show SIGPIPE.',
    question: 'With which signal does the process end?',
  },
  {
    name: 'ignores-half-close',
    claim: 'A client that closes its sending side after the request gets no reply.',
    sign: 'printf "GET / HTTP/1.1\\r\\n\\r\\n" | nc -N 127.0.0.1 8080 would print nothing.',
    question: 'Which call does it make right after the recv that returns 0?',
  },
  {
    name: 'leaks-threads',
    claim: 'It starts a thread for each connection, and that thread never ends.',
    sign: 'ps -T would show more threads after each client, and none of them idle.',
    question: 'In which call do the threads that are left sleep?',
  },
  {
    name: 'forgets-second-request',
    claim: 'Of two requests that come in one packet it answers only the first.',
    sign: 'Two requests in one send on a kept connection would get one reply, with Recv-Q at 0.',
    question: 'How many replies do three requests in one packet get?',
  },
  {
    name: 'stops-accepting',
    claim: 'After an error of accept4 it never accepts again.',
    sign: 'After that error all new clients would stay in Recv-Q of the listener, and those already connected would be served.',
    question: 'Which error does strace show at the last accept4?',
  },
  {
    name: 'wrong-length',
    claim: 'Content-Length promises more bytes than the reply has.',
    sign: 'Every reply, a short one too, would keep curl waiting for more bytes.',
    question: 'By how many bytes is Content-Length of / too large?',
  },
];

export const DIAGNOSES: readonly Diagnosis[] = [...FAULTS, ...OTHERS].toSorted((a, b) =>
  a.name < b.name ? -1 : 1,
);
