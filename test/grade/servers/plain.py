# In order, but it speaks no HTTP: it reads up to the empty line, answers, and closes.

from base import quietly, read_request, thread_each


def serve(conn):
    if b'\r\n\r\n' in read_request(conn):
        conn.sendall(b'Hello, world!\n')


thread_each(quietly(serve))
