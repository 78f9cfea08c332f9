# A thread each, without a fault.

from base import answer, quietly, thread_each

thread_each(quietly(answer))
