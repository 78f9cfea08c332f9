# Week 1, the starting code: it listens, and answers without reading. Run: python3 week1.py 8080
# Your task: read the request up to its empty line, however it comes, and survive every client.

import socket
import sys

REPLY = b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\nConnection: close\r\n\r\nHello, world!\n'


def open_listener(port):
    """A socket that takes connections on this port, from this machine only."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # otherwise bind fails for a minute after a stop
    listener.bind(('127.0.0.1', port))
    listener.listen(socket.SOMAXCONN)
    return listener


def serve(client):
    # TODO: receive until the empty line is there: recv gives any part of the request, and b'' at its end.
    client.sendall(REPLY)


listener = open_listener(int(sys.argv[1]))
while True:
    client, _ = listener.accept()
    # TODO: a client that has gone raises an OSError here, which ends this program.
    serve(client)
    client.close()
