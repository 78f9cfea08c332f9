# In order, but it leaves everything by which its end could be found: it forks twice, in a session of its own, ignores
# SIGTERM, and starts a process that does nothing.

import os
import signal
import subprocess
import sys

from base import answer, quietly, thread_each

signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
if os.fork() > 0:
    os._exit(0)
os.setsid()
if os.fork() > 0:
    os._exit(0)
other = [sys.executable, '-c', 'import time; time.sleep(1000)', *sys.argv]
subprocess.Popen(other, env={}, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
thread_each(quietly(answer))
