# One loop, and one buffer for the requests of all connections.

import selectors

from base import HELLO, listener

loop = selectors.DefaultSelector()
server = listener()
loop.register(server, selectors.EVENT_READ)
request = b''
while True:
    for key, _ in loop.select():
        if key.fileobj is server:
            loop.register(server.accept()[0], selectors.EVENT_READ)
            continue
        conn = key.fileobj
        try:
            part = conn.recv(4096)
            request += part
            if part and not request.endswith(b'\r\n\r\n'):
                continue
            if part:
                conn.sendall(HELLO)
        except OSError:
            pass
        request = b''
        loop.unregister(conn)
        conn.close()
