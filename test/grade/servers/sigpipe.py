# A thread each that leaves SIGPIPE as a C program has it: a send to a client that has gone ends the server.

import signal

from base import answer, quietly, thread_each

signal.signal(signal.SIGPIPE, signal.SIG_DFL)
thread_each(quietly(answer))
