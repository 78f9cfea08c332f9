# Promises a byte more than it sends.

from base import HELLO, quietly, read_request, thread_each


def serve(conn):
    read_request(conn)
    conn.sendall(HELLO[:-1])


thread_each(quietly(serve))
