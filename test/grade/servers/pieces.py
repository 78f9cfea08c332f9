# Takes what the first recv gives for the whole request.

from base import quietly, reply_to, thread_each


def serve(conn):
    request = conn.recv(4096)
    if request:
        conn.sendall(reply_to(request))


thread_each(quietly(serve))
