# A send that does not wait, and takes what it could send for all.

import socket

from base import quietly, read_request, reply_to, thread_each


def serve(conn):
    request = read_request(conn)
    if b'\r\n\r\n' in request:
        conn.send(reply_to(request), socket.MSG_DONTWAIT)


thread_each(quietly(serve))
