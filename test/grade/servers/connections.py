# A pool of 16 threads, each of which waits for one client.

import threading

from base import answer, listener, quietly

server = listener()


def work():
    while True:
        quietly(answer)(server.accept()[0])


for _ in range(15):
    threading.Thread(target=work, daemon=True).start()
work()
