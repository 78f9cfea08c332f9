# Takes all bytes for text, and ends where they are none.

import os

from base import quietly, read_request, reply_to, thread_each


def serve(conn):
    request = read_request(conn)
    try:
        request.decode('utf-8')
    except UnicodeDecodeError:
        os._exit(1)
    if b'\r\n\r\n' in request:
        conn.sendall(reply_to(request))


thread_each(quietly(serve))
