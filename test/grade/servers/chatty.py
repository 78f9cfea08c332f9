# In order, but it prints megabytes, and what could write to the terminal.

import sys

from base import answer, quietly, thread_each

sys.stdout.write('\x1b[31mred\x07 <&"\x00\n' * 1_000_000)
sys.stdout.flush()
thread_each(quietly(answer))
