# One thread and a loop that no error of one connection is caught in: a reset ends the server.

import selectors

from base import listener, reply_to

loop = selectors.DefaultSelector()
server = listener()
loop.register(server, selectors.EVENT_READ)
requests = {}
while True:
    for key, _ in loop.select():
        if key.fileobj is server:
            conn, _ = server.accept()
            requests[conn] = b''
            loop.register(conn, selectors.EVENT_READ)
            continue
        conn = key.fileobj
        part = conn.recv(4096)
        requests[conn] += part
        if part and b'\r\n\r\n' not in requests[conn]:
            continue
        if part:
            conn.sendall(reply_to(requests[conn]))
        loop.unregister(conn)
        conn.close()
        del requests[conn]
