# Forgets to close where no request comes.

from base import quietly, read_request, reply_to, thread_each

forgotten = []


def serve(conn):
    request = read_request(conn)
    if request == b'':
        forgotten.append(conn.dup())
    elif b'\r\n\r\n' in request:
        conn.sendall(reply_to(request))


thread_each(quietly(serve))
