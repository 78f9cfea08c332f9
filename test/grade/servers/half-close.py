# Takes a client that has ended its side for one that is gone.

import time

from base import quietly, read_request, reply_to, thread_each


def serve(conn):
    request = read_request(conn)
    time.sleep(0.1)  # as a server does that is busy meanwhile
    conn.setblocking(False)
    try:
        if conn.recv(1) == b'':
            return
    except BlockingIOError:
        pass
    conn.setblocking(True)
    if b'\r\n\r\n' in request:
        conn.sendall(reply_to(request))


thread_each(quietly(serve))
